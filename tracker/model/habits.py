"""What a source has shown of its ways: how often it changes an article, when, and whether its feeds' hints come true."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

HOURS_IN_A_DAY = 24
# What is expected of a source of which nothing is known: changes of an article, and the share of hints that come true.
USUAL_CHANGES = 1.2
USUAL_HINT_TRUTH = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """`changes_mean`: of an article in its first 30 days. `stretch`: its changes come at so many times the usual age. `hours`: how
    many times the usual number of changes come in each hour of the day in UTC; their mean is 1. `hint_truth`: the share of
    hints after which a change was found. The counts are what this was learned from."""

    fitted_at: datetime | None = None
    changes_mean: float = USUAL_CHANGES
    stretch: float = 1.0
    hours: tuple[float, ...] = (1.0,) * HOURS_IN_A_DAY
    hint_truth: float = USUAL_HINT_TRUTH
    articles_count: int = 0
    changes_count: int = 0
    hints_count: int = 0


NO_HABITS = Habits()


@dataclass(frozen=True, slots=True, kw_only=True)
class HabitCounts:
    """What the store counted of a source, to fit Habits to: articles seen for long enough, the ages in minutes of their changes (in
    their first 30 days), changes by the hour of the day in UTC, looks that a hint asked for, and how many of these found a change."""

    articles_count: int = 0
    ages: tuple[float, ...] = ()
    hours: tuple[int, ...] = field(default=(0,) * HOURS_IN_A_DAY)
    hints_count: int = 0
    true_hints_count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """An operator's wish to look closely at one article for a while."""

    every: timedelta
    until_at: datetime
