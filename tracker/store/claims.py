"""What is due, and leases on it: any number of processes may ask, each row goes to one of them.

A lease is a number that rises with each claim (the fencing token), and a time after which others may claim again. keeping.py
and tracking.py ask `is_held` inside their own transaction: nothing is kept under an older number, nor after the time.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Connection,
    Row,
    Table,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
    type_coerce,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate

from tracker.errors import NotFound, TakenDown
from tracker.model import Article, ArticleStatus, Because, Feed, Watch
from tracker.store import counter
from tracker.store.columns import EPOCH, MICROSECOND, Utc
from tracker.store.schema import article, feed, host, source

# Where the longest due article waits for this long, not all can be served in time, and the order matters.
BEHIND = timedelta(minutes=10)
# No lease is given for longer.
LONGEST_LEASE = timedelta(hours=1)
# Those that were given up are asked again only when a feed speaks of them.
_ASKED_BY_HAND = (ArticleStatus.TRACKED, ArticleStatus.MISSING, ArticleStatus.REMOVED)


def followed(connection: Connection, name: str | None, spent: Collection[str] = ()) -> list[int]:
    """The ids of all sources that are neither paused nor `spent`, or of the one named if it is neither. Raises NotFound."""
    c = source.c
    statement = select(c.id, c.name, c.paused, c.withdrawn)
    if name is not None:
        statement = statement.where(c.name == name)
    found = connection.execute(statement).all()
    if name is not None and not found:
        raise NotFound("source", name)
    return [row.id for row in found if not (row.paused or row.withdrawn or row.name in spent)]


def any_feed_free(connection: Connection, name: str | None, *, due_at: datetime, now: datetime) -> bool:
    """Whether a claim would find anything; asked without the writers' lock, since most ticks find nothing."""
    asked = {"source_ids": followed(connection, name), "due_at": due_at, "now": now}
    return connection.execute(_ANY_FEED, asked).first() is not None


def due_feeds(connection: Connection, *, due_at: datetime, now: datetime, limit: int) -> list[tuple[int, str]]:
    """Ids and addresses of what is due and free, longest due first."""
    asked = {"source_ids": followed(connection, None), "due_at": due_at, "now": now, "most": limit}
    return [(row.id, row.url) for row in connection.execute(_SEE_FEEDS, asked)]


def claim_feeds(
    connection: Connection,
    name: str | None,
    *,
    due_at: datetime,
    now: datetime,
    lease: timedelta,
    limit: int,
    ids: Collection[int] | None = None,
) -> list[Row[Any]]:
    """Lease what is due and free, of all or of `ids`, longest due first; gives the rows in that order, each with its "source"."""
    asked: dict[str, Any] = {"source_ids": followed(connection, name), "due_at": due_at, "now": now, "until": now + lease, "most": limit}
    if ids is None:
        return _longest_due_first(connection.execute(_CLAIM_FEEDS, asked).all())
    return _longest_due_first(connection.execute(_CLAIM_THESE_FEEDS, asked | {"ids": list(ids)}).all())


def claim_articles(
    connection: Connection, host_name: str, source_ids: Sequence[int], *, due_at: datetime, now: datetime, lease: timedelta, limit: int
) -> list[Row[Any]]:
    """The same of one host's articles; where looks are far behind, those go first that promise most.

    The waits were made so that each look promises as much at its time; later, it promises as much more as it is late by in
    waits. So what changes often goes before what waited for a month, and nothing waits for ever.
    """
    asked: dict[str, Any] = {"host_name": host_name, "source_ids": source_ids, "due_at": due_at, "now": now}
    first = connection.execute(_FIRST_DUE, asked).scalar()
    if first is None:
        return []
    asked |= {"until": now + lease, "most": limit}
    if now - first < BEHIND:
        return _longest_due_first(connection.execute(_CLAIM_ARTICLES, asked).all())
    asked["microseconds"] = (now - EPOCH) // MICROSECOND
    return _longest_due_first(connection.execute(_CLAIM_BEHIND, asked).all())


def is_held(row: Row[Any], lease: int, now: datetime) -> bool:
    """Whether what a look found may be kept: nobody claimed the row since, and the time that the look was given is not over.
    What was read without a claim (tests, commands) has no time."""
    return bool(row.lease == lease) and (row.leased_until is None or now < row.leased_until)


def _longest_due_first(found: Sequence[Row[Any]]) -> list[Row[Any]]:
    return sorted(found, key=lambda row: (row.next_poll_at, row.id))


def due_hosts(
    connection: Connection, due_at: datetime, now: datetime, *, limit: int, name: str | None, spent: Collection[str] = ()
) -> tuple[str, ...]:
    """Hosts with due articles that no one has leased, longest due first; those that asked to be left alone are not."""
    waiting = func.min(article.c.next_poll_at).label("waiting")
    by_host = (
        select(article.c.host_id, waiting)
        .where(article.c.source_id.in_(followed(connection, name, spent)), article.c.next_poll_at <= due_at, _free(article, now))
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


def poll_now(connection: Connection, article_id: int, now: datetime) -> None:
    """One article is due now, also one that is no longer checked. Raises NotFound, and TakenDown for what was hidden."""
    status = _asked(connection, article_id)
    again = ArticleStatus.TRACKED if status == ArticleStatus.STOPPED else status
    seq = counter.take(connection, 1)
    values = {"seq": seq, "status": again, "next_poll_at": now, "because": Because.MANUAL}
    connection.execute(update(article).where(article.c.id == article_id).values(values))


def watch(connection: Connection, article_id: int, wish: Watch | None, now: datetime) -> None:
    """Raises NotFound, and TakenDown for what was hidden."""
    c, status = article.c, _asked(connection, article_id)
    values: dict[str, Any] = {"watch_every": None, "watch_until": None}
    if wish is not None:
        again = ArticleStatus.TRACKED if status == ArticleStatus.STOPPED else status
        values = {"watch_every": round(wish.every.total_seconds()), "watch_until": wish.until_at, "status": again}
        values |= {"next_poll_at": now, "because": Because.WATCH}
    seq = counter.take(connection, 1)
    connection.execute(update(article).where(c.id == article_id).values(seq=seq, **values))


def _asked(connection: Connection, article_id: int) -> ArticleStatus:
    """The status of an article that an operator asks for. Raises NotFound, and TakenDown for what was hidden."""
    c = article.c
    statement = select(c.status).where(c.id == article_id, c.merged_into_id.is_(None)).with_for_update()
    status = connection.execute(statement).scalar_one_or_none()
    if status is None:
        raise NotFound("article", article_id)
    if status == ArticleStatus.HIDDEN:
        raise TakenDown(f"Article {article_id}")
    return status


def mend_times(connection: Connection, now: datetime, *, latest: timedelta, longest_pause: timedelta) -> int:
    """Times that are further away than any that is planned were written by a clock that ran ahead: what they were for is done within
    an hour, one after another; leases and hosts' pauses end. Gives how many there were."""
    mended = connection.execute(update(host).where(host.c.pause_until > now + longest_pause).values(pause_until=now)).rowcount
    for table in (feed, article):
        c = table.c
        spread = type_coerce((now - EPOCH) // MICROSECOND + c.id % 3600 * 1_000_000, Utc())
        # Locked by id, see counter.py.
        ahead = select(c.id).where(c.next_poll_at > now + latest).order_by(c.id).with_for_update()
        mended += connection.execute(update(table).where(c.id.in_(ahead)).values(next_poll_at=spread)).rowcount
        held = select(c.id).where(c.leased_until > now + LONGEST_LEASE).order_by(c.id).with_for_update()
        mended += connection.execute(update(table).where(c.id.in_(held)).values(lease=c.lease + 1, leased_until=None)).rowcount
    return mended


def _make_due(connection: Connection, table: Table, ours: ColumnElement[bool], now: datetime, because: Because) -> int:
    # Locked by id, see counter.py.
    locked = select(table.c.id).where(ours).order_by(table.c.id).with_for_update()
    statement = update(table).where(table.c.id.in_(locked)).values(next_poll_at=now, because=because)
    return connection.execute(statement).rowcount


def _free(table: Table, now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    return or_(table.c.leased_until.is_(None), table.c.leased_until <= now)


def _due(table: Table) -> ColumnElement[bool]:
    return and_(table.c.next_poll_at <= bindparam("due_at"), table.c.source_id.in_(bindparam("source_ids", expanding=True)))


def _claim(table: Table, due: ColumnElement[bool], *order: ColumnElement[Any]) -> ReturningUpdate[Any]:
    c = table.c
    # By a name, so that PostgreSQL runs it once: run again, it would skip the rows that it has just locked and take others.
    first = select(c.id).where(due, _free(table, bindparam("now"))).order_by(*order, c.id).limit(bindparam("most"))
    free = first.with_for_update(skip_locked=True).cte("free")
    name = select(source.c.name).where(source.c.id == c.source_id).scalar_subquery().label("source")
    leased = update(table).where(c.id.in_(select(free.c.id))).values(lease=c.lease + 1, leased_until=bindparam("until"))
    return leased.returning(*c, name)


def _promise() -> ColumnElement[Any]:
    """For how many of its waits an article has waited."""
    polled, at = type_coerce(article.c.last_polled_at, BigInteger), type_coerce(article.c.next_poll_at, BigInteger)
    return (bindparam("microseconds", type_=BigInteger) - polled) * 1.0 / case((at > polled, at - polled), else_=1)


# Made once: making a statement takes longer than running it.
_DUE_FEEDS = and_(_due(feed), feed.c.withdrawn.is_(False))
_ANY_FEED = select(feed.c.id).where(_DUE_FEEDS, _free(feed, bindparam("now"))).limit(1)
_SEE_FEEDS = (
    select(feed.c.id, feed.c.url)
    .where(_DUE_FEEDS, _free(feed, bindparam("now")))
    .order_by(feed.c.next_poll_at, feed.c.id)
    .limit(bindparam("most"))
)
_CLAIM_FEEDS = _claim(feed, _DUE_FEEDS, feed.c.next_poll_at)
_CLAIM_THESE_FEEDS = _claim(feed, and_(_DUE_FEEDS, feed.c.id.in_(bindparam("ids", expanding=True))), feed.c.next_poll_at)
_OF_HOST = article.c.host_id == select(host.c.id).where(host.c.name == bindparam("host_name")).scalar_subquery()
_DUE_ARTICLES = and_(_OF_HOST, _due(article))
_FIRST_DUE = select(func.min(article.c.next_poll_at)).where(_DUE_ARTICLES, _free(article, bindparam("now")))
_CLAIM_ARTICLES = _claim(article, _DUE_ARTICLES, article.c.next_poll_at)
_CLAIM_BEHIND = _claim(article, _DUE_ARTICLES, article.c.last_polled_at.is_not(None), _promise().desc())
