#!/usr/bin/env python3
"""Polls a second beside a bare aiohttp loop over the same URLs, in one run.

python bench/polling.py [DATA=DIR] [PAGES=1000]

A loopback site in a process of its own serves PAGES articles on 20 hosts (127.0.1.1 to 127.0.1.20, so Linux only), 20 requests at
once, pace off. With DATA, its pages are the real ones of DIR/extraction/*.html.gz under addresses of its own, else made ones of
about 66 kB. First polls stand beside trafilatura alone on the same pages, all cores busy; polls of pages whose visible text is equal
beside a loop that fetches and fingerprints.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import multiprocessing
import os
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from urllib.request import urlopen
from zlib import crc32

import aiohttp
import trafilatura
from aiohttp import web

from tracker import app
from tracker.config import read_config
from tracker.extract import extract_article
from tracker.extract.visible import check_shape, visible_hash
from tracker.model import Extract

HOSTS = [f"127.0.1.{number}" for number in range(1, 21)]
AT_ONCE = 20
ROUNDS = 3  # ours and theirs by turns; the best of so many counts
WORDS = """harbour council bridge minister figures report evening police company station school river plan budget vote court union strike
weather market price energy hospital doctor train line opening festival museum match goal season player coach ticket""".split()  # noqa: SIM905


# --- the site, in a process of its own -------------------------------------------------------------


class Site:
    """`mode`: validators (asks are answered 304), same (whole bodies, no validators), nonce (other markup), text (other words)."""

    def __init__(self, real: Sequence[tuple[str, str]]) -> None:
        self.real = real
        self.mode = "validators"
        self.pages = 0
        self.nonces = count()
        self.edition = 0
        self.bodies: dict[str, bytes] = {}

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.path
        if path == "/set":
            self.mode, self.pages, self.edition = request.query["mode"], int(request.query["pages"]), int(request.query["edition"])
            return web.Response()
        if path == "/feed":
            return self._feed(request)
        if not path.startswith("/news/"):
            return web.Response(status=404)
        etag = f'"{path}{self.edition}"'
        if self.mode == "validators" and request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers={"ETag": etag})
        body = self.bodies.get(path)
        if body is None:
            body = self.bodies[path] = self.page(request.host, path).encode()
        if self.mode == "nonce":
            body = body.replace(b"<body", b'<body data-nonce="%x"' % next(self.nonces), 1)
        if self.mode == "text":
            body = body.replace(b"the first version", b"the version of edition %d" % self.edition, 1)
        headers = {"ETag": etag} if self.mode == "validators" else {}
        return web.Response(body=body, content_type="text/html", charset="utf-8", headers=headers)

    def _feed(self, request: web.BaseRequest) -> web.Response:
        etag = f'"{self.pages}"'
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers={"ETag": etag})
        items = (f"<item><title>{title(path)}</title><link>http://{request.host}{path}</link></item>" for path in paths(self.pages))
        text = f"<rss version='2.0'><channel><title>News</title>{''.join(items)}</channel></rss>"
        return web.Response(text=text, content_type="application/rss+xml", headers={"ETag": etag})

    def page(self, host: str, path: str) -> str:
        marked = f"<p>{title(path)} is the first version of {host}{path}, they said.</p>"
        if not self.real:
            return made_page(host, path, marked)
        url, html = self.real[crc32((host + path).encode()) % len(self.real)]
        html = re.sub(r"<link[^>]+canonical[^>]*>", "", html.replace(url, f"http://{host}{path}"), flags=re.IGNORECASE)
        return re.sub(r"(?<=</h1>)|(?=</body>)", marked, html, count=1)


def paths(pages: int) -> list[str]:
    return [f"/news/story-{number}-of-{pages}" for number in range(pages // len(HOSTS))]


def title(path: str) -> str:
    return " ".join(random.Random(path).choices(WORDS, k=7)).capitalize()


def made_page(host: str, path: str, marked: str) -> str:
    """A page as news sites have them: 25 paragraphs among navigation, teasers, scripts and linked data."""
    words = random.Random(host + path)

    def sentence() -> str:
        return f"{' '.join(words.choices(WORDS, k=words.randint(8, 22))).capitalize()}."

    body = "".join(f"<p>{' '.join(sentence() for _ in range(words.randint(2, 4)))}</p>" for _ in range(25))
    menu = "".join(f"<li class='menu__item'><a class='menu__link' href='/{word}/'>{word}</a></li>" for word in WORDS)
    teasers = "".join(
        f"<div class='card card--small'><a href='/news/{words.randint(10**6, 10**7)}'><img alt='' src='/i/{number}.jpg' loading='lazy'>"
        f"<h3 class='card__title'>{sentence()[:60]}</h3></a><span class='card__meta'>{number} min</span></div>"
        for number in range(60)
    )
    data = json.dumps({"@context": "https://schema.org", "@type": "NewsArticle", "headline": title(path), "datePublished": "2026-03-01"})
    script = f"<script>window.state = {json.dumps([words.random() for _ in range(940)])}</script>"
    head = f"<meta charset='utf-8'><title>{title(path)}</title><meta property='og:title' content='{title(path)}'>"
    return (
        f"<!doctype html><html lang='en'><head>{head}<script type='application/ld+json'>{data}</script>{script}</head>"
        f"<body class='page'><header><nav><ul>{menu}</ul></nav></header><main><article><h1>{title(path)}</h1>{marked}{body}</article>"
        f"<aside>{teasers}</aside></main><footer><ul>{menu}</ul></footer>{script}</body></html>"
    )


def real_pages(data: str) -> list[tuple[str, str]]:
    folder = Path(data) / "extraction"
    if not data or not folder.is_dir():
        return []
    truth = json.loads((folder / "ground-truth.json").read_text(encoding="utf-8"))
    pages = [(page["url"], gzip.decompress((folder / f"{name}.html.gz").read_bytes())) for name, page in sorted(truth.items())]
    return [(url, html.decode()) for url, html in pages if isinstance(extract_article(html, url), Extract)]  # no paywalls


async def _serve(ready, data: str) -> None:
    runner = web.ServerRunner(web.Server(Site(real_pages(data)).handle, access_log=None))
    await runner.setup()
    first = web.TCPSite(runner, HOSTS[0], 0)
    await first.start()
    port = runner.addresses[0][1]
    for host in HOSTS[1:]:
        await web.TCPSite(runner, host, port).start()
    ready.send(port)
    await asyncio.Event().wait()


def serve(ready, data: str) -> None:
    asyncio.run(_serve(ready, data))


@contextmanager
def site(data: str) -> Iterator[int]:
    """The port on which all hosts answer."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs, data), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        process.terminate()
        process.join()


def tell(port: int, mode: str, pages: int, edition: int = 0) -> None:
    urlopen(f"http://{HOSTS[0]}:{port}/set?mode={mode}&pages={pages}&edition={edition}").close()


def urls_of(port: int, pages: int) -> list[str]:
    return [f"http://{host}:{port}{path}" for path in paths(pages) for host in HOSTS]


# --- ours ------------------------------------------------------------------------------------------


def configuration(folder: Path, port: int) -> Path:
    named = [f"{host}:{port}" for host in HOSTS]
    sources = [{"name": f"site{number}", "feeds": [f"http://{name}/feed"]} for number, name in enumerate(named, start=1)]
    config = folder / "config.yaml"
    settings = {"fetch": {"per_host_delay": "0s", "allow_private_addresses": named}, "sources": sources}
    config.write_text(json.dumps(settings), encoding="utf-8")
    return config


async def polled(rooms: app.Rooms, *, everything: bool) -> tuple[float, Counter[str]]:
    """Seconds from the last feed's answer to the last commit, and the articles' outcomes."""
    outcomes: Counter[str] = Counter()
    began = time.perf_counter()

    def report(poll) -> None:
        nonlocal began
        if poll.feed_id is not None:
            began = time.perf_counter()
        else:
            outcomes[f"{poll.outcome} {poll.reason or ''}".strip()] += 1

    await rooms.ticker.poll_due(source=None, everything=everything, report=report)
    return time.perf_counter() - began, outcomes


# --- beside it ---------------------------------------------------------------------------------------


async def bare(urls: Sequence[str], conditional: Callable[[str], dict[str, str]], each: Callable[[bytes], object] | None = None) -> float:
    """Seconds of nothing but asking, `AT_ONCE` at once, `each` body given on."""
    waiting = iter(urls)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def work() -> None:
            for url in waiting:
                async with session.get(url, headers=conditional(url)) as answer:
                    body = await answer.read()
                if each is not None:
                    each(body)

        began = time.perf_counter()
        await asyncio.gather(*(work() for _ in range(AT_ONCE)))
        return time.perf_counter() - began


def with_etag(edition: int) -> Callable[[str], dict[str, str]]:
    return lambda url: {"If-None-Match": f'"/news/{url.rpartition("/")[2]}{edition}"'}


def without(_url: str) -> dict[str, str]:
    return {}


def fingerprint(body: bytes) -> bytes:
    check_shape(body)
    return visible_hash(body)


def extracted(body: bytes) -> None:
    """trafilatura's own way with a page, in its faster mode, as bench/extraction.py has it."""
    trafilatura.extract(body, fast=True, include_comments=False)


async def pooled(urls: Sequence[str], each: Callable[[bytes], object], pool: ProcessPoolExecutor) -> float:
    """As `bare`, with `each` body's work in as many processes as there are cores."""
    loop = asyncio.get_running_loop()
    waiting = iter(urls)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def work() -> None:
            for url in waiting:
                async with session.get(url) as answer:
                    body = await answer.read()
                await loop.run_in_executor(pool, each, body)

        began = time.perf_counter()
        await asyncio.gather(*(work() for _ in range(AT_ONCE)))
        return time.perf_counter() - began


def trafilatura_alone(bodies: Sequence[bytes], pool: ProcessPoolExecutor) -> float:
    """Seconds for all bodies, all cores busy, nothing fetched."""
    began = time.perf_counter()
    for _ in pool.map(extracted, bodies, chunksize=8):
        pass
    return time.perf_counter() - began


# --- the comparisons -----------------------------------------------------------------------------------


def line(what: str, seconds: float, pages: int, against: float | None = None, goal: str = "") -> None:
    ratio = f"{against / seconds:8.2f} x{goal:>10}" if against is not None else ""
    print(f"{what:42}{pages / seconds:9.1f}/s{seconds / pages * 1000:9.2f} ms{ratio}", flush=True)


async def compare(port: int, pages: int, folder: Path) -> None:
    urls = urls_of(port, pages)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count(), mp_context=context) as pool:
        tell(port, "validators", pages)
        bodies = await bodies_of(urls)
        print(f"{pages} pages of {sum(map(len, bodies)) // pages:,} bytes on {len(HOSTS)} hosts, {AT_ONCE} at once, {os.cpu_count()} cores")
        list(pool.map(extracted, bodies[:20]))  # started and warm
        async with app.rooms(read_config(configuration(folder, port)), pace=False) as rooms:
            alone = trafilatura_alone(bodies, pool)
            took, outcomes = await polled(rooms, everything=False)
            print("first", dict(outcomes))
            line("trafilatura alone", alone, pages)
            line("first polls", took, pages, alone, ">= 0.8")
            await unchanged(rooms, port, pages, urls, pool)
            await changed(rooms, port, pages, urls)


async def bodies_of(urls: Sequence[str]) -> list[bytes]:
    async with aiohttp.ClientSession() as session:
        return [await (await session.get(url)).read() for url in urls]


async def unchanged(rooms: app.Rooms, port: int, pages: int, urls: Sequence[str], pool: ProcessPoolExecutor) -> None:
    for mode, name, goal in (("validators", "304", ">= 0.4"), ("same", "the same body", ""), ("nonce", "other markup", "")):
        conditional = with_etag(0) if mode == "validators" else without
        tell(port, mode, pages)
        beside: list[float] = []
        ours: list[float] = []
        outcomes: Counter[str] = Counter()
        fingerprints: list[float] = []
        for _ in range(ROUNDS):
            beside.append(await bare(urls, conditional))
            took, found = await polled(rooms, everything=True)
            ours.append(took)
            outcomes += found
            if mode == "nonce":
                fingerprints.append(await bare(urls, conditional, fingerprint))
                pooled_took = await pooled(urls, fingerprint, pool)
                line("  bare fetch + fingerprint in processes", pooled_took, pages)
        print(name, dict(outcomes))
        line("bare loop", min(beside), pages)
        if fingerprints:
            line("bare fetch + fingerprint", min(fingerprints), pages)
            line(f"polls, {name}", min(ours), pages, min(fingerprints), ">= 0.6")
        else:
            line(f"polls, {name}", min(ours), pages, min(beside), goal)


async def changed(rooms: app.Rooms, port: int, pages: int, urls: Sequence[str]) -> None:
    tell(port, "text", pages, edition=1)
    beside = await bare(urls, without)
    took, outcomes = await polled(rooms, everything=True)
    print("changed", dict(outcomes))
    line("bare loop", beside, pages)
    line("polls, changed text", took, pages, beside)


def arguments() -> dict[str, str]:
    """Those of the command line, NAME=VALUE."""
    return dict(argument.partition("=")[::2] for argument in sys.argv[1:])


def main() -> None:
    given = arguments()
    with tempfile.TemporaryDirectory() as folder, site(given.get("DATA", "")) as port:
        asyncio.run(compare(port, int(given.get("PAGES", 1_000)), Path(folder)))


if __name__ == "__main__":
    main()
