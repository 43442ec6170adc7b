"""What sources' habits are, how often feeds bring news, and which articles an operator watches closely."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("feed", sa.Column("news_gap", sa.Integer(), nullable=True))
    op.add_column("article", sa.Column("watch_every", sa.Integer(), nullable=True))
    op.add_column("article", sa.Column("watch_until", sa.BigInteger(), nullable=True))
    op.add_column("source", sa.Column("habits", sa.Text(), nullable=True))


def downgrade() -> None:
    message = "Schema 0012 is not undone: an older tracker would lose what it keeps. To go back, restore a backup."
    raise RuntimeError(message)
