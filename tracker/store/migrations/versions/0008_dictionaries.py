"""Dictionaries for keyframes; the language of an article's latest revision, so that lists need not read texts for it."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0006"

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


def downgrade() -> None:
    message = "Schema 0008 is not undone: an older tracker could not read what it packs. To go back, restore a backup."
    raise RuntimeError(message)
