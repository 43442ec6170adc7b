"""What an operator's address turns out to be: a feed, a page that announces feeds, or an article."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from tracker.discovery.addresses import absolute
from tracker.discovery.feeds import read_listing
from tracker.discovery.links import find_feeds, site_name
from tracker.errors import AlreadyTracked, FeedError, NotAFeed, NotFound, TakenDown
from tracker.extract.article import extract_article
from tracker.fetch.client import Client, Fetched
from tracker.model import ArticleStatus, Extract, FeedEntry, Source, TrackedEntry
from tracker.sandbox import Sandbox
from tracker.scheduler.hosts import Hosts
from tracker.store.store import Store
from tracker.urls import address_of, article_keys, host_of

# A source's name is part of our addresses and of paths under storage/feeds/.
SOURCE_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

# Characters of what a feed or a site calls itself: it stands before every change.
TITLE_LENGTH = 80

# A page with fewer blocks is a front page's teasers, not an article; so is one that announces feeds and has no date.
ARTICLE_BLOCKS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """`what` was added to `source`: the feeds' addresses, or the article's. `pause` says in a sentence that it is not looked at."""

    what: Literal["feed", "article"]
    source: str
    urls: tuple[str, ...]
    pause: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """What a page's bytes hold, as far as adding goes; `title` is what the feed or the page's site calls itself."""

    is_feed: bool
    feeds: tuple[str, ...]
    headline: str | None
    title: str | None = None


def recognise(body: bytes, url: str, charset: str | None) -> Recognised:
    """Runs in the sandbox."""
    try:
        title = read_listing(body, url, charset=charset).title
    except NotAFeed:
        found = extract_article(body, url, charset=charset)
        feeds = find_feeds(body, url)
        if isinstance(found, Extract) and len(found.blocks) >= ARTICLE_BLOCKS and (found.published_at or not feeds):
            return Recognised(is_feed=False, feeds=feeds, headline=found.headline, title=site_name(body))
        return Recognised(is_feed=False, feeds=feeds, headline=None, title=site_name(body))
    return Recognised(is_feed=True, feeds=(url,), headline=None, title=title)


class Adder:
    def __init__(
        self, *, store: Store, client: Client, sandbox: Sandbox, hosts: Hosts, timeout: timedelta, clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._client = client
        self._sandbox = sandbox
        self._hosts = hosts
        self._timeout = timeout
        self._clock = clock

    async def add(self, url: str, *, source: str | None) -> Added:
        """Raises FetchError, FeedError (nothing to follow there, or a name that no source can have), AlreadyTracked, TakenDown."""
        if source is not None and not SOURCE_NAME.fullmatch(source):
            raise FeedError(url, f"{source!r} cannot be a source's name: write lower-case letters, digits and dashes, such as bbc-news.")
        try:
            address = address_of(absolute("", url) or url)
        except ValueError as error:
            raise FeedError(url, f"{url} cannot be followed: {error}") from None
        async with self._hosts.turn() as turn:
            answer = await self._client.get(address, permit=turn.permit)
        if not isinstance(answer, Fetched):
            raise FeedError(url, f"{url} is not there: it answered with status {answer.status}.")
        seen = await self._sandbox.run(recognise, answer.body, answer.url, answer.charset, timeout=self._timeout)
        name = source or source_name(answer.url)
        if seen.headline is not None:
            return await asyncio.to_thread(self._add_article, name, address_of(answer.url), seen.headline, seen.title)
        if not seen.feeds:
            raise FeedError(url, f"{url} is neither a feed nor an article, and announces no feeds: name the feed's own address.")
        return await asyncio.to_thread(self._add_feeds, name, seen.feeds, seen.title)

    def _add_feeds(self, name: str, urls: tuple[str, ...], title: str | None) -> Added:
        followed = {feed.url for health in self._store.articles.sources() for feed in health.feeds}
        new = tuple(url for url in dict.fromkeys(urls) if url not in followed)
        if not new:
            raise AlreadyTracked(urls[0])
        self._make_source(name, title or host_of(new[0]))
        for url in new:
            self._store.articles.add_feed(name, url, self._clock())
        return Added(what="feed", source=name, urls=new, pause=self._pause(name))

    def _add_article(self, name: str, url: str, headline: str, title: str | None) -> Added:
        with suppress(NotFound):
            known = self._store.articles.find(url)
            raise TakenDown(url) if known.status is ArticleStatus.HIDDEN else AlreadyTracked(url)
        self._make_source(name, title or host_of(url))
        entry = TrackedEntry(entry=FeedEntry(url=url, title=headline), url=url, host=host_of(url), keys=article_keys(url))
        self._store.articles.add_article(name, entry, self._clock())
        return Added(what="article", source=name, urls=(url,), pause=self._pause(name))

    def _pause(self, name: str) -> str | None:
        if not self._store.articles.source(name).source.paused:
            return None
        advice = f"tracker resume {name} ends that, unless config.yaml pauses it or names it no longer"
        return f"The source {name} is paused, so nothing of it is looked at: {advice}."

    def _make_source(self, name: str, title: str) -> None:
        try:
            self._store.articles.source(name)
        except NotFound:
            self._store.articles.add_source(Source(name=name, title=title[:TITLE_LENGTH].rstrip(), declared=False), self._clock())


def source_name(url: str) -> str:
    """A source's name made of its host: https://www.example.org/x -> example-org."""
    host = host_of(url).removeprefix("www.").removeprefix("feeds.").removeprefix("rss.")
    return re.sub(r"[^a-z0-9]+", "-", host.lower()).strip("-")
