"""What looks at articles leave: `keep`, one transaction for all decisions given to it.

Texts are packed before it, and the counter is taken as late as can be: when all that remains is to write the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from tracker.model import Because, Decision, Event, NewEvent, Validators
from tracker.store import appending, counter, keys, polls, rows
from tracker.store.appending import Prepared
from tracker.store.database import Database, chunks
from tracker.store.schema import article, event, source

# Why an article may become due by another hand while it is looked at.
_CALLED = frozenset({Because.HINT, Because.MANUAL, Because.WATCH})


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The events that were appended, and the ids of articles whose lease was lost: of those nothing was kept."""

    events: tuple[Event, ...] = ()
    lost: tuple[int, ...] = ()


@dataclass(slots=True, kw_only=True)
class _Look:
    """One decision on its way into the rows."""

    decision: Decision
    held: Row[Any]
    prepared: Prepared | None
    free_keys: list[str] = field(default_factory=list)
    seq: int = 0
    event_id: int | None = None

    @property
    def changed(self) -> bool:
        """Whether the article itself is another to readers, beside when it was looked at."""
        moved = self.decision.status != self.held.status or self.decision.missing_since != self.held.missing_since
        return moved or bool(self.free_keys) or self.decision.revision is not None

    @property
    def width(self) -> int:
        """How many numbers its rows take: article, revision, event, poll, in this order."""
        return self.changed + (self.decision.revision is not None) + (self.decision.event is not None) + 1

    @property
    def poll_id(self) -> int:
        return self.seq + self.width - 1


def keep(database: Database, decisions: Sequence[Decision], now: datetime) -> Kept:
    if not decisions:
        return Kept()
    prepared: dict[int, Prepared | None] = {}
    if any(decision.revision for decision in decisions):
        with database.reading() as connection:
            prepared = {place: appending.prepare(connection, decision) for place, decision in enumerate(decisions)}
    with database.writing() as connection:
        owned = _owned_keys(connection, decisions)
        held = _hold(connection, decisions)
        looks: list[_Look] = []
        lost: list[int] = []
        for place, decision in enumerate(decisions):
            row = held.pop(decision.article_id, None)  # a second decision under the same lease is lost too
            if row is None or row.lease != decision.lease:
                lost.append(decision.article_id)
                continue
            free = [key for key in dict.fromkeys(decision.keys) if key not in owned]
            owned |= dict.fromkeys(free, row.id)
            looks.append(_Look(decision=decision, held=row, prepared=prepared.get(place), free_keys=free))
        if looks:
            _write(connection, looks, now)
        event_ids = [look.event_id for look in looks if look.event_id is not None]
        return Kept(events=_events(connection, event_ids), lost=tuple(lost))


def _owned_keys(connection: Connection, decisions: Sequence[Decision]) -> dict[str, int]:
    """Whose the keys are; locked only where some are free, which is rare."""
    named = {key for decision in decisions for key in decision.keys}
    owned = keys.owners(connection, named)
    if len(owned) < len(named):
        keys.lock(connection)
        owned = keys.owners(connection, named)
    return owned


def _hold(connection: Connection, decisions: Sequence[Decision]) -> dict[int, Row[Any]]:
    held: dict[int, Row[Any]] = {}
    for part in chunks(sorted({decision.article_id for decision in decisions})):
        statement = select(article).where(article.c.id.in_(part)).order_by(article.c.id).with_for_update()
        held |= {row.id: row for row in connection.execute(statement)}
    return held


def _write(connection: Connection, looks: Sequence[_Look], now: datetime) -> None:
    seq = counter.take(connection, sum(look.width for look in looks))
    updates: list[dict[str, Any]] = []
    new_polls: list[polls.NewPoll] = []
    for look in looks:
        look.seq = seq
        seq += look.width
        if look.decision.revision is not None or look.decision.event is not None:
            _append(connection, look, now)
        updates.append(_article_values(look, now))
        poll = polls.NewPoll(id=look.poll_id, source_id=look.held.source_id, known_url=look.held.url, poll=look.decision.poll)
        new_polls.append(poll)
    connection.execute(_UPDATE, updates)
    keys.add(connection, [(key, look.held.id) for look in looks for key in look.free_keys])
    polls.add(connection, new_polls)


def _append(connection: Connection, look: _Look, now: datetime) -> None:
    seq = look.seq + look.changed
    decision, revision_id = look.decision, None
    if decision.revision is not None:
        assert look.prepared is not None
        revision_id = appending.append(connection, look.held, decision.revision, look.prepared, seq)
        seq += 1
    if decision.event is not None:
        values = _event_values(decision.event, look.held, revision_id, seq, now)
        look.event_id = connection.execute(insert(event).values(values).returning(event.c.id)).scalar_one()
        count = {"events_count": source.c.events_count + 1}
        connection.execute(update(source).where(source.c.id == look.held.source_id).values(count))


def _event_values(new: NewEvent, held: Row[Any], revision_id: int | None, seq: int, now: datetime) -> dict[str, Any]:
    return {
        "seq": seq,
        "kind": new.kind,
        "source_id": held.source_id,
        "article_id": held.id,
        "at": now,
        "after_at": new.after_at,
        "before_at": new.before_at,
        "from_revision_id": new.from_revision_id,
        "to_revision_id": revision_id,
        "reverts_to_id": new.reverts_to_id,
        "significance": new.diff.significance,
        "reason": new.diff.reason,
        "summary": new.diff.summary,
        "facets": new.diff.facets,
        "counts": new.diff.counts,
        "differ": new.diff.differ,
        "noted": new.noted,
        "date_moved": new.date_moved,
    }


def _article_values(look: _Look, now: datetime) -> dict[str, Any]:
    decision, held, new = look.decision, look.held, look.decision.revision
    next_poll_at, because = _next(decision, held, now)
    seen_at = [at for at in (held.last_seen_at, decision.seen_at, new.first_seen_at if new else None) if at is not None]
    validators: Validators = decision.gates.validators
    values = {
        "article_id": held.id,
        "seq": look.seq if look.changed else held.seq,
        "status": decision.status,
        "headline": held.headline,
        "published_at": held.published_at,
        "last_seen_at": max(seen_at, default=None),
        "last_polled_at": decision.poll.at,
        "last_changed_at": held.last_changed_at,
        "missing_since": decision.missing_since,
        "held_since": decision.held.since_at if decision.held else None,
        "held_fingerprint": decision.held.fingerprint if decision.held else None,
        "next_poll_at": next_poll_at,
        "because": because,
        "revisions_count": held.revisions_count,
        "failures_count": decision.failures_count,
        "failure_poll_id": look.poll_id if decision.poll.outcome in polls.FAILURES else None,
        "etag": validators.etag,
        "last_modified": validators.last_modified,
        "body_hash": decision.gates.body_hash,
        "visible_hash": decision.gates.visible_hash,
    }
    if new is not None:
        values["headline"] = new.extract.headline
        values["published_at"] = new.extract.published_at or held.published_at
        values["revisions_count"] = held.revisions_count + 1
        if held.revisions_count:
            values["last_changed_at"] = new.first_seen_at
    return values


def _next(decision: Decision, held: Row[Any], now: datetime) -> tuple[datetime | None, Because]:
    """When to look again: as decided, or at once where a hint or a person asked for it after this look began."""
    asked_at: datetime | None = held.next_poll_at
    if asked_at is not None and held.because in _CALLED and decision.poll.at < asked_at <= now:
        return asked_at, held.because
    return decision.next_poll_at, decision.because


def _events(connection: Connection, ids: Sequence[int]) -> tuple[Event, ...]:
    found = connection.execute(rows.EVENTS.where(event.c.id.in_(ids)).order_by(event.c.seq)) if ids else ()
    return tuple(rows.event_of(row) for row in found)


# One statement for any number of articles: unchanged looks are nearly all there are.
_UPDATE = (
    update(article)
    .where(article.c.id == bindparam("article_id"))
    .values(
        {name: bindparam(name) for name in (
            "seq", "status", "headline", "published_at", "last_seen_at", "last_polled_at", "last_changed_at", "missing_since",
            "held_since", "held_fingerprint",
            "next_poll_at", "because", "revisions_count", "failures_count", "failure_poll_id",
            "etag", "last_modified", "body_hash", "visible_hash",
        )}
        | {"lease": article.c.lease + 1, "leased_until": None}
    )
)
