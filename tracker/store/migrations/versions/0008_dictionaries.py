"""Dictionaries for keyframes; the language of an article's latest revision, so that lists need not read texts for it.

Facets as one sign each, in the indexes over events, so that filtered lists read no rows of other events.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

FACETS = (
    *("attribution", "byline", "caption", "cosmetic", "dates", "headline", "hedging", "links", "names", "negation", "note", "numbers"),
    *("quotes", "reordering"),
)
SIGNS = "\1\2\3\4\5\6\7\x08\x0b\x0c\x0e\x0f\x10\x11"
FILTERED_BY = ("significance", "noted", "date_moved", "facets")
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "dictionary",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="dictionary_pkey"),
    )
    op.add_column("article", sa.Column("language", sa.Text(), nullable=True))
    _shorten_facets()
    op.drop_index("event_by_revision", "event")
    op.drop_index("event_seq", "event")
    op.drop_index("event_by_source", "event")
    op.create_index("event_seq", "event", ["seq", *FILTERED_BY])
    op.create_index("event_by_source", "event", ["source_id", "seq", *FILTERED_BY])


def _shorten_facets() -> None:
    """From " dates names " to a sign for each: all spaces are doubled first, so that each name has two of its own."""
    event = sa.table("event", sa.column("facets", sa.Text()))
    shorter = sa.func.replace(event.c.facets, " ", "  ")
    for name, sign in zip(FACETS, SIGNS, strict=True):
        shorter = sa.func.replace(shorter, f" {name} ", sign)
    op.execute(sa.update(event).where(event.c.facets.is_not(None)).values(facets=sa.func.trim(shorter)))


def downgrade() -> None:
    message = "Schema 0008 is not undone: an older tracker could not read what it packs. To go back, restore a backup."
    raise RuntimeError(message)
