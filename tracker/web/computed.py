"""Values computed from revisions for a page: in the sandbox, with a time limit, and not twice.

A computation that took too long is remembered like any other result: asking for it again must not hold the workers
that the polls need. A takedown forgets them all: it alone changes the text of a revision.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, TypeVar

from tracker.errors import TaskCrashed, TaskTimedOut
from tracker.sandbox import Sandbox

T = TypeVar("T")

TIME_LIMIT = timedelta(seconds=10)  # a 400-sentence article takes far less; a reader waits no longer


@dataclass(frozen=True, slots=True, kw_only=True)
class Result(Generic[T]):
    """A value, or the sentence that says why there is none."""

    value: T | None
    failure: str = ""


class Computed(Generic[T]):
    """What `function` gives, by key; at most `kept` results. `noun` begins the sentence of a failure: "The comparison"."""

    def __init__(self, sandbox: Sandbox, function: Callable[..., T], *, noun: str, kept: int) -> None:
        self._sandbox = sandbox
        self._function = function
        self._noun = noun
        self._kept = kept
        self._tasks: OrderedDict[Hashable, asyncio.Task[Result[T]]] = OrderedDict()
        self._mark = 0

    async def get(self, mark: int, key: Hashable, *args: object) -> Result[T]:
        """The key that names the revisions names the result, as long as nothing is taken down: `mark` is Takedowns.mark() as it
        was before their texts were read. Readers of one result share one run."""
        return await asyncio.shield(self.start(mark, key, *args))

    def started(self, mark: int, key: Hashable) -> asyncio.Task[Result[T]] | None:
        """One that is known or under way, which needs no arguments."""
        return self._tasks.get(key) if mark == self._mark else None

    def start(self, mark: int, key: Hashable, *args: object) -> asyncio.Task[Result[T]]:
        """The same without waiting for it."""
        if mark != self._mark:
            self._tasks.clear()
            self._mark = mark
        task = self._tasks.get(key)
        if task is None:
            task = self._tasks[key] = asyncio.create_task(self._run(key, args))
            if len(self._tasks) > self._kept:
                self._tasks.popitem(last=False)
        self._tasks.move_to_end(key)
        return task

    async def _run(self, key: Hashable, args: tuple[object, ...]) -> Result[T]:
        try:
            return Result(value=await self._sandbox.run(self._function, *args, timeout=TIME_LIMIT))
        except TaskTimedOut:
            return Result(value=None, failure=f"{self._noun} took longer than {TIME_LIMIT.total_seconds():g} seconds and was stopped.")
        except TaskCrashed:
            self._tasks.pop(key, None)  # it may be the machine's fault and pass
            return Result(value=None, failure=f"{self._noun} failed.")
