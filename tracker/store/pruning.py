"""Retention: old polls become counts by day, old captures lose their content; revisions and events are never touched.

Two kinds of capture stay whatever their age: those of an article's latest revision, since a newer extractor must read
that page again to tell the publisher's edits from our own, and the evidence of removals, which nothing else tells of.
What is dropped leaves its row with its hash behind: a page that somebody else kept can still be compared with it.

Every step is one short transaction, and the generator pauses outside of it: whoever runs it decides how fast it goes.
Where nobody can see a change to come (which articles are due, what is packed anew) is read before, without a lock, and the
article's lease says that it still holds when it is written.
"""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import Connection, Row, and_, bindparam, delete, exists, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from tracker.errors import Corrupt
from tracker.model import Pruned, Retention
from tracker.store import bodies, contents, counter, merging
from tracker.store.bodies import Base, Packed, Packing
from tracker.store.database import Database, chunks
from tracker.store.schema import article, capture, feed, further_page, poll, poll_day, revision

logger = logging.getLogger(__name__)

# Polls deleted in one transaction, revisions looked through in one: each takes SQLite a few milliseconds.
POLLS_AT_ONCE = 500
REVISIONS_AT_ONCE = 5_000

# A revision's id, article, number, first sight and capture.
Captured: TypeAlias = Row[int, int, int, datetime, int | None]


def prune(database: Database, retention: Retention, now: datetime) -> Iterator[Pruned]:
    """What each step took; between two of them nothing is locked."""
    if retention.polls is not None:
        yield from _count_polls(database, now - retention.polls)
    if retention.captures is not None:
        for article_id in _with_old_captures(database, now - retention.captures):
            try:
                yield _drop_captures(database, article_id, now - retention.captures, now)
            except Corrupt as error:
                logger.warning("the captures of article %d stay as they are: %s", article_id, error)


# --- polls -----------------------------------------------------------------------------------------


def _count_polls(database: Database, before: datetime) -> Iterator[Pruned]:
    """Oldest first, until a batch holds none that is old enough."""
    after = 0
    while True:
        with database.reading() as connection:
            batch = connection.execute(select(poll.c.id, poll.c.at).where(poll.c.id > after).order_by(poll.c.id).limit(POLLS_AT_ONCE)).all()
        old = [row.id for row in batch if row.at < before]
        if not old:
            return
        with database.writing() as connection:
            count = _count_batch(connection, old)
        yield Pruned(polls_count=count)
        after = batch[-1].id


def _count_batch(connection: Connection, ids: Sequence[int]) -> int:
    """A poll by which an article or a feed still fails is what its page tells of: it stays."""
    failing = or_(
        exists().where(article.c.id == poll.c.article_id, article.c.failure_poll_id == poll.c.id),
        exists().where(feed.c.id == poll.c.feed_id, feed.c.failure_poll_id == poll.c.id),
    )
    taken = delete(poll).where(poll.c.id.in_(ids), ~failing).returning(poll.c.source_id, poll.c.at, poll.c.outcome)
    days = Counter((row.source_id, _day(row.at), row.outcome) for row in connection.execute(taken))
    if days:
        seq = counter.take(connection, len(days))
        _add(connection, [
            {"source_id": source_id, "day": day, "outcome": outcome, "polls_count": count, "seq": seq + place}
            for place, ((source_id, day, outcome), count) in enumerate(sorted(days.items()))
        ])
    return sum(days.values())


def _day(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def _add(connection: Connection, counts: list[dict[str, Any]]) -> None:
    """Both databases say it alike, SQLAlchemy by two names."""
    new = (sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert)(poll_day)
    c = poll_day.c
    more = {"polls_count": c.polls_count + new.excluded.polls_count, "seq": new.excluded.seq}
    connection.execute(new.on_conflict_do_update(index_elements=[c.source_id, c.day, c.outcome], set_=more), counts)


# --- captures --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What is to be done to the articles in `held`, by their leases; `packed` are captures that stay, packed anew."""

    held: dict[int, tuple[int, int]]
    revision_ids: tuple[int, ...]
    capture_ids: tuple[int, ...]
    packed: dict[int, Packed]


def _with_old_captures(database: Database, before: datetime) -> Iterator[int]:
    """The articles that have revisions of before then, with captures, that are not their latest."""
    c = revision.c
    after = 0
    seen: set[int] = set()
    while True:
        window = select(c.id).where(c.id > after).order_by(c.id).limit(REVISIONS_AT_ONCE).subquery()
        with database.reading() as connection:
            last = connection.execute(select(func.max(window.c.id))).scalar_one()
            if last is None:
                return
            old = and_(c.id > after, c.id <= last, c.first_seen_at < before, c.capture_id.is_not(None), c.capture_dropped_at.is_(None))
            due = select(c.article_id).join_from(revision, article, c.article_id == article.c.id)
            due = due.where(old, c.number < article.c.revisions_count).distinct().order_by(c.article_id)
            ids = connection.execute(due).scalars().all()
        yield from (one for one in ids if one not in seen)
        seen.update(ids)
        after = last


def _drop_captures(database: Database, article_id: int, before: datetime, now: datetime) -> Pruned:
    """All old captures of one article at once. Nothing where it is being looked at: the next time then."""
    with database.reading() as connection:
        plan = _plan(connection, article_id, before)
    if not plan.revision_ids:
        return Pruned()
    with database.writing() as connection:
        c = article.c
        statement = select(c.id, c.lease, c.revisions_count, c.leased_until).where(c.id.in_(plan.held)).order_by(c.id).with_for_update()
        held = connection.execute(statement).all()
        if any((row.lease, row.revisions_count) != plan.held[row.id] or (row.leased_until and row.leased_until > now) for row in held):
            return Pruned()
        # A look whose lease ran out may still be packing against what is dropped here: it has lost the lease.
        connection.execute(update(article).where(c.id.in_(plan.held)).values(lease=c.lease + 1, leased_until=None))
        _write(connection, plan, now)
        counter.take(connection, 1)
    return Pruned(revisions_count=len(plan.revision_ids))


def _plan(connection: Connection, article_id: int, before: datetime) -> _Plan:
    """Articles that were merged with this one, or parted from it, may share captures with it, or patch against its."""
    family = merging.family(connection, article_id)
    c = article.c
    statement = select(c.id, c.lease, c.revisions_count).where(c.id.in_(family))
    held = {row.id: (row.lease, row.revisions_count) for row in connection.execute(statement)}
    # One that was read again has the same captures as the revision before it.
    sharing: defaultdict[int, list[Captured]] = defaultdict(list)
    for row in _captured(connection, family):
        sharing[row.capture_id].append(row)
    old = {
        capture_id
        for capture_id, rows in sharing.items()
        if all(row.first_seen_at < before and row.number < held[row.article_id][1] for row in rows)
    }
    revisions = {row.id: row.capture_id for rows in sharing.values() for row in rows}
    pages = _pages(connection, family)
    kept = {page for one, capture_id in revisions.items() if capture_id not in old for page in (capture_id, *pages[one])}
    dropped = {page for one, capture_id in revisions.items() if capture_id in old for page in (capture_id, *pages[one])}
    return _Plan(
        held=held,
        revision_ids=tuple(sorted(one for one, capture_id in revisions.items() if capture_id in old)),
        capture_ids=tuple(sorted(dropped)),
        packed=_packed_anew(connection, kept, dropped),
    )


def _captured(connection: Connection, family: Iterable[int]) -> Sequence[Captured]:
    c = revision.c
    statement = select(c.id, c.article_id, c.number, c.first_seen_at, c.capture_id)
    return connection.execute(statement.where(c.article_id.in_(family), c.capture_id.is_not(None), c.capture_dropped_at.is_(None))).all()


def _pages(connection: Connection, family: Iterable[int]) -> dict[int, list[int]]:
    """The captures of each revision's later pages."""
    c = further_page.c
    statement = select(c.revision_id, c.capture_id).join_from(further_page, revision, c.revision_id == revision.c.id)
    found: defaultdict[int, list[int]] = defaultdict(list)
    for row in connection.execute(statement.where(revision.c.article_id.in_(family))):
        found[row.revision_id].append(row.capture_id)
    return found


def _packed_anew(connection: Connection, kept: Iterable[int], dropped: set[int]) -> dict[int, Packed]:
    """Those of `kept` that are patches against one of `dropped`: the oldest becomes the keyframe of the others."""
    patches: defaultdict[int, list[int]] = defaultdict(list)
    for part in chunks(sorted(kept)):
        statement = select(capture.c.id, capture.c.base_id).where(capture.c.id.in_(part), capture.c.base_id.is_not(None))
        for row in connection.execute(statement.order_by(capture.c.id)):
            if row.base_id in dropped:
                patches[row.base_id].append(row.id)
    packed: dict[int, Packed] = {}
    for ids in patches.values():
        base: Base | None = None
        for one in ids:
            content = contents.capture_bytes(connection, one)
            packed[one] = bodies.pack(content, level=bodies.CAPTURE_LEVEL, base=base)
            if base is None:
                base = Base(id=one, content=content, packed_size=len(packed[one].data))
    return packed


def _write(connection: Connection, plan: _Plan, now: datetime) -> None:
    c = capture.c
    if plan.packed:
        anew = update(capture).where(c.id == bindparam("capture_id"))
        values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in ("packing", "data", "hash", "base_id")}
        rows = [
            {"capture_id": one, "new_packing": new.packing, "new_data": new.data, "new_hash": new.hash, "new_base_id": new.base_id}
            for one, new in plan.packed.items()
        ]
        connection.execute(anew.values(values), rows)
    for part in chunks(plan.capture_ids):
        connection.execute(update(capture).where(c.id.in_(part)).values(packing=Packing.DROPPED, data=b"", base_id=None))
    for part in chunks(plan.revision_ids):
        connection.execute(update(revision).where(revision.c.id.in_(part)).values(capture_dropped_at=now))
