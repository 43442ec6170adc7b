"""What a source's looks and changes say of its ways. Pure: counts in, Habits out.

Every figure begins as the usual one, weighed as so many articles, changes or hints, and moves as more is seen: a new source is
polled like any other, and one odd day does not turn its pace. The store counts (store/habits.py), cadence.py uses the result.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from statistics import median

from tracker.model import HOURS_IN_A_DAY, NO_HABITS, HabitCounts, Habits
from tracker.scheduler.rhythm import EDITS_HALF, EDITS_TAIL

# What is counted: the last three months, since publishers change their ways.
COUNTED = timedelta(days=90)
# The usual figures weigh as much as so many articles, changes (of all ages; in each hour of the day) and hints.
ARTICLES_WEIGHT = 30
CHANGES_WEIGHT = 30
HOUR_WEIGHT = 5
HINTS_WEIGHT = 10
# Few sources are faster or slower than this; none is believed to be. Slow ones are seldom seen so: late looks see few of their edits.
STRETCHES = 0.1, 50.0

# Half of the usual edits have come by this age, in minutes.
_USUAL_MEDIAN = EDITS_HALF * (2 ** (1 / EDITS_TAIL) - 1)


def fit_habits(counted: HabitCounts, now: datetime) -> Habits:
    changes_count = len(counted.ages)
    own_share = changes_count / (changes_count + CHANGES_WEIGHT)
    stretch = (max(median(counted.ages), 1.0) / _USUAL_MEDIAN) ** own_share if counted.ages else 1.0
    mean_hour = sum(counted.hours) / HOURS_IN_A_DAY
    usual = NO_HABITS
    return Habits(
        fitted_at=now,
        changes_mean=(changes_count + usual.changes_mean * ARTICLES_WEIGHT) / (counted.articles_count + ARTICLES_WEIGHT),
        stretch=min(max(stretch, STRETCHES[0]), STRETCHES[1]),
        hours=tuple((count + HOUR_WEIGHT) / (mean_hour + HOUR_WEIGHT) for count in counted.hours),
        hint_truth=(counted.true_hints_count + usual.hint_truth * HINTS_WEIGHT) / (counted.hints_count + HINTS_WEIGHT),
        articles_count=counted.articles_count,
        changes_count=changes_count,
        hints_count=counted.hints_count,
    )
