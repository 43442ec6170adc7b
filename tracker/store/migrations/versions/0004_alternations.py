"""Which reversions stand for one another: a text that goes back and forth within a day."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

# SQLite gives rowids, and so AUTOINCREMENT, only to the very type INTEGER.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("event", sa.Column("alternates_with_id", ID, nullable=True))
    where = sa.text("alternates_with_id IS NOT NULL")
    op.create_index("event_alternating", "event", ["alternates_with_id"], sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    message = "Schema 0004 is not undone: an older tracker would lose what it keeps. To go back, restore a backup."
    raise RuntimeError(message)
