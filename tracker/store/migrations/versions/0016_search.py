"""Search: what articles say now, and what changes took out and put in. All that is kept is to be indexed, see store/searched.py."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "searched_head",
        sa.Column("article_id", ID, autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name="searched_head_article_id_fkey"),
        sa.PrimaryKeyConstraint("article_id", name="searched_head_pkey"),
        sa.UniqueConstraint("seq", name="searched_head_seq_key"),
    )
    op.create_table(
        "searched_change",
        sa.Column("seq", ID, autoincrement=False, nullable=False),
        sa.Column("sentences", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="searched_change_pkey"),
    )
    op.create_table(
        "search_due",
        sa.Column("kind", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("kind", "id", name="search_due_pkey"),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute("CREATE VIRTUAL TABLE head_words USING fts5(words, content='', tokenize='ascii')")
        op.execute("CREATE VIRTUAL TABLE change_words USING fts5(deleted, inserted, content='', tokenize='ascii')")
        for table in ("head_words", "change_words"):
            op.execute(f"INSERT INTO {table} ({table}, rank) VALUES ('automerge', 8)")
    else:
        for table in ("head_words", "change_words"):
            op.execute(f"CREATE TABLE {table} (id bigint NOT NULL, vector tsvector NOT NULL, CONSTRAINT {table}_pkey PRIMARY KEY (id))")
            op.execute(f"ALTER TABLE {table} ALTER COLUMN vector SET STORAGE EXTERNAL")
            op.execute(f"CREATE INDEX {table}_by_term ON {table} USING gin (vector) WITH (gin_pending_list_limit = 512)")
    op.execute("INSERT INTO search_due (kind, id) SELECT 0, id FROM article WHERE revisions_count > 0 AND merged_into_id IS NULL")
    op.execute(
        "INSERT INTO search_due (kind, id) SELECT 1, id FROM event WHERE from_revision_id IS NOT NULL AND to_revision_id IS NOT NULL"
    )


def downgrade() -> None:
    message = "Schema 0016 is not undone: an older tracker would lose what it keeps. To go back, restore a backup."
    raise RuntimeError(message)
