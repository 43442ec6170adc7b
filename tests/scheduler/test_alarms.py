"""When there is reason for an alarm."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tracker.model import Outcome
from tracker.scheduler.alarms import silence, unread, usual_gap, wrong_clock

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)


def _every(gap: timedelta, count: int = 20, *, newest: datetime = NOW) -> list[datetime]:
    return [newest - place * gap for place in range(count)]


def test_a_source_is_silent_after_three_times_its_usual_gap_and_not_before():
    entries = _every(timedelta(hours=1))
    assert silence(entries, NOW + timedelta(hours=3)) is None
    told = silence(entries, NOW + timedelta(hours=3, minutes=1))
    assert told == "Its feeds have listed nothing new for 3 hours; usually the longest wait is 60 min."


def test_nights_are_usual_and_one_outage_is_not():
    by_day = [datetime(2026, 3, day, hour, tzinfo=UTC) for day in range(19, 9, -1) for hour in range(22, 6, -1)]
    assert usual_gap(by_day) == timedelta(hours=9)
    outage = [at for at in by_day if not datetime(2026, 3, 14, tzinfo=UTC) < at < datetime(2026, 3, 17, tzinfo=UTC)]
    assert usual_gap(outage) == timedelta(hours=9)


def test_entries_that_came_together_are_one_and_too_few_say_nothing():
    assert usual_gap([NOW] * 30) is None
    assert usual_gap([]) is None
    assert usual_gap(_every(timedelta(hours=1), 5)) is None
    assert usual_gap(_every(timedelta(seconds=5))) == timedelta(minutes=10)


def test_pages_that_are_all_refused_are_an_alarm_and_one_that_is_read_ends_it():
    refused = [Outcome.REFUSED] * 5
    assert "last 5 pages" in (unread(refused) or "")
    assert unread(refused[:4]) is None
    assert unread([*refused, Outcome.FIRST]) is None


@pytest.mark.parametrize(
    ("minutes", "says"),
    [((10, 11, 600), "11 min ahead of"), ((-2, -2, 0), "2 min behind"), ((0, 0.5, 90), None), ((10, 10), None)],
)
def test_most_hosts_decide_whether_our_clock_is_wrong(minutes, says):
    told = wrong_clock([timedelta(minutes=one) for one in minutes])
    assert told is None if says is None else says in told
