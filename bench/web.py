#!/usr/bin/env python3
"""How fast the pages and change feeds are, over real HTTP on loopback, each beside the plainest thing that could stand there.

python bench/web.py

An emitted change feed and its 304 beside a bare Starlette route of the same size; the diff page of a 40-sentence article, kept
ready and made anew (as after every change that is kept), beside a bare template of the same bytes; and how long readers wait, median and
99th percentile, while the same process polls 20 articles a second, beside the same without polls. What is compared is asked in turns.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import random
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import jinja2
import uvicorn
from aiohttp import web
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from tracker.fetch.client import Client, Limits
from tracker.model import Block, BlockKind, Capture, Extract, FeedEntry, Gates, Source, TrackedEntry
from tracker.sandbox import Sandbox
from tracker.scheduler.cadence import Cadence, checked_until
from tracker.scheduler.decide import decide
from tracker.scheduler.emit import Emitter
from tracker.scheduler.health import Health
from tracker.scheduler.hosts import Hosts, Manners
from tracker.scheduler.keeper import Keeper
from tracker.scheduler.look import Look, Read
from tracker.scheduler.poll import Poller, PollLimits
from tracker.scheduler.rules import SourceRules
from tracker.scheduler.tick import Ticker
from tracker.store.store import Store
from tracker.urls import article_keys, host_of
from tracker.web.application import application
from tracker.web.operating import Operating
from tracker.web.site import Site

WORDS = ("council", "river", "bridge", "mayor", "money", "school", "report", "week", "house", "city", "plan", "road", "water", "market")
ARTICLES = 20  # each looked at once a second: 20 polls a second
ROUNDS, ASKED = 12, 100  # turns, and requests in each
PAGES = ("/", "/sources/news", "/articles/1", "/diff/1..2", "/changes.atom", "/about")
BARE = """<!doctype html><html><head><title>{{ title }}</title></head><body>
{% for line in lines %}<div class="row"><p>{{ line }}</p></div>
{% endfor %}</body></html>"""


def now() -> datetime:
    return datetime.now(UTC)


def sentences(count: int, seed: int) -> list[str]:
    chance = random.Random(seed)
    return [" ".join(chance.choices(WORDS, k=chance.randint(8, 20))).capitalize() + "." for _ in range(count)]


def extract(url: str, headline: str, texts: list[str]) -> Extract:
    blocks = tuple(Block(kind=BlockKind.PARAGRAPH, text=" ".join(texts[at : at + 3])) for at in range(0, len(texts), 3))
    return Extract(url=url, headline=headline, blocks=blocks, extractor="1", language="en")


# --- the site that is polled ------------------------------------------------------------------------


@dataclass
class Publisher:
    """Most looks find nothing new: 85 in 100 a 304, 13 the same text in other bytes, 2 an edit."""

    chance: random.Random = field(default_factory=lambda: random.Random(5))
    edits: dict[str, int] = field(default_factory=dict)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        drawn = self.chance.random()
        if drawn < 0.85 and "If-None-Match" in request.headers:
            return web.Response(status=304, headers={"ETag": '"x"'})
        if drawn > 0.98:
            self.edits[request.path] = self.edits.get(request.path, 0) + 1
        texts = sentences(40, len(request.path))
        texts[3] = f"The council spent {self.edits.get(request.path, 0)} million on the bridge, the mayor said."
        body = "".join(f"<p>{text}</p>" for text in texts)
        article = f"<article><h1>A report {request.path}</h1>{body}</article>"
        whole = f"<html lang=en><head><title>A report</title></head><body>{article}<footer>{drawn}</footer></body></html>"
        return web.Response(text=whole, content_type="text/html", headers={"ETag": '"x"'})


# --- the process that is asked ----------------------------------------------------------------------


def keep(store: Store, article_id: int, found: Extract) -> None:
    article = store.articles.get(article_id)
    capture = Capture(url=found.url, status_line="HTTP/1.1 200 OK", headers=(), body=found.text.encode(), fetched_at=now())
    read = Read(extract=found, capture=capture, gates=Gates())
    look = Look(at=now(), url=article.url, status=200)
    store.keep([decide(article, store.revisions.latest(article_id), look, read, Cadence())], now())


def fill(store: Store, site: str) -> None:
    """The 40-sentence article, with 60 changes in all beside it, and the articles that are polled."""
    store.articles.declare((Source(name="news", title="News"), Source(name="polled", title="Polled")), now())

    def track(url: str, source: str) -> int:
        entry = TrackedEntry(entry=FeedEntry(url=url, title="A report"), url=url, host=host_of(url), keys=article_keys(url))
        return store.articles.add_article(source, entry, now())

    for number in range(1, 21):
        url = f"https://example.org/{number}"
        article, texts = track(url, "news"), sentences(40, number)
        for version in range(2 if number == 1 else 4):
            texts = [text.replace(".", f" {version}.") if place % 9 == 4 else text for place, text in enumerate(texts)]
            keep(store, article, extract(url, f"Headline {number}", texts))
    for number in range(ARTICLES):
        track(f"{site}/{number}", "polled")


def bare(feed: bytes, page: bytes) -> Starlette:
    """The plainest routes that send as many bytes."""
    template = jinja2.Environment(autoescape=True).from_string(BARE)
    rows = 160
    line = "w" * max((len(page) - len(template.render(title="A title", lines=[""] * rows))) // rows, 1)

    async def plain(request: Request) -> Response:
        if request.headers.get("if-none-match") == '"x"':
            return Response(status_code=304, headers={"etag": '"x"'})
        return Response(feed, headers={"content-type": "application/atom+xml", "etag": '"x"'})

    async def rendered(_: Request) -> Response:
        return HTMLResponse(template.render(title="A title", lines=[line] * rows))

    return Starlette(routes=[Route("/bare/feed", plain), Route("/bare/page", rendered)])


class Both:
    """Ours, and under /bare/ the plain routes."""

    def __init__(self, ours: Any, plain: Any) -> None:
        self._ours, self._plain = ours, plain

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        app = self._plain if scope["type"] == "http" and scope["path"].startswith("/bare/") else self._ours
        await app(scope, receive, send)


async def sent(app: Any, path: str) -> bytes:
    """The body that an application sends, without a socket."""
    parts: list[bytes] = []

    async def send(message: Any) -> None:
        parts.append(message.get("body", b""))

    async def receive() -> Any:
        return {"type": "http.request"}

    connection = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b"", "headers": []}
    await app(connection, receive, send)
    return b"".join(parts)


def serve(folder: str, listening: socket.socket, site: str, told: Connection) -> None:
    asyncio.run(_serve(Path(folder), listening, site, told))


async def _serve(folder: Path, listening: socket.socket, site: str, told: Connection) -> None:
    base = f"http://127.0.0.1:{listening.getsockname()[1]}"
    store = Store.open(f"sqlite:///{folder / 'tracker.db'}")
    fill(store, site)
    sandbox = Sandbox(workers=2)
    emitter = Emitter(
        store=store, sandbox=sandbox, base_url=base, folder=folder / "feeds", author="x", generator="x", timeout=timedelta(seconds=20)
    )
    await emitter.emit_all()
    # Nobody writes here: what would ask other sites is left out.
    operating = Operating(
        store=store, adder=None, hider=None, emitter=emitter, cadence_of=lambda _: Cadence(), folder=Path(), clock=now
    )
    ours = application(
        store=store,
        sandbox=sandbox,
        emitter=emitter,
        health=Health(store=store, clock=now),
        site=Site(base_url=base, operator_name=None, operator_contact=None, publish="full", version="0"),
        checked_until=lambda article: checked_until(article.first_seen_at, article.last_changed_at, Cadence()),
        clock=now,
        operating=operating,
    )
    page = await sent(ours, "/diff/1..2")
    feed = (folder / "feeds" / "changes.atom").read_bytes()
    settings = uvicorn.Config(Both(ours, bare(feed, page)), log_config=None, access_log=False, lifespan="off")
    server = uvicorn.Server(settings)
    server.config.load()
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    async with AsyncExitStack() as stack:
        ticker = await _ticker(stack, store, sandbox, emitter, site)
        told.send("ready")
        await _obey(told, store, ticker)
    server.should_exit = True
    await serving
    sandbox.close()
    store.close()


async def _ticker(stack: AsyncExitStack, store: Store, sandbox: Sandbox, emitter: Emitter, site: str) -> Ticker:
    address = site.removeprefix("http://")
    limits = Limits(timeout=timedelta(seconds=10), article_bytes=1_000_000)
    client = await stack.enter_async_context(Client(user_agent="bench", limits=limits, allowed=[address], clock=now))
    manners = Manners(agent="bench", delay=timedelta(0), unpaced=frozenset([address]))
    second = Cadence(floor=timedelta(seconds=1), ceiling=timedelta(seconds=1))
    poller = Poller(
        store=store,
        client=client,
        sandbox=sandbox,
        hosts=Hosts(store=store, client=client, manners=manners, clock=now),
        keeper=Keeper(store=store, emitter=emitter, clock=now),
        health=Health(store=store, clock=now),
        rules={},
        default_rules=SourceRules(cadence=second),
        limits=PollLimits(article_bytes=1_000_000, feed_bytes=1_000_000, task_timeout=timedelta(seconds=20)),
        clock=now,
    )
    return Ticker(store=store, poller=poller, clock=now)


async def _obey(told: Connection, store: Store, ticker: Ticker) -> None:
    """bump: the pages change, as by a look that finds a new text; poll: polling begins; rest: it ends, told with its count; end."""
    polling, began_at = None, 0
    while (word := await asyncio.to_thread(told.recv)) != "end":
        if word == "bump":
            await asyncio.to_thread(store.articles.set_paused, "polled", False)
            told.send("")
        elif word == "poll":
            began_at = len(store.revisions.polls(source="polled", limit=100_000))
            polling = asyncio.create_task(_poll(ticker))
            told.send("")
        elif word == "rest" and polling is not None:
            polling.cancel()
            await asyncio.gather(polling, return_exceptions=True)
            told.send(len(store.revisions.polls(source="polled", limit=100_000)) - began_at)


async def _poll(ticker: Ticker) -> None:
    while True:
        began = time.monotonic()
        await ticker.poll_due(source="polled", everything=False, report=lambda _: None)
        await asyncio.sleep(max(0.0, 1 - (time.monotonic() - began)))


# --- asking -----------------------------------------------------------------------------------------


class Asker:
    """One connection that stays open."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        lines = [f"GET {path} HTTP/1.1", "host: x", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()), "", ""]
        self._socket.sendall("\r\n".join(lines).encode())
        got = b""
        while b"\r\n\r\n" not in got:
            got += self._socket.recv(1 << 20)
        head, _, body = got.partition(b"\r\n\r\n")
        status, *rest = head.decode().split("\r\n")
        found = {name.lower(): value for name, _, value in (line.partition(": ") for line in rest)}
        parts, left = [body], int(found.get("content-length", 0)) - len(body)
        while left > 0:
            parts.append(self._socket.recv(1 << 20))
            left -= len(parts[-1])
        return int(status.split()[1]), found, b"".join(parts)

    def timed(self, path: str, wanted: int = 200, **headers: str) -> float:
        began = time.perf_counter()
        status, _, _ = self.ask(path, **headers)
        assert status == wanted, (path, status)
        return time.perf_counter() - began


def in_turns(*asked: Callable[[], float], rounds: int = ROUNDS, each: int = ASKED) -> list[list[float]]:
    """The seconds of every request, of each kind in its own list."""
    took: list[list[float]] = [[] for _ in asked]
    for _ in range(rounds):
        for times, ask in zip(took, asked, strict=True):
            times += [ask() for _ in range(each)]
    return took


def row(name: str, seconds: float, ratio: float, goal: str) -> None:
    print(f"{name:44}{1000 * seconds:10.2f} ms{ratio:9.2f}   {goal}")


def beside(asker: Asker) -> None:
    tag = asker.ask("/changes.atom")[1]["etag"]
    plain, ours, plain_304, ours_304 = in_turns(
        lambda: asker.timed("/bare/feed"),
        lambda: asker.timed("/changes.atom"),
        lambda: asker.timed("/bare/feed", 304, if_none_match='"x"'),
        lambda: asker.timed("/changes.atom", 304, if_none_match=tag),
    )
    for name, a, b in (("an emitted change feed", plain, ours), ("its 304", plain_304, ours_304)):
        middle = statistics.median(b)
        row(name, middle, statistics.median(a) / middle, "x as fast as a bare route (at least 0.8)")


def diff_page(asker: Asker, tell: Callable[[str], Any]) -> None:
    def anew() -> float:
        tell("bump")
        return asker.timed("/diff/1..2")

    asker.ask("/diff/1..2")
    plain, kept = in_turns(lambda: asker.timed("/bare/page"), lambda: asker.timed("/diff/1..2"))
    (made,) = in_turns(anew, rounds=1)
    for name, times in (("the diff page, nothing kept since", kept), ("the diff page, after each change", made)):
        middle = statistics.median(times)
        row(name, middle, middle / statistics.median(plain), "x a bare template's time (at most 10)")


def under_polls(asker: Asker, tell: Callable[[str], Any]) -> None:
    def ask() -> list[float]:
        found = []
        until = time.monotonic() + 10
        while time.monotonic() < until:
            for path in PAGES:
                found.append(asker.timed(path))
                time.sleep(0.01)  # readers come one after the other, with the polls between them
        return found

    quiet: list[float] = []
    busy: list[float] = []
    polls = seconds = 0.0
    for _ in range(3):
        quiet += ask()
        tell("poll")
        began = time.monotonic()
        busy += ask()
        seconds += time.monotonic() - began
        polls += tell("rest")
    for share, name in ((50, "median"), (99, "99th percentile")):
        a, b = (statistics.quantiles(times, n=100)[share - 1] for times in (quiet, busy))
        row(f"pages, {name}, without polls", a, 1, "")
        goal = "x that without (at most 3)" if share == 99 else "x that without"
        row(f"pages, {name}, at {polls / seconds:.0f} polls/s", b, b / a, goal)


def loopback() -> socket.socket:
    """As tracker.serving listens."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    listening.listen(64)
    return listening


@contextmanager
def site() -> Iterator[str]:
    listening = loopback()
    process = multiprocessing.get_context("fork").Process(target=_publish, args=(listening,), daemon=True)
    process.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    process.kill()
    process.join()


def _publish(listening: socket.socket) -> None:
    publisher = Publisher()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", publisher.handle)
    web.run_app(app, sock=listening, print=None, access_log=None)


def main() -> None:
    with site() as address, tempfile.TemporaryDirectory() as folder:
        listening = loopback()
        ours, theirs = multiprocessing.Pipe()
        process = multiprocessing.get_context("fork").Process(target=serve, args=(folder, listening, address, theirs))
        process.start()

        def tell(word: str) -> Any:
            ours.send(word)
            return ours.recv()

        assert ours.recv() == "ready"
        asker = Asker(listening.getsockname()[1])
        beside(asker)
        diff_page(asker, tell)
        under_polls(asker, tell)
        ours.send("end")
        process.join(20)
        if process.is_alive():
            process.kill()
    sys.exit(process.exitcode)


if __name__ == "__main__":
    main()
