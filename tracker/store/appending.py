"""A new revision: its body and capture packed beforehand, its rows appended in the transaction of keeping.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from tracker.model import Capture, Decision, NewRevision
from tracker.store import bodies, contents, extracts
from tracker.store.bodies import Base, Packed
from tracker.store.columns import plain
from tracker.store.schema import body, capture, further_page, revision


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What takes time and needs no lock."""

    body: Packed
    capture: Packed
    further: tuple[Packed, ...] = ()


def prepare(connection: Connection, decision: Decision) -> Prepared | None:
    """Pack against what the article has now. The decision's lease says that it has the same when it is kept."""
    if decision.revision is None:
        return None
    new = decision.revision
    latest = select(revision.c.id, revision.c.capture_id).where(revision.c.article_id == decision.article_id)
    before = connection.execute(latest.order_by(revision.c.number.desc()).limit(1)).one_or_none()
    body_base = contents.body_base(connection, before.id) if before else None
    capture_base = contents.capture_base(connection, before.capture_id) if before and before.capture_id else None
    return Prepared(
        body=bodies.pack(extracts.dump(new.extract), level=bodies.BODY_LEVEL, base=body_base),
        capture=_pack_capture(new.capture, capture_base),
        further=tuple(_pack_capture(page, capture_base) for page in new.further),
    )


def _pack_capture(page: Capture, base: Base | None) -> Packed:
    return bodies.pack(bodies.dump_capture(page), level=bodies.CAPTURE_LEVEL, base=base)


def append(connection: Connection, held: Row[Any], new: NewRevision, prepared: Prepared, seq: int) -> int:
    """The id of the new revision. `held` is its article's row as it was before."""
    if held.revisions_count:
        _end_latest(connection, held)
    capture_id = _append_capture(connection, held.id, new.capture, prepared.capture)
    values = {
        "seq": seq,
        "article_id": held.id,
        "number": held.revisions_count + 1,  # what is looked at now was observed last, whatever a clock said before
        "first_seen_at": new.first_seen_at,
        "last_seen_at": new.first_seen_at,
        "fingerprint": new.fingerprint,
        "extractor": plain(new.extract.extractor),
        "origin": new.origin,
        "capture_id": capture_id,
    }
    revision_id = connection.execute(insert(revision).values(values).returning(revision.c.id)).scalar_one()
    body_values = {"revision_id": revision_id, "keyframe_id": prepared.body.base_id}
    connection.execute(insert(body).values(body_values | _packed(prepared.body)))
    for number, (page, packed) in enumerate(zip(new.further, prepared.further, strict=True), start=2):
        page_id = _append_capture(connection, held.id, page, packed)
        connection.execute(insert(further_page).values(revision_id=revision_id, number=number, capture_id=page_id))
    return revision_id


def _append_capture(connection: Connection, article_id: int, page: Capture, packed: Packed) -> int:
    values = {"article_id": article_id, "fetched_at": page.fetched_at, "base_id": packed.base_id}
    capture_id: int = connection.execute(insert(capture).values(values | _packed(packed)).returning(capture.c.id)).scalar_one()
    return capture_id


def _packed(packed: Packed) -> dict[str, Any]:
    return {"packing": packed.packing, "hash": packed.hash, "data": packed.data}


def _end_latest(connection: Connection, held: Row[Any]) -> None:
    """What the article's row said of its latest revision becomes a fact of that revision's own."""
    c = revision.c
    if held.last_seen_at is not None:
        latest = update(revision).where(c.article_id == held.id, c.number == held.revisions_count)
        connection.execute(latest.values(last_seen_at=held.last_seen_at))
