"""Each source's habits, fitted anew once a day from what the store counted of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from tracker.scheduler.habits import COUNTED, fit_habits
from tracker.store.store import Store

logger = logging.getLogger(__name__)

FITTED_EVERY = timedelta(days=1)


class Learner:
    def __init__(self, *, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock

    async def learn(self) -> None:
        """Fits what is older than a day, source by source. Raises StoreError."""
        known = await asyncio.to_thread(self._store.habits.all)
        for health in await asyncio.to_thread(self._store.articles.sources):
            name, now = health.source.name, self._clock()
            fitted_at = known[name].fitted_at if name in known else None
            # A time in the future was written before the clock was set back.
            if fitted_at is None or not timedelta(0) <= now - fitted_at < FITTED_EVERY:
                await asyncio.to_thread(self._learn_one, name, now)

    def _learn_one(self, name: str, now: datetime) -> None:
        fitted = fit_habits(self._store.habits.counted(name, since=now - COUNTED, now=now), now)
        self._store.habits.keep(name, fitted)
        logger.debug("habits of %s: %s", name, fitted)
