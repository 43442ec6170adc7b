"""The dictionary is made in the background, and a store that fails once is asked again."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from tracker.errors import Busy
from tracker.scheduler import train


class Trained:
    """A store that is busy at first, then makes its dictionary, then has it."""

    def __init__(self):
        self.answers = [Busy("sqlite:///x"), True, False]
        self.asked = asyncio.Event()
        self.times = []

    def train(self, now):
        self.times.append(now)
        answer = self.answers[min(len(self.times), len(self.answers)) - 1]
        if len(self.times) >= len(self.answers):
            self.loop.call_soon_threadsafe(self.asked.set)
        if isinstance(answer, Busy):
            raise answer
        return answer


async def test_a_busy_store_is_asked_again_and_the_dictionary_is_told_once(monkeypatch, clock, caplog):
    monkeypatch.setattr(train, "EVERY", timedelta(0))
    caplog.set_level("INFO")
    store = Trained()
    store.loop = asyncio.get_running_loop()
    task = asyncio.create_task(train.keep_trained(store, clock))
    await store.asked.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert store.times[:3] == [clock()] * 3
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
