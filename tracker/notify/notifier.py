"""Serves the subscriptions: each by a task of its own, in order, at least once.

The only truth is in the store: a cursor that moves after what it passes was taken, and a lease, so that any number of processes
may serve one store. A crash repeats, never loses. What is in memory here is only what this process is busy with, and how far it
looked in vain. Texts are read right before they are sent: what was taken down meanwhile is not in them.

    look     the store says whose turn it is; whoever has nothing waiting is left alone
    claim    the lease, as soon as there is room at the receiver's host
    tell     the next notices -> their entries -> one message; then the cursor moves
    rest     nothing is left, or it failed: later again, at last not any more
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from secrets import SystemRandom
from urllib.parse import urlsplit

from tracker.errors import Busy, NotDelivered, StoreError, Unusable
from tracker.feeds import ChangeEntry
from tracker.model import AlarmKind, Attempt, Change, Channel, Notice, Subscription, Waiting
from tracker.notify.timing import next_digest, next_try
from tracker.notify.told import Outlet, Told
from tracker.store.store import Store

logger = logging.getLogger(__name__)

# Between two looks; one is a query of a millisecond where nothing was kept.
PAUSE = timedelta(seconds=1)
# Longer than any attempt takes; so long a crash holds up what the process had claimed.
LEASE = timedelta(seconds=60)
# Messages under way to one host at once, whatever the number of subscriptions there.
PER_HOST = 4
# Numbers that a cursor lags behind before it is written though nothing was told.
PASSED_OVER = 1_000
# After a store that cannot be used.
STORE_REST = timedelta(seconds=30)

_CHANCE = SystemRandom()

# The entries of changes that were read under this mark of the takedowns; None where something was taken down since.
Entries = Callable[[Sequence[Change], int], Awaitable[tuple[ChangeEntry, ...] | None]]


class Notifier:
    """`store` as readers see it. `chance` gives a number from 0 to 1."""

    def __init__(
        self,
        *,
        store: Store,
        entries: Entries,
        outlets: Mapping[Channel, Outlet],
        clock: Callable[[], datetime],
        give_up_after: timedelta,
        chance: Callable[[], float] = _CHANCE.random,
    ) -> None:
        self._store = store
        self._entries = entries
        self._outlets = outlets
        self._clock = clock
        self._give_up_after = give_up_after
        self._chance = chance
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._looked: dict[int, int] = {}
        self._rooms: dict[str, asyncio.Semaphore] = {}

    async def run(self) -> None:
        """Until it is cancelled; what is under way then is told again after the next start."""
        try:
            while True:
                rest = PAUSE if await self._looks() else STORE_REST
                await asyncio.sleep(rest.total_seconds())
        finally:
            for task in self._tasks.values():
                task.cancel()
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _looks(self) -> bool:
        try:
            await self.look()
        except StoreError as error:
            logger.warning("subscriptions wait: %s", error)
            return False
        return True

    async def look(self) -> None:
        """Starts a task for each subscription whose turn it is. Raises StoreError."""
        newest, due = await asyncio.to_thread(self._store.subscriptions.due, self._clock())
        for one in due:
            news = one.wish.digest is not None or self._looked_until(one) < newest
            if news and one.id not in self._tasks:
                task = self._tasks[one.id] = asyncio.create_task(self._serve(one), name=f"subscription {one.id}")
                task.add_done_callback(partial(self._done, one.id))

    async def settle(self) -> None:
        """One look, and all that it leads to."""
        await self.look()
        if self._tasks:
            await asyncio.wait(self._tasks.values())
            await asyncio.sleep(0)  # they are taken off the list

    async def try_out(self, one: Subscription) -> None:
        """Sends a test at once. Raises NotDelivered."""
        await self._outlet(one).send(one, [Told(at=self._clock())])

    def _done(self, number: int, task: asyncio.Task[None]) -> None:
        self._tasks.pop(number, None)
        if not task.cancelled() and task.exception() is not None:
            # Its lease runs out: until then it is not tried again.
            logger.error("%s ended by a mistake of the program", task.get_name(), exc_info=task.exception())

    # --- one subscription ----------------------------------------------------------------------

    async def _serve(self, one: Subscription) -> None:
        try:
            if await self._has_news(one):
                async with self._room(one):
                    now = self._clock()
                    claimed = await asyncio.to_thread(self._store.subscriptions.claim, one.id, now=now, until=now + LEASE)
                    if claimed is not None:
                        await self._tell_all(claimed)
        except StoreError as error:  # its cursor stands, and a lease that it has runs out
            logger.warning("subscription %d waits: %s", one.id, error)

    async def _has_news(self, one: Subscription) -> bool:
        """Where there is none, the store is told so now and then."""
        try:
            waiting = await self._next(one, self._looked_until(one))
        except (Busy, Unusable):
            raise
        except StoreError:
            return True  # told under the lease, where a failure counts
        if waiting.notices:
            return True
        self._looked[one.id] = waiting.until
        # What failed may have been taken down since: then nothing fails any more.
        if one.wish.digest is not None or one.failing_since is not None or waiting.until - one.cursor >= PASSED_OVER:
            await self._rest(one, waiting.until)
        return False

    async def _tell_all(self, one: Subscription) -> None:
        is_proven = False
        while True:
            began, seq, count = self._clock(), one.cursor, 0
            try:
                waiting, told = await self._compose(one)
                if not told:
                    self._looked[one.id] = waiting.until
                    await self._rest(one, waiting.until)
                    return
                seq, count = waiting.notices[-1].seq, len(told)
                await self._outlet(one).send(one, told)
            except (NotDelivered, StoreError) as error:
                await self._failed(one, error, Attempt(at=began, seq=seq, notices_count=count, ms=self._ms(began), reason=str(error)))
                return
            except asyncio.CancelledError:
                with suppress(StoreError):
                    await asyncio.to_thread(self._store.subscriptions.release, one)
                raise
            made = Attempt(at=began, seq=seq, notices_count=count, ms=self._ms(began))
            if not await asyncio.to_thread(self._store.subscriptions.told, one, made, until=self._clock() + LEASE):
                logger.warning("subscription %d was claimed by another process meanwhile, or ended", one.id)
                return
            if not is_proven:
                await self._alarm(one, None)
                is_proven = True
            one = replace(one, cursor=seq, failures_count=0, failing_since=None)

    async def _compose(self, one: Subscription) -> tuple[Waiting, list[Told]]:
        """The next message, as the store has its texts now."""
        while True:
            mark = await asyncio.to_thread(self._store.takedowns.mark)
            waiting = await self._next(one, max(one.cursor, self._looked.get(one.id, 0)))
            entries = await self._entries([notice.change for notice in waiting.notices if notice.change], mark)
            if entries is not None:
                following = iter(entries)
                return waiting, [_told(notice, next(following) if notice.change else None) for notice in waiting.notices]

    async def _next(self, one: Subscription, after: int) -> Waiting:
        """What makes its next message, or all that there is up to the newest row."""
        outlet = self._outlets.get(one.wish.channel)
        limit = 1 if outlet is None else outlet.of_a_day if one.wish.digest else outlet.at_once
        while True:
            waiting = await asyncio.to_thread(self._store.subscriptions.waiting, one, after=after, limit=limit)
            if waiting.notices or waiting.until <= after:
                return waiting
            after = waiting.until

    async def _failed(self, one: Subscription, error: NotDelivered | StoreError, made: Attempt) -> None:
        now, since = self._clock(), one.failing_since or made.at
        final, asked = (error.is_final, error.retry_after) if isinstance(error, NotDelivered) else (False, None)
        next_at = next_try(one.failures_count, now, chance=self._chance(), asked=asked)
        gave_up = final or now - since >= self._give_up_after
        store = self._store.subscriptions
        try:
            held = await asyncio.to_thread(
                store.failed, one, made, next_at=next_at, since=since, paused_because=made.reason if gave_up else None
            )
        except StoreError as broken:
            logger.warning("subscription %d waits: %s", one.id, broken)
            return
        if held and gave_up:
            lasting = "its receiver wants no more" if final else f"nothing was taken for {self._give_up_after / timedelta(days=1):g} days"
            told = f"Subscription {one.id} ({one.wish.channel}) is paused: {lasting}. `tracker subscriptions` says more."
            logger.warning("%s %s", told, made.reason)
            await self._alarm(one, told)
        elif held:
            logger.info("subscription %d is tried again at %s: %s", one.id, f"{next_at:%Y-%m-%d %H:%M:%S} UTC", made.reason)

    async def _alarm(self, one: Subscription, sentence: str | None) -> None:
        with suppress(StoreError):
            about, found = f"subscription {one.id}", {AlarmKind.UNDELIVERED: sentence}
            await asyncio.to_thread(self._store.alarms.settle, about, found, self._clock())

    async def _rest(self, one: Subscription, seq: int) -> None:
        now = self._clock()
        next_at = now if one.wish.digest is None else next_digest(one.wish.digest, now)
        with suppress(StoreError):  # the lease runs out, and it is told from its cursor on
            await asyncio.to_thread(self._store.subscriptions.rest, one, seq=max(seq, one.cursor), next_at=next_at)

    # --- what is in memory ---------------------------------------------------------------------

    def _looked_until(self, one: Subscription) -> int:
        return max(one.cursor, self._looked.get(one.id, 0))

    def _room(self, one: Subscription) -> asyncio.Semaphore:
        host = (urlsplit(one.wish.target).hostname or "") if one.wish.channel is Channel.WEBHOOK else one.wish.channel
        return self._rooms.setdefault(host, asyncio.Semaphore(PER_HOST))

    def _outlet(self, one: Subscription) -> Outlet:
        """Raises NotDelivered."""
        found = self._outlets.get(one.wish.channel)
        if found is None:
            raise NotDelivered("No mail can be sent: set mail.host and mail.from in config.yaml.")
        return found

    def _ms(self, began: datetime) -> int:
        return (self._clock() - began) // timedelta(milliseconds=1)


def _told(notice: Notice, entry: ChangeEntry | None) -> Told:
    return Told(at=notice.at, notice=notice, entry=entry)
