"""When to look at an article or a feed again. Pure: the clock is an argument.

How the wait grows with the quiet time, and how the budget sets it, is in rhythm.py; here are the bounds around it: floor and
ceiling, the stop, hints, the hours at which a source sleeps, a fixed pace, and what follows a look that failed.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import accumulate

from tracker.model import HOURS_IN_A_DAY, NO_HABITS, Because, Habits, Watch
from tracker.scheduler.rhythm import AGE_POWER, HINTED_AGE_POWER, Shape, scale, unscaled_wait

# As late as a datetime can be: "never" for a source whose checks do not stop.
LAST_DAY = datetime.max.replace(tzinfo=UTC)

# Hints that come true at least this often are followed at once: an ordinary look finds a change in about one of twenty cases.
# Rarer ones bring the next look nearer by their share of it only, so that a feed that stamps everything with now changes little.
HINT_BELIEVED = 0.15
# After so many hints that were looked after, their truth is the source's own.
HINTS_KNOWN = 20
# At its quietest hour a source is still believed to be this much awake.
AWAKE_LEAST = 0.15

# A look that failed is tried again after the floor, then twice that, ... and at least once a day: never a full stop.
RETRY_CEILING = timedelta(days=1)
# What failed together, as when our own line was down, is not tried again together: each waits up to this share longer. Its
# number times this fraction gives its place, since multiples of the golden ratio lie apart from one another.
RETRY_SPREAD = 0.1
_GOLDEN = (5**0.5 - 1) / 2

_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """A look `every` so long while the article is younger than `lasts`, counted from its first sight; whatever it does."""

    every: timedelta
    lasts: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadence:
    """`polls_per_article` looks at an average article in its first 30 days, never closer than `floor`, never further apart
    than `ceiling`; none after `stop_after` without a change. With `fixed`, only that and the floor count."""

    polls_per_article: float = 40
    floor: timedelta = timedelta(minutes=5)
    ceiling: timedelta = timedelta(days=30)
    stop_after: timedelta = timedelta(days=400)
    fixed: Fixed | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What is known of an article's rhythm. `published_at` is the publisher's word, `hinted_at` the feed's latest hint,
    `habits` are its source's; without them it is taken for a usual one."""

    published_at: datetime | None
    first_seen_at: datetime
    last_polled_at: datetime | None
    last_changed_at: datetime | None = None
    changes_count: int = 0
    hinted_at: datetime | None = None
    habits: Habits | None = None


def next_due(observed: Observed, cadence: Cadence, now: datetime, watch: Watch | None) -> tuple[datetime | None, Because]:
    """The time of the next look and why then: as the cadence says, or sooner where an operator watches closely."""
    regular = next_poll(observed, cadence, now)
    watched = now + max(watch.every, cadence.floor) if watch is not None else None
    if watch is None or watched is None or watched > watch.until_at or (regular is not None and regular <= watched):
        return regular, Because.CADENCE if cadence.fixed is None else Because.FIXED
    return watched, Because.WATCH


def next_poll(observed: Observed, cadence: Cadence, now: datetime) -> datetime | None:
    """The time of the next look, at or after `now`; None: no more checks."""
    if cadence.fixed is not None:
        return _next_fixed(observed, cadence.fixed, cadence.floor, now)
    habits = observed.habits or NO_HABITS
    hint = _pending_hint(observed, cadence, now)
    if hint is not None and habits.hint_truth >= HINT_BELIEVED:
        return hint
    # A hint is worth a look even after the checks have ended.
    regular = None if now > checked_until(observed.first_seen_at, observed.last_changed_at, cadence) else _regular(observed, cadence, now)
    if hint is None or regular is None:
        return regular
    return regular - max(regular - hint, timedelta(0)) * (habits.hint_truth / HINT_BELIEVED)


def _regular(observed: Observed, cadence: Cadence, now: datetime) -> datetime:
    habits = observed.habits or NO_HABITS
    # A date in the future is a mistake or an embargo: the text is new then.
    born_at = min(observed.published_at or observed.first_seen_at, observed.first_seen_at, now)
    shape = _shape(observed, cadence.floor, habits)
    minutes = unscaled_wait(
        shape,
        age=(now - born_at) / _MINUTE,
        quiet=(now - max(born_at, min(observed.last_changed_at or born_at, now))) / _MINUTE,
        since_age=(min(observed.first_seen_at, now) - born_at) / _MINUTE,
        changes_count=observed.changes_count,
    ) * budget_scale(cadence, shape)
    # The smallest budget asks for longer waits than any timedelta can hold.
    wait = min(max(minutes, shape.floor), cadence.ceiling / _MINUTE) * _MINUTE
    if habits.hours == NO_HABITS.hours:
        return now + wait
    return min(max(awake(now, wait, habits.hours), now + cadence.floor), now + cadence.ceiling)


def _pending_hint(observed: Observed, cadence: Cadence, now: datetime) -> datetime | None:
    """When the look that a hint asks for may be; None where no hint is newer than the last look."""
    if observed.hinted_at is None:
        return None
    if observed.last_polled_at is None:
        return now
    return max(now, observed.last_polled_at + cadence.floor) if observed.hinted_at > observed.last_polled_at else None


def _next_fixed(observed: Observed, fixed: Fixed, floor: timedelta, now: datetime) -> datetime | None:
    """On a grid that begins with the first sight, so that a late look does not move all that follow."""
    steps = (now - observed.first_seen_at) // fixed.every + 1
    following = max(observed.first_seen_at + steps * fixed.every, now + floor)
    return following if following - observed.first_seen_at <= fixed.lasts else None


def awake(now: datetime, wait: timedelta, hours: tuple[float, ...]) -> datetime:
    """The time at which `wait` is over, where an hour counts for as much as the source changes in it."""
    by_hour = _awake_by(hours)
    days, left = divmod(wait, _DAY)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    hour, part = divmod((now - midnight) / _HOUR, 1)
    spent = by_hour[int(hour)] + part * (by_hour[int(hour) + 1] - by_hour[int(hour)]) + left / _HOUR
    days, spent = (days, spent) if spent < HOURS_IN_A_DAY else (days + 1, spent - HOURS_IN_A_DAY)
    last = bisect_right(by_hour, spent, hi=HOURS_IN_A_DAY) - 1
    part = (spent - by_hour[last]) / (by_hour[last + 1] - by_hour[last])
    return midnight + days * _DAY + (last + part) * _HOUR


@lru_cache(maxsize=1024)
def _awake_by(hours: tuple[float, ...]) -> tuple[float, ...]:
    """How many of a day's 24 hours' worth of changes have come by each full hour, from 0 to 24."""
    weights = [max(weight, AWAKE_LEAST) for weight in hours]
    return tuple(accumulate((weight * HOURS_IN_A_DAY / sum(weights) for weight in weights), initial=0.0))


def checked_until(first_seen_at: datetime, last_changed_at: datetime | None, cadence: Cadence) -> datetime:
    """When the checks end if nothing changes until then."""
    if cadence.fixed is not None:
        return first_seen_at + min(cadence.fixed.lasts, LAST_DAY - first_seen_at)
    moved_at = last_changed_at or first_seen_at
    return moved_at + min(cadence.stop_after, LAST_DAY - moved_at)


def _shape(observed: Observed, floor: timedelta, habits: Habits) -> Shape:
    are_told = observed.hinted_at is not None or habits.hints_count >= HINTS_KNOWN
    power = HINTED_AGE_POWER if are_told and habits.hint_truth >= HINT_BELIEVED else AGE_POWER
    return Shape(floor=floor / _MINUTE, changes_mean=habits.changes_mean, stretch=habits.stretch, age_power=power)


def budget_scale(cadence: Cadence, shape: Shape) -> float:
    """The one place where the budget becomes a pace."""
    return scale(cadence.polls_per_article, cadence.ceiling / _MINUTE, shape)


def retry(failures_count: int, cadence: Cadence, now: datetime, *, number: int) -> datetime:
    """The next try after `failures_count` (from 1) failed looks in a row at the article or feed with this number."""
    wait = cadence.floor * 2 ** min(failures_count - 1, 30) if cadence.floor < RETRY_CEILING else RETRY_CEILING
    return now + min(wait * (1 + RETRY_SPREAD * (number * _GOLDEN % 1)), RETRY_CEILING)
