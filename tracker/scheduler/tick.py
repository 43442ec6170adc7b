"""The timers: ask the store what is due, hand it to the poller; look after habits and times. Keeps no state that matters.

next_poll_at in the store is the only truth; a claim leases what it takes, so that any number of processes may tick
over one store. What is in memory here is only which hosts this process is busy with.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from tracker.errors import StoreError, TrackerError, Unusable
from tracker.model import Article, Because, Feed, Poll
from tracker.scheduler.allowance import NO_CAPS, Allowance, Caps
from tracker.scheduler.learn import Learner
from tracker.scheduler.poll import Poller
from tracker.store.store import Store

logger = logging.getLogger(__name__)

TICK = timedelta(seconds=1)
UPKEEP = timedelta(hours=1)
# A claim lasts this long; a batch stops at half of it, so that even a last slow answer is kept within it.
LEASE = timedelta(minutes=3)
BATCH_TIME = LEASE / 2
# As many as a host's usual pace allows in a batch's time.
BATCH = 90
# Requests under way at once over all hosts: enough to keep a line busy, few enough for a laptop.
JOBS_AT_ONCE = 20
# The watchdog's limits: a tick only claims; a job ends with its batch, but for one slow last look.
LONGEST_TICK = timedelta(minutes=2)
LONGEST_JOB = 4 * LEASE
# A time further away than this is none that was planned: the usual ceiling is a month, a pause that a server asks for a day.
LONGEST_WAIT = timedelta(days=400)
# How long a stop waits for looks under way before it gives them back.
STOP_PATIENCE = timedelta(seconds=5)
# After a look that could not be kept, nothing new is begun for so long: the next one would most likely fail as well.
STORE_REST = timedelta(seconds=30)

Report = Callable[[Poll], None]


class Ticker:
    def __init__(self, *, store: Store, poller: Poller, clock: Callable[[], datetime], caps: Caps = NO_CAPS) -> None:
        self._store = store
        self._poller = poller
        self._clock = clock
        self._jobs: dict[str, asyncio.Task[None]] = {}
        self._began: dict[str, float] = {}
        self._ticking = asyncio.Lock()
        self._unkept: StoreError | None = None
        self._rests_until: datetime | None = None
        self._trouble: str | None = None
        self._learner = Learner(store=store, clock=clock)
        self._allowance = Allowance(caps)
        self._broken_count = 0
        self._timer = AsyncIOScheduler(timezone=UTC)

    # --- in the background ---------------------------------------------------------------------

    def start(self) -> None:
        """Two APScheduler timers: what is due, and upkeep; must be called inside the running event loop."""
        # The defaults of 3.11 drop a run that is 1 s late and stack the ones that were missed.
        options: dict[str, Any] = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        for work, every in ((self.tick, TICK), (self.upkeep, UPKEEP)):
            self._timer.add_job(work, "interval", seconds=every.total_seconds(), next_run_time=datetime.now(UTC), **options)
        self._timer.start()

    async def stop(self) -> None:
        """Ends the timer; looks under way finish or are given back."""
        if self._timer.running:
            self._timer.pause()
            # A claim under way commits in its thread whatever is cancelled here: what it took must be known to be given back.
            with suppress(TimeoutError):
                async with asyncio.timeout(STOP_PATIENCE.total_seconds()):
                    await self._ticking.acquire()
            self._timer.shutdown(wait=False)
        jobs = set(self._jobs.values())
        if jobs:
            _, late = await asyncio.wait(jobs, timeout=STOP_PATIENCE.total_seconds())
            for job in late:
                job.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def tick(self) -> None:
        """Starts a job for each due feed and each host with due articles, as far as there is room."""
        now = self._clock()
        if self._rests_until is not None and now < self._rests_until:
            return
        self._end_hung()
        try:
            async with self._ticking, asyncio.timeout(LONGEST_TICK.total_seconds()):
                await self._start_feeds(now, None, _forget)
                await self._start_hosts(now, None, _forget)
        except TimeoutError:
            # With max_instances=1 a tick that hangs would end all polling without a word.
            logger.error("a tick hung for %s: what it claimed is due again after its lease", LONGEST_TICK)  # noqa: TRY400 - no trace helps
        except TrackerError as error:
            # A lost connection, a deleted file, a full disk: said once, not every second. A later tick asks again: the next one a
            # locked database, one that cannot be used after a rest.
            if self._trouble != str(error):
                logger.warning("polling pauses: %s", error)
            self._trouble = str(error)
            if isinstance(error, Unusable):
                self._rests_until = now + STORE_REST
        else:
            if self._trouble is not None:
                logger.info("polling goes on")
            self._trouble = None

    def _end_hung(self) -> None:
        """A job that hangs would keep its host from being asked as long as the program runs."""
        for name, began in self._began.items():
            if asyncio.get_running_loop().time() - began > LONGEST_JOB.total_seconds() and not self._jobs[name].cancelling():
                logger.error("%s has hung for %s and is ended", name, LONGEST_JOB)
                self._jobs[name].cancel()

    async def upkeep(self) -> None:
        """Once an hour: sources' habits are fitted anew where it is time, times from a clock that ran ahead are mended."""
        try:
            mended = await asyncio.to_thread(self._store.articles.mend_times, now=self._clock(), latest=LONGEST_WAIT)
            if mended:
                logger.warning("%d times lay further ahead than any that is planned (was the clock set back?): they were mended", mended)
            await self._learner.learn()
        except TrackerError as error:
            logger.warning("upkeep waits for an hour: %s", error)

    # --- once ----------------------------------------------------------------------------------

    async def poll_due(self, *, source: str | None, everything: bool, report: Report) -> int:
        """Polls once what is due: feeds, then articles, the newly found ones included. `everything` makes all due.

        Gives how many jobs a mistake of ours ended. Raises the StoreError of a look that could not be kept; what is under way is
        finished first.
        """
        if everything:
            await asyncio.to_thread(self._store.articles.make_due, now=self._clock(), source=source, because=Because.MANUAL)
        feeds_due_at = self._clock()
        while await self._start_feeds(feeds_due_at, source, report) or self._jobs:
            await self._one_job_done()
        articles_due_at = self._clock()
        while await self._start_hosts(articles_due_at, source, report) or self._jobs:
            await self._one_job_done()
        return self._broken_count

    async def _one_job_done(self) -> None:
        if self._jobs:
            await asyncio.wait(self._jobs.values(), return_when=asyncio.FIRST_COMPLETED)
        if self._unkept is not None:
            # What could not be kept is still due: asking for it again and again would never end.
            if self._jobs:
                await asyncio.wait(self._jobs.values())
            raise self._unkept

    # --- jobs ----------------------------------------------------------------------------------

    async def _start_feeds(self, due_at: datetime, source: str | None, report: Report) -> int:
        room = JOBS_AT_ONCE - len(self._jobs)
        if room <= 0:
            return 0
        claim = self._store.articles.claim_due_feeds
        feeds = await asyncio.to_thread(claim, due_at=due_at, now=self._clock(), lease=LEASE, limit=room, source=source)
        for feed in feeds:
            self._start(f"feed {feed.id}", self._feed_job(feed, report))
        return len(feeds)

    async def _start_hosts(self, due_at: datetime, source: str | None, report: Report) -> int:
        room = JOBS_AT_ONCE - len(self._jobs)
        if room <= 0:
            return 0
        # Hosts that this process is busy with are due as well while their batch runs: look past them.
        limit = room + len(self._jobs)
        spent, find = self._allowance.spent(self._clock()), self._store.articles.due_hosts
        hosts = await asyncio.to_thread(find, due_at=due_at, now=self._clock(), limit=limit, source=source, spent=spent)
        idle = [host for host in hosts if f"host {host}" not in self._jobs][:room]
        if not idle:
            return 0
        claim = self._store.articles.claim_due
        now = self._clock()
        at_most, spent = self._allowance.at_most(now), self._allowance.spent(now)
        claimed = await asyncio.to_thread(
            claim, idle, due_at=due_at, now=now, lease=LEASE, limit=BATCH, at_most=at_most, source=source, spent=spent
        )
        for host, articles in claimed.items():
            self._allowance.take((one.source for one in articles), now)
            self._start(f"host {host}", self._host_job(articles, report))
        return len(claimed)

    def _start(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        job = asyncio.create_task(work, name=name)
        self._jobs[name] = job
        self._began[name] = asyncio.get_running_loop().time()
        job.add_done_callback(self._finished)

    def _finished(self, job: asyncio.Task[None]) -> None:
        self._jobs.pop(job.get_name(), None)
        self._began.pop(job.get_name(), None)
        if not job.cancelled() and job.exception() is not None:
            self._broken_count += 1
            logger.error("%s ended by a mistake of the program", job.get_name(), exc_info=job.exception())

    async def _feed_job(self, feed: Feed, report: Report) -> None:
        try:
            report(await self._poller.poll_feed(feed))
        except TrackerError as error:
            await self._give_back(self._store.articles.release_feeds, (feed,))
            self._explain(f"feed {feed.url}", error)
        except asyncio.CancelledError:  # after a mistake of ours the lease runs out: the site is not asked again at once
            await self._give_back(self._store.articles.release_feeds, (feed,))
            raise

    async def _host_job(self, articles: tuple[Article, ...], report: Report) -> None:
        try:
            for poll in await self._poller.poll_host(articles, until=self._clock() + BATCH_TIME):
                report(poll)
        except TrackerError as error:
            await self._give_back(self._store.articles.release, articles)
            self._explain(f"articles of {articles[0].source}", error)
        except asyncio.CancelledError:  # as above
            await self._give_back(self._store.articles.release, articles)
            raise

    def _explain(self, what: str, error: TrackerError) -> None:
        logger.warning("%s: %s", what, error)
        if isinstance(error, StoreError):
            self._unkept = error
            self._rests_until = self._clock() + STORE_REST

    async def _give_back(self, release: Callable[[Sequence[Any]], None], claimed: Sequence[Any]) -> None:
        # Where even this cannot be written, the lease runs out by itself.
        with suppress(StoreError):
            await asyncio.to_thread(release, claimed)


def _forget(_: Poll) -> None:
    """In the background the store keeps the polls; nobody waits for a report."""
