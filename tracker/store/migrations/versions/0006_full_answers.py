"""When an article or a feed last came in full: servers that answer "not modified" are not believed for ever."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    for table in ("article", "feed"):
        op.add_column(table, sa.Column("read_at", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    message = "Schema 0006 is not undone: an older tracker would lose what it keeps. To go back, restore a backup."
    raise RuntimeError(message)
