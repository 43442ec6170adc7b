"""Indexing in the background what is not searched yet: new texts a moment after they were kept, and all that a takedown, an import
or a version without search left.

The store says what is due and takes what came of it; the comparing is done in the sandbox. Each step is short, and what is cut
off is due again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta

from tracker.differ.changed import changed_between
from tracker.errors import SandboxError, StoreError
from tracker.model import ChangedSentence, Extract
from tracker.sandbox import Sandbox
from tracker.store.store import Store

logger = logging.getLogger(__name__)

# Texts at once: some ten milliseconds of the store's only writer.
STEP = 20
# What one step's comparisons may take; a pair that takes so long by itself is found by nothing of its change.
TIME_LIMIT = timedelta(seconds=30)
# Whether something is due is one small query; so long a new text is not found yet.
EVERY = timedelta(seconds=2)

Pair = tuple[Extract, Extract]


def changed_of(pairs: Sequence[Pair]) -> list[tuple[ChangedSentence, ...]]:
    """Runs in the sandbox."""
    return [changed_between(old, new) for old, new in pairs]


async def keep_searchable(store: Store, sandbox: Sandbox) -> None:
    """Until it is cancelled."""
    while True:
        try:
            await index_due(store, sandbox)
        except StoreError as error:
            logger.warning("Not all can be searched yet: %s", error)
        await asyncio.sleep(EVERY.total_seconds())


async def index_due(store: Store, sandbox: Sandbox) -> int:
    """All that is due now; how much it was. Raises StoreError."""
    count = 0
    while due := await asyncio.to_thread(store.search.due, STEP):
        found = await _compared(sandbox, list(due.pairs.values()))
        await asyncio.to_thread(store.search.fill, due, dict(zip(due.pairs, found, strict=True)))
        count += len(due.heads) + len(due.pairs)
    if count > STEP:
        logger.info("%d texts and changes that were kept before can be searched now.", count)
    return count


async def _compared(sandbox: Sandbox, pairs: Sequence[Pair]) -> list[tuple[ChangedSentence, ...]]:
    """A pair that cannot be compared is found by nothing of its change."""
    if not pairs:
        return []
    try:
        return await sandbox.run(changed_of, pairs, timeout=TIME_LIMIT)
    except SandboxError:
        if len(pairs) == 1:
            return [()]
    return [found for pair in pairs for found in await _compared(sandbox, [pair])]
