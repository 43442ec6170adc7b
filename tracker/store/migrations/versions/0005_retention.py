"""When a revision's captures were dropped, and polls that were counted into days."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("revision", sa.Column("capture_dropped_at", sa.BigInteger(), nullable=True))
    op.create_table(
        "poll_day",
        sa.Column("source_id", ID, nullable=False),
        sa.Column("day", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("outcome", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("polls_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="poll_day_source_id_fkey"),
        sa.PrimaryKeyConstraint("source_id", "day", "outcome", name="poll_day_pkey"),
        sqlite_with_rowid=False,
    )
    op.create_index("poll_day_seq", "poll_day", ["seq"], unique=True)
    op.create_index("merge_by_into", "merge", ["into_id"])


def downgrade() -> None:
    message = "Schema 0005 is not undone: an older tracker would lose what it keeps. To go back, restore a backup."
    raise RuntimeError(message)
