"""The timers of one process that polls: ask the store what is due, begin a job for it (batches.py). Keeps no state that matters.

next_poll_at in the store is the only truth; a claim leases what it takes, so that any number of processes may tick
over one store. What is in memory here is only which hosts this process is busy with.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from tracker.errors import TrackerError, Unusable
from tracker.model import Because
from tracker.scheduler.allowance import NO_CAPS, Caps
from tracker.scheduler.batches import LEASE, Batches, Report, forget
from tracker.scheduler.poll import Poller
from tracker.scheduler.upkeep import Upkeep
from tracker.store.store import Store

logger = logging.getLogger(__name__)

TICK = timedelta(seconds=1)
UPKEEP = timedelta(hours=1)
# Requests under way at once over all hosts: enough to keep a line busy, few enough for a laptop.
JOBS_AT_ONCE = 20
# The watchdog's limits: a tick only claims; a job ends with its batch, but for one slow last look.
LONGEST_TICK = timedelta(minutes=2)
LONGEST_JOB = 4 * LEASE
# How long a stop waits for looks under way before it gives them back; with that, it takes less than 10 s.
STOP_PATIENCE = timedelta(seconds=5)


class Ticker:
    def __init__(self, *, store: Store, poller: Poller, clock: Callable[[], datetime], caps: Caps = NO_CAPS) -> None:
        self.batches = Batches(store=store, poller=poller, clock=clock, caps=caps)
        self._store = store
        self._clock = clock
        self._jobs: dict[str, asyncio.Task[None]] = {}
        self._began: dict[str, float] = {}
        self._ticking = asyncio.Lock()
        self._trouble: str | None = None
        self._upkeep = Upkeep(store=store, clock=clock)
        self._broken_count = 0
        self._timer = AsyncIOScheduler(timezone=UTC)

    # --- in the background ---------------------------------------------------------------------

    def start(self) -> None:
        """Two APScheduler timers: what is due, and upkeep; must be called inside the running event loop."""
        start_timers(self._timer, (self.tick, TICK), (self.upkeep, UPKEEP))

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
        if self.batches.is_resting:
            return
        self._end_hung()
        try:
            async with self._ticking, asyncio.timeout(LONGEST_TICK.total_seconds()):
                await self._start_feeds(now, None, forget)
                await self._start_hosts(now, None, forget)
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
                self.batches.rest()
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
        """Once an hour."""
        await self._upkeep.see_to_all()

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
        if self.batches.unkept is not None:
            # What could not be kept is still due: asking for it again and again would never end.
            if self._jobs:
                await asyncio.wait(self._jobs.values())
            raise self.batches.unkept

    # --- jobs ----------------------------------------------------------------------------------

    async def _start_feeds(self, due_at: datetime, source: str | None, report: Report) -> int:
        room = JOBS_AT_ONCE - len(self._jobs)
        if room <= 0:
            return 0
        feeds = await self.batches.claim_feeds(due_at=due_at, limit=room, source=source)
        for feed in feeds:
            self._start(f"feed {feed.id}", self.batches.poll_feed(feed, report))
        return len(feeds)

    async def _start_hosts(self, due_at: datetime, source: str | None, report: Report) -> int:
        room = JOBS_AT_ONCE - len(self._jobs)
        if room <= 0:
            return 0
        # Hosts that this process is busy with are due as well while their batch runs: look past them.
        limit = room + len(self._jobs)
        hosts = await self.batches.due_hosts(due_at=due_at, limit=limit, source=source)
        idle = [host for host in hosts if f"host {host}" not in self._jobs][:room]
        if not idle:
            return 0
        claimed = await self.batches.claim_hosts(idle, due_at=due_at, source=source)
        for host, articles in claimed.items():
            self._start(f"host {host}", self.batches.poll_articles(articles, report))
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


def start_timers(timer: AsyncIOScheduler, *works: tuple[Callable[[], Coroutine[Any, Any, None]], timedelta]) -> None:
    """Each work at once and then every so often; must be called inside the running event loop."""
    # The defaults of 3.11 drop a run that is 1 s late and stack the ones that were missed.
    options: dict[str, Any] = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    for work, every in works:
        timer.add_job(work, "interval", seconds=every.total_seconds(), next_run_time=datetime.now(UTC), **options)
    timer.start()
