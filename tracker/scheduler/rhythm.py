"""How the wait between two looks grows while nothing changes, and how a budget of looks sets it. Pure.

    wait = scale · √(quiet + 10 min) · (age + 20 min)^0.47 / √r        r = (k + changes) / (k + μ · share of the edits that were due)

Between two proven rules: the back-off by 1.5 waits in proportion to the quiet time since the last change and so follows bursts; a
rule by age asks old articles rarely. Their mean is better than both, since an edit is likely soon after another one *and* soon
after publication. `r` is what the article showed against what was expected of it, as a Gamma prior over the articles'
rates gives it: it has the few that change often looked at more, and takes looks away from the many that never do.

cadence.py asks here; floor, ceiling, stop, hints and hours are its matter, not this file's.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from tracker.model.habits import USUAL_CHANGES

# All below was tuned together over the worlds of bench/cadence.py and some more, differently shaped ones: the largest loss against
# the best other rule in any world decided, and the delay at 40 looks. Minutes.
QUIET_START = 10.0
AGE_START = 20.0
QUIET_POWER = 0.5
AGE_POWER = 0.47  # higher: more is caught, later; 0.5 gains 0.4 points at 40 looks and costs a seventh in delay
RATE_POWER = 0.5
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


def share_due(age: float, stretch: float) -> float:
    """The share of an article's edits that have usually come by this age."""
    return 1 - math.pow(1 + max(age, 0.0) / (EDITS_HALF * stretch), -EDITS_TAIL)


def unscaled_wait(
    *, age: float, quiet: float, since_age: float = 0.0, changes_count: int = 0, changes_mean: float, stretch: float
) -> float:
    """In minutes, for a scale of 1. What came before `since_age`, when the article was first seen, nobody counted."""
    due = changes_mean * (share_due(age, stretch) - share_due(since_age, stretch))
    rate = (PRIOR_STRENGTH + changes_count) / (PRIOR_STRENGTH + due)
    wait = math.pow(quiet + QUIET_START * stretch, QUIET_POWER) * math.pow(age + AGE_START * stretch, AGE_POWER)
    return wait / math.pow(rate, RATE_POWER)


@lru_cache(maxsize=1024)
def scale(budget: float, floor: float, ceiling: float, changes_mean: float = USUAL_CHANGES, stretch: float = 1.0) -> float:
    """What the waits are multiplied with, so that an average article gets `budget` looks in its first 30 days.

    An average article changes `changes_mean` times; one that never changes gets fewer looks by the cost of those changes.
    """
    quiet_budget = budget / (1 + CHANGE_COST * min(changes_mean, COSTLY_CHANGES))
    ages = [math.expm1(math.log1p(BUDGET_MINUTES) * step / _STEPS) for step in range(_STEPS + 1)]
    waits = [unscaled_wait(age=age, quiet=age, changes_mean=changes_mean, stretch=stretch) for age in ages]
    low, high = -18.0, 18.0  # of its logarithm
    while high - low > 1e-4:
        middle = (low + high) / 2
        clamped = [min(max(wait * math.exp(middle), floor), ceiling) for wait in waits]
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
