"""Sources and their feeds: declared by config.yaml or added by command, paused, and how following them goes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, insert, select, update

from tracker.errors import AlreadyTracked, NotFound
from tracker.model import ArticleStatus, Because, LastLooks, Outcome, Poll, Source, SourceHealth
from tracker.store import columns, counter, rows
from tracker.store.schema import article, feed, poll, source

# So many of what fails now are told of a source; a site that is down needs no longer list.
PROBLEMS = 10
# So many looks of a source tell whether its articles vanish together.
LAST_LOOKS = 100
LATELY = timedelta(hours=1)
LONG_REMOVED = timedelta(days=2)
_LOST = frozenset({Outcome.MISSING, Outcome.REFUSED})


def declare(connection: Connection, declared: Sequence[Source], now: datetime) -> None:
    """Make the store say what config.yaml says. What was added by command stays as it is."""
    connection.execute(select(feed.c.id).order_by(feed.c.id).with_for_update())
    counter.take(connection, 0)
    known = {row.name: row for row in connection.execute(select(source).order_by(source.c.id).with_for_update())}
    changed = False
    for one in declared:
        row = known.get(one.name)
        if row is None:
            _insert(connection, one, now)
            changed = True
        else:
            changed = _update(connection, row, one) | _declare_feeds(connection, row.id, one.feeds, now) | changed
    named = {one.name for one in declared}
    gone = [row.id for row in known.values() if row.declared and not row.withdrawn and row.name not in named]
    if gone:
        connection.execute(update(source).where(source.c.id.in_(gone)).values(withdrawn=True))
    if changed or gone:
        counter.take(connection, 1)


def _update(connection: Connection, row: Row[Any], one: Source) -> bool:
    said = {
        "title": one.title,
        "kind": one.kind,
        "include": one.include,
        "exclude": one.exclude,
        "declared": True,
        "withdrawn": one.paused,
        "publish_delay": one.publish_delay,
    }
    if all(getattr(row, name) == value for name, value in said.items()):
        return False
    connection.execute(update(source).where(source.c.id == row.id).values(said))
    return True


def _declare_feeds(connection: Connection, source_id: int, urls: Sequence[str], now: datetime) -> bool:
    c = feed.c
    statement = select(c.url, c.id, c.declared, c.withdrawn).where(c.source_id == source_id)
    known = {row.url: row for row in connection.execute(statement)}
    back = [known[url].id for url in urls if url in known and (known[url].withdrawn or not known[url].declared)]
    gone = [row.id for row in known.values() if row.declared and not row.withdrawn and row.url not in urls]
    new = [url for url in dict.fromkeys(urls) if url not in known]
    if back:
        connection.execute(update(feed).where(c.id.in_(back)).values(declared=True, withdrawn=False))
    if gone:
        connection.execute(update(feed).where(c.id.in_(gone)).values(withdrawn=True))
    for url in new:
        _insert_feed(connection, source_id, url, now, declared=True)
    return bool(back or gone or new)


def add(connection: Connection, one: Source, now: datetime) -> None:
    """Raises AlreadyTracked for a name that is taken, or a feed of it that is followed."""
    counter.take(connection, 1)
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
    counter.take(connection, 1)
    _refuse_followed(connection, url)
    if withdrawn is None:
        return _insert_feed(connection, source_id, url, now, declared=False)
    connection.execute(update(feed).where(feed.c.id == withdrawn).values(declared=False, withdrawn=False, next_poll_at=now))
    return withdrawn


def set_paused(connection: Connection, name: str, *, paused: bool) -> None:
    """The operator's command; a source that config.yaml pauses or no longer names stays paused whatever is commanded."""
    counter.take(connection, 1)
    source_id = id_of(connection, name)
    connection.execute(update(source).where(source.c.id == source_id).values(paused=paused))


def id_of(connection: Connection, name: str) -> int:
    """Raises NotFound."""
    found = connection.execute(select(source.c.id).where(source.c.name == name)).scalar_one_or_none()
    if found is None:
        raise NotFound("source", name)
    return found


def health(connection: Connection, only: ColumnElement[bool] | None = None) -> tuple[SourceHealth, ...]:
    """By name; a few small queries however many polls there are."""
    statement = select(source).order_by(source.c.name)
    followed = rows.FEEDS.where(feed.c.withdrawn.is_(False)).order_by(feed.c.id)
    if only is not None:
        statement, followed = statement.where(only), followed.where(only)
    found = connection.execute(statement).all()
    feeds: defaultdict[str, list[Row[Any]]] = defaultdict(list)
    for row in connection.execute(followed):
        feeds[row.source].append(row)
    return tuple(
        SourceHealth(
            source=rows.source_of(row, tuple(one.url for one in feeds[row.name])),
            feeds=tuple(rows.feed_of(one) for one in feeds[row.name]),
            articles_count=row.articles_count,
            events_count=row.events_count,
            last_polled_at=row.last_polled_at,
            last_good_at=row.last_good_at,
            problems=_problems(connection, row.id),
            last_looks=last_looks(connection, row.id, row.last_polled_at or columns.EPOCH),
        )
        for row in found
    )


def _problems(connection: Connection, source_id: int) -> tuple[Poll, ...]:
    ids: list[int] = []
    for failing, other in ((feed.c, feed.c.withdrawn.is_(False)), (article.c, article.c.status != ArticleStatus.HIDDEN)):
        statement = select(failing.failure_poll_id).where(failing.source_id == source_id, failing.failure_poll_id.is_not(None), other)
        found = connection.execute(statement.order_by(failing.failure_poll_id.desc()).limit(PROBLEMS)).scalars()
        ids += [poll_id for poll_id in found if poll_id is not None]
    newest = sorted(ids, reverse=True)[:PROBLEMS]
    last_looks = connection.execute(rows.POLLS.where(poll.c.id.in_(newest)).order_by(poll.c.id.desc())) if newest else ()
    return tuple(rows.poll_of(row).poll for row in last_looks)


def last_looks(connection: Connection, source_id: int, now: datetime) -> LastLooks:
    """Each article counts once, by its newest look of the last LAST_LOOKS at any."""
    looks = select(poll.c.article_id, poll.c.outcome, article.c.status, article.c.missing_since)
    recent = looks.join_from(poll, article, poll.c.article_id == article.c.id).where(poll.c.source_id == source_id)
    newest = connection.execute(recent.order_by(poll.c.id.desc()).limit(LAST_LOOKS)).all()
    by_article = {row.article_id: row for row in reversed(newest) if not _long_removed(row.status, row.missing_since, now)}
    lost = [row for row in by_article.values() if row.outcome in _LOST]
    lately = sum(row.missing_since is not None and now - row.missing_since <= LATELY for row in lost)
    return LastLooks(articles_count=len(by_article), lost_count=len(lost), lately_count=lately)


def _long_removed(status: ArticleStatus, missing_since: datetime | None, now: datetime) -> bool:
    return status == ArticleStatus.REMOVED and (missing_since is None or now - missing_since > LONG_REMOVED)


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
    }
    return connection.execute(insert(feed).values(values).returning(feed.c.id)).scalar_one()
