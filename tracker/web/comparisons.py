"""Comparing two revisions for a page: in the sandbox, with a time limit, and not twice.

A comparison that took too long is remembered like any other result: asking for it again must not hold the workers
that the polls need.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import timedelta

from tracker.differ import DIFFER, compare_revisions
from tracker.errors import TaskCrashed, TaskTimedOut
from tracker.model import Diff, Extract
from tracker.sandbox import Sandbox

TIME_LIMIT = timedelta(seconds=10)  # a 400-sentence article takes far less; a reader waits no longer
KEPT = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A Diff, or the sentence that says why there is none."""

    diff: Diff | None
    failure: str = ""


class Comparisons:
    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._kept: OrderedDict[tuple[int, int, str], asyncio.Task[Compared]] = OrderedDict()

    async def compare(self, old_id: int, new_id: int, old: Extract, new: Extract) -> Compared:
        """Revisions never change, so their ids and the differ's version name the result. Readers of one pair share one run."""
        key = (old_id, new_id, DIFFER)
        task = self._kept.get(key)
        if task is None:
            task = self._kept[key] = asyncio.create_task(self._run(key, old, new))
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return await asyncio.shield(task)

    def forget(self) -> None:
        self._kept.clear()

    async def _run(self, key: tuple[int, int, str], old: Extract, new: Extract) -> Compared:
        try:
            return Compared(diff=await self._sandbox.run(compare_revisions, old, new, timeout=TIME_LIMIT))
        except TaskTimedOut:
            return Compared(diff=None, failure=f"The comparison took longer than {TIME_LIMIT.total_seconds():g} seconds and was stopped.")
        except TaskCrashed:
            self._kept.pop(key, None)  # it may be the machine's fault and pass
            return Compared(diff=None, failure="The comparison failed.")


def without_dates(diff: Diff) -> Diff:
    """The publisher's dates stand over their columns, as dates; as words with marks they would say it less well."""
    return replace(diff, fields=tuple(field for field in diff.fields if field.name not in {"published_at", "modified_at"}))
