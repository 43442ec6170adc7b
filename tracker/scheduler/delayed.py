"""Emitting again when events that waited are shown: a source's `publish_delay` passes without anything being kept.

Which events wait is the store's (store/withholding.py); after a start emit_all writes what was shown meanwhile.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from tracker.errors import TrackerError
from tracker.scheduler.emit import Emitter
from tracker.store.store import Store

logger = logging.getLogger(__name__)

# Seconds between two looks where nothing is known to be due: an event that came meanwhile waits at most so much longer.
PAUSE = 5.0


async def emit_when_shown(store: Store, emitter: Emitter, clock: Callable[[], datetime]) -> None:
    """Until it is cancelled. `store` as readers see it."""
    waiting: dict[int, str] = {}
    while True:
        pause = PAUSE
        try:
            found = await asyncio.to_thread(store.revisions.waiting)
            still = {one.event_id: one.source for one in found}
            if shown := {source for event_id, source in waiting.items() if event_id not in still}:
                await emitter.emit_sources(shown)
            waiting = still
            pause = min((max((one.shown_at - clock()).total_seconds(), 0.0) for one in found), default=PAUSE)
        except TrackerError as error:
            logger.warning("what waited could not be written into the change feeds: %s", error)
        await asyncio.sleep(min(pause, PAUSE))
