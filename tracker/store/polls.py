"""Polls: one narrow row for each look, and what they add to their source's health.

Reading them back is in revisions.py (lists) and sources.py (health).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from tracker.model import Outcome, Poll
from tracker.store.schema import poll, source

# What was asked for was not seen. A text that waits for a second look was.
FAILURES = frozenset({Outcome.REFUSED, Outcome.MISSING, Outcome.FAILED})


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPoll:
    """A poll with its number. `known_url` is the address of its article or feed, which need not be kept again."""

    id: int
    source_id: int
    known_url: str
    poll: Poll


def add(connection: Connection, polls: Sequence[NewPoll]) -> None:
    if polls:
        connection.execute(insert(poll), [_row(new) for new in polls])
        _note_health(connection, polls)


def keep_address(connection: Connection, article_id: int, url: str) -> None:
    """The article goes elsewhere: its polls so far were at `url`."""
    connection.execute(update(poll).where(poll.c.article_id == article_id, poll.c.url.is_(None)).values(url=url))


def _row(new: NewPoll) -> dict[str, Any]:
    return {
        "id": new.id,
        "source_id": new.source_id,
        "article_id": new.poll.article_id,
        "feed_id": new.poll.feed_id,
        "at": new.poll.at,
        "outcome": new.poll.outcome,
        "because": new.poll.because,
        "status": new.poll.status,
        "bytes": new.poll.bytes,
        "ms": new.poll.ms,
        "url": None if new.poll.url == new.known_url else new.poll.url,
        "reason": new.poll.reason,
    }


def _note_health(connection: Connection, polls: Sequence[NewPoll]) -> None:
    """One read and one write, however many polls and sources."""
    by_source: defaultdict[int, list[Poll]] = defaultdict(list)
    for new in polls:
        by_source[new.source_id].append(new.poll)
    c = source.c
    known = select(c.id, c.last_polled_at, c.last_good_at).where(c.id.in_(by_source)).order_by(c.id).with_for_update()
    noted: list[dict[str, Any]] = []
    for source_id, last_polled_at, last_good_at in connection.execute(known).all():
        looks = by_source[source_id]
        good = [look.at for look in looks if look.outcome not in FAILURES]
        latest = {"polled_at": _latest(last_polled_at, [look.at for look in looks]), "good_at": _latest(last_good_at, good)}
        noted.append({"source_id": source_id} | latest)
    connection.execute(_NOTE, noted)


def _latest(known: datetime | None, seen: Sequence[datetime]) -> datetime | None:
    return max([at for at in (known, *seen) if at is not None], default=None)


_NOTE = (
    update(source)
    .where(source.c.id == bindparam("source_id"))
    .values(last_polled_at=bindparam("polled_at"), last_good_at=bindparam("good_at"))
)
