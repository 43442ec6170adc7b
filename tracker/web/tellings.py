"""The most telling sentence of each change in a list, found in the sandbox and kept.

A list does not wait for the last of them: what is not ready in time is left out this once, and is there at the next look.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tracker.differ import DIFFER, telling
from tracker.model import Change, Extract, Telling
from tracker.sandbox import Sandbox
from tracker.web.computed import Computed, Result

KEPT = 4096
WAITING = 2.0
"""Seconds that a list waits: forty short articles take half a second of one worker, when nothing is kept yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """By event id; not `complete` where some are still being looked for."""

    tellings: Mapping[int, Telling]
    complete: bool


class Tellings:
    def __init__(self, sandbox: Sandbox) -> None:
        self._found = Computed(sandbox, telling, noun="Finding the most telling sentence", kept=KEPT)

    async def of(self, mark: int, changes: Sequence[Change], latest: Mapping[int, tuple[int, Extract]]) -> Told:
        """`latest` are the texts that the articles have now, by article id: what is not in them is not put on show. `mark` as
        Computed takes it."""
        tasks = {
            change.event.id: self._start(mark, change, *latest[change.article.id])
            for change in changes
            if change.old is not None and change.new is not None and not change.is_withdrawn and change.article.id in latest
        }
        if tasks:
            await asyncio.wait(tasks.values(), timeout=WAITING)
        done = {event_id: task.result().value for event_id, task in tasks.items() if task.done()}
        return Told(tellings={event_id: one for event_id, one in done.items() if one is not None}, complete=len(done) == len(tasks))

    def _start(self, mark: int, change: Change, latest_id: int, latest: Extract) -> asyncio.Task[Result[Telling | None]]:
        assert change.old is not None
        assert change.new is not None
        (old, old_text), (new, new_text) = change.old, change.new
        return self._found.start(mark, (old.id, new.id, latest_id, DIFFER), old_text, new_text, latest)
