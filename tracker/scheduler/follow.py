"""The change feeds of a process that keeps no looks itself: written when others have kept something.

A process that polls writes them after its own commits (keeper.py); this one looks at the store for what came. What leaves no
event, in either, is delayed.py's.
"""

from __future__ import annotations

import asyncio
import logging

from tracker.errors import TrackerError
from tracker.model import Scope
from tracker.scheduler.emit import Emitter
from tracker.store.store import Store

logger = logging.getLogger(__name__)

# Seconds between two looks; one costs two short queries where nothing came.
PAUSE = 1.0
# Events read at once.
PAGE = 200


async def emit_when_kept(store: Store, emitter: Emitter) -> None:
    """Until it is cancelled. All feeds are written at the start, then those of the sources that events came for. `store` as readers
    see it."""
    seq, trouble = None, None
    while True:
        try:
            if seq is None:
                newest = await asyncio.to_thread(_newest, store)
                await emitter.emit_all()
            else:
                newest, touched = await asyncio.to_thread(_since, store, seq)
                if touched:
                    await emitter.emit_sources(touched)
            seq, trouble = newest, None
        except TrackerError as error:
            if trouble != str(error):  # said once, not every second of an outage
                logger.warning("what was kept could not be written into the change feeds: %s", error)
            trouble = str(error)
        await asyncio.sleep(PAUSE)


def _newest(store: Store) -> int:
    return next((event.seq for event in store.revisions.events(Scope(), limit=1)), 0)


def _since(store: Store, seq: int) -> tuple[int, set[str]]:
    """The number of the newest event, and the sources of all after `seq`."""
    touched: set[str] = set()
    newest, before = seq, None
    while True:
        page = [event for event in store.revisions.events(Scope(), before=before, limit=PAGE) if event.seq > seq]
        touched |= {event.source for event in page}
        newest = max(newest, *(event.seq for event in page)) if page else newest
        if len(page) < PAGE:
            return newest, touched
        before = page[-1].seq
