"""What was taken down, told by salted hashes."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

# SQLite gives rowids, and so AUTOINCREMENT, only to the very type INTEGER.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "takedown",
        sa.Column("id", ID, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("uuid", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("scope", sa.SmallInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("words_count", sa.SmallInteger(), nullable=True),
        sa.Column("article_id", ID, nullable=True),
        sa.Column("revision_id", ID, nullable=True),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name="takedown_article_id_fkey"),
        sa.ForeignKeyConstraint(["revision_id"], ["revision.id"], name="takedown_revision_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="takedown_pkey"),
        sa.UniqueConstraint("uuid", name="takedown_uuid_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("takedown_seq", "takedown", ["seq"], unique=True)
    op.create_table(
        "takedown_hash",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("takedown_id", ID, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["takedown_id"], ["takedown.id"], name="takedown_hash_takedown_id_fkey"),
        sa.PrimaryKeyConstraint("hash", "takedown_id", name="takedown_hash_pkey"),
        sqlite_with_rowid=False,
    )
    op.create_index("takedown_hash_by_takedown", "takedown_hash", ["takedown_id"])


def downgrade() -> None:
    message = "Schema 0007 is not undone: an older tracker would show what was taken down. To go back, restore a backup."
    raise RuntimeError(message)
