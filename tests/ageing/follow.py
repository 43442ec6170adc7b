"""Follows an ageing site with the real program: its poller and SQLite over loopback HTTP. Gives what was told of each step."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from aiohttp import web

from ageing.site import AgeingSite, Step
from tracker.fetch.client import Client, Limits
from tracker.model import EventKind, Scope, Source
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

# A look after each step, and one more when a text that was held is to be confirmed.
BETWEEN = timedelta(hours=7)
CONFIRM = timedelta(minutes=15)


@dataclass
class Tally:
    """Pages whose furniture alone changed, and edits; how many of each were told as a change. By kind: what went wrong."""

    furniture_count: int = 0
    false_count: int = 0
    edits_count: int = 0
    missed_count: int = 0
    false_kinds: Counter[str] = field(default_factory=Counter)
    missed_kinds: Counter[str] = field(default_factory=Counter)

    def count(self, step: Step, number: int, *, is_told: bool, has_changed: bool) -> None:
        if (kind := step.edits.get(number)) is not None:
            self.edits_count += 1
            self.missed_count += not is_told
            self.missed_kinds[kind] += not is_told
        else:
            # A change that was held and is told a day later is as false as one that is told at once.
            self.furniture_count += has_changed
            self.false_count += is_told
            self.false_kinds[str(step.furniture) if has_changed else "told late"] += is_told

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.furniture_count + other.furniture_count,
            self.false_count + other.false_count,
            self.edits_count + other.edits_count,
            self.missed_count + other.missed_count,
            self.false_kinds + other.false_kinds,
            self.missed_kinds + other.missed_kinds,
        )


class Clock:
    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


async def follow(
    site: AgeingSite,
    steps_count: int,
    *,
    folder: Path,
    clock: Clock,
    sandbox: Sandbox,
    after: Callable[[Step, int, str, str], None] | None = None,
) -> Tally:
    """`after` is told of each page of each step: the step, the story's number, the page before and the page now."""
    tally = Tally()
    async with _served(site) as base, _program(base, folder, clock, sandbox) as (store, ticker):
        await ticker.poll_due(source=None, everything=True, report=lambda _: None)
        pages = {number: site.page(number) for number in range(site.stories_count)}
        article_ids = {number: store.articles.find(f"{base}/news/story-{number}").id for number in pages}
        for _ in range(steps_count):
            step = site.step()
            before = store.version()
            for wait in (BETWEEN, CONFIRM):
                clock.at += wait
                await ticker.poll_due(source=None, everything=True, report=lambda _: None)
            events = [one for one in store.revisions.events(Scope(), limit=4 * site.stories_count) if one.seq > before]
            told = {one.article_id for one in events if one.kind is EventKind.CHANGED}
            for number, page in pages.items():
                now, is_told = site.page(number), article_ids[number] in told
                tally.count(step, number, is_told=is_told, has_changed=now != page)
                if after is not None:
                    after(step, number, page, now)
                pages[number] = now
    return tally


@asynccontextmanager
async def _served(site: AgeingSite) -> AsyncIterator[str]:
    async def answer(request: web.Request) -> web.Response:
        if request.path == "/feed":
            base = f"{request.url.origin()}/news"
            items = "".join(f"<item><title>{one}</title><link>{base}/story-{one}</link></item>" for one in range(site.stories_count))
            feed = f"<rss version='2.0'><channel><title>News</title>{items}</channel></rss>"
            return web.Response(text=feed, content_type="application/rss+xml")
        number = request.path.removeprefix("/news/story-")
        if not number.isdecimal():
            return web.Response(status=404)
        return web.Response(text=site.page(int(number)), content_type="text/html")

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def _program(base: str, folder: Path, clock: Clock, sandbox: Sandbox) -> AsyncIterator[tuple[Store, Ticker]]:
    host = base.removeprefix("http://")
    async with AsyncExitStack() as stack:
        store = Store.open(f"sqlite:///{folder / 'tracker.db'}")
        stack.callback(store.close)
        store.articles.declare([Source(name="news", title="News", feeds=(f"{base}/feed",))], clock())
        limits = Limits(timeout=timedelta(seconds=5), article_bytes=1_000_000)
        client = await stack.enter_async_context(Client(user_agent="tracker-test", limits=limits, allowed=[host], clock=clock))
        hosts = Hosts(store=store, client=client, manners=Manners(agent="tracker", delay=timedelta(0), unpaced={host}), clock=clock)
        emitter = Emitter(
            store=store,
            sandbox=sandbox,
            base_url="http://tracker.example",
            folder=folder / "feeds",
            author="A test",
            generator="tracker",
            timeout=timedelta(seconds=20),
        )
        poller = Poller(
            store=store,
            client=client,
            sandbox=sandbox,
            hosts=hosts,
            keeper=Keeper(store=store, emitter=emitter, clock=clock),
            health=Health(store=store, clock=clock),
            rules={},
            default_rules=SourceRules(cadence=Cadence()),
            limits=PollLimits(article_bytes=1_000_000, feed_bytes=1_000_000, task_timeout=timedelta(seconds=20)),
            clock=clock,
        )
        yield store, Ticker(store=store, poller=poller, clock=clock)
