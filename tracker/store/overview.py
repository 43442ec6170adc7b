"""What waits for something or was decided lately, for the operator: a few rows each, found by index."""

from __future__ import annotations

from sqlalchemy import Index, func, select, text

from tracker.model import Article, Merge
from tracker.store import rows
from tracker.store.database import Database
from tracker.store.schema import article, merge

for _name, _column in (("article_held", article.c.held_since), ("article_moving", article.c.moved_since)):
    _there = text(f"{_column.name} IS NOT NULL")
    Index(_name, _column, sqlite_where=_there, postgresql_where=_there)


class OverviewStore:
    """Each method is one short reading transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def held(self, *, limit: int) -> tuple[Article, ...]:
        """Articles of which a text waits for a second look, the longest waiting first."""
        with self._database.reading() as connection:
            c = article.c
            return rows.articles(connection, rows.ARTICLES.where(c.held_since.is_not(None)).order_by(c.held_since).limit(limit))

    def moving(self, *, limit: int) -> tuple[Article, ...]:
        """Articles whose address leads elsewhere, not yet for long enough to be followed there."""
        with self._database.reading() as connection:
            c = article.c
            return rows.articles(connection, rows.ARTICLES.where(c.moved_since.is_not(None)).order_by(c.moved_since).limit(limit))

    def merges(self, *, limit: int) -> tuple[Merge, ...]:
        """Those that stand, the newest first."""
        with self._database.reading() as connection:
            c = merge.c
            found = connection.execute(select(merge).where(c.undone_at.is_(None)).order_by(c.seq.desc()).limit(limit))
            return tuple(map(rows.merge_of, found))

    def size(self) -> int:
        """Of the database, in bytes."""
        file = self._database.file
        if file is None:
            with self._database.reading() as connection:
                found: int = connection.execute(select(func.pg_database_size(func.current_database()))).scalar_one()
                return found
        parts = (file, file.with_name(f"{file.name}-wal"))
        return sum(part.stat().st_size for part in parts if part.exists())
