"""Sources' habits: what was seen of them is counted, what was fitted to that is kept. The fitting is the scheduler's."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Connection, Integer, func, select, update

from tracker.model import HOURS_IN_A_DAY, Article, Because, EventKind, Feed, HabitCounts, Habits, Outcome
from tracker.store.database import Database
from tracker.store.schema import article, event, poll, source
from tracker.store.sources import id_of

Followed = TypeVar("Followed", Article, Feed)

# Changes that are read to know their ages: enough for any median.
CHANGES_READ = 20_000
# An article this old has shown most of its changes.
SHOWN_AFTER = timedelta(days=1)
# A change counts for an hour of the day only if the two looks around it are no further apart.
SURE_OF_HOUR = timedelta(hours=3)
AGES = timedelta(days=30)

_TRUE = (Outcome.CHANGED, Outcome.REVERTED)
_FALSE = (Outcome.UNCHANGED, Outcome.NOT_MODIFIED)


class HabitsStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> dict[str, Habits]:
        """By the source's name; those of which nothing was fitted yet are left out."""
        with self._database.reading() as connection:
            return of_sources(connection)

    def counted(self, source_name: str, *, since: datetime, now: datetime) -> HabitCounts:
        """Raises NotFound."""
        with self._database.reading() as connection:
            return _counted(connection, id_of(connection, source_name), since, now)

    def keep(self, source_name: str, fitted: Habits) -> None:
        """Raises NotFound."""
        with self._database.writing() as connection:
            told = asdict(fitted) | {"fitted_at": fitted.fitted_at.isoformat() if fitted.fitted_at else None}
            ours = source.c.id == id_of(connection, source_name)
            connection.execute(update(source).where(ours).values(habits=json.dumps(told)))


def with_habits(connection: Connection, claimed: tuple[Followed, ...]) -> tuple[Followed, ...]:
    """The same articles or feeds, with what is known of their sources' ways."""
    known = of_sources(connection, {one.source for one in claimed}) if claimed else {}
    return tuple(replace(one, habits=known[one.source]) if one.source in known else one for one in claimed)


def of_sources(connection: Connection, names: Iterable[str] | None = None) -> dict[str, Habits]:
    """All, or those of the sources named."""
    statement = select(source.c.name, source.c.habits).where(source.c.habits.is_not(None))
    if names is not None:
        statement = statement.where(source.c.name.in_(sorted(names)))
    return {row.name: _habits(json.loads(row.habits)) for row in connection.execute(statement)}


def _habits(told: dict[str, Any]) -> Habits:
    fitted_at = datetime.fromisoformat(told["fitted_at"]) if told["fitted_at"] else None
    return Habits(**told | {"fitted_at": fitted_at, "hours": tuple(told["hours"])})


def _counted(connection: Connection, source_id: int, since: datetime, now: datetime) -> HabitCounts:
    e, a = event.c, article.c
    changes = (
        select(e.after_at, e.before_at, func.coalesce(a.published_at, a.first_seen_at).label("born_at"))
        .join_from(event, article, e.article_id == a.id)
        .where(e.source_id == source_id, e.kind == EventKind.CHANGED, e.alternates_with_id.is_(None), e.at >= since)
        .order_by(e.seq.desc())
        .limit(CHANGES_READ)
    )
    ages, hours = [], [0] * HOURS_IN_A_DAY
    for row in connection.execute(changes):
        age = row.before_at - row.born_at
        if timedelta(0) <= age <= AGES:
            ages.append(age / timedelta(minutes=1))
        if row.after_at is not None and row.before_at - row.after_at <= SURE_OF_HOUR:
            hours[(row.after_at + (row.before_at - row.after_at) / 2).hour] += 1
    articles = select(func.count()).where(
        a.source_id == source_id, a.first_seen_at >= since, a.first_seen_at <= now - SHOWN_AFTER, a.revisions_count > 0
    )
    p = poll.c
    hinted = select(func.count(), func.sum(p.outcome.in_(_TRUE).cast(Integer))).where(
        p.source_id == source_id,
        p.because == Because.HINT,
        p.article_id.is_not(None),
        p.outcome.in_((*_TRUE, *_FALSE)),
        p.at >= since,
    )
    hints_count, true_hints_count = connection.execute(hinted).one()
    return HabitCounts(
        articles_count=connection.execute(articles).scalar_one(),
        ages=tuple(ages),
        hours=tuple(hours),
        hints_count=hints_count,
        true_hints_count=true_hints_count or 0,
    )
