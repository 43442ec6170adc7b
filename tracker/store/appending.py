"""New revisions: bodies and captures packed beforehand, their rows appended in the transaction of keeping.py."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, literal, select, update

from tracker.model import Capture, Decision, NewRevision, Reread
from tracker.store import bodies, contents, dictionaries, extracts
from tracker.store.bodies import Base, Packed
from tracker.store.columns import plain
from tracker.store.schema import body, capture, further_page, revision

# The origin of a Revision that a newer extractor read from an older one's capture.
REREAD = "reread"

# Made once: making a statement takes longer than running it.
_INSERT_REVISION = insert(revision).returning(revision.c.id)
_INSERT_BODY = insert(body)
_INSERT_CAPTURE = insert(capture).returning(capture.c.id)
_END_LATEST = (
    update(revision)
    .where(revision.c.article_id == bindparam("held_id"), revision.c.number == bindparam("held_number"))
    .values(last_seen_at=bindparam("seen_at"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What takes time and needs no lock: bodies and captures packed. None where the decision has none."""

    reread: Packed | None
    body: Packed | None
    capture: Packed | None
    further: tuple[Packed, ...]
    evidence: Packed | None


def prepare(connection: Connection, decision: Decision) -> Prepared:
    """Pack against what the article has now. The decision's lease says that it has the same when it is kept."""
    new, reread = decision.revision, decision.reread
    body_base = capture_base = None
    if new is not None or reread is not None:
        body_base, capture_base = contents.bases(connection, decision.article_id)
    evidence = decision.event.capture if decision.event else None
    return Prepared(
        reread=_pack_body(connection, reread, body_base) if reread else None,
        body=_pack_body(connection, new, body_base) if new else None,
        capture=_pack_capture(new.capture, capture_base) if new and new.capture else None,
        further=tuple(_pack_capture(page, capture_base) for page in new.further) if new else (),
        evidence=_pack_capture(evidence, None) if evidence else None,
    )


def _pack_body(connection: Connection, new: NewRevision | Reread, base: Base | None) -> Packed:
    content = extracts.dump(new.extract)
    if base is not None:
        packed = bodies.pack(content, level=bodies.BODY_LEVEL, base=base)
        if packed.base_id is not None:
            return packed
    return bodies.pack(content, level=bodies.BODY_LEVEL, dictionary=dictionaries.current(connection))


def _pack_capture(received: Capture, base: Base | None) -> Packed:
    return bodies.pack(bodies.dump_capture(received), level=bodies.CAPTURE_LEVEL, base=base)


def append(connection: Connection, held: Row[Any], decision: Decision, prepared: Prepared, seq: int) -> list[int]:
    """The ids of the new revisions, from `seq` on: what was reread, then what was found. `held` is the article's row as it was."""
    if held.revisions_count:
        end_latest(connection, held)
    ids: list[int] = []
    number = held.revisions_count + 1  # what is looked at now was observed last, whatever a clock said before
    if (reread := decision.reread) is not None:
        more = {"last_seen_at": reread.last_seen_at, "origin": REREAD, "capture_id": reread.capture_id}
        ids.append(_insert(connection, _row(held.id, number, seq, reread) | more, reread, prepared.reread))
        _share_pages(connection, held, ids[-1])
    if (new := decision.revision) is not None:
        capture_id = append_capture(connection, held.id, prepared.capture, new.capture.fetched_at) if new.capture else None
        more = {"last_seen_at": new.first_seen_at, "origin": new.origin, "capture_id": capture_id}
        ids.append(_insert(connection, _row(held.id, number + len(ids), seq + len(ids), new) | more, new, prepared.body))
        for page_number, (page, packed) in enumerate(zip(new.further, prepared.further, strict=True), start=2):
            page_id = append_capture(connection, held.id, packed, page.fetched_at)
            connection.execute(insert(further_page).values(revision_id=ids[-1], number=page_number, capture_id=page_id))
    return ids


def append_past(connection: Connection, article_id: int, number: int, seq: int, new: NewRevision) -> int:
    """The id of a revision that was seen elsewhere, of which there is no page. The numbers are put right by merging.settled."""
    base, _ = contents.bases(connection, article_id)
    more = {"last_seen_at": new.first_seen_at, "origin": new.origin, "capture_id": None}
    return _insert(connection, _row(article_id, number, seq, new) | more, new, _pack_body(connection, new, base))


def append_capture(connection: Connection, article_id: int, packed: Packed | None, fetched_at: datetime) -> int:
    """The id of the new capture."""
    assert packed is not None
    values = {"article_id": article_id, "fetched_at": fetched_at, "base_id": packed.base_id} | _packed(packed)
    return connection.execute(_INSERT_CAPTURE, values).scalar_one()


def _share_pages(connection: Connection, held: Row[Any], revision_id: int) -> None:
    """What was reread was read from the same later pages."""
    before = select(revision.c.id).where(revision.c.article_id == held.id, revision.c.number == held.revisions_count)
    pages = select(literal(revision_id), further_page.c.number, further_page.c.capture_id)
    shared = pages.where(further_page.c.revision_id == before.scalar_subquery())
    connection.execute(insert(further_page).from_select(["revision_id", "number", "capture_id"], shared))


def end_latest(connection: Connection, held: Row[Any]) -> None:
    """What the article's row said of its latest revision becomes a fact of that revision's own."""
    if held.last_seen_at is not None:
        values = {"held_id": held.id, "held_number": held.revisions_count, "seen_at": held.last_seen_at}
        connection.execute(_END_LATEST, values)


def _row(article_id: int, number: int, seq: int, new: NewRevision | Reread) -> dict[str, Any]:
    return {
        "seq": seq,
        "article_id": article_id,
        "number": number,
        "first_seen_at": new.first_seen_at,
        "fingerprint": new.fingerprint,
        "extractor": plain(new.extract.extractor),
    }


def _insert(connection: Connection, values: dict[str, Any], new: NewRevision | Reread, packed: Packed | None) -> int:
    assert packed is not None
    if dictionaries.is_retired(connection, packed):
        packed = _pack_body(connection, new, None)
    revision_id = connection.execute(_INSERT_REVISION, values).scalar_one()
    connection.execute(_INSERT_BODY, {"revision_id": revision_id, "keyframe_id": packed.base_id} | _packed(packed))
    return revision_id


def _packed(packed: Packed) -> dict[str, Any]:
    return {"packing": packed.packing, "hash": packed.hash, "data": packed.data}
