"""Moments and intervals in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from tracker.web import times

TEN = datetime(2026, 3, 1, 10, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(milliseconds=400), "at the same moment"),
        (timedelta(seconds=1), "1 second later"),
        (timedelta(seconds=5), "5 seconds later"),
        (timedelta(seconds=89), "89 seconds later"),
        (timedelta(seconds=90), "1 minute later"),
        (timedelta(minutes=35), "35 minutes later"),
        (timedelta(minutes=35, seconds=59), "35 minutes later"),
        (timedelta(hours=1), "1 hour later"),
        (timedelta(hours=1, minutes=1), "1 hour 1 minute later"),
        (timedelta(hours=23, minutes=59, seconds=59), "23 hours 59 minutes later"),
        (timedelta(days=1), "1 day later"),
        (timedelta(days=2, hours=3), "2 days 3 hours later"),
        (timedelta(days=40, hours=7), "40 days later"),
        (timedelta(days=219), "219 days later"),
        (timedelta(days=730), "1 year 11 months later"),
        (timedelta(days=1120), "3 years later"),
        (timedelta(minutes=-35), "35 minutes earlier"),
    ],
)
def test_the_time_between_two_sightings_is_said_in_the_units_of_people(length, said):
    assert times.later(TEN, TEN + length) == said


@pytest.mark.parametrize(
    ("after_at", "before_at", "said"),
    [
        (TEN, TEN + timedelta(minutes=35), "between 10:02 and 10:37 UTC on 1 March 2026"),
        (TEN, TEN + timedelta(seconds=5), "between 10:02:00 and 10:02:05 UTC on 1 March 2026"),
        (TEN, TEN + timedelta(hours=14), "between 1 March 2026, 10:02 UTC and 2 March 2026, 00:02 UTC"),
        (None, TEN, "before 1 March 2026, 10:02 UTC"),
    ],
)
def test_when_a_change_happened_is_said_as_far_as_it_is_known(after_at, before_at, said):
    assert times.between(after_at, before_at) == said


def test_a_moment_is_shown_in_utc_wherever_it_came_from():
    there = datetime(2026, 3, 1, 0, 30, tzinfo=timezone(timedelta(hours=2)))
    assert times.moment(there) == "28 February 2026, 22:30 UTC"
    assert times.machine(there) == "2026-02-28T22:30:00Z"


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(minutes=35), "1 March 2026, 10:02 to 10:37 UTC"),
        (timedelta(seconds=20), "1 March 2026, 10:02:00 to 10:02:20 UTC"),
        (timedelta(days=1), "1 March 2026, 10:02 UTC to 2 March 2026, 10:02 UTC"),
    ],
)
def test_a_stretch_of_looks_is_told_by_its_ends(length, said):
    assert times.span(TEN, TEN + length) == said


def test_a_minute_is_crowded_when_only_seconds_tell_its_moments_apart():
    moments = [TEN, TEN, TEN + timedelta(seconds=40), TEN + timedelta(minutes=1), TEN + timedelta(minutes=1, milliseconds=5)]
    assert times.crowded(moments) == {TEN}


@pytest.mark.parametrize(("number", "said"), [(1, "once"), (2, "twice"), (3, "3 times"), (41, "41 times")])
def test_how_often_is_said_in_words(number, said):
    assert times.times(number) == said
