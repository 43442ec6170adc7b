"""When to try again, and when a digest is due."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from tracker.model import Digest
from tracker.notify.timing import FIRST_WAIT, LONGEST_WAIT, next_digest, next_try

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def test_waits_grow_from_seconds_to_hours_and_no_further():
    waits = [next_try(count, NOW, chance=0.0) - NOW for count in range(30)]
    assert waits[0] == FIRST_WAIT
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_WAIT
    assert sum(waits[:3], timedelta()) < timedelta(minutes=2)


def test_chance_shortens_a_wait_by_half_at_most():
    longest, shortest = (next_try(4, NOW, chance=chance) - NOW for chance in (0.0, 1.0))
    assert shortest == longest / 2


def test_a_wait_that_is_asked_for_counts_where_it_is_longer_and_no_longer_than_ours():
    assert next_try(0, NOW, chance=1.0, asked=timedelta(minutes=1)) == NOW + timedelta(minutes=1)
    assert next_try(0, NOW, chance=0.0, asked=timedelta(seconds=1)) == NOW + FIRST_WAIT
    assert next_try(0, NOW, chance=0.0, asked=timedelta(days=9)) == NOW + LONGEST_WAIT


@pytest.mark.parametrize(
    ("zone", "after", "due_at"),
    [
        ("UTC", (2026, 3, 1, 6, 59), (2026, 3, 1, 7, 0)),
        ("UTC", (2026, 3, 1, 7, 0), (2026, 3, 2, 7, 0)),
        ("Europe/Amsterdam", (2026, 3, 1, 12, 0), (2026, 3, 2, 6, 0)),
        ("Europe/Amsterdam", (2026, 3, 28, 12, 0), (2026, 3, 29, 5, 0)),  # summer time began that night
        ("Pacific/Auckland", (2026, 3, 1, 12, 0), (2026, 3, 1, 18, 0)),
    ],
)
def test_a_digest_is_due_at_its_time_of_day_where_it_is_read(zone, after, due_at):
    digest = Digest(at=time(7), zone=zone)
    assert next_digest(digest, datetime(*after, tzinfo=UTC)) == datetime(*due_at, tzinfo=UTC)


def test_an_hour_that_a_day_has_not_or_twice_brings_one_digest_that_day():
    digest, at, days = Digest(at=time(2, 30), zone="Europe/Amsterdam"), datetime(2026, 3, 27, tzinfo=UTC), []
    while at < datetime(2026, 10, 28, tzinfo=UTC):
        at = next_digest(digest, at)
        days.append((at + timedelta(hours=2)).date())
    assert len(days) == len(set(days)) == (days[-1] - days[0]).days + 1
