"""Retention at work: once a day while the program runs, or once by command. What it takes is in store/pruning.py."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from tracker.errors import StoreError
from tracker.model import Pruned, Retention
from tracker.store.store import Store

logger = logging.getLogger(__name__)

EVERY = timedelta(days=1)
# After a step it rests as long as the step took, and at least so many seconds: looks that are to be kept come first.
LEAST_REST = 0.005

Report = Callable[[Pruned], None]


class Pruner:
    def __init__(self, *, store: Store, retention: Retention, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._retention = retention
        self._clock = clock

    async def every_day(self) -> None:
        """Until it is cancelled; the first time at once."""
        while True:
            try:
                pruned = await self.prune(lambda _: None)
            except StoreError as error:
                logger.warning("what is older than retention allows stays until tomorrow: %s", error)
            else:
                if pruned != Pruned():
                    message = "retention: %d polls were counted into days, the captures of %d revisions dropped"
                    logger.info(message, pruned.polls_count, pruned.revisions_count)
            await asyncio.sleep(EVERY.total_seconds())

    async def prune(self, report: Report) -> Pruned:
        """`report` gets what was taken so far, after each step."""
        steps = self._store.prune(self._retention, self._clock())
        taken = Pruned()
        while True:
            began = time.monotonic()
            step = await asyncio.to_thread(next, steps, None)
            if step is None:
                return taken
            taken += step
            report(taken)
            await asyncio.sleep(max(LEAST_REST, time.monotonic() - began))
