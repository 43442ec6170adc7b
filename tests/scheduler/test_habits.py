"""What is counted of a source becomes its habits, slowly."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tracker.model import HOURS_IN_A_DAY, NO_HABITS, HabitCounts
from tracker.scheduler.habits import STRETCHES, fit_habits
from tracker.scheduler.rhythm import share_due

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def test_a_source_of_which_nothing_is_known_is_a_usual_one():
    habits = fit_habits(HabitCounts(), NOW)
    assert (habits.changes_mean, habits.stretch, habits.hint_truth) == (NO_HABITS.changes_mean, 1, NO_HABITS.hint_truth)
    assert habits.hours == pytest.approx(NO_HABITS.hours)


def test_changes_at_the_usual_ages_leave_the_pace_as_it_is():
    ages = tuple(age for age in range(1, 43_200) if share_due(age, 1) // 0.005 > share_due(age - 1, 1) // 0.005)
    assert fit_habits(HabitCounts(articles_count=100, ages=ages), NOW).stretch == pytest.approx(1, abs=0.1)


def test_one_odd_change_moves_little_and_many_move_much():
    one, many = (fit_habits(HabitCounts(articles_count=count, ages=(4000.0,) * count), NOW).stretch for count in (1, 500))
    assert 1 < one < 1.2
    assert 10 < many < 16


def test_no_source_is_believed_to_be_faster_or_slower_than_any_is():
    for age, limit in ((0.0, STRETCHES[0]), (1e9, STRETCHES[1])):
        assert fit_habits(HabitCounts(articles_count=9, ages=(age,) * 100_000), NOW).stretch == limit


def test_the_hours_of_a_day_keep_their_mean():
    hours = tuple(0 if hour < 6 else 20 for hour in range(HOURS_IN_A_DAY))
    habits = fit_habits(HabitCounts(articles_count=100, ages=(60.0,) * 360, hours=hours), NOW)
    assert sum(habits.hours) / HOURS_IN_A_DAY == pytest.approx(1)
    assert habits.hours[3] < 0.3
    assert habits.hours[12] > 1


def test_hints_that_seldom_come_true_are_believed_less_and_less():
    truths = [fit_habits(HabitCounts(hints_count=count, true_hints_count=count // 50), NOW).hint_truth for count in (0, 10, 100, 1000)]
    assert truths == sorted(truths, reverse=True)
    assert truths[-1] < 0.03
