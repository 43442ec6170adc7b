"""How the wait between two looks grows while nothing changes, and how a budget of looks sets it. Pure.

    wait = scale · √(quiet + 2 floors) · (age + 4 floors)^0.47 / √r     r = (k + changes) / (k + μ · share of the edits that were due)

Between two proven rules: the back-off by 1.5 waits in proportion to the quiet time since the last change and so follows bursts; a
rule by age asks old articles rarely. Their mean is better than both, since an edit is likely soon after another one *and* soon
after publication. `r` is what the article showed against what was expected of it, as a Gamma prior over the articles'
rates gives it: it has the few that change often looked at more, and takes looks away from the many that never do.

cadence.py asks here; floor, ceiling, stop, hints and hours are its matter, not this file's.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from tracker.model.habits import USUAL_CHANGES

# All below was tuned together over the worlds of bench/cadence.py and some more, differently shaped ones: the largest loss against
# the best other rule in any world decided, and the delay at 40 looks. Minutes.
# How soon the waits begin to grow, in floors: tuned with the usual floor of 5 minutes; whoever sets another one wants other waits.
QUIET_START = 2
AGE_START = 4
AGE_POWER = 0.47  # higher: more is caught at 20 looks, later; the powers of the other two are 0.5
# Where hints speak, they catch, and what they do not tell of should not wait for long: looks move to later ages.
HINTED_AGE_POWER = 0.3
PIVOT_AGE = 24 * 60.0  # at this age both are alike
PRIOR_STRENGTH = 0.35
# The ages at which edits come: F(a) = 1 - (1 + a / 2 h)^-0.6; half of them within 4.3 hours, a tenth after 4 days.
EDITS_HALF = 120.0
EDITS_TAIL = 0.6

# Each change calls for further looks: so many times those at an article that never changes; from the same benchmark.
CHANGE_COST = 0.55
# From here on further changes of the average article add little: it is looked at often already.
COSTLY_CHANGES = 1.6

BUDGET_MINUTES = 30 * 24 * 60.0
_STEPS = 160  # of the integral below: twice as many move the result by less than a thousandth


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What of a source shapes the wait: its floor in minutes, how often an article changes, at how many times the usual ages, how
    waits grow with age."""

    floor: float
    changes_mean: float = USUAL_CHANGES
    stretch: float = 1.0
    age_power: float = AGE_POWER


def share_due(age: float, stretch: float) -> float:
    """The share of an article's edits that have usually come by this age."""
    return 1 - math.pow(1 + max(age, 0.0) / (EDITS_HALF * stretch), -EDITS_TAIL)


def unscaled_wait(shape: Shape, *, age: float, quiet: float, since_age: float = 0.0, changes_count: int = 0) -> float:
    """In minutes, for a scale of 1. What came before `since_age`, when the article was first seen, nobody counted."""
    due = shape.changes_mean * (share_due(age, shape.stretch) - share_due(since_age, shape.stretch))
    rate = (PRIOR_STRENGTH + changes_count) / (PRIOR_STRENGTH + due)
    start = shape.floor * shape.stretch
    grown = (age + AGE_START * start) / PIVOT_AGE
    return math.sqrt(quiet + QUIET_START * start) * math.pow(grown, shape.age_power) / math.sqrt(rate)


@lru_cache(maxsize=1024)
def scale(budget: float, ceiling: float, shape: Shape) -> float:
    """What the waits are multiplied with, so that an average article gets `budget` looks in its first 30 days.

    An average article changes `changes_mean` times; one that never changes gets fewer looks by the cost of those changes.
    """
    quiet_budget = budget / (1 + CHANGE_COST * min(shape.changes_mean, COSTLY_CHANGES))
    ages = [math.expm1(math.log1p(BUDGET_MINUTES) * step / _STEPS) for step in range(_STEPS + 1)]
    waits = [unscaled_wait(shape, age=age, quiet=age) for age in ages]
    low, high = -18.0, 18.0  # of its logarithm
    while high - low > 1e-4:
        middle = (low + high) / 2
        clamped = [min(max(wait * math.exp(middle), shape.floor), ceiling) for wait in waits]
        if _looks(ages, clamped) > quiet_budget:
            low = middle
        else:
            high = middle
    return math.exp((low + high) / 2)


def _looks(ages: Sequence[float], waits: Sequence[float]) -> float:
    """How many looks an article gets in the time of `ages`, the first one included, where the waits are these at these ages.

    Looks w apart, where w grows by g for each minute that passes, are g / (ln(1 + g) · w) a minute.
    """
    total = 1.0
    for (age, wait), (next_age, next_wait) in pairwise(zip(ages, waits, strict=True)):
        growth = max((next_wait - wait) / (next_age - age), 0.0)
        denser = growth / math.log1p(growth) if growth > 1e-9 else 1.0
        total += (next_age - age) * denser / math.sqrt(wait * next_wait)
    return total
