"""The processes of an installation: `run` is everything in one; `schedule`, `work` and `serve` are its parts, for several machines.

Each polls, wakes or serves until SIGINT or SIGTERM. What they consist of is app.py's; who does what:

    run       polls by itself, writes the change feeds, serves them and the pages
    schedule  without queue.workers polls by itself; with it wakes workers. Writes the change feeds, and does all that is done once
              for an installation: retention, the dictionary, habits, WebSub, subscriptions
    work      polls what it is woken for
    serve     pages, and change feeds built when they are asked for: the files may be another machine's
"""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from starlette.types import ASGIApp

from tracker import __version__
from tracker.app import Rooms, asking, base_url, beside, emitter_of, notifier_of, open_with_clock, operating_of, rooms
from tracker.config import Config
from tracker.errors import ConfigError, TrackerError
from tracker.fetch.client import Client
from tracker.sandbox import Sandbox
from tracker.scheduler.delayed import emit_when_shown
from tracker.scheduler.emit import Emitter
from tracker.scheduler.follow import emit_when_kept
from tracker.scheduler.health import Health
from tracker.scheduler.hosts import Hosts
from tracker.scheduler.hubs import keep_subscribed
from tracker.scheduler.indexing import keep_searchable
from tracker.scheduler.tick import TICK, UPKEEP, start_timers
from tracker.scheduler.train import keep_trained
from tracker.scheduler.upkeep import Upkeep
from tracker.serving import Server, callback_base, is_loopback, listen
from tracker.source_rules import ends_of_checks, general_cadence
from tracker.store.store import Store
from tracker.web.application import application
from tracker.web.site import Site
from tracker.workfolder import store_url

if TYPE_CHECKING:
    from tracker.scheduler.workers import Queue

logger = logging.getLogger(__name__)

# How long a stop waits for change feeds that are being written; what is not by then, is at the next start.
EMIT_PATIENCE = timedelta(seconds=3)


async def run(config: Config, *, listening: Callable[[str], None]) -> None:
    """`tracker run`: web and timers in one process. `listening` gets the address."""
    with listen(config) as sock:
        port = sock.getsockname()[1]
        async with rooms(config, port=port) as opened, _telling(config, opened, port):
            gc.freeze()  # what is there now stays: to look through it again and again held up everything for 90 ms each time
            asgi = _pages(
                config,
                port=port,
                store=opened.store,
                sandbox=opened.sandbox,
                emitter=opened.emitter,
                health=opened.health,
                client=opened.client,
                hosts=opened.hosts,
                clock=opened.clock,
            )
            server = Server(config, asgi)
            leaving = _asked_to_leave()
            # What a crash kept from being written is written now; meanwhile the pages build what has no file.
            async with beside(_emit(opened.emitter), *_chores(config, opened)):
                serving = asyncio.create_task(server.serve(sockets=[sock]))
                opened.ticker.start()
                listening(base_url(config, port))
                await _first_of(serving, leaving)
                # Polling ends first: a reader who takes his time must not prolong it.
                await opened.ticker.stop()
                await opened.emitter.finish(EMIT_PATIENCE)
                server.should_exit = True
                await serving


async def schedule(config: Config) -> None:
    """`tracker schedule`: the timers without the web."""
    async with AsyncExitStack() as stack:
        opened = await stack.enter_async_context(rooms(config))
        leaving = _asked_to_leave()
        await stack.enter_async_context(_telling(config, opened))
        if not config.queue.workers:
            await stack.enter_async_context(beside(_emit(opened.emitter), *_chores(config, opened)))
            opened.ticker.start()
            logger.info("polling: queue.workers is false, so this process looks by itself")
            await leaving.wait()
            await opened.ticker.stop()
            await opened.emitter.finish(EMIT_PATIENCE)
            return
        queue = await stack.enter_async_context(_queue(config))
        from tracker.scheduler.workers import Waker  # noqa: PLC0415 - Procrastinate comes with PostgreSQL's driver only

        following = emit_when_kept(opened.store.for_readers(opened.clock), opened.emitter)
        await stack.enter_async_context(beside(following, *_chores(config, opened)))
        waker = Waker(store=opened.store, batches=opened.ticker.batches, queue=queue, clock=opened.clock)
        upkeep = Upkeep(store=opened.store, clock=opened.clock)
        timer = AsyncIOScheduler(timezone=UTC)
        start_timers(timer, (waker.tick, TICK), (upkeep.see_to_all, UPKEEP))
        stack.callback(timer.shutdown, wait=False)
        logger.info("scheduling: workers are woken for what is due")
        await leaving.wait()
        timer.pause()
        await waker.end()
        await opened.emitter.finish(EMIT_PATIENCE)


async def work(config: Config) -> None:
    """`tracker work`: polls what the queue wakes it for. Raises ConfigError without queue.workers."""
    if not config.queue.workers:
        sentence = "queue.workers is false, so nothing would wake this worker: set it to true, or use tracker run, which polls by itself"
        raise ConfigError(str(config.path), [(None, sentence)])
    async with rooms(config, emits=False) as opened, _queue(config) as queue:
        gc.freeze()
        logger.info("working: woken by the queue")
        await queue.work(opened.ticker.batches.poll_host, _asked_to_leave())


async def serve(config: Config, *, listening: Callable[[str], None]) -> None:
    """`tracker serve`: pages and change feeds of what other processes keep."""
    with listen(config) as sock:
        port = sock.getsockname()[1]
        async with AsyncExitStack() as stack:
            store, clock = await asyncio.to_thread(open_with_clock, config)
            stack.callback(store.close)
            await stack.enter_async_context(beside(clock.keep_right()))
            sandbox = Sandbox(workers=config.sandbox.workers, memory_bytes=config.sandbox.memory)
            stack.callback(sandbox.close)
            emitter = emitter_of(config, store, sandbox, clock=clock, port=port, writes=False)
            gc.freeze()
            health = Health(store=store, clock=clock)
            client, hosts = await stack.enter_async_context(asking(config, store, clock))
            asgi = _pages(
                config,
                port=port,
                store=store,
                sandbox=sandbox,
                emitter=emitter,
                health=health,
                client=client,
                hosts=hosts,
                clock=clock,
                polls=False,
            )
            server = Server(config, asgi)
            leaving = _asked_to_leave()
            serving = asyncio.create_task(server.serve(sockets=[sock]))
            listening(base_url(config, port))
            await _first_of(serving, leaving)
            server.should_exit = True
            await serving


# --- their parts ---------------------------------------------------------------------------------


def _asked_to_leave() -> asyncio.Event:
    """Set by SIGINT and SIGTERM."""
    asked = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, asked.set)
    return asked


async def _first_of(serving: asyncio.Task[None], leaving: asyncio.Event) -> None:
    leave = asyncio.create_task(leaving.wait())
    await asyncio.wait([serving, leave], return_when=asyncio.FIRST_COMPLETED)
    leave.cancel()


async def _emit(emitter: Emitter) -> None:
    try:
        await emitter.emit_all()
    except TrackerError as error:
        logger.warning("the change feeds could not be written at the start: %s", error)


def _chores(config: Config, opened: Rooms) -> list[Coroutine[Any, Any, None]]:
    """What an installation needs done beside looks, by one process; a second one does no harm."""
    callback = callback_base(config)
    return [
        keep_trained(opened.store, opened.clock),
        keep_searchable(opened.store, opened.sandbox),
        opened.pruner.every_day(),
        emit_when_shown(opened.store, opened.emitter, opened.clock),
        *([keep_subscribed(opened.store, opened.client, callback, opened.clock)] if callback else []),
    ]


@asynccontextmanager
async def _telling(config: Config, opened: Rooms, port: int | None = None) -> AsyncIterator[None]:
    """Inside it, those who subscribed are told."""
    async with notifier_of(config, opened.store, opened.emitter, clock=opened.clock, port=port) as notifier, beside(notifier.run()):
        yield


@asynccontextmanager
async def _queue(config: Config) -> AsyncIterator[Queue]:
    try:
        from tracker.scheduler.workers import opened  # noqa: PLC0415 - as above
        from tracker.store.queue import connector  # noqa: PLC0415 - as above
    except ImportError as error:
        sentence = "the queue is not installed beside this program: pip install procrastinate 'psycopg[binary]'"
        raise ConfigError(str(config.path), [(None, sentence)]) from error
    reached = await asyncio.to_thread(connector, store_url(config))
    async with opened(reached) as queue:
        yield queue


def _pages(
    config: Config,
    *,
    port: int,
    store: Store,
    sandbox: Sandbox,
    emitter: Emitter,
    health: Health,
    client: Client,
    hosts: Hosts,
    clock: Callable[[], datetime],
    polls: bool = True,
) -> ASGIApp:
    site = Site(
        base_url=base_url(config, port),
        operator_name=config.operator.name,
        operator_contact=config.operator.contact,
        publish=config.web.publish or ("full" if is_loopback(config) else "changes"),
        reserved=config.web.reserved,
        version=__version__,
        hub_url=config.web.hub,
        cadence=general_cadence(config),
        access=config.web.access,
        api_rate=config.web.api_rate,
        polls=polls,
    )
    return application(
        store=store.for_readers(clock),
        sandbox=sandbox,
        emitter=emitter,
        health=health,
        site=site,
        checked_until=ends_of_checks(config),
        operating=operating_of(config, store, client=client, sandbox=sandbox, hosts=hosts, emitter=emitter, clock=clock),
        clock=clock,
    )
