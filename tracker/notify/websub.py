"""Telling a WebSub hub which change feeds were written anew, so that readers who subscribe there are told at once.

Polls and emissions never wait for it. A hub that does not take the news is asked again a few times, then a line in the log says
so: feeds can be read all the same, and the next change tells of all that is in them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from types import TracebackType
from typing import Self

from tracker.errors import FetchError, UnsafeAddress
from tracker.fetch.client import Client

logger = logging.getLogger(__name__)

# Between the tries for one piece of news: a hub that restarts is back within minutes.
WAITS = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=10))
# What is left when the program ends gets one more try, all together this long.
LAST_TRY = timedelta(seconds=5)


class Publisher:
    """An async context manager: inside it, announced addresses are told to the hub one after the other."""

    def __init__(self, *, client: Client, hub_url: str, waits: Sequence[timedelta] = WAITS) -> None:
        self._client = client
        self._hub_url = hub_url
        self._waits = waits
        self._untold: dict[str, None] = {}  # in the order in which they came
        self._news = asyncio.Event()
        self._leaving = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        assert self._task is not None
        self._leaving.set()
        self._news.set()
        done, _ = await asyncio.wait([self._task], timeout=LAST_TRY.total_seconds())
        if not done:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._give_up("it did not answer before the program ended")

    def announce(self, feed_urls: Sequence[str]) -> None:
        """These feeds have something new. Returns at once."""
        self._untold |= dict.fromkeys(feed_urls)
        self._news.set()

    async def _run(self) -> None:
        """Until the program ends and nothing is left."""
        while await self._any():
            why = await self._try()
            for wait in self._waits:
                if not self._untold or self._leaving.is_set():
                    break
                await self._rest(wait)
                why = await self._try()
            self._give_up(why)

    async def _rest(self, wait: timedelta) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._leaving.wait(), wait.total_seconds())

    async def _any(self) -> bool:
        await self._news.wait()
        self._news.clear()
        return bool(self._untold)

    async def _try(self) -> str:
        """What the hub takes, or never will, is done with; says why something is left."""
        why = ""
        for url in tuple(self._untold):
            try:
                status = await self._client.post(self._hub_url, {"hub.mode": "publish", "hub.url": url, "hub.topic": url})
            except UnsafeAddress as error:
                logger.warning("The WebSub hub is not asked: %s", error)
            except FetchError as error:
                why = str(error)
                continue
            else:
                if status >= 500 or status == 429:
                    why = f"it answered with status {status}."
                    continue
                if status >= 300:
                    logger.warning("The WebSub hub %s refused %s with status %d.", self._hub_url, url, status)
            self._untold.pop(url, None)
        return why

    def _give_up(self, why: str) -> None:
        if self._untold:
            logger.warning("The WebSub hub %s was not told of %d change feeds: %s", self._hub_url, len(self._untold), why)
            self._untold.clear()
