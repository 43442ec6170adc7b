"""Beside the sequence, its last number that came with more than looks that found all as it was."""

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.execute("INSERT INTO counter (name, value) SELECT 'news', value FROM counter WHERE name = 'seq'")


def downgrade() -> None:
    message = "Schema 0015 is not undone: an older tracker would lose what it keeps. To go back, restore a backup."
    raise RuntimeError(message)
