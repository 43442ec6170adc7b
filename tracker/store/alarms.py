"""Alarms: told once, ended once, whichever process sees it first; and the facts of a source that they are raised by.

When there is reason for one is decided in scheduler/alarms.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, and_, case, delete, func, insert, or_, select

from tracker.model import Alarm, AlarmKind, Outcome, SourceHealth
from tracker.store import counter, notices, polls, sources
from tracker.store.database import Database
from tracker.store.schema import alarm, article, poll, source

# So many of a source's newest entries tell how often it brings one.
ENTRIES = 1000
# So many looks tell how good they are, and whether pages can be read.
LOOKS = 100
# Looks that read a page, or refused to; one that found nothing new tells nothing of it.
_READ = (Outcome.FIRST, Outcome.CHANGED, Outcome.REVERTED, Outcome.HELD, Outcome.REFUSED)


# Alarms that are new, and those that have ended.
News = tuple[tuple[Alarm, ...], tuple[Alarm, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """`entries_at` is when the newest articles were first listed, `read` how the newest pages came out; both newest first."""

    entries_at: tuple[datetime, ...]
    read: tuple[Outcome, ...]


class AlarmsStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    def facts(self, source_name: str) -> Facts:
        """Raises NotFound."""
        with self._database.reading() as connection:
            source_id = sources.id_of(connection, source_name)
            newest = select(article.c.first_seen_at).where(article.c.source_id == source_id).order_by(article.c.id.desc()).limit(ENTRIES)
            looks = select(poll.c.outcome, poll.c.article_id).where(poll.c.source_id == source_id).order_by(poll.c.id.desc()).limit(LOOKS)
            read = [row.outcome for row in connection.execute(looks) if row.article_id is not None and row.outcome in _READ]
            return Facts(entries_at=tuple(connection.execute(newest).scalars()), read=tuple(read))

    def standing(self) -> tuple[Alarm, ...]:
        with self._database.reading() as connection:
            return _standing(connection)

    def settle(self, source_name: str | None, found: Mapping[AlarmKind, str | None], now: datetime) -> News:
        """The sentence of each alarm that there is reason for, None where there is none: those that are new by it, and those
        that have ended. Nothing is written where all is as it was."""
        with self._database.reading() as connection:
            if not any(_news(_standing(connection), source_name, found, now)):
                return (), ()
        with self._database.writing() as connection:
            return settle(connection, source_name, found, now)


def settle(connection: Connection, source_name: str | None, found: Mapping[AlarmKind, str | None], now: datetime) -> News:
    """As above, in the transaction of the connection."""
    counter.take(connection, 0)  # one process at a time
    if source_name in _paused(connection):
        found = dict.fromkeys(found)  # by a look that had begun before
    new, ended = _news(_standing(connection), source_name, found, now)
    first = counter.take(connection, len(new) + len(ended))  # pages show them, and subscribers are told
    notices.note_alarms(connection, new, ended, first, now)
    about = alarm.c.about == (source_name or "")
    for one in ended:
        connection.execute(delete(alarm).where(about, alarm.c.kind == one.kind))
    for one in new:
        values = {"about": source_name or "", "kind": one.kind, "since_at": one.since_at, "sentence": one.sentence}
        connection.execute(insert(alarm).values(values))
    return new, ended


def end_of_paused(connection: Connection, now: datetime) -> None:
    """Of sources that nobody looks at: no look would end their alarms."""
    standing = _standing(connection)
    paused = _paused(connection) if standing else frozenset()
    for one in standing:
        if one.source in paused:
            settle(connection, one.source, {one.kind: None}, now)


def _paused(connection: Connection) -> frozenset[str]:
    """Those that were removed, or that config.yaml names no longer, included."""
    names = select(source.c.name).where(or_(source.c.paused.is_(True), source.c.withdrawn.is_(True)))
    return frozenset(connection.execute(names).scalars())


def _news(standing: Sequence[Alarm], source_name: str | None, found: Mapping[AlarmKind, str | None], now: datetime) -> News:
    ours = {one.kind: one for one in standing if one.source == source_name}
    new = tuple(
        Alarm(kind=kind, source=source_name, since_at=now, sentence=sentence)
        for kind, sentence in found.items()
        if sentence is not None and kind not in ours
    )
    return new, tuple(ours[kind] for kind, sentence in found.items() if sentence is None and kind in ours)


def _standing(connection: Connection) -> tuple[Alarm, ...]:
    found = connection.execute(select(alarm).order_by(alarm.c.about, alarm.c.kind))
    return tuple(Alarm(kind=row.kind, source=row.about or None, since_at=row.since_at, sentence=row.sentence) for row in found)


def told(connection: Connection, healths: Sequence[SourceHealth]) -> tuple[SourceHealth, ...]:
    """With the alarms of each, those that are about all of them included, and how good its last looks were."""
    standing = _standing(connection)
    names = [health.source.name for health in healths]
    is_good = case((poll.c.outcome.in_(polls.FAILURES), 0), else_=1)
    c = poll.c
    oldest = select(c.id).where(c.source_id == source.c.id).order_by(c.id.desc()).offset(LOOKS - 1).limit(1).correlate(source)
    last = and_(c.source_id == source.c.id, c.id >= func.coalesce(oldest.scalar_subquery(), 0))
    shares = select(source.c.name, func.count(c.id), func.sum(is_good)).join_from(source, poll, last).group_by(source.c.name)
    found = connection.execute(shares.where(source.c.name.in_(names)))
    counted = {name: (polls_count, good_count) for name, polls_count, good_count in found}
    return tuple(
        replace(
            health,
            alarms=tuple(one for one in standing if one.source in {None, health.source.name}),
            polls_count=counted.get(health.source.name, (0, 0))[0],
            good_count=counted.get(health.source.name, (0, 0))[1],
        )
        for health in healths
    )
