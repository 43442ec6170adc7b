"""Sources and feeds take numbers of the one sequence too, so that the export tells of them when they change."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    for table in ("source", "feed"):
        op.add_column(table, sa.Column("seq", sa.BigInteger(), nullable=False, server_default="0"))
        # those that are there come after all that was told before
        last = "(SELECT value FROM counter WHERE name = 'seq')"
        op.execute(f"UPDATE {table} SET seq = {last} + (SELECT count(*) FROM {table} AS other WHERE other.id <= {table}.id)")  # noqa: S608 - our own names
        op.execute(f"UPDATE counter SET value = value + (SELECT count(*) FROM {table}) WHERE name = 'seq'")  # noqa: S608 - the same
        op.create_index(f"{table}_seq", table, ["seq"], unique=True)
    op.execute("UPDATE counter SET value = (SELECT value FROM counter WHERE name = 'seq') WHERE name = 'news'")


def downgrade() -> None:
    message = "Schema 0019 is not undone: an older tracker would lose what it keeps. To go back, restore a backup."
    raise RuntimeError(message)
