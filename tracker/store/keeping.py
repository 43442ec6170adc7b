"""What looks at articles leave: `keep`, one transaction for all decisions given to it.

Texts are packed before it, and the counter is taken as late as can be: when all that remains is to write the rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Row, Text, Update, bindparam, insert, null, select, update

from tracker.errors import NotMergeable
from tracker.model import Because, Decision, Event, NewEvent, Validators
from tracker.store import appending, claims, counter, furniture, hosts, keys, merging, polls, rows, searched, takedowns
from tracker.store.appending import Prepared
from tracker.store.database import Database, chunks
from tracker.store.schema import article, event, source
from tracker.store.schema_search import HEAD
from tracker.urls import host_of

# Why an article may become due by another hand while it is looked at.
_CALLED = frozenset({Because.HINT, Because.MANUAL, Because.WATCH})
_NOBODY = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The events that were appended, and the ids of articles whose lease was lost or ran out: of those nothing was kept."""

    events: tuple[Event, ...] = ()
    lost: tuple[int, ...] = ()


@dataclass(kw_only=True)  # no slots: cached_property needs a place
class _Look:
    """One decision on its way into the rows."""

    decision: Decision
    held: Row[Any]
    prepared: Prepared | None
    host_id: int
    free_keys: list[str] = field(default_factory=list)
    seq: int = 0
    event: Event | None = None

    @cached_property
    def changed(self) -> bool:
        """Whether the article itself is another to readers, beside when it was looked at."""
        decision, held = self.decision, self.held
        other = decision.status != held.status or decision.missing_since != held.missing_since or self.url != held.url
        return other or bool(self.free_keys or self.revisions_count) or decision.event is not None

    @property
    def url(self) -> str:
        """Where the article is looked for from now on."""
        url: str = self.held.url
        return self.decision.new_url or url

    @property
    def revisions_count(self) -> int:
        """How many revisions are new."""
        return (self.decision.reread is not None) + (self.decision.revision is not None)

    @property
    def width(self) -> int:
        """How many numbers its rows take: article, revisions, event, poll, in this order."""
        return self.changed + self.revisions_count + (self.decision.event is not None) + 1

    @property
    def poll_id(self) -> int:
        return self.seq + self.width - 1


def keep(database: Database, decisions: Sequence[Decision], now: datetime) -> Kept:
    if not decisions:
        return Kept()
    prepared: dict[int, Prepared] = {}
    new = {place: decision for place, decision in enumerate(decisions) if decision.revision or decision.reread or decision.event}
    if new:
        with database.reading() as connection:
            prepared = {place: appending.prepare(connection, decision) for place, decision in new.items()}
    with database.writing() as connection:
        owned = _owned_keys(connection, decisions)
        host_ids = hosts.ids(connection, [host_of(decision.new_url) for decision in decisions if decision.new_url])
        held = _hold(connection, decisions)
        looks: list[_Look] = []
        lost: list[int] = []
        for place, decision in enumerate(decisions):
            row = held.pop(decision.article_id, None)  # a second decision under the same lease is lost too
            if row is None or not claims.is_held(row, decision.lease, now):
                lost.append(decision.article_id)
                continue
            free = [key for key in dict.fromkeys(decision.keys) if key not in owned]
            owned |= dict.fromkeys(free, row.id)
            host_id = host_ids[host_of(decision.new_url)] if decision.new_url else row.host_id
            looks.append(_Look(decision=decision, held=row, prepared=prepared.get(place), host_id=host_id, free_keys=free))
        if looks:
            _write(connection, looks, now)
        for look in looks:
            _continue(connection, look.decision, now)
        return Kept(events=tuple(look.event for look in looks if look.event is not None), lost=tuple(lost))


def _owned_keys(connection: Connection, decisions: Sequence[Decision]) -> dict[str, int]:
    """Whose the keys are; locked only where some are free or go to another article, which is rare."""
    named = {key for decision in decisions for key in decision.keys}
    owned = keys.owners(connection, named)
    if len(owned) < len(named) or any(decision.continued for decision in decisions):
        keys.lock(connection)
        owned = keys.owners(connection, named)
        # A key of a hidden article is nobody's for ever.
        owned |= dict.fromkeys(takedowns.hidden_keys(connection, named - owned.keys()), _NOBODY)
    return owned


def _hold(connection: Connection, decisions: Sequence[Decision]) -> dict[int, Row[Any]]:
    held: dict[int, Row[Any]] = {}
    others = {decision.continued.article_id for decision in decisions if decision.continued}
    for part in chunks(sorted(others.union(decision.article_id for decision in decisions))):
        held |= {row.id: row for row in connection.execute(_HOLD, {"ids": part}).all()}
    return held


def _write(connection: Connection, looks: Sequence[_Look], now: datetime) -> None:
    seq = counter.take(connection, sum(look.width for look in looks), is_news=any(look.changed for look in looks))
    seen: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    new_polls: list[polls.NewPoll] = []
    for look in looks:
        look.seq = seq
        seq += look.width
        if look.revisions_count or look.decision.event is not None:
            _append(connection, look, now)
        if look.url != look.held.url:
            polls.keep_address(connection, look.held.id, look.held.url)
        furniture.note_changes(connection, look.held.source_id, look.decision)
        if look.changed:
            changed.append(_seen_values(look, now) | _changed_values(look))
        else:
            seen.append(_seen_values(look, now))
        poll = polls.NewPoll(id=look.poll_id, source_id=look.held.source_id, known_url=look.url, poll=look.decision.poll)
        new_polls.append(poll)
    if seen:
        connection.execute(_SEEN, seen)
    if changed:
        connection.execute(_CHANGED, changed)
    _index(connection, looks)
    keys.add(connection, [(key, look.held.id) for look in looks for key in look.free_keys])
    polls.add(connection, new_polls, Counter(look.held.source_id for look in looks if look.event is not None))


def _append(connection: Connection, look: _Look, now: datetime) -> None:
    seq = look.seq + look.changed
    decision, held, prepared = look.decision, look.held, look.prepared
    assert prepared is not None
    ids = appending.append(connection, held, decision, prepared, seq) if look.revisions_count else []
    if decision.event is not None:
        values = _event_values(decision.event, held, seq + len(ids), now)
        if decision.revision is not None:
            values["to_revision_id"] = ids[-1]
            if decision.reread is not None:
                values["from_revision_id"] = ids[0]
        if (evidence := decision.event.capture) is not None:
            values["capture_id"] = appending.append_capture(connection, held.id, prepared.evidence, evidence.fetched_at)
        look.event = rows.event_of(connection.execute(_INSERT_EVENT, values | {"source": held.source}).one())


def _index(connection: Connection, looks: Sequence[_Look]) -> None:
    """A change is found from now on, since who follows a search must miss none; a text, whose words are many, when there is time."""
    searched.put_due(connection, HEAD, [look.held.id for look in looks if look.revisions_count])
    changes = [(look.event, look.decision.event.changed) for look in looks if look.event and look.decision.event]
    searched.keep_changes(connection, changes)


def _continue(connection: Connection, decision: Decision, now: datetime) -> None:
    """The article becomes part of another, or the other of it: the older one keeps its id. One that is merged by now stays so."""
    other = decision.continued
    if other is not None:
        older, newer = sorted((decision.article_id, other.article_id))
        with suppress(NotMergeable):
            merging.merge_articles(connection, newer, older, url=other.url, reason=other.reason, now=now)


def _event_values(new: NewEvent, held: Row[Any], seq: int, now: datetime) -> dict[str, Any]:
    return {
        "seq": seq,
        "kind": new.kind,
        "source_id": held.source_id,
        "article_id": held.id,
        "at": now,
        "after_at": new.after_at,
        "before_at": new.before_at,
        "from_revision_id": new.from_revision_id,
        "to_revision_id": new.to_revision_id,
        "reverts_to_id": new.reverts_to_id,
        "alternates_with_id": new.alternates_with,
        "significance": new.diff.significance,
        "reason": new.diff.reason,
        "summary": new.diff.summary,
        "facets": new.diff.facets,
        "counts": new.diff.counts,
        "differ": new.diff.differ,
        "noted": new.noted,
        "date_moved": new.date_moved,
    }


def _seen_values(look: _Look, now: datetime) -> dict[str, Any]:
    """What every look writes."""
    decision, held, new = look.decision, look.held, look.decision.revision
    next_poll_at, because = _next(decision, held, now)
    seen_at = [at for at in (held.last_seen_at, decision.seen_at, new.first_seen_at if new else None) if at is not None]
    validators: Validators = decision.gates.validators
    return {
        "article_id": held.id,
        "last_seen_at": max(seen_at, default=None),
        "last_polled_at": decision.poll.at,
        "held_since": decision.held.since_at if decision.held else None,
        "held_fingerprint": decision.held.fingerprint if decision.held else None,
        "moved_url": decision.moved.url if decision.moved else None,
        "moved_since": decision.moved.since_at if decision.moved else None,
        "moved_looks": decision.moved.looks_count if decision.moved else None,
        "next_poll_at": next_poll_at,
        "because": because,
        "failures_count": decision.failures_count,
        "failure_poll_id": look.poll_id if decision.poll.outcome in polls.FAILURES else None,
        "etag": validators.etag,
        "last_modified": validators.last_modified,
        "read_at": validators.read_at,
        "body_hash": decision.gates.body_hash,
        "visible_hash": decision.gates.visible_hash,
    }


def _changed_values(look: _Look) -> dict[str, Any]:
    """What a look writes besides where the article is another to readers by it."""
    decision, held, new = look.decision, look.held, look.decision.revision
    is_change = new is not None and decision.event is not None
    is_news = is_change and decision.event is not None and decision.event.alternates_with is None
    return {
        "seq": look.seq,
        "url": look.url,
        "host_id": look.host_id,
        "status": decision.status,
        "headline": new.extract.headline if new else held.headline,
        "language": new.extract.language if new else held.language,
        "published_at": (new.extract.published_at if new else None) or held.published_at,
        "last_changed_at": new.first_seen_at if new and is_news else held.last_changed_at,
        "missing_since": decision.missing_since,
        "revisions_count": held.revisions_count + look.revisions_count,
        "changes_count": held.changes_count + is_change,
    }


def _next(decision: Decision, held: Row[Any], now: datetime) -> tuple[datetime | None, Because]:
    """When to look again: as decided, or at once where a hint or a person asked for it after this look began."""
    asked_at: datetime | None = held.next_poll_at
    if asked_at is not None and held.because in _CALLED and decision.poll.at < asked_at <= now:
        return asked_at, held.because
    return decision.next_poll_at, decision.because


# Made once, see counter.py.
_HOLD_COLUMNS = (
    "id", "seq", "source_id", "host_id", "url", "status", "headline", "language", "published_at", "last_seen_at", "last_changed_at",
    "missing_since", "next_poll_at", "because", "revisions_count", "changes_count", "lease", "leased_until",
)  # fmt: skip
_HOLD = (
    select(*(article.c[name] for name in _HOLD_COLUMNS), source.c.name.label("source"))
    .join_from(article, source)
    .where(article.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(article.c.id)
    .with_for_update(of=article)
)
_NOT_RETRACTED = (null().label(column.name) for column in rows.RETRACTION)
_INSERT_EVENT = insert(event).returning(event, bindparam("source", type_=Text).label("source"), *_NOT_RETRACTED)


def _update(*names: str) -> Update:
    values: dict[str, Any] = {name: bindparam(name) for name in names} | {"lease": article.c.lease + 1, "leased_until": None}
    return update(article).where(article.c.id == bindparam("article_id")).values(values)


# One statement for any number of articles, and a short one for unchanged looks, which are nearly all there are.
_SEEN_COLUMNS = (
    "last_seen_at", "last_polled_at", "held_since", "held_fingerprint", "moved_url", "moved_since", "moved_looks", "next_poll_at",
    "because", "failures_count", "failure_poll_id", "etag", "last_modified", "read_at", "body_hash", "visible_hash",
)  # fmt: skip
_SEEN = _update(*_SEEN_COLUMNS)
_CHANGED = _update(*_SEEN_COLUMNS, "seq", "url", "host_id", "status", "headline", "language", "published_at", "last_changed_at",
                   "missing_since", "revisions_count", "changes_count")  # fmt: skip
