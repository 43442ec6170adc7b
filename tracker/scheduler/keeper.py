"""Commits what looks decided, those of all hosts together, and has the change feeds written after it.

A commit costs as much for one look as for a hundred. So a Decision waits for others, but never long, and less where somebody
waits for it; while one commit is under way the next ones gather.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tracker.model import Decision, Poll
from tracker.scheduler.emit import Emitter
from tracker.store.keeping import Kept
from tracker.store.store import Store

logger = logging.getLogger(__name__)

# A crash loses so many looks, or those of so long. bench/polling.py guards both.
LOOKS_TOGETHER = 25
TOGETHER_WITHIN = timedelta(milliseconds=200)


@dataclass(slots=True)
class _Commit:
    """Decisions that are committed in one transaction; `hurried` when it is not to wait for more."""

    decisions: list[Decision] = field(default_factory=list)
    hurried: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A Decision on its way: `kept` when it is committed, `emitted` when the change feeds have it too. The Decision itself, with
    the page in it, is let go with its commit: a host's looks are many."""

    article_id: int
    poll: Poll
    commit: _Commit
    kept: asyncio.Task[Kept]
    emitted: asyncio.Task[None]


class Keeper:
    """Without an `emitter` another process writes the change feeds, see follow.py."""

    def __init__(self, *, store: Store, emitter: Emitter | None, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._emitter = emitter
        self._clock = clock
        self._committing = asyncio.Lock()
        self._looking_count = 0
        self._waiting_count = 0
        self._open: tuple[_Commit, asyncio.Task[Kept], asyncio.Task[None]] | None = None

    def add(self, decision: Decision) -> Waiting:
        """Committed soon, with others. A StoreError comes out of `keep` and `settle`."""
        if self._open is None:
            commit = _Commit()
            kept = asyncio.create_task(self._keep(commit))
            self._open = commit, kept, asyncio.create_task(self._emit(kept))
        commit, kept, emitted = self._open
        commit.decisions.append(decision)
        if len(commit.decisions) >= LOOKS_TOGETHER:
            commit.hurried.set()
        return Waiting(article_id=decision.article_id, poll=decision.poll, commit=commit, kept=kept, emitted=emitted)

    @contextmanager
    def looking(self) -> Iterator[None]:
        """Around a series of looks: while others look, whose Decisions come soon, nobody's commit is hurried."""
        self._looking_count += 1
        try:
            yield
        finally:
            self._looking_count -= 1

    async def keep(self, waiting: Waiting) -> None:
        """Waits for the commit, which is not put off any longer where half of those who look wait as well. Raises StoreError."""
        self._waiting_count += 1
        if self._waiting_count * 2 >= self._looking_count and self._open is not None:
            self._open[0].hurried.set()
        try:
            await asyncio.shield(waiting.kept)
        finally:
            self._waiting_count -= 1

    async def settle(self, looks: Sequence[Waiting]) -> tuple[Poll, ...]:
        """Waits for the commits and the change feeds; the Polls of what was kept: a look under a lease that ran out leaves none.

        Raises StoreError.
        """
        commits = {id(waiting.commit): waiting for waiting in looks}.values()
        for waiting in commits:
            await self.keep(waiting)
        for waiting in commits:
            await asyncio.shield(waiting.emitted)
        return tuple(waiting.poll for waiting in looks if waiting.article_id not in waiting.kept.result().lost)

    async def _keep(self, commit: _Commit) -> Kept:
        with suppress(TimeoutError):
            async with asyncio.timeout(TOGETHER_WITHIN.total_seconds()):
                await commit.hurried.wait()
        async with self._committing:
            self._open = None
            decisions, commit.decisions = commit.decisions, []
            kept = await asyncio.to_thread(self._store.keep, decisions, self._clock())
        for article_id in kept.lost:
            logger.warning("article %d: the lease ran out or another process has it now: this look is not kept", article_id)
        return kept

    async def _emit(self, keeping: asyncio.Task[Kept]) -> None:
        await asyncio.wait([keeping])
        if keeping.cancelled() or keeping.exception() is not None:
            return  # told to whoever waits for it
        if events := keeping.result().events:
            if self._emitter is not None:
                await self._emitter.emit(events)
            for event in events:  # whoever reads this line finds the change in the feeds
                logger.info("%s: article %d of %s: %s", event.kind, event.article_id, event.source, event.diff.summary)
