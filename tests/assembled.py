"""The program's rooms around a real SQLite store, and a loopback site for them: what `app.rooms` wires, with a clock of the caller's."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeAlias

from aiohttp import web
from builders import emitter_of

from tracker.differ.changed import changed_between
from tracker.fetch.client import Client, Limits
from tracker.model import ChangedSentence, Extract, Poll, Source
from tracker.sandbox import Sandbox
from tracker.scheduler.cadence import Cadence
from tracker.scheduler.emit import Emitter
from tracker.scheduler.health import Health
from tracker.scheduler.hosts import Hosts, Manners
from tracker.scheduler.keeper import Keeper
from tracker.scheduler.poll import Poller, PollLimits
from tracker.scheduler.rules import SourceRules
from tracker.scheduler.tick import Ticker
from tracker.store.store import Store

Clock: TypeAlias = Callable[[], datetime]
Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]

ANSWERED_WITHIN = timedelta(seconds=5)
TASK_WITHIN = timedelta(seconds=20)
LARGEST = 1_000_000  # bytes


@dataclass
class Program:
    """Polls only when told."""

    store: Store
    sandbox: Sandbox
    emitter: Emitter
    hosts: Hosts
    poller: Poller
    ticker: Ticker
    polls: list[Poll] = field(default_factory=list)

    async def poll(self, *, everything: bool = False) -> list[Poll]:
        """What `tracker poll` does; returns this run's polls."""
        polls: list[Poll] = []
        await self.ticker.poll_due(source=None, everything=everything, report=polls.append)
        self.polls += polls
        return polls


@asynccontextmanager
async def served(handle: Handler) -> AsyncIterator[str]:
    """The site's address; every path and method is answered by `handle`."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def assembled(
    base: str, folder: Path, clock: Clock, sandbox: Sandbox, rules: Mapping[str, SourceRules] | None = None
) -> AsyncIterator[Program]:
    """Follows `base`/feed as the source "news"; the database and the change feeds lie in `folder`."""
    host = base.removeprefix("http://")
    async with AsyncExitStack() as stack:
        store = Store.open(f"sqlite:///{folder / 'tracker.db'}")
        stack.callback(store.close)
        store.articles.declare([Source(name="news", title="News", feeds=(f"{base}/feed",))], clock())
        limits = Limits(timeout=ANSWERED_WITHIN, article_bytes=LARGEST)
        client = await stack.enter_async_context(Client(user_agent="tracker-test", limits=limits, allowed=[host], clock=clock))
        hosts = Hosts(store=store, client=client, manners=Manners(agent="tracker", delay=timedelta(0), unpaced={host}), clock=clock)
        emitter = emitter_of(store, sandbox, folder / "feeds", timeout=TASK_WITHIN)
        poller = Poller(
            store=store,
            client=client,
            sandbox=sandbox,
            hosts=hosts,
            keeper=Keeper(store=store, emitter=emitter, clock=clock),
            health=Health(store=store, clock=clock),
            rules=rules or {},
            default_rules=SourceRules(cadence=Cadence()),
            limits=PollLimits(article_bytes=LARGEST, feed_bytes=LARGEST, task_timeout=TASK_WITHIN),
            clock=clock,
        )
        yield Program(store, sandbox, emitter, hosts, poller, Ticker(store=store, poller=poller, clock=clock))


def index(store: Store) -> None:
    """What the program does a moment after texts were kept: they are searched."""
    while due := store.search.due(2):
        store.search.fill(due, {one: _changed(*pair) for one, pair in due.pairs.items()})


def _changed(old: Extract, new: Extract) -> Sequence[ChangedSentence]:
    """Of texts that cannot be compared nothing is found, as where the sandbox says so."""
    try:
        return changed_between(old, new)
    except ValueError:
        return ()
