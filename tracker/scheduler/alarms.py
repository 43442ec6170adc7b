"""When there is reason for an alarm. Pure; told, kept and ended by health.py."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from tracker.model import Outcome

# A source's usual gap is the longest that it made at least twice in two weeks: so nights and weekends are usual, one outage is not.
GAPS_WITHIN = timedelta(days=14)
FEWEST_GAPS = 5
SILENT_GAPS = 3
# Entries that came together are one; no feed is read so often that a shorter gap means anything.
SHORTEST_GAP = timedelta(minutes=10)
# So many pages in a row that could not be read are no chance.
FEWEST_REFUSED = 5
# Servers' clocks agree within seconds; beyond this it is ours, and every "last seen" is wrong by as much.
CLOCK_TOLERANCE = timedelta(minutes=1)
FEWEST_CLOCKS = 3


def usual_gap(entries_at: Sequence[datetime]) -> timedelta | None:
    """Between the newest entries, given newest first; None where they are too few."""
    if not entries_at:
        return None
    moments = [at for at in dict.fromkeys(entries_at) if entries_at[0] - at <= GAPS_WITHIN]
    gaps = sorted(later - earlier for later, earlier in pairwise(moments))
    return max(gaps[-2], SHORTEST_GAP) if len(gaps) >= FEWEST_GAPS else None


def silence(entries_at: Sequence[datetime], now: datetime) -> str | None:
    gap = usual_gap(entries_at)
    if gap is None or now - entries_at[0] <= SILENT_GAPS * gap:
        return None
    return f"Its feeds have listed nothing new for {_lasting(now - entries_at[0])}; usually the longest wait is {_lasting(gap)}."


def unread(read: Sequence[Outcome]) -> str | None:
    """`read` is how the newest pages came out."""
    if len(read) < FEWEST_REFUSED or any(outcome is not Outcome.REFUSED for outcome in read):
        return None
    return f"None of the last {len(read)} pages could be read as an article: perhaps the site has a new layout."


def wrong_clock(ahead: Collection[timedelta]) -> str | None:
    """`ahead` is how far our clock is ahead of each host's; by most hosts' word, since one of them may be wrong itself."""
    if len(ahead) < FEWEST_CLOCKS or abs(difference := sorted(ahead)[len(ahead) // 2]) <= CLOCK_TOLERANCE:
        return None
    way = "ahead of" if difference > timedelta() else "behind"
    told = f"This machine's clock is {_lasting(abs(difference))} {way} the servers' clocks"
    return f"{told}: set it, for every time that is kept comes from it."


def _lasting(time: timedelta) -> str:
    minutes = round(time / timedelta(minutes=1))
    for name, size in (("days", 1440), ("hours", 60)):
        if minutes >= 2 * size:
            return f"{round(minutes / size)} {name}"
    return f"{minutes} min"
