"""When to look again: a budget of looks, spent where edits are likely; and the bounds around it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tracker.model import HOURS_IN_A_DAY, Habits
from tracker.scheduler.cadence import Cadence, Fixed, Observed, checked_until, next_poll, retry
from tracker.scheduler.rhythm import CHANGE_COST, USUAL_CHANGES

BUDGET_PERIOD = timedelta(days=30)
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


@pytest.mark.parametrize("budget", [5, 20, 40, 80, 400])
def test_an_article_that_never_changes_gets_the_budget_less_what_changes_cost(budget):
    looks = 1 + len(_looks(Cadence(polls_per_article=budget)))
    assert looks == pytest.approx(budget / (1 + CHANGE_COST * USUAL_CHANGES), rel=0.05, abs=1)


@pytest.mark.parametrize("stretch", [0.1, 1, 20])
@pytest.mark.parametrize("floor", [timedelta(seconds=1), timedelta(hours=1)])
def test_the_budget_holds_for_every_floor_and_every_source(stretch, floor):
    habits = Habits(stretch=stretch, changes_mean=0.5)
    looks = 1 + len(_looks(Cadence(polls_per_article=60, floor=floor), replace(NEW, habits=habits)))
    assert looks == pytest.approx(60 / (1 + CHANGE_COST * 0.5), rel=0.06)


@pytest.mark.parametrize("budget", [8640, 100_000])
def test_a_budget_beyond_the_floor_is_a_look_each_floor(budget):
    assert len(_looks(Cadence(polls_per_article=2 * budget))) == 8640


def test_a_change_brings_the_next_look_much_nearer():
    now = START + timedelta(days=9)
    quiet = next_poll(NEW, Cadence(), now) - now
    changed = next_poll(replace(NEW, last_changed_at=now, changes_count=1), Cadence(), now) - now
    assert changed < quiet / 20


def test_of_two_articles_the_one_that_changed_more_often_is_looked_at_sooner():
    now = START + timedelta(days=2)
    once, often = (replace(NEW, last_changed_at=START + timedelta(days=1), changes_count=count) for count in (1, 6))
    assert next_poll(often, Cadence(), now) < next_poll(once, Cadence(), now)


def test_what_happened_before_an_article_was_found_is_not_held_against_it():
    now = START + timedelta(hours=1)
    found_late = replace(NEW, published_at=START - timedelta(hours=6))
    seen_all_along = replace(found_late, first_seen_at=START - timedelta(hours=6))
    assert next_poll(found_late, Cadence(), now) < next_poll(seen_all_along, Cadence(), now)


def test_a_source_whose_edits_come_late_gets_its_looks_later():
    early, late = (replace(NEW, habits=Habits(stretch=stretch)) for stretch in (0.2, 20))
    first_hours = timedelta(hours=2)
    assert len(_looks(Cadence(), early, first_hours)) >= 3 * len(_looks(Cadence(), late, first_hours))


def test_a_source_that_sleeps_at_night_is_looked_at_when_it_wakes():
    day = tuple(0.0 if hour < 6 else 1.0 for hour in range(HOURS_IN_A_DAY))
    evening = START.replace(hour=23, minute=30)
    observed = replace(NEW, first_seen_at=evening - timedelta(hours=4), habits=Habits(hours=day))
    usual = next_poll(replace(observed, habits=None), Cadence(), evening)
    asleep = next_poll(observed, Cadence(), evening)
    assert usual.hour < 3
    assert 6 <= asleep.hour < 9


def test_a_fixed_pace_is_kept_whatever_the_article_does_and_then_ends():
    cadence = Cadence(fixed=Fixed(every=timedelta(minutes=30), lasts=timedelta(hours=72)))
    busy = replace(NEW, last_changed_at=START + timedelta(hours=1), changes_count=9, hinted_at=START + timedelta(hours=2))
    for observed in (NEW, busy):
        looks = _looks(cadence, observed)
        assert looks == [START + step * timedelta(minutes=30) for step in range(1, 145)]
    assert checked_until(START, START + timedelta(hours=70), cadence) == START + timedelta(hours=72)


def test_one_late_look_does_not_move_the_following_ones_of_a_fixed_pace():
    cadence = Cadence(fixed=Fixed(every=timedelta(minutes=30), lasts=timedelta(hours=72)))
    assert next_poll(NEW, cadence, START + timedelta(minutes=50)) == START + timedelta(minutes=60)
    assert next_poll(NEW, cadence, START + timedelta(minutes=58)) == START + timedelta(minutes=63)


def test_an_article_first_seen_long_after_it_was_published_is_not_polled_as_if_it_were_new():
    old = replace(NEW, published_at=START - timedelta(days=20))
    assert next_poll(old, Cadence(), START) > START + timedelta(days=1)


def test_a_publication_date_in_the_future_counts_as_new():
    assert next_poll(replace(NEW, published_at=START + timedelta(days=9)), Cadence(), START) == next_poll(NEW, Cadence(), START)


def test_checks_stop_after_the_time_without_a_change_and_not_before():
    cadence = Cadence(stop_after=timedelta(days=40))
    assert next_poll(NEW, cadence, START + timedelta(days=40)) is not None
    assert next_poll(NEW, cadence, START + timedelta(days=41)) is None
    assert next_poll(replace(NEW, last_changed_at=START + timedelta(days=10)), cadence, START + timedelta(days=41)) is not None


def test_a_hint_newer_than_the_last_look_makes_the_article_due_after_the_floor_at_the_latest():
    now = START + timedelta(days=5)
    hinted = replace(NEW, last_polled_at=START + timedelta(days=4), hinted_at=now)
    assert next_poll(hinted, Cadence(), now) == now


def test_a_hint_that_was_followed_already_asks_for_no_look():
    now = START + timedelta(days=5)
    followed = replace(NEW, last_polled_at=now, hinted_at=START + timedelta(days=4))
    assert next_poll(followed, Cadence(), now) > now + timedelta(days=1)


def test_hints_that_never_come_true_change_nothing_and_rare_truth_a_little():
    now = START + timedelta(days=5)
    last = START + timedelta(days=4)
    hinted = replace(NEW, last_polled_at=last, hinted_at=now)
    regular = next_poll(replace(NEW, last_polled_at=last), Cadence(), now)
    never, seldom, usual = (next_poll(replace(hinted, habits=Habits(hint_truth=truth)), Cadence(), now) for truth in (0, 0.05, 0.5))
    assert never == regular
    assert now == usual < seldom < regular


def test_where_hints_speak_and_come_true_looks_move_to_later_ages():
    told = replace(NEW, habits=Habits(hints_count=100, hint_truth=0.6))
    doubted = replace(NEW, habits=Habits(hints_count=100, hint_truth=0.01))
    early, late = START + timedelta(hours=1), START + timedelta(days=20)
    assert next_poll(told, Cadence(), early) > next_poll(NEW, Cadence(), early)
    assert next_poll(told, Cadence(), late) < next_poll(NEW, Cadence(), late)
    assert next_poll(doubted, Cadence(), late) == next_poll(NEW, Cadence(), late)


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
