"""Filters of lists of events: conditions, and how far back a filtered list looks at once.

A rare kind of change could lie anywhere in a million events, so one page looks through a bounded stretch of them, newest first,
and says where it stopped; the next page goes on there. The filtered columns stand in the indexes over the order of events.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, ColumnElement, Connection, Select, Text, bindparam, case, func, literal, select, type_coerce

from tracker.model import Filter, Scope
from tracker.store import counter, sources
from tracker.store.columns import Utc, facet_sign
from tracker.store.schema import event

# Events that one page of a filtered list looks through: one or two milliseconds on SQLite.
LOOKED_THROUGH = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """The events that one page looks through, by seq: from `first` on, below `end`; None: no bound. `goes_on`: there may be more before."""

    first: int | None
    end: int | None
    goes_on: bool


def conditions(connection: Connection, scope: Scope, only: Filter, before: int | None) -> list[ColumnElement[bool]]:
    """With the stretch that is looked through."""
    c = event.c
    found = alone(only)
    looked = stretch(connection, scope, only, before)
    if looked.first is not None:
        found.append(c.seq >= looked.first)
    if looked.end is not None:
        found.append(c.seq < looked.end)
    return found


def alone(only: Filter) -> list[ColumnElement[bool]]:
    c = event.c
    found: list[ColumnElement[bool]] = []
    if only.significance is not None:
        found.append(c.significance == only.significance)
    if only.facet is not None:
        found.append(type_coerce(c.facets, Text).contains(facet_sign(only.facet), autoescape=True))
    if only.noted is not None:
        found.append(c.noted == only.noted)
    if only.date_moved is not None:
        found.append(c.date_moved == only.date_moved)
    if only.since_at is not None:
        found.append(c.at >= only.since_at)
    if only.before_at is not None:
        found.append(c.at < only.before_at)
    return found


def stretch(connection: Connection, scope: Scope, only: Filter, before: int | None) -> Stretch:
    """LOOKED_THROUGH events before `before` and the end of the period, or all there are, or all since its beginning."""
    c = event.c
    ends = [end for end in (before, first_since(connection, only.before_at)) if end is not None]
    statement = select(c.seq).order_by(c.seq.desc()).limit(LOOKED_THROUGH)
    if ends:
        statement = statement.where(c.seq < min(ends))
    if scope.source is not None:
        statement = statement.where(c.source_id == sources.id_of(connection, scope.source))
    if scope.article_id is not None:
        statement = statement.where(c.article_id == scope.article_id)
    walked = statement.subquery()
    count, last = connection.execute(select(func.count(), func.min(walked.c.seq))).one()
    first = first_since(connection, only.since_at)
    goes_on = count == LOOKED_THROUGH and (first is None or last > first)
    return Stretch(first=last if goes_on else first, end=min(ends, default=None), goes_on=goes_on)


def first_since(connection: Connection, at: datetime | None) -> int | None:
    """The first seq from which on every event is as young as `at`: events are numbered as they are kept, so their times rise."""
    if at is None:
        return None
    return connection.execute(_FIRST_SINCE, {"since_at": at, "high": counter.current(connection) + 1}).scalar_one()


def _search() -> Select[int]:
    """By halves, in one statement."""
    search = select(literal(0, BigInteger).label("low"), bindparam("high", type_=BigInteger).label("high")).cte("search", recursive=True)
    middle = (search.c.low + search.c.high) // 2
    at = select(event.c.at).where(event.c.seq >= middle).order_by(event.c.seq).limit(1).correlate(search).scalar_subquery()
    is_before = func.coalesce(at < bindparam("since_at", type_=Utc), literal(False))
    halves = select(case((is_before, middle + 1), else_=search.c.low), case((is_before, search.c.high), else_=middle))
    search = search.union_all(halves.where(search.c.low < search.c.high))
    return select(search.c.low).where(search.c.low == search.c.high)


_FIRST_SINCE = _search()
