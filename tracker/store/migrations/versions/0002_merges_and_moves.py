"""Merges with what they moved, permanent redirects on their way to a new address, the evidence of removals, changes counted."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

# SQLite gives rowids, and so AUTOINCREMENT, only to the very type INTEGER.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("article", sa.Column("changes_count", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("article", sa.Column("moved_url", sa.Text(), nullable=True))
    op.add_column("article", sa.Column("moved_since", sa.BigInteger(), nullable=True))
    op.add_column("article", sa.Column("moved_looks", sa.SmallInteger(), nullable=True))
    op.add_column("article", sa.Column("merged_into_id", ID, nullable=True))
    op.add_column("event", sa.Column("capture_id", ID, nullable=True))
    op.execute("UPDATE article SET changes_count = revisions_count - 1 WHERE revisions_count > 0")
    op.create_table(
        "merge",
        sa.Column("id", ID, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("from_id", ID, nullable=False),
        sa.Column("into_id", ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("into_url", sa.Text(), nullable=False),
        sa.Column("into_first_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("undone_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="merge_pkey"),
        sa.ForeignKeyConstraint(["from_id"], ["article.id"], name="merge_from_id_fkey"),
        sa.ForeignKeyConstraint(["into_id"], ["article.id"], name="merge_into_id_fkey"),
        sqlite_autoincrement=True,
    )
    op.create_index("merge_seq", "merge", ["seq"], unique=True)
    op.create_index("merge_by_from", "merge", ["from_id"])
    op.create_table(
        "merged_key",
        sa.Column("merge_id", ID, autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("merge_id", "key", name="merged_key_pkey"),
        sa.ForeignKeyConstraint(["merge_id"], ["merge.id"], name="merged_key_merge_id_fkey"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "merged_revision",
        sa.Column("merge_id", ID, autoincrement=False, nullable=False),
        sa.Column("revision_id", ID, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("merge_id", "revision_id", name="merged_revision_pkey"),
        sa.ForeignKeyConstraint(["merge_id"], ["merge.id"], name="merged_revision_merge_id_fkey"),
        sa.ForeignKeyConstraint(["revision_id"], ["revision.id"], name="merged_revision_revision_id_fkey"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    message = "Schema 0002 is not undone: an older tracker would lose what it keeps. To go back, restore a backup."
    raise RuntimeError(message)
