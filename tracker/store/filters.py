"""Filters of lists of events: conditions, and how far back a filtered list looks at once.

A rare kind of change could lie anywhere in a million events, so one page looks through a bounded stretch of them, newest first,
and says where it stopped; the next page goes on there. No index over the filtered columns is needed for that.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Text, select, type_coerce

from tracker.model import Filter, Scope
from tracker.store import counter, sources
from tracker.store.schema import event

# Events that one page of a filtered list looks through: tens of milliseconds on SQLite.
LOOKED_THROUGH = 20_000


def conditions(connection: Connection, scope: Scope, only: Filter, before: int | None) -> list[ColumnElement[bool]]:
    c = event.c
    found: list[ColumnElement[bool]] = []
    if only.significance is not None:
        found.append(c.significance == only.significance)
    if only.facet is not None:
        found.append(type_coerce(c.facets, Text).contains(f" {only.facet} ", autoescape=True))
    if only.noted is not None:
        found.append(c.noted == only.noted)
    if only.date_moved is not None:
        found.append(c.date_moved == only.date_moved)
    if only.since_at is not None:
        found.append(c.at >= only.since_at)
    if only.before_at is not None:
        found.append(c.at < only.before_at)
    stop = floor(connection, scope, only, before)
    return found if stop is None else [*found, c.seq >= stop]


def floor(connection: Connection, scope: Scope, only: Filter, before: int | None) -> int | None:
    """The seq of the last event that a page looks at; None where it looks at all there are, or at all since `only.since_at`."""
    statement = select(event.c.seq, event.c.at).order_by(event.c.seq.desc()).offset(LOOKED_THROUGH - 1).limit(1)
    if scope.source is not None:
        statement = statement.where(event.c.source_id == sources.id_of(connection, scope.source))
    if scope.article_id is not None:
        statement = statement.where(event.c.article_id == scope.article_id)
    start = start_of(connection, only, before)
    last = connection.execute(statement if start is None else statement.where(event.c.seq < start)).one_or_none()
    if last is None or (only.since_at is not None and last.at < only.since_at):
        return None
    stop: int = last.seq
    return stop


def start_of(connection: Connection, only: Filter, before: int | None) -> int | None:
    """Below which seq a list begins: `before`, or where the events of a period end."""
    if only.before_at is None:
        return before
    end = _first_since(connection, only.before_at)
    return end if before is None else min(before, end)


def _first_since(connection: Connection, at: datetime) -> int:
    """The first seq from which on every event is as young as `at`: events are numbered as they are kept, so their times rise."""
    low, high = 0, counter.current(connection) + 1
    while low < high:
        middle = (low + high) // 2
        following = select(event.c.at).where(event.c.seq >= middle).order_by(event.c.seq).limit(1)
        found = connection.execute(following).scalar_one_or_none()
        if found is None or found >= at:
            high = middle
        else:
            low = middle + 1
    return low
