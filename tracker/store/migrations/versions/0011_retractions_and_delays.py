"""Events that were an error of ours, and how long a source's events wait before readers see them."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

# SQLite gives rowids only to the very type INTEGER.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("source", sa.Column("publish_delay", sa.BigInteger(), nullable=False, server_default="0"))
    op.create_table(
        "retraction",
        sa.Column("event_id", ID, autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("undone_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("event_id", name="retraction_pkey"),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name="retraction_event_id_fkey"),
    )
    op.create_index("retraction_seq", "retraction", ["seq"], unique=True)


def downgrade() -> None:
    message = "Schema 0011 is not undone: an older tracker would lose what it keeps. To go back, restore a backup."
    raise RuntimeError(message)
