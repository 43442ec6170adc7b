"""Moments and intervals in words. Pure: no clock is read, all times are shown in UTC and say so.

Two sightings are told apart to the second where the minute does not do it: the seed newsroom changes within seconds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
YEAR = timedelta(days=365.25)

# From here on the smaller unit says nothing: "40 days", not "40 days 3 hours".
PLAIN_SECONDS_UNTIL = timedelta(seconds=90)
PLAIN_DAYS_FROM = timedelta(days=14)
YEARS_FROM = timedelta(days=730)

_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _two(length: timedelta, unit: timedelta, noun: str, smaller: timedelta, smaller_noun: str) -> str:
    whole, rest = divmod(length, unit)
    part = rest // smaller
    return _count(whole, noun) + (f" {_count(part, smaller_noun)}" if part else "")


def lasting(length: timedelta) -> str:
    """How long, in the units that people would use; parts of the smallest unit are left out, not rounded up."""
    if length < PLAIN_SECONDS_UNTIL:
        return _count(length // timedelta(seconds=1), "second")
    if length < HOUR:
        return _count(length // MINUTE, "minute")
    if length < DAY:
        return _two(length, HOUR, "hour", MINUTE, "minute")
    if length < PLAIN_DAYS_FROM:
        return _two(length, DAY, "day", HOUR, "hour")
    if length < YEARS_FROM:
        return _count(length // DAY, "day")
    return _two(length, YEAR, "year", YEAR / 12, "month")


def later(earlier_at: datetime, later_at: datetime) -> str:
    """The time from the one sighting to the other: "35 minutes later"; "earlier" when they are asked in reverse."""
    length = later_at - earlier_at
    if abs(length) < timedelta(seconds=1):
        return "at the same moment"
    return f"{lasting(abs(length))} {'later' if length > timedelta() else 'earlier'}"


def day(at: datetime) -> str:
    at = at.astimezone(UTC)
    return f"{at.day} {_MONTHS[at.month - 1]} {at.year}"


def short_day(at: datetime) -> str:
    """Where there is little room, and the year is told beside it."""
    at = at.astimezone(UTC)
    return f"{at.day} {_MONTHS[at.month - 1][:3]}"


def clock(at: datetime, *, seconds: bool = False) -> str:
    return at.astimezone(UTC).strftime("%H:%M:%S" if seconds else "%H:%M")


def moment(at: datetime, *, seconds: bool = False) -> str:
    return f"{day(at)}, {clock(at, seconds=seconds)} UTC"


def span(first_at: datetime, last_at: datetime) -> str:
    """A stretch of time with looks from its beginning to its end."""
    seconds = last_at - first_at < MINUTE
    if day(first_at) == day(last_at):
        return f"{day(first_at)}, {clock(first_at, seconds=seconds)} to {clock(last_at, seconds=seconds)} UTC"
    return f"{moment(first_at)} to {moment(last_at)}"


def minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def crowded(moments: Iterable[datetime]) -> frozenset[datetime]:
    """The minutes that hold several of these moments: only seconds tell those apart."""
    within: defaultdict[datetime, set[datetime]] = defaultdict(set)
    for at in moments:
        within[minute(at)].add(at.replace(microsecond=0))
    return frozenset(start for start, seconds in within.items() if len(seconds) > 1)


def machine(at: datetime) -> str:
    """For <time datetime="...">: RFC 3339, whole seconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def between(after_at: datetime | None, before_at: datetime) -> str:
    """When something happened that was not there at the one look and was there at the next."""
    if after_at is None:
        return f"before {moment(before_at)}"
    first, last = between_parts(after_at, before_at)
    on = f" UTC on {day(before_at)}" if day(after_at) == day(before_at) else ""
    return f"between {first} and {last}{on}"


def between_parts(after_at: datetime, before_at: datetime) -> tuple[str, str]:
    """The two moments as `between` says them."""
    seconds = abs(before_at - after_at) < MINUTE
    if day(after_at) == day(before_at):
        return clock(after_at, seconds=seconds), clock(before_at, seconds=seconds)
    return moment(after_at, seconds=seconds), moment(before_at, seconds=seconds)


def times(number: int) -> str:
    """How often: "once", "twice", "3 times"."""
    return {1: "once", 2: "twice"}.get(number, f"{number} times")
