"""The tables of search, beside those of schema.py, and the databases' own full-text tables, which no two write alike.

`head_words` holds the terms of each article's latest text under its revision's seq, `change_words` those that a change took out
and put in, under its event's seq: the newest is the largest, so that lists are read from the end. On SQLite both are FTS5 without
the text itself; on PostgreSQL, vectors made here, stored as they are (pressing them makes each look at one slower).
"""

from __future__ import annotations

from sqlalchemy import DDL, BigInteger, Column, ForeignKey, LargeBinary, Named, SmallInteger, Table, TypedColumns, event

from tracker.store.columns import Id
from tracker.store.schema import metadata

# What is in search_due.
HEAD, CHANGE = 0, 1


class SearchedHeadColumns(TypedColumns):
    """Which text of an article is indexed, by its revision's seq. `hash` is that of its terms: FTS5 forgets a text only when it is
    told the very same terms again."""

    article_id: Named[int] = Column(Id, ForeignKey("article.id"), primary_key=True, autoincrement=False)
    seq: Named[int] = Column(BigInteger, unique=True)
    hash: Named[int] = Column(BigInteger)


class SearchedChangeColumns(TypedColumns):
    """The changed sentences of an event that is indexed, packed; empty where no word changed. `seq` is the event's."""

    seq: Named[int] = Column(Id, primary_key=True, autoincrement=False)
    sentences: Named[bytes] = Column(LargeBinary)


class SearchDueColumns(TypedColumns):
    """What is still to be indexed: an article's latest text, or an event's changed sentences, by its id."""

    kind: Named[int] = Column(SmallInteger, primary_key=True, autoincrement=False)
    id: Named[int] = Column(Id, primary_key=True, autoincrement=False)


searched_head = Table("searched_head", metadata, SearchedHeadColumns)
searched_change = Table("searched_change", metadata, SearchedChangeColumns)
search_due = Table("search_due", metadata, SearchDueColumns, sqlite_with_rowid=False)

# Parts of an index that are merged at once: with FTS5's usual 4 a new text took twice as long to keep, with 16 no less than with 8.
AUTOMERGE = 8

FULL_TEXT = {"head_words": ("words",), "change_words": ("deleted", "inserted")}


def _made() -> dict[str, list[str]]:
    sqlite = [
        f"CREATE VIRTUAL TABLE {table} USING fts5({', '.join(columns)}, content='', tokenize='ascii')"
        for table, columns in FULL_TEXT.items()
    ] + [f"INSERT INTO {table} ({table}, rank) VALUES ('automerge', {AUTOMERGE})" for table in FULL_TEXT]  # noqa: S608 - our own names
    postgresql = []
    for table in FULL_TEXT:
        postgresql += [
            f"CREATE TABLE {table} (id bigint NOT NULL, vector tsvector NOT NULL, CONSTRAINT {table}_pkey PRIMARY KEY (id))",
            f"ALTER TABLE {table} ALTER COLUMN vector SET STORAGE EXTERNAL",
            f"CREATE INDEX {table}_by_term ON {table} USING gin (vector) WITH (gin_pending_list_limit = 512)",
        ]
    return {"sqlite": sqlite, "postgresql": postgresql}


def _ddl(statement: str) -> DDL:
    return DDL(statement)  # type: ignore[no-untyped-call]  # SQLAlchemy left its constructor without types


for dialect, statements in _made().items():
    for statement in statements:
        event.listen(metadata, "after_create", _ddl(statement).execute_if(dialect=dialect))
for name in FULL_TEXT:
    event.listen(metadata, "before_drop", _ddl(f"DROP TABLE {name}"))
