"""How the whole installation goes, in findings: what `tracker check` and the operator's page both say. Asks the store, not the world."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from tracker.model import SourceHealth
from tracker.scheduler.checkup import Finding
from tracker.scheduler.explain import duration, moment
from tracker.store.store import Store

# Looks that are due for longer are late: a busy tick takes seconds, a restart a minute.
LATE_AFTER = timedelta(minutes=10)
# A day of a busy installation writes less; below it SQLite may soon not be able to write at all.
LEAST_FREE = 2**30
# So many of what waits are counted.
COUNTED = 100


def overview(store: Store, folder: Path, now: datetime) -> tuple[Finding, ...]:
    """`folder` is where the program writes."""
    return (*_everywhere(store), *_sources(store), *_queue(store, now), _disk(store, folder), *_waiting(store))


def _everywhere(store: Store) -> Iterator[Finding]:
    """Alarms that are about no single source: our clock, a subscription that takes nothing."""
    names = store.articles.titles()
    for alarm in store.alarms.standing():
        if alarm.source not in names:
            sentence = f"{alarm.sentence} Seen since {moment(alarm.since_at)}."
            yield Finding(about=alarm.source or "this machine", good=False, sentence=sentence)


def _sources(store: Store) -> Iterator[Finding]:
    for health in store.articles.sources():
        told = list(troubles(health))
        if told:
            yield Finding(about=health.source.name, good=False, sentence=" ".join(told))


def troubles(health: SourceHealth) -> Iterator[str]:
    """What stands in the way of following a source, since when; nothing where it is paused or goes well."""
    if health.source.paused:
        return
    for alarm in health.alarms:
        if alarm.source is not None:
            yield f"{alarm.sentence} Seen since {moment(alarm.since_at)}."
    if health.last_looks.is_outage:
        looks = health.last_looks
        yield f"Of the {looks.articles_count} articles that were looked at last, {looks.lost_count} were not found or refused."
    failure = health.last_failure
    if failure is not None and (health.last_good_at is None or failure.at >= health.last_good_at):
        since = f"the last good answer came {moment(health.last_good_at)}" if health.last_good_at else "there never was a good answer"
        yield f"Its last look failed ({(failure.reason or str(failure.outcome)).rstrip('.')}); {since}."


def _queue(store: Store, now: datetime) -> Iterator[Finding]:
    due_at = store.articles.next_due_at()
    late = now - due_at if due_at is not None else timedelta(0)
    if due_at is not None and late >= LATE_AFTER:
        sentence = f"have been due since {moment(due_at)}, for {duration(late)}: see that `tracker run` is at work, and that it keeps up"
        yield Finding(about="looks", good=False, sentence=sentence)
    else:
        yield Finding(about="looks", good=True, sentence="are made when they are due" if due_at else "are none: nothing is followed")


def _disk(store: Store, folder: Path) -> Finding:
    place = next((one for one in (folder, *folder.parents) if one.exists()), folder)
    free = shutil.disk_usage(place).free
    sentence = f"has {_told(free)} free; the database takes {_told(store.overview.size())}"
    if free < LEAST_FREE:
        return Finding(about="disk", good=False, sentence=f"{sentence}: make room, or nothing more can be kept")
    return Finding(about="disk", good=True, sentence=sentence)


def _waiting(store: Store) -> Iterator[Finding]:
    held = store.overview.held(limit=COUNTED)
    if held:
        many = "1 waits" if len(held) == 1 else f"{len(held)}{' or more' if len(held) == COUNTED else ''} wait"
        sentence = f"{many} for a second look before {'it counts' if len(held) == 1 else 'they count'}"
        yield Finding(about="texts", good=True, sentence=sentence)


def _told(size: int) -> str:
    for unit, length in (("GiB", 2**30), ("MiB", 2**20)):
        if size >= length:
            return f"{size / length:.1f} {unit}"
    return f"{size / 2**10:.0f} KiB"
