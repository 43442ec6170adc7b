"""When a subscription is tried again, when it is given up, when its digest is due. Pure.

The waits are those that Standard Webhooks suggests, nearly: seconds at first, since most receivers are only restarted, then hours.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from tracker.model import Digest

FIRST_WAIT = timedelta(seconds=5)
TIMES_LONGER = 3
LONGEST_WAIT = timedelta(hours=8)
# Many receivers that failed together are not all asked again in one second: this share of a wait is left to chance.
CHANCE = 0.5


def next_try(failures_count: int, now: datetime, *, chance: float, asked: timedelta | None = None) -> datetime:
    """After so many failures before this one. `chance` is from 0 to 1; `asked` is the wait that the receiver asks for."""
    wait: timedelta = min(FIRST_WAIT * TIMES_LONGER ** min(failures_count, 20), LONGEST_WAIT)
    wait *= 1 - CHANCE * chance
    if asked is not None:
        wait = max(wait, min(asked, LONGEST_WAIT))
    return now + wait


def next_digest(digest: Digest, after: datetime) -> datetime:
    """The next time of day after this. Where clocks are put forward over it, it is the hour after; put back, the first of the two."""
    zone = ZoneInfo(digest.zone)
    day = after.astimezone(zone).date()
    while True:
        due_at = datetime.combine(day, digest.at, zone).astimezone(UTC)
        if due_at > after:
            return due_at
        day += timedelta(days=1)
