"""`tracker check`: what stands in the way of following the sources, each with what to do. Keeps nothing of what it reads."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from tracker.discovery.feeds import read_feed
from tracker.errors import TrackerError
from tracker.fetch.client import Client, Fetched
from tracker.fetch.headers import clock_ahead
from tracker.model import Feed
from tracker.sandbox import Sandbox
from tracker.scheduler.alarms import CLOCK_TOLERANCE
from tracker.scheduler.hosts import Hosts
from tracker.urls import host_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`about` names the thing, `sentence` says how it is and, where it is not good, what to do."""

    about: str
    good: bool
    sentence: str


async def check_feeds(
    feeds: Sequence[Feed], *, client: Client, sandbox: Sandbox, hosts: Hosts, cap: int, task_timeout: timedelta
) -> tuple[Finding, ...]:
    """Reads every feed once, several hosts at a time, and keeps nothing of it; the answers also tell how our clock goes."""
    ahead: dict[str, timedelta] = {}

    async def one(feed: Feed) -> Finding:
        try:
            async with hosts.turn() as turn:
                answer = await client.get(feed.url, cap=cap, permit=turn.permit)
            if not isinstance(answer, Fetched):
                sentence = f"answered with status {answer.status}: take the feed out, or correct its address"
                return Finding(about=feed.url, good=False, sentence=sentence)
            if (difference := clock_ahead(answer.capture)) is not None:
                ahead[host_of(answer.url)] = difference
            entries = await sandbox.run(read_feed, answer.body, answer.url, answer.charset, timeout=task_timeout)
        except TrackerError as error:
            return Finding(about=feed.url, good=False, sentence=str(error))
        counted = "1 entry" if len(entries) == 1 else f"{len(entries)} entries"
        return Finding(about=feed.url, good=True, sentence=f"answers and lists {counted}")

    findings = await asyncio.gather(*(one(feed) for feed in feeds))
    return (*findings, *_clock(list(ahead.values())))


def _clock(ahead: Sequence[timedelta]) -> tuple[Finding, ...]:
    """By most servers' word: one of them may be wrong itself."""
    if not ahead or abs(difference := sorted(ahead)[len(ahead) // 2]) <= CLOCK_TOLERANCE:
        return ()
    minutes, way = round(abs(difference) / timedelta(minutes=1)), "ahead of" if difference > timedelta(0) else "behind"
    sentence = f"is {minutes} min {way} the servers' clocks: set it, for every time that is kept comes from it"
    return (Finding(about="this machine's clock", good=False, sentence=sentence),)
