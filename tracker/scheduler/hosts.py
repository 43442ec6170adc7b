"""What a web host may expect before it is asked: its robots.txt, its pace, its Retry-After.

The facts live in the store's Host rows, so that restarts and other processes keep them; here is only one lock a host,
so that one process asks a host one thing at a time.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from tracker.errors import BadStatus, FetchError, HostPaused, RobotsDisallowed, RobotsUnreadable, TooManyRedirects, UnsafeAddress
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
ROBOTS_REDIRECTS = 5
# A site that asks for more than this between two looks gets this: a day's articles must still be readable. The requests
# of one look (robots.txt, the hops of a redirect) are only as far apart as we keep them anywhere.
LONGEST_CRAWL_DELAY = timedelta(seconds=60)
# As many processes may wait for one host at once: the queue gives a host to one of them, but redirects lead there from others.
WAITING = 10
# Retry-After outside these is a mistake or a joke.
SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(days=7)
# What other processes were told is heard of as late as this; where there is a pace, before each request.
PAUSES_KEPT = timedelta(seconds=1)
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
        self._pauses: dict[str, datetime] = {}
        self._pauses_stale_at = 0.0
        self._forgotten_count = 0

    def turn(self) -> Turn:
        return Turn(self)

    async def paused_until(self, url: str) -> datetime | None:
        """Until when the address's host is left alone; None when it may be asked now."""
        loop, known, forgotten_count = asyncio.get_running_loop(), self._pauses, self._forgotten_count
        if loop.time() >= self._pauses_stale_at:
            known = await asyncio.to_thread(self._store.articles.paused_hosts)
            if forgotten_count == self._forgotten_count:
                self._pauses, self._pauses_stale_at = known, loop.time() + PAUSES_KEPT.total_seconds()
        until, now = known.get(host_of(url)), self._clock()
        return until if until and now < until <= now + LONGEST_PAUSE else None

    def forget_pauses(self) -> None:
        """The next question for a pause goes to the store, and no answer to an earlier one is kept."""
        self._forgotten_count += 1
        self._pauses_stale_at = 0.0

    async def rest(self, url: str) -> None:
        """Leaves a host alone that gave no answer."""
        await self._pause(url, REST)

    # --- what a Turn needs -----------------------------------------------------------------------

    def lock(self, name: str) -> asyncio.Lock:
        return self._locks[name]

    def now(self) -> datetime:
        return self._clock()

    async def wait(self, name: str, *, again: bool) -> bool:
        """Keeps the host's pace; whether there was anything to wait for. `again`: it was asked already for the same look, within
        which a longer Crawl-delay does not count."""
        now, delay = self._clock(), self._delay(name)
        if name in self._manners.unpaced or not delay:
            return False
        within = self._manners.delay if again and delay > self._manners.delay else None
        reserve = self._store.articles.reserve_request
        at = await asyncio.to_thread(reserve, name, now=now, wait_at_most=WAITING * delay, delay=delay, within=within)
        await asyncio.sleep((at - now).total_seconds())
        return at > now

    async def allows(self, url: str, turn: Turn) -> bool:
        """Whether the site's robots.txt does, which is asked for if need be. Raises RobotsUnreadable."""
        name = host_of(url)
        known = self._rules.get(name)
        if known is None or self._clock() >= known[0]:
            host = await asyncio.to_thread(self._store.articles.host, name)
            if host.robots_read_at is None or self._clock() >= _stale_at(host):
                host = await self._read_robots(url, host, turn)
            self._rules[name] = known = (_stale_at(host), parse(host.robots, host.robots_status or 0))
            if _unreadable(host):
                self._rules.pop(name)
                raise RobotsUnreadable(url, f"status {host.robots_status}" if host.robots_status else "no answer")
        rules, agent = known[1], self._manners.agent
        return await asyncio.to_thread(rules.allows, url, agent) if rules.is_long else rules.allows(url, agent)

    async def heed(self, error: BadStatus) -> None:
        """Keeps a server's Retry-After for its whole host; one that says "too many requests" and no more rests."""
        if error.status in {429, 503} and error.retry_after is not None:
            await self._pause(error.url, min(max(error.retry_after, SHORTEST_PAUSE), LONGEST_PAUSE))
        elif error.status == 429:
            await self._pause(error.url, REST)

    # --- inside ----------------------------------------------------------------------------------

    async def _pause(self, url: str, duration: timedelta) -> None:
        await asyncio.to_thread(self._store.articles.pause_host, host_of(url), self._clock() + duration)
        self.forget_pauses()

    def _delay(self, name: str) -> timedelta:
        known = self._rules.get(name)
        asked = known[1].crawl_delay(self._manners.agent) if known else None
        return max(self._manners.delay, min(asked or timedelta(0), LONGEST_CRAWL_DELAY))

    async def _read_robots(self, url: str, host: Host, turn: Turn) -> Host:
        parts = urlsplit(url)
        place = f"{parts.scheme}://{parts.netloc}/robots.txt"
        body, status = None, 0
        try:
            answer = await self._client.get(place, cap=ROBOTS_CAP, permit=turn.approach)
        except HostPaused:
            raise
        except UnsafeAddress as error:
            if error.url == place:
                raise UnsafeAddress(url, error.why) from error  # so is the page
        except BadStatus as error:
            status = error.status
            await self.heed(error)
        except TooManyRedirects as error:
            # RFC 9309, 2.3.1.2: as if there were none, for whoever followed five.
            status = 404 if error.hops >= ROBOTS_REDIRECTS else 0
        except FetchError:
            status = 0
        else:
            status = answer.status
            body = answer.body if isinstance(answer, Fetched) else None
            assert isinstance(answer, Fetched | Gone)  # nothing to be unmodified: no validators were sent
        read_at = self._clock()
        await asyncio.to_thread(self._store.articles.keep_robots, host.name, body, status=status, read_at=read_at)
        return replace(host, robots=body, robots_status=status, robots_read_at=read_at)


class Turn:
    """One look's way from host to host, as an async context manager.

    While the body runs no other asks the host that was permitted last; the one before is let go, so that two looks that lead
    to each other's hosts never wait for one another. `at` is when it was last free to ask. A BadStatus that the body raises
    is heeded.
    """

    def __init__(self, hosts: Hosts) -> None:
        self.at = hosts.now()
        self._hosts = hosts
        self._held: str | None = None
        self._asked: set[str] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            if isinstance(error, BadStatus):
                await self._hosts.heed(error)
        finally:
            self._leave()

    async def permit(self, url: str) -> None:
        """Awaited before each request and each hop of a redirect. Raises HostPaused, RobotsDisallowed or RobotsUnreadable."""
        await self._hold(host_of(url))
        if not await self._hosts.allows(url, self):
            raise RobotsDisallowed(url)
        await self.approach(url)

    async def approach(self, url: str) -> None:
        """The same without the rules of robots.txt, as that file itself is asked for."""
        name = host_of(url)
        await self._hold(name)
        await self._check_pause(url)
        if await self._hosts.wait(name, again=name in self._asked):
            self._hosts.forget_pauses()  # one may have begun meanwhile
            await self._check_pause(url)
        self._asked.add(name)
        self.at = self._hosts.now()

    def _leave(self) -> None:
        if self._held is not None:
            self._hosts.lock(self._held).release()
            self._held = None

    async def _hold(self, name: str) -> None:
        """Waits for the other looks of this process at the host."""
        if name != self._held:
            self._leave()
            await self._hosts.lock(name).acquire()
            self._held = name

    async def _check_pause(self, url: str) -> None:
        if (until := await self._hosts.paused_until(url)) is not None:
            raise HostPaused(url, until)


def _unreadable(host: Host) -> bool:
    return not host.robots_status or host.robots_status >= 500


def _stale_at(host: Host) -> datetime:
    assert host.robots_read_at is not None
    if not host.robots_status:
        return host.robots_read_at + ROBOTS_RETRY_UNREACHED
    return host.robots_read_at + (ROBOTS_RETRY if _unreadable(host) else ROBOTS_KEPT)
