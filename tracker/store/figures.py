"""What many articles and events come to, for the pages of a source and of everything.

Never over all there is: the newest so many are counted, by the order that has an index, so that a page costs the same in its tenth year.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from statistics import median

from sqlalchemy import Connection, Select, select

from tracker.model import Article, ArticleStatus, DateMoved, Edited, EventKind, Figures, Filter, Noted, Scope, Significance
from tracker.store import filters, rows, sources
from tracker.store.database import Database
from tracker.store.schema import article, event

ARTICLES_COUNTED = 5_000
CHANGES_COUNTED = 2_000


class FiguresStore:
    """Every method is one short reading transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, source_name: str) -> Figures:
        """Of its newest ARTICLES_COUNTED articles and CHANGES_COUNTED changes. Raises NotFound."""
        with self._database.reading() as connection:
            source_id = sources.id_of(connection, source_name)
            articles_count, changed_count = _articles(connection, source_id)
            return _figures(connection, source_id, articles_count, changed_count)

    def most_edited(self, scope: Scope, *, limit: int) -> tuple[Edited, ...]:
        """Of the newest CHANGES_COUNTED changes of everything or of one source; only articles that changed more than once."""
        with self._database.reading() as connection:
            often = Counter(connection.execute(_newest_changes(connection, scope)).scalars()).most_common(limit)
            counts = {article_id: count for article_id, count in often if count > 1}
            known = _shown(connection, counts)
            return tuple(Edited(article=known[one], changes_count=count) for one, count in counts.items() if one in known)

    def looked_through(self, scope: Scope, only: Filter, before: int | None) -> int | None:
        """Where a page of filtered changes stopped looking, for the next one; None where it reached the end."""
        with self._database.reading() as connection:
            return filters.floor(connection, scope, only, before)


def _newest_changes(connection: Connection, scope: Scope) -> Select[int]:
    c = event.c
    statement = select(c.article_id).where(c.kind == EventKind.CHANGED, c.alternates_with_id.is_(None))
    if scope.source is not None:
        statement = statement.where(c.source_id == sources.id_of(connection, scope.source))
    return statement.order_by(c.seq.desc()).limit(CHANGES_COUNTED)


def _shown(connection: Connection, ids: Iterable[int]) -> dict[int, Article]:
    visible = rows.ARTICLES.where(article.c.id.in_(sorted(ids)), article.c.status != ArticleStatus.HIDDEN)
    return {one.id: one for one in rows.articles(connection, visible)}


def _articles(connection: Connection, source_id: int) -> tuple[int, int]:
    """The newest articles that were read, and how many of them changed."""
    c = article.c
    read = (c.revisions_count > 0, c.status != ArticleStatus.HIDDEN, c.merged_into_id.is_(None))
    newest = select(c.changes_count).where(c.source_id == source_id, *read).order_by(c.id.desc()).limit(ARTICLES_COUNTED)
    counts = connection.execute(newest).scalars().all()
    return len(counts), sum(count > 0 for count in counts)


def _figures(connection: Connection, source_id: int, articles_count: int, changed_count: int) -> Figures:
    c = event.c
    newest = (
        select(c.significance, c.noted, c.date_moved, c.reverts_to_id, c.before_at, article.c.first_seen_at)
        .join_from(event, article, c.article_id == article.c.id)
        .where(c.source_id == source_id, c.kind == EventKind.CHANGED, article.c.status != ArticleStatus.HIDDEN)
        .order_by(c.seq.desc())
        .limit(CHANGES_COUNTED)
    )
    changes = connection.execute(newest).all()
    delays = [row.before_at - row.first_seen_at for row in changes]
    return Figures(
        articles_count=articles_count,
        changed_articles_count=changed_count,
        changes_count=len(changes),
        major_count=sum(row.significance is Significance.MAJOR for row in changes),
        typical_delay=median(delays) if delays else None,
        noted_count=sum(row.noted is Noted.YES for row in changes),
        assessed_count=sum(row.noted is not Noted.UNKNOWN for row in changes),
        moved_count=sum(row.date_moved is DateMoved.YES for row in changes),
        dated_count=sum(row.date_moved is not DateMoved.ABSENT for row in changes),
        reversions_count=sum(row.reverts_to_id is not None for row in changes),
    )
