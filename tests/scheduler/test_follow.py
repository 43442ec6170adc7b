"""Change feeds of a process that keeps nothing itself: it follows what others keep."""

from __future__ import annotations

import asyncio
import json

from tracker.errors import Busy
from tracker.scheduler import follow
from tracker.scheduler.follow import emit_when_kept

TEXT = (
    "The council agreed on Monday to spend {} million pounds on the bridge over the river.",
    "Work on it will begin in the spring, the leader of the council told reporters after the meeting.",
    "Residents had asked for years that something be done about the old crossing, which is closed to lorries.",
)


async def test_what_others_keep_stands_in_the_change_feeds_soon_after(program, site, clock, monkeypatch):
    monkeypatch.setattr(follow, "PAUSE", 0.01)
    monkeypatch.setattr(program.poller._keeper, "_emitter", None)  # as a worker polls
    file = program.emitter.path(follow.Scope(source="news"), "json")
    following = asyncio.create_task(emit_when_kept(program.store, program.emitter))

    async def until(count: int) -> None:
        async with asyncio.timeout(30):
            while not file.exists() or len(json.loads(file.read_text(encoding="utf-8"))["items"]) != count:  # noqa: ASYNC110 - by a file
                await asyncio.sleep(0.01)

    await until(0)
    site.feed("/feed", ("/news/bridge", "Council agrees the plan"))
    for count, millions in enumerate((5, 6, 7)):
        site.page("/news/bridge", TEXT[0].format(millions), *TEXT[1:])
        await program.poll(everything=True)
        await until(count)
        clock.advance(hours=1)
    following.cancel()


async def test_a_store_that_cannot_answer_is_told_of_once(program, monkeypatch, caplog):
    asked = []

    def broken():
        asked.append(None)
        raise Busy("postgresql://db")

    monkeypatch.setattr(follow, "PAUSE", 0.001)
    monkeypatch.setattr(program.store.takedowns, "mark", broken)
    following = asyncio.create_task(emit_when_kept(program.store, program.emitter))
    async with asyncio.timeout(30):
        while len(asked) < 5:  # noqa: ASYNC110 - by what was asked
            await asyncio.sleep(0.001)
    following.cancel()
    assert sum("could not be written" in record.message for record in caplog.records) == 1
