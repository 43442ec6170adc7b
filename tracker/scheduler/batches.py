"""One host's due work, from the claim to what is kept or given back: what the timer's jobs and the queue's jobs do alike.

A claim leases what it takes (store/claims.py), so any number of processes may do this over one store. Who begins it, and
when, is tick.py's in one process and workers.py's on the queue.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Coroutine, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, TypeVar

from tracker.errors import StoreError, TrackerError
from tracker.model import Article, Feed, Poll
from tracker.scheduler.allowance import NO_CAPS, Allowance, Caps
from tracker.scheduler.poll import Poller
from tracker.store.store import Store
from tracker.urls import host_of

logger = logging.getLogger(__name__)

# A claim lasts this long; a batch stops at half of it, so that even a last slow answer is kept within it.
LEASE = timedelta(minutes=3)
BATCH_TIME = LEASE / 2
# So many of each of its hosts a killed process keeps from being looked at, until their leases end.
BATCH = 25
# After a look that could not be kept, nothing new is begun for so long: the next one would most likely fail as well.
STORE_REST = timedelta(seconds=30)
# Due feeds that are looked through for those of one host, or for their hosts.
FEEDS_SEEN = 1_000

Report = Callable[[Poll], None]
T = TypeVar("T")


class Batches:
    """`unkept` is the last look that the store could not take, and why; nothing is to be begun before `rests_until`."""

    def __init__(self, *, store: Store, poller: Poller, clock: Callable[[], datetime], caps: Caps = NO_CAPS) -> None:
        self._store = store
        self._poller = poller
        self._clock = clock
        self._allowance = Allowance(caps)
        self.unkept: StoreError | None = None
        self.rests_until: datetime | None = None

    @property
    def is_resting(self) -> bool:
        return self.rests_until is not None and self._clock() < self.rests_until

    def rest(self) -> None:
        self.rests_until = self._clock() + STORE_REST

    async def poll_host(self, host: str) -> None:
        """Reads the host's due feeds, one after another, then looks at a batch of its due articles. Raises StoreError where nothing
        can be claimed; what happens to a look is told in the log."""
        now = self._clock()
        due = await asyncio.to_thread(self._store.articles.due_feeds, due_at=now, now=now, limit=FEEDS_SEEN)
        for feed_id in [feed_id for feed_id, url in due if host_of(url) == host]:
            if self.is_resting:
                return
            for feed in await _whole(self.claim_feeds(due_at=now, limit=1, ids=(feed_id,)), self._store.articles.release_feeds):
                await self.poll_feed(feed, forget)
        if not self.is_resting:
            articles = await _whole(self._claim_host(host), self._store.articles.release)
            if articles:
                await self.poll_articles(articles, forget)

    # --- claims --------------------------------------------------------------------------------

    async def claim_feeds(
        self, *, due_at: datetime, limit: int, source: str | None = None, ids: Collection[int] | None = None
    ) -> tuple[Feed, ...]:
        claim = self._store.articles.claim_due_feeds
        return await asyncio.to_thread(claim, due_at=due_at, now=self._clock(), lease=LEASE, limit=limit, source=source, ids=ids)

    async def due_hosts(self, *, due_at: datetime, limit: int, source: str | None = None) -> tuple[str, ...]:
        now, find = self._clock(), self._store.articles.due_hosts
        return await asyncio.to_thread(find, due_at=due_at, now=now, limit=limit, source=source, spent=self._allowance.spent(now))

    async def claim_hosts(self, hosts: Sequence[str], *, due_at: datetime, source: str | None = None) -> dict[str, tuple[Article, ...]]:
        """Each host's batch, all with one claim."""
        now, claim = self._clock(), self._store.articles.claim_due
        at_most, spent = self._allowance.at_most(now), self._allowance.spent(now)
        claimed = await asyncio.to_thread(
            claim, hosts, due_at=due_at, now=now, lease=LEASE, limit=BATCH, at_most=at_most, source=source, spent=spent
        )
        for articles in claimed.values():
            self._allowance.take((one.source for one in articles), now)
        return claimed

    async def _claim_host(self, host: str) -> tuple[Article, ...]:
        return (await self.claim_hosts([host], due_at=self._clock())).get(host, ())

    # --- looks ---------------------------------------------------------------------------------

    async def poll_feed(self, feed: Feed, report: Report) -> None:
        """Reads what was claimed."""
        try:
            report(await self._poller.poll_feed(feed))
        except TrackerError as error:
            await _give_back(self._store.articles.release_feeds, (feed,))
            self._explain(f"feed {feed.url}", error)
        except asyncio.CancelledError:  # after a mistake of ours the lease runs out: the site is not asked again at once
            await _give_back(self._store.articles.release_feeds, (feed,))
            raise

    async def poll_articles(self, articles: tuple[Article, ...], report: Report) -> None:
        """Looks at what was claimed of one host."""
        try:
            for poll in await self._poller.poll_host(articles, until=self._clock() + BATCH_TIME):
                report(poll)
        except TrackerError as error:
            await _give_back(self._store.articles.release, articles)
            self._explain(f"articles of {articles[0].source}", error)
        except asyncio.CancelledError:  # as above
            await _give_back(self._store.articles.release, articles)
            raise

    def _explain(self, what: str, error: TrackerError) -> None:
        logger.warning("%s: %s", what, error)
        if isinstance(error, StoreError):
            self.unkept = error
            self.rest()


async def _whole(claim: Coroutine[Any, Any, tuple[T, ...]], release: Callable[[Sequence[T]], None]) -> tuple[T, ...]:
    """What the claim took. Its thread goes on though who waits for it is cancelled: then all of it is given back."""
    claiming = asyncio.create_task(claim)
    try:
        return await asyncio.shield(claiming)
    except asyncio.CancelledError:
        with suppress(StoreError):
            await _give_back(release, await claiming)
        raise


async def _give_back(release: Callable[[Sequence[T]], None], claimed: Sequence[T]) -> None:
    # Where even this cannot be written, the lease runs out by itself.
    with suppress(StoreError):
        await asyncio.to_thread(release, claimed)


def forget(_: Poll) -> None:
    """In the background the store keeps the polls; nobody waits for a report."""
