"""Two articles that are one story: the revisions, events and keys of one become the other's, and can be given back.

The one that was merged keeps its row, its polls and its captures; its id leads to the other. Its revisions are numbered
among the other's by when they were first seen; no event is made or sent again. Whether two are one story is decided
elsewhere: by the operator, or in decide.py.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, literal, or_, select, update

from tracker.errors import NotFound, NotMergeable
from tracker.model import ArticleStatus, Because, Merge
from tracker.store import appending, contents, counter, hosts, keys, polls, rows, searched, takedowns
from tracker.store.schema import article, article_key, event, merge, merged_key, merged_revision, revision, source
from tracker.store.taking_out import take_out
from tracker.urls import host_of

# More revisions than any article will have.
_ASIDE = 1_000_000_000


def merge_articles(connection: Connection, from_id: int, into_id: int, *, url: str | None, reason: str, now: datetime) -> None:
    """`url` is where the story is looked for from now on. If not given: where the second article is, unless that is not
    found there and the first one is.

    Raises NotFound, NotMergeable.
    """
    keys.lock(connection)
    held = hold(connection, from_id, into_id)
    if from_id == into_id:
        raise NotMergeable(from_id, into_id, "they are the same article")
    for one in held.values():
        if one.status == ArticleStatus.HIDDEN:
            raise NotMergeable(from_id, into_id, f"article {one.id} is hidden, and what was taken down must stay so")
        if one.merged_into_id is not None:
            raise NotMergeable(from_id, into_id, f"article {one.id} is part of article {one.merged_into_id} already; unmerge it first")
    old, other = held[from_id], held[into_id]
    for one in (old, other):
        if one.revisions_count:
            appending.end_latest(connection, one)
    seq = counter.take(connection, 3)
    values = {
        "seq": seq,
        "from_id": from_id,
        "into_id": into_id,
        "at": now,
        "reason": reason,
        "into_url": other.url,
        "into_first_seen_at": other.first_seen_at,
    }
    merge_id = connection.execute(insert(merge).values(values).returning(merge.c.id)).scalar_one()
    _note(connection, merge_id, from_id)
    connection.execute(update(article_key).where(article_key.c.article_id == from_id).values(article_id=into_id))
    connection.execute(update(event).where(event.c.article_id == from_id).values(article_id=into_id))
    # below zero no number is taken; settled gives the right ones
    connection.execute(update(revision).where(revision.c.article_id == from_id).values(article_id=into_id, number=-revision.c.number))
    if withheld := takedowns.of_article(connection, [from_id, into_id], keys.of_articles(connection, [into_id]).get(into_id, ())):
        # What was taken down of one is taken down of both; their pages cannot be read here, so none stays for its words.
        take_out(connection, [from_id, into_id], withheld, holds=lambda _connection, _capture_id: True)
        takedowns.carried_out(connection, [one.id for one in withheld])
    lost = {"seq": seq + 1, "merged_into_id": into_id, "next_poll_at": None, "failure_poll_id": None}
    write(connection, from_id, lost)
    alive = old if other.missing_since is not None and old.missing_since is None else other
    kept = settled(connection, into_id) | due(now) | {"seq": seq + 2, "first_seen_at": min(old.first_seen_at, other.first_seen_at)}
    kept |= {"status": alive.status, "missing_since": alive.missing_since}
    write(connection, into_id, kept | _addressed(connection, other, url or alive.url))
    _count(connection, old.source_id, -1)
    searched.index_heads(connection, (from_id, into_id))


def unmerge(connection: Connection, from_id: int, now: datetime) -> None:
    """What a merge moved goes back; what was found since stays. Raises NotFound for an article that is not merged."""
    keys.lock(connection)
    made = connection.execute(select(merge).where(merge.c.from_id == from_id, merge.c.undone_at.is_(None))).one_or_none()
    if made is None:
        raise NotFound("merged article", from_id)
    held = hold(connection, from_id, made.into_id)
    into = held[made.into_id]
    if into.merged_into_id is not None:
        raise NotMergeable(from_id, into.id, f"article {into.id} is part of article {into.merged_into_id} itself; unmerge it first")
    for one in held.values():
        if one.status == ArticleStatus.HIDDEN:
            raise NotMergeable(from_id, into.id, f"article {one.id} is hidden, and what was taken down must stay so")
    if into.revisions_count:
        appending.end_latest(connection, into)
    seq = counter.take(connection, 3)
    _give_back(connection, made)
    write(connection, from_id, settled(connection, from_id) | due(now) | {"seq": seq + 1, "merged_into_id": None})
    restored = {"seq": seq + 2, "first_seen_at": made.into_first_seen_at}
    write(connection, into.id, settled(connection, into.id) | due(now) | restored | _addressed(connection, into, made.into_url))
    connection.execute(update(merge).where(merge.c.id == made.id).values(seq=seq, undone_at=now))
    _count(connection, held[from_id].source_id, 1)
    searched.index_heads(connection, (from_id, into.id))


def merged(connection: Connection, article_id: int) -> tuple[Merge, ...]:
    """What is part of this article now, oldest first."""
    found = select(merge).where(merge.c.into_id == article_id, merge.c.undone_at.is_(None)).order_by(merge.c.id)
    return tuple(rows.merge_of(row) for row in connection.execute(found))


def goes_on_as(connection: Connection, article_id: int) -> int:
    """The article that this one's history is part of now, by however many merges; itself, where it was not merged."""
    into: int | None = article_id
    while into is not None:
        article_id, into = into, connection.execute(select(article.c.merged_into_id).where(article.c.id == into)).scalar()
    return article_id


def are_parted(connection: Connection, one: int, other: int) -> bool:
    c = merge.c
    both = or_((c.from_id == one) & (c.into_id == other), (c.from_id == other) & (c.into_id == one))
    return connection.execute(select(c.id).where(both, c.undone_at.is_not(None)).limit(1)).first() is not None


def family(connection: Connection, article_id: int) -> set[int]:
    """The article, and all that were ever merged with it or with one of those: their histories may have parts in common."""
    found, new = {article_id}, {article_id}
    while new:
        pairs = select(merge.c.from_id, merge.c.into_id).where(or_(merge.c.from_id.in_(new), merge.c.into_id.in_(new)))
        new = {one for pair in connection.execute(pairs) for one in pair} - found
        found |= new
    return found


def hold(connection: Connection, *ids: int) -> dict[int, Row[Any]]:
    """Locked by id, see counter.py. Raises NotFound."""
    statement = select(article).where(article.c.id.in_(ids)).order_by(article.c.id).with_for_update()
    held = {row.id: row for row in connection.execute(statement)}
    for article_id in ids:
        if article_id not in held:
            raise NotFound("article", article_id)
    return held


def _note(connection: Connection, merge_id: int, from_id: int) -> None:
    """What is about to move: an article that was merged into this one before may be given back by itself later."""
    mine = literal(merge_id)
    names = select(mine, article_key.c.key).where(article_key.c.article_id == from_id)
    connection.execute(insert(merged_key).from_select(["merge_id", "key"], names))
    ids = select(mine, revision.c.id).where(revision.c.article_id == from_id)
    connection.execute(insert(merged_revision).from_select(["merge_id", "revision_id"], ids))


def _give_back(connection: Connection, made: Row[Any]) -> None:
    names = select(merged_key.c.key).where(merged_key.c.merge_id == made.id)
    ids = select(merged_revision.c.revision_id).where(merged_revision.c.merge_id == made.id)
    theirs = update(article_key).where(article_key.c.article_id == made.into_id, article_key.c.key.in_(names))
    connection.execute(theirs.values(article_id=made.from_id))
    # A change belongs to the article whose text it led to; a removal, to the one whose text was last seen.
    led = or_(
        event.c.to_revision_id.in_(ids),
        event.c.to_revision_id.is_(None) & event.c.from_revision_id.in_(ids) & (event.c.at <= made.at),
    )
    connection.execute(update(event).where(event.c.article_id == made.into_id, led).values(article_id=made.from_id))
    moved = update(revision).where(revision.c.article_id == made.into_id, revision.c.id.in_(ids))
    connection.execute(moved.values(article_id=made.from_id))
    connection.execute(delete(merged_key).where(merged_key.c.merge_id == made.id))
    connection.execute(delete(merged_revision).where(merged_revision.c.merge_id == made.id))


def settled(connection: Connection, article_id: int) -> dict[str, Any]:
    """The revisions numbered by when they were first seen, and what the article's row says of them."""
    c = revision.c
    found = connection.execute(
        select(c.id, c.last_seen_at).where(c.article_id == article_id).order_by(c.first_seen_at, c.id)
    ).all()
    if found:
        numbers = [{"revision_id": row.id, "new_number": number} for number, row in enumerate(found, start=1)]
        renumber = update(revision).where(c.id == bindparam("revision_id"))
        # by way of numbers that nobody has
        connection.execute(renumber.values(number=-_ASIDE - bindparam("new_number")), numbers)
        connection.execute(renumber.values(number=bindparam("new_number")), numbers)
    changed = event.c.article_id == article_id, event.c.from_revision_id.is_not(None), event.c.to_revision_id.is_not(None)
    count, last = connection.execute(select(func.count(), func.max(event.c.before_at)).where(*changed)).one()
    values = {"revisions_count": len(found), "changes_count": count, "last_changed_at": last}
    if found:
        latest = contents.read_extracts(connection, [found[-1].id])[found[-1].id]
        values |= {"headline": latest.headline, "language": latest.language}
        values |= {"published_at": latest.published_at, "last_seen_at": found[-1].last_seen_at}
    return values


def due(now: datetime) -> dict[str, Any]:
    """A look at once, as if it were the first: what the last one saw may be no part of the history any more."""
    return {
        "next_poll_at": now,
        "because": Because.CONFIRM,
        "failures_count": 0,
        "failure_poll_id": None,
        **dict.fromkeys(("etag", "last_modified", "read_at", "body_hash", "visible_hash", "held_since", "held_fingerprint")),
        **dict.fromkeys(("moved_url", "moved_since", "moved_looks")),
    }


def _addressed(connection: Connection, held: Row[Any], url: str) -> dict[str, Any]:
    if url == held.url:
        return {}
    polls.keep_address(connection, held.id, held.url)
    host = host_of(url)
    return {"url": url, "host_id": hosts.ids(connection, [host])[host]}


def write(connection: Connection, article_id: int, values: dict[str, Any]) -> None:
    """Whoever looks at it meanwhile has lost the lease."""
    fenced = {"lease": article.c.lease + 1, "leased_until": None}
    connection.execute(update(article).where(article.c.id == article_id).values(values | fenced))


def _count(connection: Connection, source_id: int, more: int) -> None:
    connection.execute(update(source).where(source.c.id == source_id).values(articles_count=source.c.articles_count + more))
