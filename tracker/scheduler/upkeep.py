"""What a running program looks after once an hour, beside polling: sources' habits, and times that a wrong clock wrote."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from tracker.errors import TrackerError
from tracker.scheduler.hosts import LONGEST_PAUSE
from tracker.scheduler.learn import Learner
from tracker.store.store import Store

logger = logging.getLogger(__name__)

# A time further away than this is none that was planned: the usual ceiling of a wait is a month.
LONGEST_WAIT = timedelta(days=400)
# Nor is a subscription's wait further than this: a day at most, and what a change of the hour adds.
LONGEST_REST = timedelta(days=2)


class Upkeep:
    def __init__(self, *, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock
        self._learner = Learner(store=store, clock=clock)

    async def see_to_all(self) -> None:
        """Sources' habits are fitted anew where it is time, times from a clock that ran ahead are mended."""
        try:
            now, articles, subscriptions = self._clock(), self._store.articles, self._store.subscriptions
            mended = await asyncio.to_thread(articles.mend_times, now=now, latest=LONGEST_WAIT, longest_pause=LONGEST_PAUSE)
            mended += await asyncio.to_thread(subscriptions.mend_times, now=now, latest=LONGEST_REST)
            if mended:
                logger.warning("%d times lay further ahead than any that is planned (was the clock set back?): they were mended", mended)
            await self._learner.learn()
        except TrackerError as error:
            logger.warning("upkeep waits for an hour: %s", error)
