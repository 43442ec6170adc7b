"""A real store whose articles change when the test says, receivers on loopback, and who serves subscriptions, by the test's clock."""

from __future__ import annotations

import asyncio
import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from aiohttp import web
from builders import emitter_of

from tracker.fetch.client import Client, Limits
from tracker.model import (
    Block,
    BlockKind,
    Capture,
    Channel,
    Extract,
    FeedEntry,
    Gates,
    Scope,
    Source,
    TrackedEntry,
    Wish,
)
from tracker.notify.notifier import Notifier
from tracker.notify.told import Outlet
from tracker.notify.webhook import Webhooks
from tracker.sandbox import Sandbox
from tracker.scheduler.cadence import Cadence
from tracker.scheduler.decide import decide
from tracker.scheduler.emit import Emitter
from tracker.scheduler.look import Look, Read
from tracker.store.store import Store
from tracker.urls import article_keys, host_of

BASE = "https://tracker.example"
GIVE_UP = timedelta(days=5)
SENTENCES = (
    "The council met on {day} to talk about the old bridge over the river.",
    "Its leader said that {count} residents had written letters about it.",
    "Work begins in the spring, and will take two years at the least.",
)


class Desk:
    """Tracks articles and reads texts into the store as the scheduler would, at the clock's time."""

    def __init__(self, store: Store, clock) -> None:
        self.store = store
        self.clock = clock
        self.declare()

    def declare(self, delay: timedelta = timedelta(0)) -> None:
        sources = [Source(name="news", title="The News", publish_delay=delay), Source(name="other", title="Another")]
        self.store.articles.declare(sources, self.clock())

    def article(self, number: int = 1, *, source: str = "news") -> int:
        url = f"https://{source}.example/story/{number}"
        entry = TrackedEntry(entry=FeedEntry(url=url), url=url, host=host_of(url), keys=article_keys(url))
        made = self.store.articles.add_article(source, entry, self.clock())
        self.read(made)
        return made

    def read(self, article_id: int, *paragraphs: str, headline: str = "A bridge for the town", count: int = 10) -> None:
        article = self.store.articles.get(article_id)
        texts = paragraphs or [one.format(day="Monday", count=count) for one in SENTENCES]
        blocks = tuple(Block(kind=BlockKind.PARAGRAPH, text=text) for text in texts)
        extract = Extract(url=article.url, headline=headline, blocks=blocks, extractor="1", language="en")
        capture = Capture(url=article.url, status_line="HTTP/1.1 200 OK", headers=(), body=extract.text.encode(), fetched_at=self.clock())
        look = Look(at=self.clock(), url=article.url, status=200)
        found = Read(extract=extract, capture=capture, gates=Gates())
        self.store.keep([decide(article, self.store.revisions.latest(article_id), look, found, Cadence())], self.clock())

    def change(self, article_id: int, *, times: int = 1) -> list[int]:
        """Gives the ids of the events."""
        for _ in range(times):
            self.clock.advance(minutes=1)
            self.read(article_id, count=10 + self.store.articles.get(article_id).revisions_count)
        return [event.id for event in reversed(self.store.revisions.events(Scope(article_id=article_id), limit=times))]


@dataclass
class Receiver:
    """A webhook's receiver: answers with the statuses it was given, the last one for good; notes what it took."""

    statuses: list[int] = field(default_factory=lambda: [204])
    headers: dict[str, str] = field(default_factory=dict)
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    port: int = 0
    waits: asyncio.Event | None = None
    inside: int = 0
    most_inside: int = 0
    runner: web.AppRunner | None = None
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    async def start(self) -> None:
        app = web.Application()
        app.router.add_post("/{path:.*}", self.handle)
        self.runner = web.AppRunner(app)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", self.port, reuse_address=True).start()
        self.port = self.runner.addresses[0][1]

    async def stop(self) -> None:
        if self.runner is not None:
            await self.runner.cleanup()
            self.runner = None

    async def handle(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.inside += 1
        self.most_inside = max(self.most_inside, self.inside)
        self.asked.set()
        if self.waits is not None:
            await self.waits.wait()
        self.inside -= 1
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        if 200 <= status < 300:
            self.got.append(({name.lower(): value for name, value in request.headers.items()}, body))
            self.asked.set()
        return web.Response(status=status, headers=self.headers)

    async def until(self, true: Callable[[], bool]) -> None:
        while not true():
            self.asked.clear()
            await self.asked.wait()

    @property
    def said(self) -> list[dict]:
        return [json.loads(body) for _, body in self.got]

    @property
    def events(self) -> list[int]:
        return [one["data"]["id"] for one in self.said]

    def all_signed_by(self, secret: str) -> bool:
        return all(is_signed(headers, body, secret) for headers, body in self.got)


def is_signed(headers, body: bytes, secret: str) -> bool:
    """As a receiver checks it, written from the specification."""
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    made = b64encode(hmac.new(b64decode(secret.removeprefix("whsec_")), signed, "sha256").digest()).decode()
    return f"v1,{made}" in headers["webhook-signature"].split(" ")


@pytest.fixture
def store(tmp_path, clock):
    opened = Store.open(f"sqlite:///{tmp_path / 'tracker.db'}")
    yield opened
    opened.close()


@pytest.fixture
def desk(store, clock) -> Desk:
    return Desk(store, clock)


@pytest.fixture
async def receiver_at():
    """Starts receivers; ends them."""
    started: list[Receiver] = []

    async def start(**more) -> Receiver:
        made = Receiver(**more)
        await made.start()
        started.append(made)
        return made

    yield start
    for one in started:
        if one.waits is not None:
            one.waits.set()
        await one.stop()


@pytest.fixture
async def receiver(receiver_at) -> Receiver:
    return await receiver_at()


@pytest.fixture(scope="session")
def sandbox():
    opened = Sandbox(workers=1)
    yield opened
    opened.close()


@pytest.fixture
def emitter(store, sandbox, clock, tmp_path) -> Emitter:
    return emitter_of(store.for_readers(clock), sandbox, tmp_path / "feeds", base_url=BASE)


@pytest.fixture
async def notifier_with(store, emitter, clock):
    """Makes one that posts to loopback, or to what it is told; with channels of the test's own."""
    async with AsyncExitStack() as stack:

        async def make(*, allowed=("127.0.0.1",), **outlets: Outlet) -> Notifier:
            limits = Limits(timeout=timedelta(seconds=5), article_bytes=1_000)
            made = Client(user_agent="tracker-test", limits=limits, allowed=allowed, clock=clock)
            client = await stack.enter_async_context(made)
            webhooks = Webhooks(client=client, installation_id=store.installation_id, clock=clock)
            channels = {Channel.WEBHOOK: Outlet(send=webhooks.send, at_once=1, of_a_day=1)}
            channels |= {Channel(name): outlet for name, outlet in outlets.items()}
            return Notifier(
                store=store.for_readers(clock),
                entries=emitter.entries,
                outlets=channels,
                clock=clock,
                give_up_after=GIVE_UP,
                chance=lambda: 0.0,
            )

        yield make


@pytest.fixture
async def notifier(notifier_with) -> Notifier:
    return await notifier_with()


@pytest.fixture
def subscribe(store, clock) -> Callable:
    def make(target: str, *, channel: Channel = Channel.WEBHOOK, next_at=None, **wish):
        return store.subscriptions.add(Wish(channel=channel, target=target, **wish), clock(), next_at=next_at)

    return make
