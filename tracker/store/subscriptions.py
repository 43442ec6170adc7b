"""Readers' subscriptions: who wishes to be told what, how far each was told, whose turn it is, how the last tries went.

What waits for one is notices.py. When it is tried again, and how it is told, is the room notify's. Subscriptions of ours at
WebSub hubs are hub_subscriptions.py.
"""

from __future__ import annotations

import json
import secrets
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, insert, or_, select, update

from tracker.errors import NotFound, SecretTaken
from tracker.model import (
    AlarmKind,
    Attempt,
    Channel,
    DateMoved,
    Digest,
    Filter,
    Noted,
    Scope,
    Side,
    Significance,
    Subscription,
    Waiting,
    Wish,
)
from tracker.store import alarms, counter, notices, sources
from tracker.store.database import Database
from tracker.store.schema import article
from tracker.store.schema_subscriptions import attempt, subscription
from tracker.store.withholding import Withholding
from tracker.terms import read_query

# As many tries as a week of hourly failures makes.
ATTEMPTS_KEPT = 200
# How a webhook's secret begins, and its bytes, as Standard Webhooks says.
SECRET_SIGN, SECRET_BYTES = "whsec_", 32


class SubscriptionsStore:
    """Each method is one short transaction."""

    def __init__(self, database: Database, withholding: Withholding) -> None:
        self._database = database
        self._withholding = withholding

    # --- who wishes what -----------------------------------------------------------------------

    def add(self, wish: Wish, now: datetime, *, next_at: datetime | None = None) -> Subscription:
        """Told is what comes from now on, and not before `next_at`. Raises NotFound for a source or an article that is none."""
        with self._database.writing() as connection:
            _check(connection, wish.scope)
            return _add(connection, wish, _secret(wish.channel), now, next_at or now)

    def declare(self, wishes: Sequence[tuple[Wish, str | None]], now: datetime) -> None:
        """Exactly these wishes are config.yaml's, each with the secret that it gives. A removed one is told no more. Raises SecretTaken."""
        given = {(wish.channel, wish.target): secret for wish, secret in wishes}
        with self._database.reading() as connection:
            found = _declared(connection)
        if found.keys() == given.keys() and all(secret in {None, found[key].secret} for key, secret in given.items()):
            return
        with self._database.writing() as connection:
            found = _declared(connection)
            for one in (one for key, one in found.items() if key not in given):
                _remove(connection, one.id, now)
            changed = {found[key].id: secret for key, secret in given.items() if secret and key in found and secret != found[key].secret}
            for one_id in changed:
                _set_secret(connection, one_id, _secret(Channel.WEBHOOK))  # set aside: two may have exchanged theirs
            _refuse_taken(connection, [secret for secret in given.values() if secret is not None])
            for one_id, new in changed.items():
                _set_secret(connection, one_id, new)
            for wish, secret in wishes:
                if (wish.channel, wish.target) not in found:
                    _add(connection, wish, secret or _secret(wish.channel), now, now, declared=True)

    def all(self) -> tuple[Subscription, ...]:
        with self._database.reading() as connection:
            return tuple(_of(row) for row in connection.execute(select(subscription).order_by(subscription.c.id)))

    def get(self, subscription_id: int) -> Subscription:
        """Raises NotFound."""
        with self._database.reading() as connection:
            return _get(connection, subscription_id)

    def by_secret(self, secret: str) -> Subscription | None:
        with self._database.reading() as connection:
            row = connection.execute(select(subscription).where(subscription.c.secret == secret)).one_or_none()
            return None if row is None else _of(row)

    def remove(self, subscription_id: int, now: datetime) -> None:
        """Nothing of it is kept, its address least of all; its alarm ends. Raises NotFound."""
        with self._database.writing() as connection:
            _get(connection, subscription_id)
            _remove(connection, subscription_id, now)

    def resume(self, subscription_id: int, now: datetime) -> Subscription:
        """A paused one goes on where it stopped. Raises NotFound."""
        fresh = {"paused_at": None, "paused_because": None, "failing_since": None, "failures_count": 0, "next_at": now}
        with self._database.writing() as connection:
            connection.execute(update(subscription).where(subscription.c.id == subscription_id).values(fresh))
            return _get(connection, subscription_id)

    def attempts(self, subscription_id: int, *, limit: int) -> tuple[Attempt, ...]:
        """Newest first."""
        c = attempt.c
        with self._database.reading() as connection:
            found = connection.execute(select(attempt).where(c.subscription_id == subscription_id).order_by(c.id.desc()).limit(limit))
            return tuple(
                Attempt(at=row.at, seq=row.seq, notices_count=row.notices_count, ms=row.ms, reason=row.reason) for row in found
            )

    # --- whose turn it is ----------------------------------------------------------------------

    def due(self, now: datetime) -> tuple[int, tuple[Subscription, ...]]:
        """Those that may be told now, where there was any news since; digests all the same. With the number of the last news."""
        c = subscription.c
        with self._database.reading() as connection:
            newest = counter.news(connection)
            turn = and_(c.paused_at.is_(None), c.next_at <= now, or_(c.leased_until.is_(None), c.leased_until <= now))
            news = or_(c.cursor < newest, c.digest_at.is_not(None))
            return newest, tuple(_of(row) for row in connection.execute(select(subscription).where(turn, news).order_by(c.id)))

    def waiting(self, one: Subscription, *, after: int, limit: int) -> Waiting:
        """What is numbered above `after`, a bounded stretch of it. As readers see it where this store is theirs."""
        with self._database.reading() as connection:
            withheld = self._withholding.at_present(connection)
            return notices.waiting(connection, one.wish, withheld, after=after, limit=limit)

    def claim(self, subscription_id: int, *, now: datetime, until: datetime) -> Subscription | None:
        """Leased, as it is now; None where another has it, or it is no longer due."""
        c = subscription.c
        free = and_(c.paused_at.is_(None), c.next_at <= now, or_(c.leased_until.is_(None), c.leased_until <= now))
        claimed = update(subscription).where(c.id == subscription_id, free).values(lease=c.lease + 1, leased_until=until)
        with self._database.leasing() as connection:
            row = connection.execute(claimed.returning(subscription)).one_or_none()
            return None if row is None else _of(row)

    def told(self, one: Subscription, made: Attempt, *, until: datetime) -> bool:
        """The attempt succeeded: the cursor moves, the lease goes on. False: the lease was lost, and nothing is written.

        A power cut may take this back, and the notices are told once more.
        """
        return self._write(one, made, {"cursor": made.seq, "failing_since": None, "failures_count": 0, "leased_until": until})

    def failed(
        self, one: Subscription, made: Attempt, *, next_at: datetime, since: datetime, paused_because: str | None = None
    ) -> bool:
        """The attempt failed: the lease ends, and it is tried again at `next_at`, or not, where it is paused. False as above."""
        values = {"failing_since": since, "failures_count": one.failures_count + 1, "next_at": next_at}
        paused = {"paused_at": made.at, "paused_because": paused_because} if paused_because else {}
        return self._write(one, made, values | paused | {"lease": one.lease + 1, "leased_until": None})

    def rest(self, one: Subscription, *, seq: int, next_at: datetime) -> None:
        """Nothing is left for it up to this number, nothing that fails either: the lease, if it is still held, ends."""
        c = subscription.c
        proven = {"failing_since": None, "failures_count": 0}
        values = {"cursor": seq, "next_at": next_at, "lease": one.lease + 1, "leased_until": None} | proven
        with self._database.leasing() as connection:
            connection.execute(update(subscription).where(c.id == one.id, c.lease == one.lease, c.cursor <= seq).values(values))

    def mend_times(self, *, now: datetime, latest: timedelta) -> int:
        """What a clock that ran ahead put further away than `latest` comes back; gives how many there were."""
        c = subscription.c
        with self._database.leasing() as connection:
            late = connection.execute(update(subscription).where(c.next_at > now + latest).values(next_at=now)).rowcount
            held = update(subscription).where(c.leased_until > now + latest)
            return late + connection.execute(held.values(lease=c.lease + 1, leased_until=None)).rowcount

    def release(self, one: Subscription) -> None:
        """Gives the lease back, if it is still held."""
        c = subscription.c
        with self._database.leasing() as connection:
            held = update(subscription).where(c.id == one.id, c.lease == one.lease)
            connection.execute(held.values(lease=one.lease + 1, leased_until=None))

    def _write(self, one: Subscription, made: Attempt, values: dict[str, Any]) -> bool:
        c, a = subscription.c, attempt.c
        with self._database.leasing() as connection:
            held = update(subscription).where(c.id == one.id, c.lease == one.lease).values(values)
            if not connection.execute(held).rowcount:
                return False
            row = {"at": made.at, "seq": made.seq, "notices_count": made.notices_count, "ms": made.ms, "reason": made.reason}
            connection.execute(insert(attempt).values(subscription_id=one.id, **row))
            ours = select(a.id).where(a.subscription_id == one.id).order_by(a.id.desc()).offset(ATTEMPTS_KEPT).limit(1)
            connection.execute(delete(attempt).where(a.subscription_id == one.id, a.id <= ours.scalar_subquery()))
            return True


def _check(connection: Connection, scope: Scope) -> None:
    if scope.source is not None:
        sources.id_of(connection, scope.source)
    if scope.article_id is not None and connection.execute(select(article.c.id).where(article.c.id == scope.article_id)).first() is None:
        raise NotFound("article", scope.article_id)


def _add(connection: Connection, wish: Wish, secret: str, now: datetime, next_at: datetime, *, declared: bool = False) -> Subscription:
    values = {
        "channel": wish.channel,
        "target": wish.target,
        "scope": _written(wish),
        "digest_at": f"{wish.digest.at:%H:%M}" if wish.digest else None,
        "zone": wish.digest.zone if wish.digest else None,
        "secret": secret,
        "declared": declared,
        "created_at": now,
        "cursor": counter.current(connection),
        "next_at": next_at,
        "failures_count": 0,
        "lease": 0,
    }
    return _of(connection.execute(insert(subscription).values(values).returning(subscription)).one())


def _secret(channel: Channel) -> str:
    """256 bits that nobody guesses."""
    if channel is Channel.WEBHOOK:
        return SECRET_SIGN + b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
    return secrets.token_urlsafe(SECRET_BYTES)


def _set_secret(connection: Connection, subscription_id: int, secret: str) -> None:
    connection.execute(update(subscription).where(subscription.c.id == subscription_id).values(secret=secret))


def _refuse_taken(connection: Connection, secrets_given: Sequence[str]) -> None:
    """One that was made by command keeps its own: whoever copied it into config.yaml is told so."""
    c = subscription.c
    taken = select(c.id).where(c.declared.is_(False), c.secret.in_(secrets_given)).order_by(c.id).limit(1)
    if (found := connection.execute(taken).scalar()) is not None:
        raise SecretTaken(found)


def _remove(connection: Connection, subscription_id: int, now: datetime) -> None:
    alarms.settle(connection, f"subscription {subscription_id}", {AlarmKind.UNDELIVERED: None}, now)
    connection.execute(delete(attempt).where(attempt.c.subscription_id == subscription_id))
    connection.execute(delete(subscription).where(subscription.c.id == subscription_id))


def _get(connection: Connection, subscription_id: int) -> Subscription:
    row = connection.execute(select(subscription).where(subscription.c.id == subscription_id)).one_or_none()
    if row is None:
        raise NotFound("subscription", subscription_id)
    return _of(row)


def _declared(connection: Connection) -> dict[tuple[Channel, str], Subscription]:
    found = connection.execute(select(subscription).where(subscription.c.declared.is_(True))).all()
    return {(one.wish.channel, one.wish.target): one for one in map(_of, found)}


def _written(wish: Wish) -> str:
    only, search = wish.only, wish.scope.search
    said = {
        "source": wish.scope.source,
        "article_id": wish.scope.article_id,
        "search": None if search is None else search.typed,
        "side": None if search is None else search.side,
        "significance": only.significance,
        "facet": only.facet,
        "noted": only.noted,
        "date_moved": only.date_moved,
        "alarms": wish.of_alarms or None,
    }
    return json.dumps({name: value for name, value in said.items() if value is not None})


def _of(row: Row[Any]) -> Subscription:
    said = json.loads(row.scope)
    wish = Wish(
        channel=Channel(row.channel),
        target=row.target,
        scope=Scope(
            source=said.get("source"),
            article_id=said.get("article_id"),
            search=read_query(said["search"], Side(said["side"]) if "side" in said else None) if "search" in said else None,
        ),
        only=Filter(
            significance=Significance(said["significance"]) if "significance" in said else None,
            facet=said.get("facet"),
            noted=Noted(said["noted"]) if "noted" in said else None,
            date_moved=DateMoved(said["date_moved"]) if "date_moved" in said else None,
        ),
        of_alarms=said.get("alarms", False),
    )
    if row.digest_at is not None:
        wish = replace(wish, digest=Digest(at=time.fromisoformat(row.digest_at), zone=row.zone))
    return Subscription(
        id=row.id,
        wish=wish,
        secret=row.secret,
        declared=row.declared,
        created_at=row.created_at,
        cursor=row.cursor,
        next_at=row.next_at,
        failing_since=row.failing_since,
        failures_count=row.failures_count,
        paused_at=row.paused_at,
        paused_because=row.paused_because,
        lease=row.lease,
    )
