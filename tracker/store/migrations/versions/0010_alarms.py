"""Alarms that were told and have not ended: a restart tells none of them again."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "alarm",
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("since_at", sa.BigInteger(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("about", "kind", name="alarm_pkey"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    message = "Schema 0010 is not undone: an older tracker would lose what it keeps. To go back, restore a backup."
    raise RuntimeError(message)
