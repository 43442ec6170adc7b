"""Bodies and captures read back, each checked against its hash: Extracts, Captures, and bases for new patches.

How bytes are packed is in bodies.py. Raises Corrupt where a hash does not match.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Row, select

from tracker.errors import NotFound
from tracker.model import Capture, Extract
from tracker.store import bodies, dictionaries, extracts
from tracker.store.bodies import Base, Packing
from tracker.store.database import chunks
from tracker.store.rows import packed_of
from tracker.store.schema import body, capture


def read_extracts(connection: Connection, revision_ids: Iterable[int]) -> dict[int, Extract]:
    """Two queries for up to a thousand, and each keyframe unpacked once. Ids without a body are left out."""
    wanted = _bodies(connection, revision_ids)
    keyframe_ids = {row.keyframe_id for row in wanted.values() if row.keyframe_id is not None}
    kept = wanted | _bodies(connection, keyframe_ids - wanted.keys())
    keyframes = {one: _alone(connection, kept[one], "body", one) for one in keyframe_ids}
    return {one: extracts.load(keyframes.get(one) or _text(connection, row, keyframes)) for one, row in wanted.items()}


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
        found |= {row.revision_id: row for row in connection.execute(select(body).where(body.c.revision_id.in_(part)))}
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


def body_base(connection: Connection, revision_id: int) -> Base:
    """The keyframe that a body after this revision's can be a patch against."""
    latest = body.alias("latest")
    keyframe_id = select(latest.c.keyframe_id).where(latest.c.revision_id == revision_id).scalar_subquery()
    found = connection.execute(select(body).where(body.c.revision_id.in_([revision_id, keyframe_id]), body.c.keyframe_id.is_(None))).one()
    return _base(connection, found, "body", found.revision_id)


def capture_base(connection: Connection, capture_id: int) -> Base | None:
    """The capture that one after this can be a patch against; None where pages come compressed, so that no patch is smaller."""
    latest = capture.alias("latest")
    base_id = select(latest.c.base_id).where(latest.c.id == capture_id).scalar_subquery()
    first = select(capture).where(capture.c.id.in_([capture_id, base_id]), capture.c.base_id.is_(None))
    found = connection.execute(first.where(capture.c.packing != Packing.PLAIN)).one_or_none()
    return _base(connection, found, "capture", found.id) if found else None


def _base(connection: Connection, row: Row[Any], noun: str, key: int) -> Base:
    return Base(id=key, content=_alone(connection, row, noun, key), packed_size=len(row.data))
