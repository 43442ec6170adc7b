"""Subscriptions of feeds at WebSub hubs: which hub is asked when, what it agreed to, and the looks that its pushes bring about.

What a hub is sent is scheduler/hubs.py, what it is answered web/websub.py.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from tracker.model import Because, HubOffer, HubSubscription
from tracker.store import counter
from tracker.store.database import Database
from tracker.store.schema import feed, source
from tracker.store.schema_websub import hub_subscription

# A push brings no second look at a feed within this time.
PUSHED_APART = timedelta(minutes=1)
# A hub that did not confirm is asked again after this wait, each time twice as long, and at least daily.
FIRST_WAIT = timedelta(minutes=10)
LONGEST_WAIT = timedelta(days=1)
# A renewal is asked for when this share of the lease is over, so that a hub may be down for the rest; hourly at most.
RENEWED_AFTER = 0.75
RENEWED_APART = timedelta(hours=1)
# A hub that said no is asked again after this time: it may have been a mistake.
DENIED_FOR = timedelta(days=7)


class HubSubscriptionsStore:
    """Each method is one short transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def by_token(self, token: str) -> HubSubscription | None:
        with self._database.reading() as connection:
            row = connection.execute(select(hub_subscription).where(hub_subscription.c.token == token)).one_or_none()
            return None if row is None else _subscription(row)

    def claim_to_ask(self, now: datetime, *, limit: int) -> tuple[HubSubscription, ...]:
        """Those whose hub is to be asked now, which counts as a failure until the hub confirms: so no crash and no second
        process asks twice."""
        c = hub_subscription.c
        followed = feed.c.withdrawn.is_(False) & source.c.paused.is_(False) & source.c.withdrawn.is_(False)
        due = (
            select(hub_subscription)
            .join(feed, c.feed_id == feed.c.id)
            .join(source, feed.c.source_id == source.c.id)
            .where(c.ask_at <= now, followed)
            .order_by(c.feed_id)
            .limit(limit)
        )
        with self._database.reading() as connection:
            if connection.execute(due.limit(1)).first() is None:
                return ()
        with self._database.writing() as connection:
            found = connection.execute(due.with_for_update(of=hub_subscription, skip_locked=True)).all()
            for row in found:
                values = {"asked_at": now, "ask_at": now + _wait(row.failures_count), "failures_count": row.failures_count + 1}
                connection.execute(update(hub_subscription).where(c.feed_id == row.feed_id).values(values))
            return tuple(_subscription(row) for row in found)

    def verified(self, token: str, *, lease: timedelta, now: datetime) -> None:
        """The hub confirmed that it will push for so long."""
        ask_at = now + max(lease * RENEWED_AFTER, RENEWED_APART)
        self._set(token, {"verified_at": now, "leased_until": now + lease, "ask_at": ask_at, "failures_count": 0})

    def denied(self, token: str, now: datetime) -> None:
        """The hub said that it will not push, or no longer."""
        self._set(token, {"verified_at": None, "leased_until": None, "ask_at": now + DENIED_FOR})

    def _set(self, token: str, values: dict[str, Any]) -> None:
        c = hub_subscription.c
        with self._database.writing() as connection:
            connection.execute(update(hub_subscription).where(c.token == token, c.ask_at.is_not(None)).values(values))

    def pushed(self, feed_id: int, now: datetime) -> bool:
        """Makes the feed due, at once or PUSHED_APART after its last look; whether that was earlier than it was due anyway. One that
        fails keeps its wait. One that is being looked at is looked at again, see `again_at`."""
        with self._database.reading() as connection:
            if _sooner(connection, feed_id, now) is None:
                return False
        with self._database.writing() as connection:
            connection.execute(select(feed.c.id).where(feed.c.id == feed_id).with_for_update())
            due_at = _sooner(connection, feed_id, now)
            if due_at is not None:
                connection.execute(update(feed).where(feed.c.id == feed_id).values(next_poll_at=due_at, because=Because.HINT))
                counter.take(connection, 1)  # pages show when it is read next
            return due_at is not None


def _sooner(connection: Connection, feed_id: int, now: datetime) -> datetime | None:
    """When a push makes the feed due; None where it changes nothing."""
    c = feed.c
    row = connection.execute(select(c.next_poll_at, c.last_polled_at, c.leased_until, c.failures_count).where(c.id == feed_id)).one()
    if row.failures_count:
        return None
    due_at = now if row.last_polled_at is None else max(now, row.last_polled_at + PUSHED_APART)
    is_looked_at = row.leased_until is not None and row.leased_until > now
    return due_at if is_looked_at or row.next_poll_at is None or row.next_poll_at > due_at else None


def again_at(held: Row[Any], looked_at: datetime) -> datetime | None:
    """When a feed whose look began at `looked_at` is looked at once more, because a push came since. `held` is its row."""
    if held.because != Because.HINT or held.next_poll_at is None or held.next_poll_at <= looked_at:
        return None
    asked_at: datetime = held.next_poll_at
    return max(asked_at, looked_at + PUSHED_APART)


def note(connection: Connection, feed_id: int, offers: Sequence[HubOffer], now: datetime) -> None:
    """What hubs a feed names now; the first is asked. Without any the lease runs out. The feed's row is locked."""
    held = connection.execute(select(hub_subscription).where(hub_subscription.c.feed_id == feed_id)).one_or_none()
    if held is None:
        if offers:
            values = {"feed_id": feed_id, **_anew(offers[0]), "ask_at": now, "failures_count": 0}
            connection.execute(insert(hub_subscription).values(values))
        return
    waited_at = now if held.asked_at is None else max(now, held.asked_at + _wait(held.failures_count))
    if not offers:
        values = {"ask_at": None}
    elif (held.hub_url, held.topic_url) != (offers[0].hub_url, offers[0].topic_url):
        values = {**_anew(offers[0]), "ask_at": waited_at}
    elif held.ask_at is None:
        values = {"ask_at": waited_at}
    else:
        return
    connection.execute(update(hub_subscription).where(hub_subscription.c.feed_id == feed_id).values(values))


def _anew(offer: HubOffer) -> dict[str, Any]:
    named = {"hub_url": offer.hub_url, "topic_url": offer.topic_url}
    return {**named, "token": secrets.token_urlsafe(32), "secret": secrets.token_hex(32), "verified_at": None, "leased_until": None}


def _wait(failures_count: int) -> timedelta:
    return min(FIRST_WAIT * (1 << min(failures_count, 10)), LONGEST_WAIT)


def _subscription(row: Row[Any]) -> HubSubscription:
    return HubSubscription(
        feed_id=row.feed_id,
        offer=HubOffer(hub_url=row.hub_url, topic_url=row.topic_url),
        token=row.token,
        secret=row.secret,
        asked_at=row.asked_at,
        ask_at=row.ask_at,
        verified_at=row.verified_at,
        leased_until=row.leased_until,
        failures_count=row.failures_count,
    )
