"""Emitting again what no look of this process changed: a source's `publish_delay` passes without anything being kept, and another
process, one that only serves, takes something down or retracts it. And what could not be written when it was to be: a database
that was away for a moment, a full disk.

Which events wait is the store's (store/withholding.py); at the start emit_all writes what was shown meanwhile.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from tracker.errors import TrackerError
from tracker.scheduler.emit import Emitter
from tracker.store.store import Store

logger = logging.getLogger(__name__)

# Seconds between two looks; one costs three short queries where nothing came.
PAUSE = 2.0
# Retractions read at once.
PAGE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What is in the feeds: what was shown `at` then, with all that was kept up to this number."""

    at: datetime
    seq: int


async def emit_when_shown(store: Store, emitter: Emitter, clock: Callable[[], datetime]) -> None:
    """Until it is cancelled."""
    at, seen, trouble = clock(), None, None
    while True:
        try:
            if seen is None:
                seen = await asyncio.to_thread(_see, store, at)
            else:
                seen = await _emit_since(seen, store, emitter, clock())
            trouble = None
        except TrackerError as error:
            if trouble != str(error):  # said once, not every second of an outage
                logger.warning("what waited could not be written into the change feeds: %s", error)
            trouble = str(error)
        await asyncio.sleep(PAUSE)


def _see(store: Store, at: datetime) -> _Seen:
    return _Seen(at=at, seq=store.version())


async def _emit_since(seen: _Seen, store: Store, emitter: Emitter, now: datetime) -> _Seen:
    shown = await asyncio.to_thread(store.revisions.shown_between, seen.at, now)
    retracted, seq = await asyncio.to_thread(_retracted, store, seen.seq)
    if touched := shown | retracted:
        await emitter.emit_sources(touched)
    else:
        await emitter.emit_rest()
    return _Seen(at=now, seq=seq)


def _retracted(store: Store, after: int) -> tuple[frozenset[str], int]:
    """The sources of the events that were retracted after this number, or of which that was undone, and the number of the last."""
    touched: set[str] = set()
    goes_on = True
    while goes_on:
        page = store.following.retractions(after=after, limit=PAGE)
        touched.update(store.revisions.event(one.event_id).source for one in page.retractions)
        after, goes_on = page.last, page.goes_on
    return frozenset(touched), after
