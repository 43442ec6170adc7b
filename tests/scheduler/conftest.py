"""A loopback news site that a test writes as it likes, and the program's rooms around a real SQLite store."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web

from tracker.fetch.client import Client, Limits
from tracker.model import Source
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

FLOOR = timedelta(minutes=5)

Answer = Callable[[web.Request], web.StreamResponse]


@dataclass
class NewsSite:
    """Paths to answers, every request that came, and the forms that were sent."""

    base: str = ""
    answers: dict[str, Answer] = field(default_factory=dict)
    requests: list[web.Request] = field(default_factory=list)
    forms: list[dict[str, object]] = field(default_factory=list)

    def url(self, path: str) -> str:
        return self.base + path

    def asked(self, path: str) -> list[web.Request]:
        return [request for request in self.requests if request.path == path]

    def page(self, path: str, *paragraphs: str, headline: str = "Council agrees the plan", etag: str | None = None) -> None:
        """An article; with `etag`, one that answers conditional requests."""
        body = "".join(f"<p>{text}</p>" for text in paragraphs)
        html = (
            f"<!doctype html><html lang=en><head><title>{headline}</title><meta property='og:title' content='{headline}'></head>"
            f"<body><nav><a href='/'>Home</a></nav><main><article><h1>{headline}</h1>{body}</article></main>"
            "<footer>All rights reserved by nobody at all</footer></body></html>"
        )
        self.answers[path] = conditional(html, "text/html", etag)

    def feed(self, path: str, *entries: tuple[str, str], updated: str = "2026-03-01T10:00:00Z", etag: str | None = None) -> None:
        items = "".join(
            f"<entry><id>{self.url(link)}</id><title>{title}</title><link href='{self.url(link)}'/><updated>{updated}</updated></entry>"
            for link, title in entries
        )
        atom = f"<feed xmlns='http://www.w3.org/2005/Atom'><title>News</title><id>x</id><updated>{updated}</updated>{items}</feed>"
        self.answers[path] = conditional(atom, "application/atom+xml", etag)

    def status(self, path: str, status: int, **headers: str) -> None:
        self.answers[path] = lambda _: web.Response(status=status, headers=headers)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        if request.method == "POST":
            self.forms.append(dict(await request.post()))
        answer = self.answers.get(request.path)
        return answer(request) if answer else web.Response(status=404)


def conditional(text: str, content_type: str, etag: str | None) -> Answer:
    def answer(request: web.Request) -> web.StreamResponse:
        headers = {"ETag": etag} if etag else {}
        if etag and request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers=headers)
        return web.Response(text=text, content_type=content_type, headers=headers)

    return answer


@pytest.fixture
async def site() -> AsyncIterator[NewsSite]:
    news = NewsSite()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", news.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    listener = web.TCPSite(runner, "127.0.0.1", 0)
    await listener.start()
    news.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield news
    await runner.cleanup()


@dataclass
class Program:
    """What `app.rooms` would wire, with a clock that only moves when told."""

    store: Store
    sandbox: Sandbox
    emitter: Emitter
    hosts: Hosts
    poller: Poller
    ticker: Ticker
    polls: list = field(default_factory=list)

    async def poll(self, *, everything: bool = False) -> list:
        """What `tracker poll` does; returns this run's polls."""
        polls = []
        await self.ticker.poll_due(source=None, everything=everything, report=polls.append)
        self.polls += polls
        return polls


@pytest.fixture(scope="session")
def sandbox():
    workers = Sandbox(workers=1)
    yield workers
    workers.close()


@pytest.fixture
async def program(tmp_path: Path, site: NewsSite, clock, sandbox: Sandbox) -> AsyncIterator[Program]:
    async with AsyncExitStack() as stack:
        store = Store.open(f"sqlite:///{tmp_path / 'tracker.db'}")
        stack.callback(store.close)
        store.articles.declare([Source(name="news", title="News", feeds=(site.url("/feed"),))], clock())
        limits = Limits(timeout=timedelta(seconds=5), article_bytes=1_000_000)
        client = await stack.enter_async_context(
            Client(user_agent="tracker-test", limits=limits, allowed=[site.base.removeprefix("http://")], clock=clock)
        )
        manners = Manners(agent="tracker", delay=timedelta(0), unpaced={site.base.removeprefix("http://")})
        hosts = Hosts(store=store, client=client, manners=manners, clock=clock)
        emitter = Emitter(
            store=store,
            sandbox=sandbox,
            base_url="http://tracker.example",
            folder=tmp_path / "feeds",
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
            rules={"news": SourceRules(cadence=Cadence(floor=FLOOR), exclude=("/sport/",))},
            default_rules=SourceRules(cadence=Cadence()),
            limits=PollLimits(article_bytes=1_000_000, feed_bytes=1_000_000, task_timeout=timedelta(seconds=20)),
            clock=clock,
        )
        yield Program(store, sandbox, emitter, hosts, poller, Ticker(store=store, poller=poller, clock=clock))
