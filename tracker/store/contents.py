"""Bodies and captures read back, each checked against its hash: Extracts, Captures, and bases for new patches.

How bytes are packed is in bodies.py. Raises Corrupt where a hash does not match.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row, select

from tracker.errors import NotFound
from tracker.model import Capture, Extract
from tracker.store import bodies, extracts
from tracker.store.bodies import Base, Packed, Packing
from tracker.store.database import chunks
from tracker.store.schema import body, capture


def read_extracts(connection: Connection, revision_ids: Iterable[int]) -> dict[int, Extract]:
    """Two queries for up to a thousand, and each keyframe unpacked once. Ids without a body are left out."""
    return {one: extracts.load(content) for one, content in read_bodies(connection, revision_ids).items()}


def read_bodies(connection: Connection, revision_ids: Iterable[int]) -> dict[int, bytes]:
    """The same as the bytes that are packed."""
    wanted = _bodies(connection, revision_ids)
    keyframe_ids = {row.keyframe_id for row in wanted.values() if row.keyframe_id is not None}
    kept = wanted | _bodies(connection, keyframe_ids - wanted.keys())
    keyframes = {one: bodies.unpack(_packed(kept[one]), None, noun="body", key=one) for one in keyframe_ids}
    return {
        one: keyframes[one] if one in keyframes else _unpacked(row, keyframes.get(row.keyframe_id), one)
        for one, row in wanted.items()
    }


def _bodies(connection: Connection, revision_ids: Iterable[int]) -> dict[int, Row[Any]]:
    found: dict[int, Row[Any]] = {}
    for part in chunks(sorted(set(revision_ids))):
        found |= {row.revision_id: row for row in connection.execute(select(body).where(body.c.revision_id.in_(part)))}
    return found


def _unpacked(row: Row[Any], keyframe: bytes | None, key: int) -> bytes:
    return bodies.unpack(_packed(row), keyframe, noun="body", key=key)


def read_capture(connection: Connection, capture_id: int) -> Capture:
    """Raises NotFound, for one that was dropped as well, and Corrupt."""
    row = connection.execute(select(capture).where(capture.c.id == capture_id)).one_or_none()
    if row is None or row.packing == Packing.DROPPED:
        raise NotFound("capture", capture_id)
    return bodies.load_capture(_content(connection, row), row.fetched_at)


def capture_bytes(connection: Connection, capture_id: int) -> bytes:
    """A capture as it was before it was packed. Raises Corrupt."""
    return _content(connection, connection.execute(select(capture).where(capture.c.id == capture_id)).one())


def _content(connection: Connection, row: Row[Any]) -> bytes:
    base = None
    if row.base_id is not None:
        kept = connection.execute(select(capture).where(capture.c.id == row.base_id)).one()
        base = bodies.unpack(_packed(kept), None, noun="capture", key=kept.id)
    return bodies.unpack(_packed(row), base, noun="capture", key=row.id)


def body_base(connection: Connection, revision_id: int) -> Base:
    """The keyframe that a body after this revision's can be a patch against."""
    latest = body.alias("latest")
    keyframe_id = select(latest.c.keyframe_id).where(latest.c.revision_id == revision_id).scalar_subquery()
    found = connection.execute(select(body).where(body.c.revision_id.in_([revision_id, keyframe_id]), body.c.keyframe_id.is_(None))).one()
    return _base(found, "body", found.revision_id)


def capture_base(connection: Connection, capture_id: int) -> Base:
    """The capture that one after this can be a patch against."""
    latest = capture.alias("latest")
    base_id = select(latest.c.base_id).where(latest.c.id == capture_id).scalar_subquery()
    found = connection.execute(select(capture).where(capture.c.id.in_([capture_id, base_id]), capture.c.base_id.is_(None))).one()
    return _base(found, "capture", found.id)


def _base(row: Row[Any], noun: str, key: int) -> Base:
    content = bodies.unpack(_packed(row), None, noun=noun, key=key)
    return Base(id=key, content=content, packed_size=len(row.data))


def _packed(row: Row[Any]) -> Packed:
    return Packed(packing=Packing(row.packing), hash=row.hash, data=row.data)
