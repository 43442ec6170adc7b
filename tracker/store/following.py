"""Events and retractions for a reader who follows: the oldest first, after the last `seq` that he has.

Numbers are given in commit order (counter.py), so nothing is ever kept below one that was seen. What is withheld yet holds back all
that was kept after it in the same list: a reader who went past it would never see it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, func, or_, select

from tracker.model import ArticleStatus, Event, Filter, Retraction, Scope
from tracker.store import filters, rows, sources
from tracker.store.database import Database
from tracker.store.schema import article, event, retraction
from tracker.store.withholding import Withheld, Withholding


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """`last` is the number to go on after; `goes_on` where there may be more at once."""

    events: tuple[Event, ...]
    last: int
    goes_on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowedRetractions:
    retractions: tuple[Retraction, ...]
    last: int
    goes_on: bool


class FollowingStore:
    """Each method is one short reading transaction."""

    def __init__(self, database: Database, withholding: Withholding) -> None:
        self._database = database
        self._withholding = withholding

    def events(self, scope: Scope, only: Filter, *, after: int, limit: int) -> Followed:
        """Looks through at most filters.LOOKED_THROUGH events, so that a rare kind costs no more. Raises NotFound for the source."""
        c = event.c
        with self._database.reading() as connection:
            withheld = self._withholding.at_present(connection)
            stretch = _scoped(connection, select(c.seq), scope).where(c.seq > after, *_before_withheld(connection, scope, withheld))
            walked = stretch.order_by(c.seq).limit(filters.LOOKED_THROUGH).subquery()
            count, end = connection.execute(select(func.count(), func.max(walked.c.seq))).one()
            if not count:
                return Followed(events=(), last=after, goes_on=False)
            found = _scoped(connection, rows.EVENTS, scope).where(rows.TOLD, c.seq > after, c.seq <= end, *filters.alone(only))
            events = tuple(rows.event_of(row) for row in connection.execute(found.order_by(c.seq).limit(limit)))
            is_full = len(events) == limit
            last: int = events[-1].seq if is_full else end
            return Followed(events=events, last=last, goes_on=is_full or count == filters.LOOKED_THROUGH)

    def retractions(self, *, after: int, limit: int) -> FollowedRetractions:
        """An event's retraction takes a new number whenever it is made or undone. Those of events that readers do not see are left out."""
        c = retraction.c
        with self._database.reading() as connection:
            withheld = self._withholding.at_present(connection)
            shown = (article.c.status != ArticleStatus.HIDDEN, *withheld.events())
            statement = (
                select(retraction)
                .join_from(retraction, event, c.event_id == event.c.id)
                .join(article, event.c.article_id == article.c.id)
                .where(c.seq > after, *shown)
                .order_by(c.seq)
                .limit(limit)
            )
            found = tuple(
                Retraction(seq=row.seq, event_id=row.event_id, at=row.at, reason=row.reason, undone_at=row.undone_at)
                for row in connection.execute(statement)
            )
            return FollowedRetractions(retractions=found, last=found[-1].seq if found else after, goes_on=len(found) == limit)


def _scoped(connection: Connection, statement: Select[Any], scope: Scope) -> Select[Any]:
    if scope.source is not None:
        statement = statement.where(event.c.source_id == sources.id_of(connection, scope.source))
    if scope.article_id is not None:
        statement = statement.where(event.c.article_id == scope.article_id)
    return statement


def _before_withheld(connection: Connection, scope: Scope, withheld: Withheld) -> list[Any]:
    """Only what was kept before anything that is withheld in this list."""
    young = withheld.young()
    if not young:
        return []
    c = event.c
    first = connection.execute(_scoped(connection, select(func.min(c.seq)), scope).where(or_(*young))).scalar_one()
    return [] if first is None else [c.seq < first]
