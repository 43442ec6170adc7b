"""Each source's habits are fitted anew once a day, from what the store holds of it."""

from __future__ import annotations

from datetime import timedelta

from tracker.model import NO_HABITS
from tracker.scheduler.learn import Learner


async def test_habits_are_fitted_once_a_day_and_again_where_the_clock_was_set_back(program, clock):
    learner = Learner(store=program.store, clock=clock)
    await learner.learn()
    first = program.store.habits.all()["news"]
    assert (first.fitted_at, first.changes_mean) == (clock(), NO_HABITS.changes_mean)
    clock.advance(hours=23)
    await learner.learn()
    assert program.store.habits.all()["news"] == first
    for hours in (1, -48):
        clock.advance(hours=hours)
        await learner.learn()
        assert program.store.habits.all()["news"].fitted_at == clock()
        assert clock() - first.fitted_at != timedelta(0)
