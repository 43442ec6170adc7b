"""Polls: one narrow row for each look, and what they add to their source's health.

Reading them back is in revisions.py (lists) and sources.py (health).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Case, Column, Connection, Integer, bindparam, case, insert, or_, update

from tracker.model import Outcome, Poll
from tracker.store.columns import Utc
from tracker.store.schema import poll, source

# What was asked for was not seen. A text that waits for a second look was.
FAILURES = frozenset({Outcome.REFUSED, Outcome.MISSING, Outcome.FAILED})


_INSERT = insert(poll)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPoll:
    """A poll with its number. `known_url` is the address of its article or feed, which need not be kept again."""

    id: int
    source_id: int
    known_url: str
    poll: Poll


def add(connection: Connection, polls: Sequence[NewPoll], events_count: Mapping[int, int] | None = None) -> None:
    """`events_count`: how many events each source has more of."""
    if polls:
        connection.execute(_INSERT, [_row(new) for new in polls])
        _note_health(connection, polls, events_count or {})


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


def _note_health(connection: Connection, polls: Sequence[NewPoll], events_count: Mapping[int, int]) -> None:
    """One write a source, however many polls; by id, see counter.py."""
    polled: dict[int, datetime] = {}
    good: dict[int, datetime] = {}
    for new in polls:
        at = new.poll.at
        polled[new.source_id] = max(polled.get(new.source_id, at), at)
        if new.poll.outcome not in FAILURES:
            good[new.source_id] = max(good.get(new.source_id, at), at)
    connection.execute(
        _NOTE,
        [{"noted_id": one, "polled_at": polled[one], "good_at": good.get(one), "more": events_count.get(one, 0)} for one in sorted(polled)],
    )


def _latest(known: Column[datetime | None], new: str) -> Case[datetime | None]:
    at = bindparam(new, type_=Utc)
    return case((or_(known.is_(None), known < at), at), else_=known)


_NOTE = (
    update(source)
    .where(source.c.id == bindparam("noted_id"))
    .values(
        last_polled_at=_latest(source.c.last_polled_at, "polled_at"),
        last_good_at=_latest(source.c.last_good_at, "good_at"),
        events_count=source.c.events_count + bindparam("more", type_=Integer),
    )
)
