"""What the store holds, in numbers: see model/card.py. Reads every look and every revision's row once."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

from sqlalchemy import BigInteger, Connection, func, select, type_coerce

from tracker.model.card import Holding, SourceHolding
from tracker.store import counter, migrate
from tracker.store.columns import EPOCH, MICROSECOND
from tracker.store.polls import FAILURES
from tracker.store.schema import event, feed, poll, poll_day, revision, source, takedown

_DAY = timedelta(days=1) // MICROSECOND


def read(connection: Connection) -> Holding:
    c = revision.c
    revisions = connection.execute(select(c.extractor, c.origin, func.count()).group_by(c.extractor, c.origin)).all()
    differs = select(event.c.differ, func.count()).where(event.c.differ != "").group_by(event.c.differ)
    return Holding(
        schema=migrate.current(connection) or "",
        cursor=counter.current(connection),
        revisions={(extractor, origin): count for extractor, origin, count in sorted(revisions)},
        differs=dict(sorted(connection.execute(differs).all())),
        takedowns_count=connection.execute(select(func.count()).select_from(takedown)).scalar_one(),
        sources=_sources(connection),
    )


def _sources(connection: Connection) -> tuple[SourceHolding, ...]:
    feeds: defaultdict[int, list[str]] = defaultdict(list)
    for source_id, url in connection.execute(select(feed.c.source_id, feed.c.url).order_by(feed.c.id)):
        feeds[source_id].append(url)
    days = _good_days(connection)
    return tuple(
        SourceHolding(
            name=row.name,
            title=row.title,
            feeds=tuple(feeds[row.id]),
            articles_count=row.articles_count,
            events_count=row.events_count,
            good_days=tuple(sorted(days[row.id])),
        )
        for row in connection.execute(select(source).order_by(source.c.name))
    )


def _good_days(connection: Connection) -> defaultdict[int, set[date]]:
    """By each look that is still there, and by the days into which retention counted the others."""
    found: defaultdict[int, set[date]] = defaultdict(set)
    day = (type_coerce(poll.c.at, BigInteger) // _DAY).label("day")
    looks = select(poll.c.source_id, day).where(poll.c.outcome.not_in(FAILURES)).distinct()
    for source_id, number in connection.execute(looks):
        found[source_id].add((EPOCH + timedelta(days=number)).date())
    counted = select(poll_day.c.source_id, poll_day.c.day).where(poll_day.c.outcome.not_in(FAILURES)).distinct()
    for source_id, at in connection.execute(counted):
        found[source_id].add(at.date())
    return found
