#!/usr/bin/env python3
"""How many articles keep one history while their addresses follow their headlines, over real HTTP.

python bench/identity.py DATA=DIR   DIR holds cadence/nunl-renamed-urls.jsonl (or the file itself): one article a line,
{"id": ..., "states": [{"url": ..., "title": ..., "seen": ...}, ...]}. A loopback site lists and serves each article under the
address that it has by then, and redirects its earlier ones for good. Beside ours: a tracker that knows articles by URL.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape
from itertools import groupby
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web

from tracker.errors import NotFound
from tracker.sandbox import Sandbox
from tracker.store.store import Store

sys.path.append(str(Path(__file__).resolve().parent.parent / "tests"))

from assembled import assembled, served

WORDS = ("harbour", "council", "bridge", "minister", "figures", "report", "evening", "police", "company", "station", "school")
LISTED = 100  # entries of the feed, the newest last


@dataclass
class Site:
    """`places` are paths by now, `stories` the number and title of each article's present path."""

    places: dict[str, str] = field(default_factory=dict)
    stories: dict[str, tuple[int, str]] = field(default_factory=dict)
    listed: list[str] = field(default_factory=list)
    base: str = ""

    def handle(self, request: web.Request) -> web.StreamResponse:
        if request.path == "/feed":
            return web.Response(text=self._feed(), content_type="application/rss+xml")
        now = self.places.get(request.path)
        if now is None:
            return web.Response(status=404)
        if now != request.path:
            return web.Response(status=301, headers={"Location": now})
        return web.Response(text=self._page(*self.stories[now]), content_type="text/html")

    def _feed(self) -> str:
        items = (f"<item><title>{escape(self.stories[path][1])}</title><link>{self.base}{path}</link></item>" for path in self.listed)
        return f"<rss version='2.0'><channel><title>News</title>{''.join(items)}</channel></rss>"

    def _page(self, number: int, title: str) -> str:
        lines = (" ".join(WORDS[(number * 7 + place * step) % len(WORDS)] for step in range(12)) for place in range(5))
        body = "".join(f"<p>{escape(title)}, {number}: {line}.</p>" for line in lines)
        head = f"<html lang=nl><head><title>{escape(title)}</title></head>"
        return f"{head}<body><article><h1>{escape(title)}</h1>{body}</article></body></html>"


async def replay(articles: list[dict]) -> None:
    site, now = Site(), datetime.min.replace(tzinfo=UTC)

    async def handle(request: web.Request) -> web.StreamResponse:
        return site.handle(request)

    with tempfile.TemporaryDirectory() as folder, closing(Sandbox(workers=2)) as sandbox:
        async with served(handle) as site.base, assembled(site.base, Path(folder), lambda: now, sandbox) as program:
            states = [(state["seen"], number, state) for number, article in enumerate(articles) for state in article["states"]]
            for seen, at_once in groupby(sorted(states, key=lambda entry: entry[:2]), key=lambda entry: entry[0]):
                now = datetime.fromisoformat(seen)
                for _, number, state in at_once:
                    _move(site, articles[number], number, state)
                del site.listed[:-LISTED]
                await program.poll()
            _print(program.store, site, articles)


def _move(site: Site, article: dict, number: int, state: dict) -> None:
    path = urlsplit(state["url"]).path
    earlier = {urlsplit(one["url"]).path for one in article["states"]} & site.places.keys()
    site.places |= dict.fromkeys({*earlier, path}, path)
    site.stories[path] = (number, state["title"])
    site.listed[:] = [*(one for one in site.listed if site.places[one] == one and one != path), path]


def _print(store: Store, site: Site, articles: list[dict]) -> None:
    tracked = store.articles.listed(limit=100_000)
    owners = Counter()
    one_history = by_url = 0
    for article in articles:
        urls = {site.base + urlsplit(state["url"]).path for state in article["states"]} & {site.base + path for path in site.places}
        found = {one.id for one in (_find(store, url) for url in urls) if one is not None}
        one_history += len(found) == 1 and len(urls) > 0
        by_url += len(urls) == 1
        owners.update(found)
    revisions = sum(article.revisions_count for article in tracked)
    print(f"{len(articles)} articles whose addresses changed, {len(site.places)} addresses")
    print(f"one history, known by URL: {by_url}")
    joined = sum(count > 1 for count in owners.values())
    print(f"one history, ours:         {one_history} ({len(tracked)} tracked, {joined} joined with another)")
    print(f"versions kept: {revisions}, events: {sum(article.changes_count for article in tracked)}")


def _find(store: Store, url: str):
    try:
        return store.articles.find(url)
    except NotFound:
        return None


def main() -> None:
    given = dict(argument.split("=", 1) for argument in sys.argv[1:] if "=" in argument).get("DATA", "")
    place = Path(given) / "cadence" / "nunl-renamed-urls.jsonl" if given and Path(given).is_dir() else Path(given or ".")
    if not place.is_file():
        print("bench/identity.py needs DATA=DIR with cadence/nunl-renamed-urls.jsonl in it; left out.")
        return
    asyncio.run(replay([json.loads(line) for line in place.read_text(encoding="utf-8").splitlines()]))


if __name__ == "__main__":
    main()
