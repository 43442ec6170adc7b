"""Retention by command and by itself: step by step, with rests, and never the end of the program."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

from tracker.errors import Busy
from tracker.model import Pruned, Retention
from tracker.scheduler.prune import Pruner

REST = "Work on it will begin in the spring, the leader of the council told reporters after the meeting of all members."


async def _polled(program, site, clock) -> None:
    site.feed("/feed", ("/news/bridge", "Council agrees the plan"))
    for millions in (5, 6):
        site.page("/news/bridge", f"The council agreed on Monday to spend {millions} million pounds on the bridge.", REST)
        await program.poll()
        clock.advance(minutes=35)
    clock.advance(days=100)


async def test_pruning_tells_after_each_step_what_was_taken_so_far(program, site, clock):
    await _polled(program, site, clock)
    told = []
    pruner = Pruner(store=program.store, retention=Retention(polls=timedelta(days=90), captures=timedelta(days=30)), clock=clock)
    taken = await pruner.prune(told.append)
    assert told == [Pruned(polls_count=4), Pruned(polls_count=4, revisions_count=1)]
    assert taken == told[-1]
    assert await pruner.prune(told.append) == Pruned()


async def test_the_program_prunes_by_itself_and_a_busy_store_only_puts_it_off(program, site, clock, caplog, monkeypatch):
    await _polled(program, site, clock)
    pruner = Pruner(store=program.store, retention=Retention(polls=timedelta(days=90)), clock=clock)
    monkeypatch.setattr("tracker.scheduler.prune.EVERY", timedelta(0))
    prune, asked = program.store.prune, []

    def busy_once(*given):
        asked.append(given)
        if len(asked) == 1:
            raise Busy("sqlite:///x")
        return prune(*given)

    monkeypatch.setattr(program.store, "prune", busy_once)
    with caplog.at_level(logging.INFO, "tracker"):
        task = asyncio.create_task(pruner.every_day())
        async with asyncio.timeout(20):
            while len(asked) < 3:  # noqa: ASYNC110 - nothing tells a test when a day is over
                await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    told = [record.message.partition(":")[0] for record in caplog.records if record.name == "tracker.scheduler.prune"]
    assert told[:2] == [
        "what is older than retention allows stays until tomorrow",
        "retention",
    ]
    assert program.store.revisions.polls() == ()
