"""What goes on beside the rest, whatever becomes of it."""

from __future__ import annotations

import asyncio

from tracker.app import beside


async def test_a_work_that_breaks_is_told_in_the_log_and_the_others_go_on(caplog):
    asked, answered = asyncio.Event(), asyncio.Event()

    async def breaks() -> None:
        raise ValueError("a surprise")

    async def answers() -> None:
        await asked.wait()
        answered.set()
        await asyncio.Event().wait()

    async with beside(breaks(), answers()):
        while "a surprise" not in caplog.text:  # noqa: ASYNC110 - the log wakes nobody
            await asyncio.sleep(0)
        asked.set()
        await answered.wait()
    assert "breaks ended by a mistake of the program" in caplog.text
    assert caplog.text.count("mistake") == 1
