"""Emitting again when events that waited are shown: a source's `publish_delay` passes without anything being kept.

Which events wait is the store's (store/withholding.py); at the start emit_all writes what was shown meanwhile.
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

# Seconds between two looks; one costs a query over the sources where none waits.
PAUSE = 2.0


async def emit_when_shown(store: Store, emitter: Emitter, clock: Callable[[], datetime]) -> None:
    """Until it is cancelled."""
    looked_at = clock()
    while True:
        await asyncio.sleep(PAUSE)
        now = clock()
        try:
            if shown := await asyncio.to_thread(store.revisions.shown_between, looked_at, now):
                await emitter.emit_sources(shown)
        except TrackerError as error:
            logger.warning("what waited could not be written into the change feeds: %s", error)
        else:
            looked_at = now
