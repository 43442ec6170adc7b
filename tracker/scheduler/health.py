"""How following goes: what each poll came to, counted for /metrics, and the alarms, told once and ended once.

What is a reason for an alarm is in alarms.py. Counts begin anew with the process; alarms are in the store.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from tracker.model import AlarmKind, Outcome, Poll
from tracker.scheduler import alarms
from tracker.store.store import Store

logger = logging.getLogger(__name__)

# Hosts whose clocks are remembered, and how often they are asked for a verdict: a clock is not set every second.
CLOCKS_KEPT = 100
CLOCKS_ASKED_EVERY = timedelta(minutes=1)
# Looks after which it may be another answer whether a source's pages can be read.
_TELLING = frozenset({Outcome.FIRST, Outcome.CHANGED, Outcome.REVERTED, Outcome.HELD, Outcome.REFUSED})


class Health:
    """`polls` counts by what was looked at (feed or article) and the outcome."""

    def __init__(self, *, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock
        self._ahead: OrderedDict[str, timedelta] = OrderedDict()
        self._clocks_asked_at: datetime | None = None
        self.polls: Counter[tuple[str, Outcome]] = Counter()
        self.bytes_count = 0
        self.seconds = 0.0

    def answered(self, host: str, ahead: timedelta | None) -> None:
        """`ahead` is how far our clock was ahead of the host's, where its answer tells."""
        if ahead is not None:
            self._ahead[host] = ahead
            self._ahead.move_to_end(host)
            if len(self._ahead) > CLOCKS_KEPT:
                self._ahead.popitem(last=False)

    async def polled(self, polls: Sequence[Poll], source_of: Mapping[int | None, str]) -> None:
        """Counts polls that are kept, and sees to the alarms of their sources, by article id (None: a feed's). Raises StoreError."""
        by_source: dict[str, list[Poll]] = {}
        for poll in polls:
            self.polls["feed" if poll.feed_id is not None else "article", poll.outcome] += 1
            self.bytes_count += poll.bytes or 0
            self.seconds += (poll.ms or 0) / 1000
            by_source.setdefault(source_of[poll.article_id], []).append(poll)
        for source, looks in by_source.items():
            await self._see_to(source, looks)
        await self._see_to_clock()

    async def _see_to(self, source: str, looks: Sequence[Poll]) -> None:
        listed = any(poll.feed_id is not None for poll in looks)
        told = any(poll.feed_id is None and poll.outcome in _TELLING for poll in looks)
        if not (listed or told):
            return
        facts = await asyncio.to_thread(self._store.alarms.facts, source)
        found: dict[AlarmKind, str | None] = {}
        if listed:
            found[AlarmKind.SILENT] = alarms.silence(facts.entries_at, self._clock())
        if told:
            found[AlarmKind.UNREAD] = alarms.unread(facts.read)
        await self._settle(source, found)

    async def _see_to_clock(self) -> None:
        now = self._clock()
        if self._clocks_asked_at is None or now - self._clocks_asked_at >= CLOCKS_ASKED_EVERY:
            self._clocks_asked_at = now
            if len(self._ahead) >= alarms.FEWEST_CLOCKS:
                await self._settle(None, {AlarmKind.CLOCK: alarms.wrong_clock(self._ahead.values())})

    async def _settle(self, source: str | None, found: Mapping[AlarmKind, str | None]) -> None:
        new, ended = await asyncio.to_thread(self._store.alarms.settle, source, found, self._clock())
        for alarm in new:
            logger.warning("%s%s", f"{source}: " if source else "", alarm.sentence)
        for alarm in ended:
            logger.info("%srecovered; this is over: %s", f"{source}: " if source else "", alarm.sentence)
