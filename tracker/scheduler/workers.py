"""The queue that wakes workers on many machines: Procrastinate, on the store's own PostgreSQL.

A job says "look at this host's due work now", and no more: what is due and who may look stands in the store, and batches.py asks
there when the job runs. So a job too many finds nothing to do, one that is lost is made again a second later, and none carries a
time: next_poll_at is the only one.

No host has two jobs that wait, nor two that run; a worker that was killed keeps its hosts until its silence is noticed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from procrastinate import App, BaseConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException, UniqueViolation
from procrastinate.jobs import DeleteJobCondition, Job, Status

from tracker.errors import TrackerError
from tracker.scheduler.batches import FEEDS_SEEN, Batches
from tracker.scheduler.tick import JOBS_AT_ONCE, LONGEST_JOB, STOP_PATIENCE
from tracker.store.store import Store
from tracker.urls import host_of

logger = logging.getLogger(__name__)

HOSTS, UPKEEP = "hosts", "upkeep"
POLL_HOST = "poll_host"
# Hosts that are woken at once, and how many may wait: what comes later is found due again when some of these are done.
WOKEN_AT_ONCE, MOST_WAITING = 100, 1_000
# A worker says so often that it is there; one that was silent for so long has none of its jobs any more.
HEARTBEAT, SILENT_AFTER = timedelta(seconds=5), timedelta(seconds=30)
# Seconds are croniter's sixth field.
EVERY_20_SECONDS, HOURLY = "* * * * * */20", "17 * * * *"
# A host that was woken while it was looked at is told by nobody that it is free: workers ask.
ASKED_AGAIN = timedelta(seconds=1)
# A job that ended well is deleted at once, any other after a day: the log says what it was.
FAILED_KEPT = timedelta(days=1)
# How long a worker waits after the queue could not be reached; where it had worked for so long before, that is told anew.
QUEUE_REST, WORKED_WELL = timedelta(seconds=5), timedelta(minutes=1)
# A moment in the past, for a job that is to run now: Procrastinate would take this machine's clock, and where that runs ahead,
# a job with a time in the future holds up its host.
_NOW = datetime.fromtimestamp(0, UTC)


def _without_trace(record: logging.LogRecord) -> bool:
    """A server that is away is no mistake of the program's."""
    if record.exc_info and isinstance(record.exc_info[1], ConnectorException):
        record.exc_info = None
    return True


logging.getLogger("procrastinate").setLevel(logging.WARNING)  # a line or two for each job
logging.getLogger("psycopg").setLevel(logging.ERROR)  # said once, by `work` and the Waker
for name in ("procrastinate.utils", "procrastinate.worker", "procrastinate.worker.worker"):  # filters are not inherited
    logging.getLogger(name).addFilter(_without_trace)


class Queue:
    """Use `opened`."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def waiting(self) -> set[str]:
        """Hosts that were woken and that no worker has begun with."""
        jobs = await self._app.job_manager.list_jobs_async(queue=HOSTS, status=Status.TODO.value)
        return {job.queueing_lock for job in jobs if job.queueing_lock}

    async def wake(self, hosts: Sequence[str]) -> bool:
        """Gives each host a job; none of them, and False, where another scheduler woke one of them meanwhile."""
        # In one order everywhere: else two schedulers would wait for each other's rows.
        jobs = [
            Job(queue=HOSTS, task_name=POLL_HOST, lock=host, queueing_lock=host, task_kwargs={"host": host}) for host in sorted(hosts)
        ]
        try:
            await self._app.job_manager.batch_defer_jobs_async(jobs)
        except AlreadyEnqueued:
            return False
        return True

    async def work(self, poll_host: Callable[[str], Awaitable[None]], stopping: asyncio.Event) -> None:
        """Does the queue's jobs until `stopping`; looks under way finish or are given back. Goes on when the server was away."""
        self._add_tasks(poll_host)
        loop, trouble = asyncio.get_running_loop(), False
        loop.set_exception_handler(_explain)
        while not stopping.is_set():
            began = loop.time()
            worker, stop = asyncio.create_task(self._run()), asyncio.create_task(stopping.wait())
            await asyncio.wait([worker, stop], return_when=asyncio.FIRST_COMPLETED)
            if stopping.is_set():
                worker.cancel()  # Procrastinate lets jobs end first
            await asyncio.wait([worker])
            stop.cancel()
            error = None if worker.cancelled() else worker.exception()
            if error is not None and not isinstance(error, ConnectorException):
                raise error
            if not stopping.is_set():
                if not trouble or loop.time() - began > WORKED_WELL.total_seconds():
                    logger.warning("the queue cannot be reached, work pauses: %s", (error and error.__cause__) or "its connection was lost")
                trouble = True
                with suppress(TimeoutError):
                    await asyncio.wait_for(stopping.wait(), QUEUE_REST.total_seconds())

    async def _run(self) -> None:
        await self._app.run_worker_async(
            concurrency=JOBS_AT_ONCE,
            install_signal_handlers=False,
            fetch_job_polling_interval=ASKED_AGAIN.total_seconds(),
            delete_jobs=DeleteJobCondition.SUCCESSFUL.value,
            shutdown_graceful_timeout=STOP_PATIENCE.total_seconds(),
            update_heartbeat_interval=HEARTBEAT.total_seconds(),
            stalled_worker_timeout=SILENT_AFTER.total_seconds(),
        )

    def _add_tasks(self, poll_host: Callable[[str], Awaitable[None]]) -> None:
        app = self._app

        @app.task(name=POLL_HOST, queue=HOSTS)
        async def look(host: str) -> None:
            async with asyncio.timeout(LONGEST_JOB.total_seconds()):
                await poll_host(host)

        # No `lock`: the job of a worker that was killed over it would keep all others from ever running it.
        @app.periodic(cron=EVERY_20_SECONDS)
        @app.task(name="retry_stalled", queue=UPKEEP, queueing_lock="retry_stalled")
        async def retry_stalled(timestamp: int) -> None:  # noqa: ARG001 - Procrastinate's
            await self._retry_stalled()

        @app.periodic(cron=HOURLY)
        @app.task(name="delete_failed", queue=UPKEEP, queueing_lock="delete_failed")
        async def delete_failed(timestamp: int) -> None:  # noqa: ARG001 - as above
            hours = FAILED_KEPT // timedelta(hours=1)
            await app.job_manager.delete_old_jobs(hours, include_failed=True, include_cancelled=True, include_aborted=True)

    async def _retry_stalled(self) -> None:
        """The hosts of a silent worker are free for others. Its leases stand until they run out."""
        jobs = self._app.job_manager
        for job in await jobs.get_stalled_jobs(seconds_since_heartbeat=SILENT_AFTER.total_seconds()):
            logger.info("the worker that had %s is silent: others may go on with it", job.lock or job.task_name)
            # Another worker may have done this just now, or the silent one speaks again and has ended the job.
            with suppress(ConnectorException):
                try:
                    await jobs.retry_job(job, retry_at=_NOW)
                except UniqueViolation:  # the host was woken again already
                    await jobs.finish_job(job, Status.FAILED, delete_job=True)


def _explain(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Procrastinate lets a job's task fail where its end cannot be told to the queue: others have it by now, or the server is
    away. What was looked at is kept or not all the same."""
    if isinstance(context.get("exception"), ConnectorException):
        logger.debug("the queue does not know how a job ended: %s", context["exception"].__cause__)
    else:
        loop.default_exception_handler(context)


@asynccontextmanager
async def opened(connector: BaseConnector) -> AsyncIterator[Queue]:
    app = App(connector=connector)
    async with app.open_async():
        yield Queue(app)


class Waker:
    """The scheduler of many machines: asks the store what is due, and wakes a worker for each host. Any number of them may do so."""

    def __init__(self, *, store: Store, batches: Batches, queue: Queue, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._batches = batches
        self._queue = queue
        self._clock = clock
        self._trouble: str | None = None

    async def tick(self) -> None:
        """Wakes what is due and not woken yet."""
        try:
            waiting = await self._queue.waiting()
            if len(waiting) < MOST_WAITING:
                due = await self._due_hosts(len(waiting) + WOKEN_AT_ONCE)
                hosts = [host for host in due if host not in waiting][:WOKEN_AT_ONCE]
                if hosts:
                    await self._queue.wake(hosts)
        except (TrackerError, ConnectorException) as error:
            sentence = str(error.__cause__ or error)
            if self._trouble != sentence:
                logger.warning("no worker is woken: %s", sentence)
            self._trouble = sentence
        else:
            if self._trouble is not None:
                logger.info("workers are woken again")
            self._trouble = None

    async def _due_hosts(self, limit: int) -> list[str]:
        """Those of due feeds first, then those of due articles, each longest due first."""
        now = self._clock()
        feeds = await asyncio.to_thread(self._store.articles.due_feeds, due_at=now, now=now, limit=FEEDS_SEEN)
        articles = await self._batches.due_hosts(due_at=now, limit=limit)
        return list(dict.fromkeys((*(host_of(url) for _, url in feeds), *articles)))
