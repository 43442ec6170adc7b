"""What is due, and leases on it: any number of processes may ask, each row goes to one of them.

A lease is a number that rises with each claim, and a time after which others may claim again. keeping.py and
tracking.py keep nothing under an older number.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, and_, bindparam, func, or_, select, update

from tracker.errors import NotFound
from tracker.model import Article, ArticleStatus, Because, Feed, Watch
from tracker.store import counter
from tracker.store.schema import article, feed, host, source

# Those that were given up are asked again only when a feed speaks of them.
_ASKED_BY_HAND = (ArticleStatus.TRACKED, ArticleStatus.MISSING, ArticleStatus.REMOVED)


def followed(connection: Connection, name: str | None) -> list[int]:
    """The ids of all sources that are not paused, or of the one named if it is not. Raises NotFound."""
    c = source.c
    statement = select(c.id, c.paused, c.withdrawn)
    if name is not None:
        statement = statement.where(c.name == name)
    found = connection.execute(statement).all()
    if name is not None and not found:
        raise NotFound("source", name)
    return [source_id for source_id, paused, withdrawn in found if not (paused or withdrawn)]


def due_feeds(connection: Connection, due_at: datetime, name: str | None) -> ColumnElement[bool]:
    ids = followed(connection, name)
    return and_(feed.c.next_poll_at <= due_at, feed.c.withdrawn.is_(False), feed.c.source_id.in_(ids))


def due_articles(connection: Connection, due_at: datetime, name: str | None, host_name: str) -> ColumnElement[bool]:
    host_id = select(host.c.id).where(host.c.name == host_name).scalar_subquery()
    return and_(article.c.host_id == host_id, article.c.next_poll_at <= due_at, article.c.source_id.in_(followed(connection, name)))


def any_free(connection: Connection, table: Table, due: ColumnElement[bool], now: datetime) -> bool:
    """Whether a claim would find anything; asked without the writers' lock, since most ticks find nothing."""
    return connection.execute(select(table.c.id).where(due, _free(table, now)).limit(1)).first() is not None


def claim(connection: Connection, table: Table, due: ColumnElement[bool], *, now: datetime, lease: timedelta, limit: int) -> list[Row[Any]]:
    """Lease what is due and free, longest due first; gives the rows in that order, each with its "source"."""
    c = table.c
    # By a name, so that PostgreSQL runs it once: run again, it would skip the rows that it has just locked and take others.
    first = select(c.id).where(due, _free(table, now)).order_by(c.next_poll_at, c.id).limit(limit)
    free = first.with_for_update(skip_locked=True).cte("free")
    name = select(source.c.name).where(source.c.id == c.source_id).scalar_subquery().label("source")
    leased = update(table).where(c.id.in_(select(free.c.id))).values(lease=c.lease + 1, leased_until=now + lease).returning(*c, name)
    return sorted(connection.execute(leased).all(), key=lambda row: (row.next_poll_at, row.id))


def due_hosts(connection: Connection, due_at: datetime, now: datetime, limit: int, name: str | None) -> tuple[str, ...]:
    """Hosts with due articles that no one has leased, longest due first; those that asked to be left alone are not."""
    waiting = func.min(article.c.next_poll_at).label("waiting")
    by_host = (
        select(article.c.host_id, waiting)
        .where(article.c.source_id.in_(followed(connection, name)), article.c.next_poll_at <= due_at, _free(article, now))
        .where(article.c.host_id.not_in(select(host.c.id).where(host.c.pause_until > now)))
        .group_by(article.c.host_id)
        .order_by(waiting, article.c.host_id)
        .limit(limit)
        .subquery()
    )
    named = select(host.c.name).join_from(by_host, host, by_host.c.host_id == host.c.id)
    return tuple(connection.execute(named.order_by(by_host.c.waiting, by_host.c.host_id)).scalars())


def next_due_at(connection: Connection) -> datetime | None:
    """When there is something to claim next: the earliest that is free, or a lease that ends before that."""
    ids = followed(connection, None)
    times: list[datetime | None] = []
    for table, ours in ((feed, feed.c.withdrawn.is_(False)), (article, article.c.next_poll_at.is_not(None))):
        c = table.c
        # One step down the index for each source; the least of all their rows at once would read them all.
        first = select(c.next_poll_at).where(ours, c.source_id == source.c.id, c.next_poll_at.is_not(None), c.leased_until.is_(None))
        firsts = select(first.order_by(c.next_poll_at).limit(1).scalar_subquery().label("at")).where(source.c.id.in_(ids)).subquery()
        free = connection.execute(select(func.min(firsts.c.at))).scalar()
        # Only a leased row that is due earlier can come before it: those are few and at the front of the index.
        earlier = c.next_poll_at.is_not(None) if free is None else c.next_poll_at < free
        leased = select(func.min(c.leased_until)).where(ours, c.source_id.in_(ids), earlier, c.leased_until.is_not(None))
        times += [free, connection.execute(leased).scalar()]
    return min((at for at in times if at is not None), default=None)


def release(connection: Connection, table: Table, claimed: Sequence[Article | Feed]) -> None:
    """Give leases back that are still held; the rows stay as due as they were."""
    c = table.c
    held = update(table).where(c.id == bindparam("held_id"), c.lease == bindparam("held_lease"))
    given = [{"held_id": one.id, "held_lease": one.lease} for one in sorted(claimed, key=lambda one: one.id)]
    connection.execute(held.values(lease=c.lease + 1, leased_until=None), given)


def make_due(connection: Connection, now: datetime, name: str | None, because: Because) -> int:
    """How many became due. One that is being looked at meanwhile is due again after that look."""
    ids = followed(connection, name)
    feeds = and_(feed.c.source_id.in_(ids), feed.c.withdrawn.is_(False))
    articles = and_(article.c.source_id.in_(ids), article.c.status.in_(_ASKED_BY_HAND), article.c.merged_into_id.is_(None))
    made = _make_due(connection, feed, feeds, now, because) + _make_due(connection, article, articles, now, because)
    if made:
        counter.take(connection, 1)
    return made


def watch(connection: Connection, article_id: int, wish: Watch | None, now: datetime) -> None:
    """Raises NotFound."""
    c = article.c
    status = connection.execute(select(c.status).where(c.id == article_id, c.merged_into_id.is_(None))).scalar_one_or_none()
    if status is None:
        raise NotFound("article", article_id)
    values: dict[str, Any] = {"watch_every": None, "watch_until": None}
    if wish is not None:
        again = ArticleStatus.TRACKED if status == ArticleStatus.STOPPED else status
        values = {"watch_every": round(wish.every.total_seconds()), "watch_until": wish.until_at, "status": again}
        values |= {"next_poll_at": now, "because": Because.WATCH}
    seq = counter.take(connection, 1)
    connection.execute(update(article).where(c.id == article_id).values(seq=seq, **values))


def _make_due(connection: Connection, table: Table, ours: ColumnElement[bool], now: datetime, because: Because) -> int:
    # Locked by id, see counter.py.
    locked = select(table.c.id).where(ours).order_by(table.c.id).with_for_update()
    statement = update(table).where(table.c.id.in_(locked)).values(next_poll_at=now, because=because)
    return connection.execute(statement).rowcount


def _free(table: Table, now: datetime) -> ColumnElement[bool]:
    return or_(table.c.leased_until.is_(None), table.c.leased_until <= now)
