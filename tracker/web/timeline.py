"""An article's history as a picture: where each version, change and absence lies on a line of time. Pure; the SVG is a template's.

Most changes come soon after publication and a watched article lasts a year, so the line is logarithmic: the first hour is
as wide as many days later on. Positions are per cent of the width, so that the picture fits a phone without shrinking its words.
Times stand over what happened, as many as have room: the last look, the major changes, the others, the newest first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from math import log1p

from tracker.model import Event, EventKind, Revision, Significance
from tracker.web.times import DAY, HOUR, MINUTE, crowded, minute

# Where the line turns from even to logarithmic: the shortest pace of looks.
UNIT = 5 * MINUTE
TICKS = (
    (10 * MINUTE, "10 minutes"),
    (HOUR, "1 hour"),
    (6 * HOUR, "6 hours"),
    (DAY, "1 day"),
    (7 * DAY, "1 week"),
    (30 * DAY, "1 month"),
    (182 * DAY, "6 months"),
    (365 * DAY, "1 year"),
    (1826 * DAY, "5 years"),
)
TICKS_APART = 16.0  # per cent: on a phone about as wide as the longest label
FIRST, LAST = 2.0, 98.0  # room for the marks at both ends
# Per cent that a time takes: on a phone, and where the line is twice as long.
LABEL, LABEL_WHERE_ROOMY = 17.0, 8.5
_ABSENCES = frozenset({EventKind.REMOVED, EventKind.RESTORED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    x: float
    width: float
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A change, at the first look that found it; `since` is where the last look before it lies."""

    x: float
    since: float
    significance: Significance
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    x: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A time over the line; `anchor` says which part of it stands at `x`, as SVG does."""

    x: float
    anchor: str
    at: datetime
    seconds: bool  # told, since another label's time lies in the same minute
    wants_room: bool  # it has room on a wide screen only

    def start(self, width: float) -> float:
        return self.x - (width if self.anchor == "end" else 0)

    def is_free(self, others: Iterable[Label], width: float) -> bool:
        """Whether it stays within the picture and runs into no other, where each takes this width."""
        start = self.start(width)
        return 0 <= start <= 100 - width and all(abs(start - other.start(width)) >= width for other in others)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    versions: tuple[Stretch, ...]
    changes: tuple[Mark, ...]
    absences: tuple[Stretch, ...]
    ticks: tuple[Tick, ...]
    labels: tuple[Label, ...]


def timeline(history: Sequence[Revision], events: Iterable[Event], until_at: datetime) -> Timeline | None:
    """`events` newest first. None where there is no length of time to draw."""
    if not history or until_at <= history[0].first_seen_at:
        return None
    line = _Line(history[0].first_seen_at, until_at)
    oldest_first = sorted(events, key=lambda event: event.seq)
    ends = [*(revision.first_seen_at for revision in history[1:]), until_at]
    versions = tuple(line.stretch(one.first_seen_at, end, f"Version {one.number}") for one, end in zip(history, ends, strict=True))
    numbers = {revision.id: revision.number for revision in history}
    changes = tuple(
        Mark(
            x=line.x(event.before_at),
            since=line.x(event.after_at or event.before_at),
            significance=event.diff.significance,
            name=f"Version {numbers[event.to_revision_id]}: {event.diff.summary}",
        )
        for event in oldest_first
        if event.kind is EventKind.CHANGED and event.to_revision_id in numbers
    )
    shown = [event for event in reversed(oldest_first) if event.kind in _ABSENCES or event.to_revision_id in numbers]
    major = [event.before_at for event in shown if event.diff.significance is Significance.MAJOR]
    labels = line.labels([until_at, *major, *(event.before_at for event in shown), history[0].first_seen_at])
    return Timeline(versions=versions, changes=changes, absences=_absences(line, oldest_first, until_at), ticks=line.ticks(), labels=labels)


def _absences(line: _Line, events: Sequence[Event], until_at: datetime) -> tuple[Stretch, ...]:
    """From each removal to the return after it."""
    about = [event for event in events if event.kind in _ABSENCES]
    found = [
        line.stretch(event.before_at, following.before_at if following else until_at, "Not found")
        for event, following in pairwise([*about, None])
        if event is not None and event.kind is EventKind.REMOVED
    ]
    return tuple(found)


class _Line:
    def __init__(self, start_at: datetime, end_at: datetime) -> None:
        self._start_at = start_at
        self._length = end_at - start_at

    def x(self, at: datetime) -> float:
        passed = min(max(at - self._start_at, timedelta()), self._length)
        share = log1p(passed / UNIT) / log1p(self._length / UNIT)
        return round(FIRST + share * (LAST - FIRST), 2)

    def stretch(self, from_at: datetime, to_at: datetime, name: str) -> Stretch:
        x = self.x(from_at)
        return Stretch(x=x, width=round(max(self.x(to_at) - x, 0.2), 2), name=name)

    def ticks(self) -> tuple[Tick, ...]:
        found: list[Tick] = []
        for passed, label in TICKS:
            x = self.x(self._start_at + passed)
            if passed < self._length and (found[-1].x if found else FIRST) + TICKS_APART <= x <= LAST - TICKS_APART / 2:
                found.append(Tick(x=x, label=label))
        return tuple(found)

    def labels(self, moments: Sequence[datetime]) -> tuple[Label, ...]:
        """Of moments, the weightiest first, those whose times run into none before them."""
        placed: list[Label] = []
        for at in dict.fromkeys(moments):
            sides = [Label(x=self.x(at), anchor=anchor, at=at, seconds=False, wants_room=False) for anchor in ("start", "end")]
            roomy = [one for one in sides if one.is_free(placed, LABEL_WHERE_ROOMY)]
            everywhere = [one for one in roomy if one.is_free([other for other in placed if not other.wants_room], LABEL)]
            placed += everywhere[:1] or [replace(one, wants_room=True) for one in roomy[:1]]
        full_minutes = crowded(one.at for one in placed)
        return tuple(replace(one, seconds=minute(one.at) in full_minutes) for one in sorted(placed, key=lambda one: one.at))
