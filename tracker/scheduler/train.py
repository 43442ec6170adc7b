"""The store's dictionary made in the background, as soon as it holds enough. What it is made of is in store/dictionaries.py."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from tracker.errors import StoreError
from tracker.store.store import Store

logger = logging.getLogger(__name__)

# Whether there is enough is one small query; that it is made an hour later or earlier is nothing.
EVERY = timedelta(hours=1)


async def keep_trained(store: Store, clock: Callable[[], datetime]) -> None:
    """Until it is cancelled. On a thread, once: pages and looks go on meanwhile."""
    while True:
        try:
            if await asyncio.to_thread(store.train, clock()):
                logger.info("A dictionary was made of the texts kept so far: new ones take a quarter less room from now on.")
        except StoreError as error:
            logger.warning("No dictionary could be made: %s", error)
        await asyncio.sleep(EVERY.total_seconds())
