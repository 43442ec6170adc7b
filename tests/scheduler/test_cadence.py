"""When to look again: a budget spread over the logarithm of the quiet time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tracker.scheduler.cadence import BUDGET_PERIOD, Cadence, Observed, next_poll, retry

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
NEW = Observed(published_at=None, first_seen_at=START, last_polled_at=START)


def _looks(cadence: Cadence, observed: Observed = NEW, until: timedelta = BUDGET_PERIOD) -> list[datetime]:
    looks, now = [], START
    while now < START + until:
        following = next_poll(replace(observed, last_polled_at=now), cadence, now)
        if following is None:
            break
        looks.append(following)
        now = following
    return looks


@pytest.mark.parametrize("budget", [20, 40, 80])
def test_an_article_that_never_changes_is_looked_at_about_as_often_as_the_budget_says(budget):
    assert len(_looks(Cadence(polls_per_article=budget))) == pytest.approx(budget, rel=0.15)


def test_a_change_brings_the_next_look_back_to_the_floor():
    now = START + timedelta(days=9)
    cadence = Cadence()
    assert next_poll(NEW, cadence, now) > now + timedelta(days=1)
    assert next_poll(replace(NEW, last_changed_at=now), cadence, now) == now + cadence.floor


def test_an_article_first_seen_long_after_it_was_published_is_not_polled_as_if_it_were_new():
    old = replace(NEW, published_at=START - timedelta(days=20))
    assert next_poll(old, Cadence(), START) > START + timedelta(days=1)


def test_a_publication_date_in_the_future_counts_as_new():
    assert next_poll(replace(NEW, published_at=START + timedelta(days=9)), Cadence(), START) == START + Cadence().floor


def test_checks_stop_after_the_time_without_a_change_and_not_before():
    cadence = Cadence(stop_after=timedelta(days=40))
    assert next_poll(NEW, cadence, START + timedelta(days=40)) is not None
    assert next_poll(NEW, cadence, START + timedelta(days=41)) is None
    assert next_poll(replace(NEW, last_changed_at=START + timedelta(days=10)), cadence, START + timedelta(days=41)) is not None


def test_a_hint_newer_than_the_last_look_makes_the_article_due_after_the_floor_at_the_latest():
    now = START + timedelta(days=5)
    hinted = replace(NEW, last_polled_at=START + timedelta(days=4), hinted_at=now)
    assert next_poll(hinted, Cadence(), now) == now


def test_a_hint_that_was_followed_already_changes_nothing():
    now = START + timedelta(days=5)
    followed = replace(NEW, last_polled_at=now, hinted_at=START + timedelta(days=4))
    assert next_poll(followed, Cadence(), now) == next_poll(replace(NEW, last_polled_at=now), Cadence(), now)


@given(
    floor=st.timedeltas(timedelta(seconds=1), timedelta(days=1)),
    span=st.timedeltas(timedelta(0), timedelta(days=60)),
    quiet=st.timedeltas(timedelta(0), timedelta(days=399)),
    budget=st.integers(1, 1000),
)
@example(floor=timedelta(seconds=1), span=timedelta(days=60), quiet=timedelta(days=399), budget=1)
def test_floor_and_ceiling_are_always_kept(floor, span, quiet, budget):
    cadence = Cadence(floor=floor, ceiling=floor + span, polls_per_article=budget)
    now = START + quiet
    following = next_poll(replace(NEW, last_polled_at=now), cadence, now)
    assert following is not None
    assert cadence.floor <= following - now <= cadence.ceiling


def test_failed_looks_are_tried_again_ever_later_but_at_least_once_a_day():
    cadence = Cadence(floor=timedelta(minutes=5))
    waits = [retry(count, cadence, START, number=0) - START for count in range(1, 60)]
    assert waits[:3] == [timedelta(minutes=5), timedelta(minutes=10), timedelta(minutes=20)]
    assert waits == sorted(waits)
    assert waits[-1] == timedelta(days=1)


def test_what_failed_together_is_not_tried_again_together():
    cadence = Cadence(floor=timedelta(minutes=5))
    waits = [retry(1, cadence, START, number=number) - START for number in range(100)]
    assert len(set(waits)) == 100
    assert timedelta(minutes=5) <= min(waits) < timedelta(seconds=305) < timedelta(seconds=325) < max(waits) <= timedelta(minutes=5.5)
    assert {retry(40, cadence, START, number=number) for number in range(100)} == {START + timedelta(days=1)}
