"""What sources' habits are, how often feeds bring news, and which articles an operator watches closely."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("feed", sa.Column("news_gap", sa.Integer(), nullable=True))
    op.add_column("article", sa.Column("watch_every", sa.Integer(), nullable=True))
    op.add_column("article", sa.Column("watch_until", sa.BigInteger(), nullable=True))
    op.create_table(
        "habit",
        sa.Column("source_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("fitted_at", sa.BigInteger(), nullable=False),
        sa.Column("fitted", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("source_id", name="habit_pkey"),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="habit_source_id_fkey"),
    )


def downgrade() -> None:
    message = "Schema 0011 is not undone: an older tracker would lose what it keeps. To go back, restore a backup."
    raise RuntimeError(message)
