"""Sources and their feeds: declared by config.yaml or added by command, paused, and how following them goes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Label,
    Row,
    Select,
    bindparam,
    case,
    func,
    insert,
    or_,
    select,
    type_coerce,
    update,
)

from tracker.errors import AlreadyTracked, Declared, NotFound
from tracker.model import ArticleStatus, Because, LastLooks, Outcome, Poll, Source, SourceHealth
from tracker.store import columns, counter, rows
from tracker.store.schema import article, feed, poll, source

# So many of what fails now are told of a source; a site that is down needs no longer list.
PROBLEMS = 10
# So many looks of a source tell whether its articles vanish together.
LAST_LOOKS = 100
_LOOK = LAST_LOOKS + 1  # one more than any of its counts can be
LATELY = timedelta(hours=1)
LONG_REMOVED = timedelta(days=2)
_LOST = frozenset({Outcome.MISSING, Outcome.REFUSED})


def declare(connection: Connection, declared: Sequence[Source], now: datetime) -> None:
    """Make the store say what config.yaml says. What was added by command stays as it is."""
    connection.execute(select(feed.c.id).order_by(feed.c.id).with_for_update())
    counter.take(connection, 0)
    known = {row.name: row for row in connection.execute(select(source).order_by(source.c.id).with_for_update())}
    for one in declared:
        row = known.get(one.name)
        if row is None:
            _insert(connection, one, now)
        else:
            _update(connection, row, one)
            _declare_feeds(connection, row.id, one.feeds, now)
    named = {one.name for one in declared}
    for row in known.values():
        if row.declared and not row.withdrawn and row.name not in named:
            _write(connection, row.id, {"withdrawn": True})


def _write(connection: Connection, source_id: int, values: Mapping[str, Any]) -> None:
    """What readers of the export are told again."""
    connection.execute(update(source).where(source.c.id == source_id).values({**values, "seq": counter.take(connection, 1)}))


def _write_feed(connection: Connection, feed_id: int, values: Mapping[str, Any]) -> None:
    connection.execute(update(feed).where(feed.c.id == feed_id).values({**values, "seq": counter.take(connection, 1)}))


def _update(connection: Connection, row: Row[Any], one: Source) -> None:
    said = {
        "title": one.title,
        "kind": one.kind,
        "include": one.include,
        "exclude": one.exclude,
        "declared": True,
        "withdrawn": one.paused,
        "publish_delay": one.publish_delay,
    }
    if any(getattr(row, name) != value for name, value in said.items()):
        _write(connection, row.id, said)


def _declare_feeds(connection: Connection, source_id: int, urls: Sequence[str], now: datetime) -> None:
    c = feed.c
    statement = select(c.url, c.id, c.declared, c.withdrawn).where(c.source_id == source_id)
    known = {row.url: row for row in connection.execute(statement)}
    back = [known[url].id for url in urls if url in known and (known[url].withdrawn or not known[url].declared)]
    gone = [row.id for row in known.values() if row.declared and not row.withdrawn and row.url not in urls]
    new = [url for url in dict.fromkeys(urls) if url not in known]
    for one in back:
        _write_feed(connection, one, {"declared": True, "withdrawn": False})
    for one in gone:
        _write_feed(connection, one, {"withdrawn": True})
    for url in new:
        _insert_feed(connection, source_id, url, now, declared=True)


def add(connection: Connection, one: Source, now: datetime) -> None:
    """Raises AlreadyTracked for a name that is taken, or a feed of it that is followed."""
    counter.take(connection, 0)
    if connection.execute(select(source.c.id).where(source.c.name == one.name)).first() is not None:
        raise AlreadyTracked(one.name)
    for url in one.feeds:
        _refuse_followed(connection, url)
    _insert(connection, one, now)


def add_feed(connection: Connection, name: str, url: str, now: datetime) -> int:
    """Gives the feed's id. Raises NotFound for the source, AlreadyTracked for a feed that any source follows."""
    source_id = id_of(connection, name)
    same = select(feed.c.id).where(feed.c.source_id == source_id, feed.c.url == url)
    withdrawn = connection.execute(same.with_for_update()).scalar_one_or_none()
    counter.take(connection, 0)
    _refuse_followed(connection, url)
    if withdrawn is None:
        return _insert_feed(connection, source_id, url, now, declared=False)
    _write_feed(connection, withdrawn, {"declared": False, "withdrawn": False, "next_poll_at": now})
    return withdrawn


def set_paused(connection: Connection, name: str, *, paused: bool) -> None:
    """The operator's command; a source that config.yaml pauses or no longer names stays paused whatever is commanded."""
    counter.take(connection, 0)
    _write(connection, id_of(connection, name), {"paused": paused})


def remove(connection: Connection, name: str) -> None:
    """Follows it no longer: paused, and its feeds taken out; what is kept stays. Raises NotFound, Declared."""
    counter.take(connection, 0)
    source_id = id_of(connection, name)
    held = connection.execute(select(source.c.declared, source.c.withdrawn).where(source.c.id == source_id)).one()
    if held.declared and not held.withdrawn:
        raise Declared(name)
    followed = select(feed.c.id).where(feed.c.source_id == source_id, feed.c.withdrawn.is_(False)).order_by(feed.c.id)
    for one in connection.execute(followed).scalars().all():
        _write_feed(connection, one, {"withdrawn": True})
    _write(connection, source_id, {"paused": True})


def id_of(connection: Connection, name: str) -> int:
    """Raises NotFound."""
    found = connection.execute(select(source.c.id).where(source.c.name == name)).scalar_one_or_none()
    if found is None:
        raise NotFound("source", name)
    return found


def health(connection: Connection) -> tuple[SourceHealth, ...]:
    """By name, each with its newest problem; three queries however many sources and polls there are."""
    found = connection.execute(select(source, *_NEWEST_PROBLEMS, _LAST_LOOKS, _WAITING_SINCE).order_by(source.c.name)).all()
    feeds: defaultdict[str, list[Row[Any]]] = defaultdict(list)
    for row in connection.execute(rows.FEEDS.where(feed.c.withdrawn.is_(False)).order_by(feed.c.id)):
        feeds[row.source].append(row)
    newest = {row.id: max((one for one in (row.feed_problem, row.article_problem) if one is not None), default=None) for row in found}
    problems = _polls(connection, [one for one in newest.values() if one is not None])
    return tuple(
        _health(
            row,
            feeds[row.name],
            problems=tuple(problems[one] for one in (newest[row.id],) if one is not None),
            looks=_looks_of(row.looks),
        )
        for row in found
    )


def health_of(connection: Connection, name: str) -> SourceHealth:
    """Raises NotFound."""
    row = connection.execute(select(source, _WAITING_SINCE).where(source.c.name == name)).one_or_none()
    if row is None:
        raise NotFound("source", name)
    followed = rows.FEEDS.where(feed.c.source_id == row.id, feed.c.withdrawn.is_(False)).order_by(feed.c.id)
    feeds = connection.execute(followed).all()
    looks = last_looks(connection, row.id, row.last_polled_at or columns.EPOCH)
    return _health(row, feeds, problems=_problems(connection, row.id), looks=looks)


def _health(row: Row[Any], feeds: Sequence[Row[Any]], *, problems: tuple[Poll, ...], looks: LastLooks) -> SourceHealth:
    return SourceHealth(
        source=rows.source_of(row, tuple(one.url for one in feeds)),
        feeds=tuple(rows.feed_of(one) for one in feeds),
        articles_count=row.articles_count,
        events_count=row.events_count,
        last_polled_at=row.last_polled_at,
        last_good_at=row.last_good_at,
        problems=problems,
        last_looks=looks,
        waiting_since=row.waiting_since,
    )


def _failing(source_id: int | ColumnElement[int]) -> tuple[Select[Any], Select[Any]]:
    """The failed polls of a source's feeds and of its articles, newest first."""
    f, a = feed.c, article.c
    feeds = select(f.failure_poll_id).where(f.source_id == source_id, f.failure_poll_id.is_not(None), f.withdrawn.is_(False))
    articles = select(a.failure_poll_id).where(a.source_id == source_id, a.failure_poll_id.is_not(None), a.status != ArticleStatus.HIDDEN)
    return feeds.order_by(f.failure_poll_id.desc()), articles.order_by(a.failure_poll_id.desc())


def _polls(connection: Connection, ids: Sequence[int]) -> dict[int, Poll]:
    found = connection.execute(rows.POLLS.where(poll.c.id.in_(ids)).order_by(poll.c.id.desc())) if ids else ()
    return {row.id: rows.poll_of(row).poll for row in found}


def _problems(connection: Connection, source_id: int) -> tuple[Poll, ...]:
    ids = [one for failing in _failing(source_id) for one in connection.execute(failing.limit(PROBLEMS)).scalars()]
    return tuple(_polls(connection, sorted(ids, reverse=True)[:PROBLEMS]).values())


def last_looks(connection: Connection, source_id: int, now: datetime) -> LastLooks:
    """Each article counts once, by its newest look of the last LAST_LOOKS at any."""
    asked = {"looked_source": source_id, "now": (now - columns.EPOCH) // columns.MICROSECOND}
    return _looks_of(connection.execute(_LAST_LOOKS_AT, asked).scalar_one())


def _looks_of(looks: int) -> LastLooks:
    more, articles_count = divmod(looks, _LOOK)
    lately_count, lost_count = divmod(more, _LOOK)
    return LastLooks(articles_count=articles_count, lost_count=lost_count, lately_count=lately_count)


def _last_looks(now: ColumnElement[int]) -> Label[int]:
    """For a row of source: counted over the newest of its last LAST_LOOKS looks at each article that was not removed long ago.

    All three counts in one number, since a subquery for a row gives one. `now` in microseconds, as the columns have it.
    """
    c = poll.c
    ours = select(c.id, c.article_id, c.outcome).where(c.source_id == source.c.id, c.article_id.is_not(None))
    last = ours.order_by(c.id.desc()).limit(LAST_LOOKS).correlate(source).subquery()
    place = func.row_number().over(partition_by=last.c.article_id, order_by=last.c.id.desc())
    newest = select(last.c.article_id, last.c.outcome, place.label("place")).subquery()
    missing_since = type_coerce(article.c.missing_since, BigInteger)
    there = or_(article.c.status != ArticleStatus.REMOVED, missing_since >= now - LONG_REMOVED // columns.MICROSECOND)
    is_lost = newest.c.outcome.in_(_LOST)
    is_late = is_lost & (missing_since >= now - LATELY // columns.MICROSECOND)
    weight = case((is_late, 1 + _LOOK + _LOOK**2), (is_lost, 1 + _LOOK), else_=1)
    counted = select(func.coalesce(func.sum(weight), 0)).join_from(newest, article, newest.c.article_id == article.c.id)
    return counted.where(newest.c.place == 1, there).correlate(source).scalar_subquery().label("looks")


# For each row of source, in one statement.
_NEWEST_PROBLEMS = tuple(
    failing.limit(1).scalar_subquery().label(name)
    for name, failing in zip(("feed_problem", "article_problem"), _failing(source.c.id), strict=True)
)
# One step down the index for each source.
_WAITING_SINCE = (
    select(article.c.next_poll_at)
    .where(article.c.source_id == source.c.id, article.c.next_poll_at.is_not(None))
    .order_by(article.c.next_poll_at)
    .limit(1)
    .scalar_subquery()
    .label("waiting_since")
)
_LAST_LOOKS = _last_looks(type_coerce(source.c.last_polled_at, BigInteger))
_LAST_LOOKS_AT = select(_last_looks(bindparam("now", type_=BigInteger))).where(source.c.id == bindparam("looked_source"))


def _refuse_followed(connection: Connection, url: str) -> None:
    if connection.execute(select(feed.c.id).where(feed.c.url == url, feed.c.withdrawn.is_(False))).first() is not None:
        raise AlreadyTracked(url)


def _insert(connection: Connection, one: Source, now: datetime) -> None:
    values = {
        "name": one.name,
        "title": one.title,
        "kind": one.kind,
        "include": one.include,
        "exclude": one.exclude,
        "declared": one.declared,
        "paused": one.paused and not one.declared,
        "withdrawn": one.paused and one.declared,
        "publish_delay": one.publish_delay,
        "articles_count": 0,
        "events_count": 0,
        "seq": counter.take(connection, 1),
    }
    source_id = connection.execute(insert(source).values(values).returning(source.c.id)).scalar_one()
    for url in dict.fromkeys(one.feeds):
        _insert_feed(connection, source_id, url, now, declared=one.declared)


def _insert_feed(connection: Connection, source_id: int, url: str, now: datetime, *, declared: bool) -> int:
    values = {
        "source_id": source_id,
        "url": url,
        "declared": declared,
        "withdrawn": False,
        "next_poll_at": now,
        "because": Because.CADENCE,
        "failures_count": 0,
        "lease": 0,
        "seq": counter.take(connection, 1),
    }
    return connection.execute(insert(feed).values(values).returning(feed.c.id)).scalar_one()
