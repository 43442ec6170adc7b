"""What a web host may expect before it is asked: its robots.txt, its pace, its Retry-After.

The facts live in the store's Host rows, so that restarts and other processes keep them; this class holds only
one lock a host, so that one process asks a host one thing at a time.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from tracker.errors import BadStatus, FetchError, HostPaused, RobotsDisallowed, RobotsUnreadable
from tracker.fetch.client import Client, Fetched, Gone
from tracker.fetch.robots import Robots, parse
from tracker.model import Host
from tracker.store.store import Store
from tracker.urls import host_of

# RFC 9309, 2.4: not cached for more than 24 h. One that could not be read is asked for again sooner.
ROBOTS_KEPT = timedelta(hours=24)
ROBOTS_RETRY = timedelta(minutes=10)
# A host that did not answer at all is perhaps only starting, or our own line was down.
ROBOTS_RETRY_UNREACHED = timedelta(minutes=1)
# RFC 9309 has the first 500 KiB parsed; a file may be longer, within reason.
ROBOTS_CAP = 5 * 2**20
# A site that asks for more than this between two requests gets this: a day's articles must still be readable.
LONGEST_CRAWL_DELAY = timedelta(seconds=60)
# Retry-After outside these is a mistake or a joke.
SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(days=7)
# How long a host that gave no answer is left alone.
REST = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How we ask: our name in robots.txt, our pause between two requests, hosts that are our own and need none."""

    agent: str
    delay: timedelta
    unpaced: Collection[str] = ()


class Hosts:
    def __init__(self, *, store: Store, client: Client, manners: Manners, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._client = client
        self._manners = manners
        self._clock = clock
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._rules: dict[str, tuple[datetime, Robots]] = {}

    @asynccontextmanager
    async def turn(self, url: str) -> AsyncIterator[None]:
        """Waits until `url`'s host may be asked and holds it while the body runs, whose BadStatus is heeded.

        Raises HostPaused, without waiting, while the host wants to be left alone.
        """
        name = host_of(url)
        async with self._locks[name]:
            if (until := await self.paused_until(url)) is not None:
                raise HostPaused(url, until)
            if name not in self._manners.unpaced:
                host = await asyncio.to_thread(self._store.articles.host, name)
                now = self._clock()
                # Nobody reserves further ahead than one pause: what is later was written before a clock went back.
                at = min(max(host.next_request_at or now, now), now + self._delay(name))
                await asyncio.to_thread(self._store.articles.keep_host, replace(host, next_request_at=at + self._delay(name)))
                await asyncio.sleep((at - now).total_seconds())
            try:
                yield
            except BadStatus as error:
                await self._heed(error)
                raise

    async def permit(self, url: str) -> None:
        """Asked before each request and each hop of a redirect. Raises HostPaused, RobotsDisallowed or RobotsUnreadable."""
        if (until := await self.paused_until(url)) is not None:
            raise HostPaused(url, until)
        rules = await self._robots(url)
        if not rules.allows(url, self._manners.agent):
            raise RobotsDisallowed(url)

    async def paused_until(self, url: str) -> datetime | None:
        """Until when the address's host is left alone; None when it may be asked now."""
        until = (await asyncio.to_thread(self._store.articles.host, host_of(url))).pause_until
        now = self._clock()
        return until if until and now < until <= now + LONGEST_PAUSE else None

    async def rest(self, url: str) -> None:
        """Leaves a host alone that gave no answer."""
        await self._pause(url, REST)

    async def _heed(self, error: BadStatus) -> None:
        """Keeps a server's Retry-After for its whole host."""
        if error.retry_after is None or error.status not in {429, 503}:
            return
        await self._pause(error.url, min(max(error.retry_after, SHORTEST_PAUSE), LONGEST_PAUSE))

    async def _pause(self, url: str, duration: timedelta) -> None:
        host = await asyncio.to_thread(self._store.articles.host, host_of(url))
        await asyncio.to_thread(self._store.articles.keep_host, replace(host, pause_until=self._clock() + duration))

    def _delay(self, name: str) -> timedelta:
        known = self._rules.get(name)
        asked = known[1].crawl_delay(self._manners.agent) if known else None
        return max(self._manners.delay, min(asked or timedelta(0), LONGEST_CRAWL_DELAY))

    async def _robots(self, url: str) -> Robots:
        name = host_of(url)
        now = self._clock()
        known = self._rules.get(name)
        if known is None or now >= known[0]:
            host = await asyncio.to_thread(self._store.articles.host, name)
            if host.robots_read_at is None or now >= _stale_at(host):
                host = await self._read_robots(url, host)
            self._rules[name] = known = (_stale_at(host), parse(host.robots, host.robots_status or 0))
            if _unreadable(host):
                self._rules.pop(name)
                raise RobotsUnreadable(url, f"status {host.robots_status}" if host.robots_status else "no answer")
        return known[1]

    async def _read_robots(self, url: str, host: Host) -> Host:
        parts = urlsplit(url)
        body, status = None, 0
        try:
            answer = await self._client.get(f"{parts.scheme}://{parts.netloc}/robots.txt", cap=ROBOTS_CAP)
        except BadStatus as error:
            status = error.status
        except FetchError:
            status = 0
        else:
            status = answer.status
            body = answer.body if isinstance(answer, Fetched) else None
            assert isinstance(answer, Fetched | Gone)  # nothing to be unmodified: no validators were sent
        # Read anew: while the answer came, another process may have written its pace or a pause.
        host = await asyncio.to_thread(self._store.articles.host, host.name)
        host = replace(host, robots=body, robots_status=status, robots_read_at=self._clock())
        await asyncio.to_thread(self._store.articles.keep_host, host)
        return host


def _unreadable(host: Host) -> bool:
    return not host.robots_status or host.robots_status >= 500


def _stale_at(host: Host) -> datetime:
    assert host.robots_read_at is not None
    if not host.robots_status:
        return host.robots_read_at + ROBOTS_RETRY_UNREACHED
    return host.robots_read_at + (ROBOTS_RETRY if _unreadable(host) else ROBOTS_KEPT)
