"""Bodies and captures read back, each checked against its hash: Extracts, Captures, and bases for new patches.

How bytes are packed is in bodies.py. Raises Corrupt where a hash does not match.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, bindparam, func, select

from tracker.errors import NotFound
from tracker.model import Capture, Extract
from tracker.store import bodies, dictionaries, extracts
from tracker.store.bodies import Base, Packed, Packing
from tracker.store.database import chunks
from tracker.store.rows import packed_of
from tracker.store.schema import body, capture, revision


def read_extracts(connection: Connection, revision_ids: Iterable[int]) -> dict[int, Extract]:
    """Two queries for up to a thousand, and each keyframe unpacked once. Ids without a body are left out."""
    return {one: extracts.load(content) for one, content in read_bodies(connection, revision_ids).items()}


def read_bodies(connection: Connection, revision_ids: Iterable[int]) -> dict[int, bytes]:
    """The same as the bytes that are packed."""
    wanted = _bodies(connection, revision_ids)
    keyframe_ids = {row.keyframe_id for row in wanted.values() if row.keyframe_id is not None}
    kept = wanted | _bodies(connection, keyframe_ids - wanted.keys())
    keyframes = {one: _alone(connection, kept[one], "body", one) for one in keyframe_ids}
    return {one: keyframes.get(one) or _text(connection, row, keyframes) for one, row in wanted.items()}


def _text(connection: Connection, row: Row[Any], keyframes: Mapping[int, bytes]) -> bytes:
    if row.keyframe_id is None:
        return _alone(connection, row, "body", row.revision_id)
    return bodies.unpack(packed_of(row), keyframes[row.keyframe_id], noun="body", key=row.revision_id)


def _alone(connection: Connection, row: Row[Any], noun: str, key: int) -> bytes:
    """What is no patch."""
    packed = packed_of(row)
    return bodies.unpack(packed, dictionaries.of(connection, packed), noun=noun, key=key)


def _bodies(connection: Connection, revision_ids: Iterable[int]) -> dict[int, Row[Any]]:
    found: dict[int, Row[Any]] = {}
    for part in chunks(sorted(set(revision_ids))):
        found |= {row.revision_id: row for row in connection.execute(select(body).where(body.c.revision_id.in_(part))).all()}
    return found


def read_capture(connection: Connection, capture_id: int) -> Capture:
    """Raises NotFound, for one that was dropped as well, and Corrupt."""
    row = connection.execute(select(capture).where(capture.c.id == capture_id)).one_or_none()
    if row is None or row.packing == Packing.DROPPED:
        raise NotFound("capture", capture_id)
    return bodies.load_capture(_received(connection, row), row.fetched_at)


def capture_bytes(connection: Connection, capture_id: int) -> bytes:
    """A capture as it was before it was packed. Raises Corrupt."""
    return _received(connection, connection.execute(select(capture).where(capture.c.id == capture_id)).one())


def _received(connection: Connection, row: Row[Any]) -> bytes:
    base = None
    if row.base_id is not None:
        kept = connection.execute(select(capture).where(capture.c.id == row.base_id)).one()
        base = _alone(connection, kept, "capture", kept.id)
    return bodies.unpack(packed_of(row), base, noun="capture", key=row.id)


def bases(connection: Connection, article_id: int) -> tuple[Base | None, Base | None]:
    """The keyframes that an article's next body and its next capture can be patches against.

    No capture where it has none any more, or where pages come compressed, so that no patch is smaller.
    """
    row = connection.execute(_BASES, {"of_article": article_id}).one_or_none()
    if row is None:
        return None, None
    text = Packed(packing=Packing(row.body_packing), hash=row.body_hash, data=row.body_data)
    body_base = _base(connection, text, "body", row.body_id)
    if row.page_id is None:
        return body_base, None
    page = Packed(packing=Packing(row.page_packing), hash=row.page_hash, data=row.page_data)
    return body_base, _base(connection, page, "capture", row.page_id)


def _base(connection: Connection, packed: Packed, noun: str, key: int) -> Base:
    content = bodies.unpack(packed, dictionaries.of(connection, packed), noun=noun, key=key)
    return Base(id=key, content=content, packed_size=len(packed.data))


def _bases() -> Select[Any]:
    own, first, text, page = body.alias(), capture.alias(), body.alias(), capture.alias()
    its_page = and_(first.c.id == revision.c.capture_id, revision.c.capture_dropped_at.is_(None))
    is_packed = page.c.packing.not_in((Packing.PLAIN, Packing.DROPPED))
    joined = revision.join(own, own.c.revision_id == revision.c.id)
    joined = joined.join(text, text.c.revision_id == func.coalesce(own.c.keyframe_id, own.c.revision_id))
    joined = joined.outerjoin(first, its_page).outerjoin(page, and_(page.c.id == func.coalesce(first.c.base_id, first.c.id), is_packed))
    return (
        select(
            *(text.c.revision_id.label("body_id"), *(text.c[name].label(f"body_{name}") for name in ("packing", "hash", "data"))),
            *(page.c[name].label(f"page_{name}") for name in ("id", "packing", "hash", "data")),
        )
        .select_from(joined)
        .where(revision.c.article_id == bindparam("of_article"))
        .order_by(revision.c.number.desc())
        .limit(1)
    )


# Made once: making a statement takes longer than running it.
_BASES = _bases()
