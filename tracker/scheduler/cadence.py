"""When to look at an article or a feed again. Pure: the clock is an argument.

The rule: a budget of looks, spread evenly over the logarithm of the time since the text last moved. News is edited
soon after it was published or edited, so the wait grows in proportion to the quiet time and falls back to the
floor with each change.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

# The budget counts the looks at an article that never changes, in this time after it was first seen.
BUDGET_PERIOD = timedelta(days=30)

# As late as a datetime can be: "never" for a source whose checks do not stop.
LAST_DAY = datetime.max.replace(tzinfo=UTC)

# A look that failed is tried again after the floor, then twice that, ... and at least once a day: never a full stop.
RETRY_CEILING = timedelta(days=1)
# What failed together, as when our own line was down, is not tried again together: each waits up to this share longer. Its
# number times this fraction gives its place, since multiples of the golden ratio lie apart from one another.
RETRY_SPREAD = 0.1
_GOLDEN = (5**0.5 - 1) / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadence:
    """`polls_per_article` looks in 30 days, never closer than `floor`, never further apart than `ceiling`;
    none after `stop_after` without a change."""

    polls_per_article: int = 40
    floor: timedelta = timedelta(minutes=5)
    ceiling: timedelta = timedelta(days=30)
    stop_after: timedelta = timedelta(days=400)


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What is known of an article's rhythm. `published_at` is the publisher's word, `hinted_at` the feed's latest hint."""

    published_at: datetime | None
    first_seen_at: datetime
    last_polled_at: datetime | None
    last_changed_at: datetime | None = None
    changes_count: int = 0
    hinted_at: datetime | None = None


def next_poll(observed: Observed, cadence: Cadence, now: datetime) -> datetime | None:
    """The time of the next look, at or after `now`; None: no more checks."""
    if observed.hinted_at and (observed.last_polled_at is None or observed.hinted_at > observed.last_polled_at):
        return max(now, (observed.last_polled_at or now) + cadence.floor) if observed.last_polled_at else now
    if now > checked_until(observed.first_seen_at, observed.last_changed_at, cadence):
        return None
    # A date in the future is a mistake or an embargo: the text is new then.
    born_at = min(observed.published_at or observed.first_seen_at, observed.first_seen_at, now)
    quiet = now - max(born_at, observed.last_changed_at or born_at)
    # The smallest budget asks for longer waits than any timedelta can hold.
    wait = cadence.ceiling if quiet / cadence.ceiling * growth(cadence) >= 1 else quiet * growth(cadence)
    return now + min(max(wait, cadence.floor), cadence.ceiling)


def checked_until(first_seen_at: datetime, last_changed_at: datetime | None, cadence: Cadence) -> datetime:
    """When the checks end if nothing changes until then."""
    moved_at = last_changed_at or first_seen_at
    return moved_at + min(cadence.stop_after, LAST_DAY - moved_at)


def growth(cadence: Cadence) -> float:
    """The share of the quiet time to wait: each look multiplies the quiet time by 1 + growth, so that
    `polls_per_article` steps lead from the floor to the end of the budget's period."""
    steps = max(BUDGET_PERIOD / cadence.floor, 1.0)
    return float(steps ** (1 / cadence.polls_per_article)) - 1


def retry(failures_count: int, cadence: Cadence, now: datetime, *, number: int) -> datetime:
    """The next try after `failures_count` (from 1) failed looks in a row at the article or feed with this number."""
    wait = cadence.floor * 2 ** min(failures_count - 1, 30) if cadence.floor < RETRY_CEILING else RETRY_CEILING
    return now + min(wait * (1 + RETRY_SPREAD * (number * _GOLDEN % 1)), RETRY_CEILING)
