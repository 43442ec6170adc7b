"""Caps on looks an hour, in all and for a source."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

from tracker.scheduler.allowance import NO_CAPS, Allowance, Caps

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def test_without_caps_everything_is_allowed():
    allowance = Allowance(NO_CAPS)
    allowance.take(["news"] * 10_000, NOW)
    assert (allowance.at_most(NOW), allowance.spent(NOW)) == (math.inf, frozenset())


def test_a_source_that_is_spent_waits_for_an_hour_and_keeps_no_other_waiting():
    allowance = Allowance(Caps(by_source={"news": 3, "other": 5}))
    allowance.take(["news", "news", "news", "other"], NOW)
    assert allowance.spent(NOW) == {"news"}
    assert allowance.at_most(NOW) == 4
    later = NOW + timedelta(hours=1)
    assert (allowance.spent(later), allowance.at_most(later)) == (frozenset(), 3)


def test_the_cap_in_all_counts_every_source():
    allowance = Allowance(Caps(in_all=3, by_source={"news": 9}))
    allowance.take(["news", "other"], NOW)
    assert allowance.at_most(NOW) == 1
    allowance.take(["third"], NOW)
    assert allowance.at_most(NOW + timedelta(minutes=59)) == 0
    assert allowance.at_most(NOW + timedelta(minutes=60)) == 3


def test_a_clock_that_was_set_back_holds_up_nothing():
    allowance = Allowance(Caps(in_all=1))
    allowance.take(["news"], NOW)
    assert allowance.at_most(NOW - timedelta(days=1)) == 1
