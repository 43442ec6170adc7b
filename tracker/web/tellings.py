"""The most telling sentence of each change in a list, found in the sandbox and kept.

A list does not wait for the last of them: what is not ready in time is left out this once, and is there at the next look.
Texts are read only of changes that are not kept yet.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool

from tracker.differ import DIFFER, telling
from tracker.model import Change, Telling
from tracker.sandbox import Sandbox
from tracker.store.store import Store
from tracker.web.computed import Computed

KEPT = 4096
WAITING = 2.0
"""Seconds that a list waits: forty short articles take half a second of one worker, when nothing is kept yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """By event id; not `complete` where some are still being looked for."""

    tellings: Mapping[int, Telling]
    complete: bool


class Tellings:
    def __init__(self, store: Store, sandbox: Sandbox) -> None:
        self._store = store
        self._found = Computed(sandbox, telling, noun="Finding the most telling sentence", kept=KEPT)

    async def of(self, mark: int, changes: Sequence[Change], latest: Mapping[int, int]) -> Told:
        """`latest` are the revisions that the articles stand at, by article id: what is not in their texts is not put on show. `mark`
        as Computed takes it."""
        keys = {
            change.event.id: (change.old.id, change.new.id, latest[change.article.id])
            for change in changes
            if change.old is not None and change.new is not None and not change.is_withdrawn and change.article.id in latest
        }
        tasks = {event_id: task for event_id, key in keys.items() if (task := self._found.started(mark, (*key, DIFFER))) is not None}
        new = {event_id: key for event_id, key in keys.items() if event_id not in tasks}
        texts = await run_in_threadpool(self._store.revisions.extracts, {one for key in new.values() for one in key})
        for event_id, key in new.items():
            tasks[event_id] = self._found.start(mark, (*key, DIFFER), *(texts[one] for one in key))
        if tasks:
            await asyncio.wait(tasks.values(), timeout=WAITING)
        done = {event_id: task.result().value for event_id, task in tasks.items() if task.done()}
        return Told(tellings={event_id: one for event_id, one in done.items() if one is not None}, complete=len(done) == len(tasks))
