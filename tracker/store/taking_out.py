"""Takes what was taken down out of the tables: bodies, captures, summaries, headlines. Everything else of a row stays.

What was packed against a text or page that goes is packed anew first. Runs inside a transaction of hiding.py or merging.py,
which hold the articles' rows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, select, update

from tracker.model import EventKind, Extract, Takedown, TakedownScope
from tracker.redaction import UNTOLD, withhold, without
from tracker.store import bodies, contents, dictionaries, extracts, searched
from tracker.store.bodies import Base, Packed, Packing
from tracker.store.database import chunks
from tracker.store.schema import article, body, capture, event, further_page, revision
from tracker.text import extract_fingerprint

_PHRASES = frozenset({TakedownScope.PHRASE, TakedownScope.PHRASE_IN_REVISION})

# Whether a captured page that belongs to no affected revision, by its id, holds hidden words too.
Holds = Callable[[Connection, int], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenOut:
    """The revisions whose texts are others now, oldest first, and how many captures went."""

    revision_ids: tuple[int, ...]
    captures_count: int


def take_out(connection: Connection, article_ids: Collection[int], takedowns: Sequence[Takedown], holds: Holds) -> TakenOut:
    """All of `takedowns` is about all of these articles. Their rows keep their leases: see `fence`."""
    c = revision.c
    kept = select(c.id, c.fingerprint, c.capture_id).where(c.article_id.in_(article_ids)).order_by(c.id)
    found = connection.execute(kept).all()
    before = contents.read_extracts(connection, [row.id for row in found])
    after = {row.id: withhold(before[row.id], takedowns, row.fingerprint) for row in found}
    changed = {one: extract for one, extract in after.items() if extract != before[one]}
    searched.forget_heads(connection, article_ids)
    searched.forget_changes(connection, article_ids)
    _write_bodies(connection, changed)
    if changed:
        dictionaries.retire_all(connection)
    for one, extract in changed.items():
        connection.execute(update(revision).where(c.id == one).values(fingerprint=extract_fingerprint(extract)))
    pages = _pages(connection, {row.id: row.capture_id for row in found})
    captures = {capture_id for one in changed for capture_id in pages[one]}
    if any(one.scope in {TakedownScope.ARTICLE, TakedownScope.PHRASE} for one in takedowns):
        captures |= {one for one in captures_of(connection, article_ids) - captures if holds(connection, one)}
    _drop_captures(connection, captures)
    withdrawn = {one for one, extract in after.items() if extract.withdrawn is not None}
    _silence(connection, article_ids, takedowns, withdrawn)
    for article_id in article_ids:
        _retitle(connection, article_id, takedowns)
    searched.index_heads(connection, article_ids)
    return TakenOut(revision_ids=tuple(sorted(changed)), captures_count=len(captures))


def fence(connection: Connection, article_ids: Iterable[int], values: Mapping[str, Any]) -> None:
    """Whoever looks at these articles meanwhile has lost the lease, and what was known of their last answers is forgotten."""
    forgotten = dict.fromkeys(("etag", "last_modified", "read_at", "body_hash", "visible_hash", "held_since", "held_fingerprint"))
    fenced = {"lease": article.c.lease + 1, "leased_until": None}
    connection.execute(update(article).where(article.c.id.in_(list(article_ids))).values({**forgotten, **values, **fenced}))


# --- bodies ----------------------------------------------------------------------------------------


def _write_bodies(connection: Connection, changed: Mapping[int, Extract]) -> None:
    """The changed texts, and what was a patch against one of them, as a keyframe and patches of their own."""
    dependents: set[int] = set()
    for part in chunks(sorted(changed)):
        dependents.update(connection.execute(select(body.c.revision_id).where(body.c.keyframe_id.in_(part))).scalars())
    fresh = contents.read_bodies(connection, dependents - changed.keys())
    fresh |= {one: extracts.dump(extract) for one, extract in changed.items()}
    _lose_leases(connection, revision.c.id, dependents)
    for one, packed in _chain(fresh, bodies.BODY_LEVEL):
        values = {"keyframe_id": packed.base_id, **_columns(packed)}
        connection.execute(update(body).where(body.c.revision_id == one).values(values))


def _chain(contents_by_id: Mapping[int, bytes], level: int) -> Iterable[tuple[int, Packed]]:
    base: Base | None = None
    for one in sorted(contents_by_id):
        content = contents_by_id[one]
        packed = bodies.pack(content, level=level, base=base)
        if packed.base_id is None:
            base = Base(id=one, content=content, packed_size=len(packed.data))
        yield one, packed


def _columns(packed: Packed) -> dict[str, Any]:
    return {"packing": packed.packing, "hash": packed.hash, "data": packed.data}


def _lose_leases(connection: Connection, key: Any, ids: Collection[int]) -> None:  # noqa: ANN401 - a column, nullable or not
    """A look that is being kept was packed against what is packed anew here: of any article, since merged ones share."""
    for part in chunks(sorted(ids)):
        owners = select(revision.c.article_id).where(key.in_(part))
        connection.execute(update(article).where(article.c.id.in_(owners)).values(lease=article.c.lease + 1, leased_until=None))


# --- captures --------------------------------------------------------------------------------------


def _pages(connection: Connection, first: Mapping[int, int | None]) -> dict[int, set[int]]:
    """Each revision's captures."""
    pages = {one: {capture_id} if capture_id is not None else set() for one, capture_id in first.items()}
    c = further_page.c
    for part in chunks(sorted(first)):
        for one, capture_id in connection.execute(select(c.revision_id, c.capture_id).where(c.revision_id.in_(part))):
            pages[one].add(capture_id)
    return pages


def captures_of(connection: Connection, article_ids: Collection[int]) -> set[int]:
    """All captured pages of articles that are still there: of their revisions, and what was answered where that belongs to none."""
    c = revision.c
    first = dict(connection.execute(select(c.id, c.capture_id).where(c.article_id.in_(article_ids))).all())
    evidence = connection.execute(select(event.c.capture_id).where(event.c.article_id.in_(article_ids))).scalars()
    named = {one for of_one in _pages(connection, first).values() for one in of_one} | {one for one in evidence if one is not None}
    there: set[int] = set()
    for part in chunks(sorted(named)):
        is_there = capture.c.id.in_(part), capture.c.packing != Packing.DROPPED
        there.update(connection.execute(select(capture.c.id).where(*is_there)).scalars())
    return there


def _drop_captures(connection: Connection, ids: Collection[int]) -> None:
    c = capture.c
    dependents: set[int] = set()
    for part in chunks(sorted(ids)):
        dependents.update(connection.execute(select(c.id).where(c.base_id.in_(part))).scalars())
    kept = {one: contents.capture_bytes(connection, one) for one in dependents - set(ids)}
    _lose_leases(connection, revision.c.capture_id, kept)
    for one, packed in _chain(kept, bodies.CAPTURE_LEVEL):
        connection.execute(update(capture).where(c.id == one).values({"base_id": packed.base_id, **_columns(packed)}))
    for part in chunks(sorted(ids)):
        connection.execute(update(revision).where(revision.c.capture_id.in_(part)).values(capture_id=None, capture_dropped_at=None))
        connection.execute(update(event).where(event.c.capture_id.in_(part)).values(capture_id=None))
        connection.execute(delete(further_page).where(further_page.c.capture_id.in_(part)))
        connection.execute(update(capture).where(c.id.in_(part)).values(base_id=None))
    for part in chunks(sorted(ids)):
        connection.execute(delete(capture).where(c.id.in_(part)))


# --- what is said of them --------------------------------------------------------------------------


def _silence(connection: Connection, article_ids: Collection[int], takedowns: Sequence[Takedown], withdrawn: Collection[int]) -> None:
    c = event.c
    said = select(c.id, c.kind, c.from_revision_id, c.to_revision_id, c.summary, c.reason).where(c.article_id.in_(article_ids))
    is_whole = any(one.scope is TakedownScope.ARTICLE for one in takedowns)
    for row in connection.execute(said).all():
        if row.kind == EventKind.WITHDRAWN:
            continue
        ends = {row.from_revision_id, row.to_revision_id}
        if is_whole or (None not in ends and not ends.isdisjoint(withdrawn)):
            connection.execute(update(event).where(c.id == row.id).values(summary=UNTOLD, reason="", counts=(), facets=frozenset()))
            continue
        summary, reason = (_reduced(text, takedowns) for text in (row.summary, row.reason))
        if (summary, reason) != (row.summary, row.reason):
            connection.execute(update(event).where(c.id == row.id).values(summary=summary, reason=reason))


def _retitle(connection: Connection, article_id: int, takedowns: Sequence[Takedown]) -> None:
    """The headline of the latest text, or without a text the feed's, as far as it is left."""
    c = revision.c
    latest = connection.execute(select(c.id).where(c.article_id == article_id).order_by(c.number.desc()).limit(1)).scalar_one_or_none()
    if latest is not None:
        headline = contents.read_extracts(connection, [latest])[latest].headline or None
    else:
        feeds = connection.execute(select(article.c.headline).where(article.c.id == article_id)).scalar_one()
        headline = None if feeds is None else _reduced(feeds, takedowns)
    connection.execute(update(article).where(article.c.id == article_id).values(headline=headline))


def _reduced(text: str, takedowns: Sequence[Takedown]) -> str:
    for one in takedowns:
        if one.scope in _PHRASES:
            text = without(text, one)
    return text
