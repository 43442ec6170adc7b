"""Tokens, hashed, and the installation's own secrets; indexes over the articles that wait for something."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "token",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_on", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="token_pkey"),
        sa.UniqueConstraint("hash", name="token_hash_key"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "secret",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="secret_pkey"),
        sqlite_with_rowid=False,
    )
    for name, column in (("article_held", "held_since"), ("article_moving", "moved_since")):
        there = sa.text(f"{column} IS NOT NULL")
        op.create_index(name, "article", [column], sqlite_where=there, postgresql_where=there)


def downgrade() -> None:
    message = "Schema 0018 is not undone: an older tracker would lose what it keeps. To go back, restore a backup."
    raise RuntimeError(message)
