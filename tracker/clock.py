"""The program's one clock: this machine's, or the database server's where several machines share one.

Leases, due times and paces are compared between machines. So a store on PostgreSQL gives the time: it is asked once a minute,
and in between this machine only counts what has passed since, with a counter that nobody sets. A machine whose own clock is an
hour off, or is set while the program runs, then still agrees with all others.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from tracker.errors import StoreError

logger = logging.getLogger(__name__)

ASKED_EVERY = timedelta(minutes=1)
# An answer that took longer tells the time too badly; the next one is better.
LONGEST_ANSWER = timedelta(seconds=1)
# Told once: what else runs on that machine (its logs, its certificates) is off as well.
NOTABLE = timedelta(seconds=10)
# Goes on while a machine sleeps, where the system has such a counter.
_COUNTER = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)

AskTime = Callable[[], datetime | None]


class Clock:
    """Called for the time, aware and in UTC. `ask_time` gives the database server's, or None where there is no server."""

    def __init__(self, ask_time: AskTime) -> None:
        self._ask_time = ask_time
        self._known: tuple[datetime, float] | None = None
        self._told = False

    def __call__(self) -> datetime:
        if self._known is None:
            return datetime.now(UTC)
        at, counted = self._known
        return at + timedelta(seconds=_counted() - counted)

    def ask(self) -> None:
        """Raises StoreError. What was known stays where the answer came late."""
        before = _counted()
        at = self._ask_time()
        after = _counted()
        if at is None or (self._known is not None and after - before > LONGEST_ANSWER.total_seconds()):
            return
        self._known = at, (before + after) / 2
        off = datetime.now(UTC) - self()
        if abs(off) > NOTABLE and not self._told:
            self._told = True
            ahead = "ahead of" if off > timedelta(0) else "behind"
            logger.warning("this machine's clock is %.0f s %s the database server's, which counts here", abs(off).total_seconds(), ahead)

    async def keep_right(self) -> None:
        """Asks once a minute, until it is cancelled."""
        while True:
            await asyncio.sleep(ASKED_EVERY.total_seconds())
            try:
                await asyncio.to_thread(self.ask)
            except StoreError as error:
                logger.debug("the database server was not asked for the time: %s", error)


def _counted() -> float:
    return time.clock_gettime(_COUNTER)
