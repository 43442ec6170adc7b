"""Feeds' subscriptions at WebSub hubs."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "hub_subscription",
        sa.Column("feed_id", ID, autoincrement=False, nullable=False),
        sa.Column("hub_url", sa.Text(), nullable=False),
        sa.Column("topic_url", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=True),
        sa.Column("ask_at", sa.BigInteger(), nullable=True),
        sa.Column("verified_at", sa.BigInteger(), nullable=True),
        sa.Column("leased_until", sa.BigInteger(), nullable=True),
        sa.Column("failures_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["feed_id"], ["feed.id"], name="hub_subscription_feed_id_fkey"),
        sa.PrimaryKeyConstraint("feed_id", name="hub_subscription_pkey"),
        sa.UniqueConstraint("token", name="hub_subscription_token_key"),
    )


def downgrade() -> None:
    message = "Schema 0014 is not undone: an older tracker would lose what it keeps. To go back, restore a backup."
    raise RuntimeError(message)
