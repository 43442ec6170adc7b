"""The furniture of sources that was learned, and which of their places changed lately."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "furniture",
        sa.Column("id", ID, nullable=False),
        sa.Column("source_id", ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("learned_at", sa.BigInteger(), nullable=False),
        sa.Column("kept_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="furniture_source_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="furniture_pkey"),
        sa.UniqueConstraint("source_id", "kind", "key", name="furniture_source_id_kind_key_key"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "place_change",
        sa.Column("id", ID, nullable=False),
        sa.Column("source_id", ID, nullable=False),
        sa.Column("article_id", ID, nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="place_change_source_id_fkey"),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name="place_change_article_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="place_change_pkey"),
        sqlite_autoincrement=True,
    )
    op.create_index("place_change_by_source", "place_change", ["source_id", "id"])


def downgrade() -> None:
    message = "Schema 0013 is not undone: an older tracker would lose what it keeps. To go back, restore a backup."
    raise RuntimeError(message)
