"""The captures of an article's later pages, for articles over several."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "further_page",
        sa.Column("revision_id", ID, autoincrement=False, nullable=False),
        sa.Column("number", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("capture_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["capture_id"], ["capture.id"], name="further_page_capture_id_fkey"),
        sa.ForeignKeyConstraint(["revision_id"], ["revision.id"], name="further_page_revision_id_fkey"),
        sa.PrimaryKeyConstraint("revision_id", "number", name="further_page_pkey"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    message = "Schema 0003 is not undone: an older tracker would lose what it keeps. To go back, restore a backup."
    raise RuntimeError(message)
