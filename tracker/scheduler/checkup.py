"""`tracker check`: what stands in the way of following the sources, each with what to do. Keeps nothing of what it reads."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from tracker.discovery.feeds import read_feed
from tracker.errors import TrackerError
from tracker.fetch.client import Client, Fetched
from tracker.model import Feed
from tracker.sandbox import Sandbox
from tracker.scheduler.hosts import Hosts


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`about` names the thing, `sentence` says how it is and, where it is not good, what to do."""

    about: str
    good: bool
    sentence: str


async def check_feeds(
    feeds: Sequence[Feed], *, client: Client, sandbox: Sandbox, hosts: Hosts, cap: int, task_timeout: timedelta
) -> tuple[Finding, ...]:
    """Reads every feed once, several hosts at a time, and keeps nothing of it."""

    async def one(feed: Feed) -> Finding:
        try:
            async with hosts.turn() as turn:
                answer = await client.get(feed.url, cap=cap, permit=turn.permit)
            if not isinstance(answer, Fetched):
                sentence = f"answered with status {answer.status}: take the feed out, or correct its address"
                return Finding(about=feed.url, good=False, sentence=sentence)
            entries = await sandbox.run(read_feed, answer.body, answer.url, answer.charset, timeout=task_timeout)
        except TrackerError as error:
            return Finding(about=feed.url, good=False, sentence=str(error))
        counted = "1 entry" if len(entries) == 1 else f"{len(entries)} entries"
        return Finding(about=feed.url, good=True, sentence=f"answers and lists {counted}")

    return tuple(await asyncio.gather(*(one(feed) for feed in feeds)))
