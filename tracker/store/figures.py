"""What many articles and events come to, for the pages of a source and of everything.

Never over all there is: the newest so many are counted, by the order that has an index, so that a page costs the same in its tenth year.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import BigInteger, Connection, Select, Subquery, between, exists, func, select, true, type_coerce

from tracker.model import Article, ArticleStatus, DateMoved, Edited, EventKind, Figures, Filter, Noted, Scope, Significance
from tracker.store import filters, rows, search, sources
from tracker.store.database import Database
from tracker.store.schema import article, event
from tracker.store.withholding import Withheld, Withholding

ARTICLES_COUNTED = 1_000
CHANGES_COUNTED = 1_000


class FiguresStore:
    """Every method is one short reading transaction."""

    def __init__(self, database: Database, withholding: Withholding) -> None:
        self._database = database
        self._withholding = withholding

    def of(self, source_name: str) -> Figures:
        """Of its newest ARTICLES_COUNTED articles and CHANGES_COUNTED changes. Raises NotFound."""
        with self._database.reading() as connection:
            source_id = sources.id_of(connection, source_name)
            withheld = self._withholding.at_present(connection)
            articles_count, changed_count = _articles(connection, source_id, withheld)
            return _figures(connection, source_id, articles_count, changed_count, withheld)

    def most_edited(self, scope: Scope, *, limit: int) -> tuple[Edited, ...]:
        """Of the newest CHANGES_COUNTED changes of everything or of one source; only articles that changed more than once."""
        with self._database.reading() as connection:
            withheld = self._withholding.at_present(connection)
            newest = _newest_changes(connection, scope, withheld).subquery().c.article_id
            often = select(newest, func.count()).group_by(newest).having(func.count() > 1)
            most = often.order_by(func.count().desc(), newest.desc()).limit(limit)
            counts: dict[int, int] = dict(connection.execute(most).all())
            known = _shown(connection, counts, withheld)
            return tuple(Edited(article=known[one], changes_count=count) for one, count in counts.items() if one in known)

    def looked_through(self, scope: Scope, only: Filter, before: int | None) -> int | None:
        """Where a page of filtered changes stopped looking, for the next one; None where it reached the end."""
        with self._database.reading() as connection:
            if scope.search is not None:
                withheld = self._withholding.at_present(connection)
                return search.changes(
                    connection, scope, scope.search, only=only, before=before, limit=search.EVERY_MATCH, withheld=withheld
                ).looked_to
            looked = filters.stretch(connection, scope, only, before)
            return looked.first if looked.goes_on else None


def _newest_changes(connection: Connection, scope: Scope, withheld: Withheld) -> Select[int]:
    c = event.c
    shown = c.kind == EventKind.CHANGED, c.alternates_with_id.is_(None), rows.STANDING, *withheld.events()
    statement = select(c.article_id).where(*shown)
    if scope.source is not None:
        statement = statement.where(c.source_id == sources.id_of(connection, scope.source))
    return statement.order_by(c.seq.desc()).limit(CHANGES_COUNTED)


def _shown(connection: Connection, ids: Iterable[int], withheld: Withheld) -> dict[int, Article]:
    visible = rows.ARTICLES.where(article.c.id.in_(sorted(ids)), article.c.status != ArticleStatus.HIDDEN)
    return {one.id: one for one in withheld.articles(connection, rows.articles(connection, visible))}


def _articles(connection: Connection, source_id: int, withheld: Withheld) -> tuple[int, int]:
    """The newest articles that were read, and how many of them changed as far as is shown."""
    c = article.c
    read = (c.revisions_count > 0, c.status != ArticleStatus.HIDDEN, c.merged_into_id.is_(None))
    newest = select(c.id, c.changes_count).where(c.source_id == source_id, *read).order_by(c.id.desc()).limit(ARTICLES_COUNTED).subquery()
    changed = newest.c.changes_count > 0
    if withheld.article_ids:
        e = event.c
        before = exists().where(e.article_id == newest.c.id, e.kind == EventKind.CHANGED, *withheld.events())
        changed &= newest.c.id.not_in(withheld.article_ids) | before
    counted = select(func.count(), func.count().filter(changed)).select_from(newest)
    articles_count, changed_count = connection.execute(counted).one()
    return articles_count, changed_count


def _figures(connection: Connection, source_id: int, articles_count: int, changed_count: int, withheld: Withheld) -> Figures:
    c = _ranked(source_id, withheld).c
    is_middle = between(2 * c.place, c.count, c.count + 2)  # one of an odd number, two of an even one
    counts = {
        "changes_count": true(),
        "major_count": c.significance == Significance.MAJOR,
        "noted_count": c.noted == Noted.YES,
        "assessed_count": c.noted != Noted.UNKNOWN,
        "moved_count": c.date_moved == DateMoved.YES,
        "dated_count": c.date_moved != DateMoved.ABSENT,
        "reversions_count": c.reverts_to_id.is_not(None),
    }
    columns = [func.count().filter(which).label(name) for name, which in counts.items()]
    found = connection.execute(select(func.avg(c.delay).filter(is_middle).label("delay"), *columns)).one()
    return Figures(
        articles_count=articles_count,
        changed_articles_count=changed_count,
        typical_delay=timedelta(microseconds=int(found.delay)) if found.delay is not None else None,
        **{name: getattr(found, name) for name in counts},
    )


def _ranked(source_id: int, withheld: Withheld) -> Subquery:
    """The newest changes, each with its place by its delay, from 1. A retracted one is none of the publisher's."""
    c = event.c
    shown = c.kind == EventKind.CHANGED, article.c.status != ArticleStatus.HIDDEN, rows.STANDING, *withheld.events()
    delay = type_coerce(c.before_at, BigInteger) - type_coerce(article.c.first_seen_at, BigInteger)
    newest = (
        select(c.significance, c.noted, c.date_moved, c.reverts_to_id, delay.label("delay"))
        .join_from(event, article, c.article_id == article.c.id)
        .where(c.source_id == source_id, *shown)
        .order_by(c.seq.desc())
        .limit(CHANGES_COUNTED)
        .subquery()
    )
    place = func.row_number().over(order_by=newest.c.delay)
    return select(newest, place.label("place"), func.count().over().label("count")).subquery()
