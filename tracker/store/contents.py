"""Bodies and captures read back, each checked against its hash: Extracts, Captures, and bases for new patches.

How bytes are packed is in bodies.py. Raises Corrupt where a hash does not match.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Row, select

from tracker.errors import NotFound
from tracker.model import Capture, Extract
from tracker.store import bodies, extracts
from tracker.store.bodies import Base, Packed, Packing
from tracker.store.database import chunks
from tracker.store.schema import body, capture


def read_extracts(connection: Connection, revision_ids: Iterable[int]) -> dict[int, Extract]:
    """One query for up to a thousand, keyframes included. Ids without a body are left out."""
    keyframe = body.alias("keyframe")
    found: dict[int, Extract] = {}
    for part in chunks(sorted(set(revision_ids))):
        statement = (
            select(body, *_base_columns(keyframe))
            .join_from(body, keyframe, body.c.keyframe_id == keyframe.c.revision_id, isouter=True)
            .where(body.c.revision_id.in_(part))
        )
        for row in connection.execute(statement):
            found[row.revision_id] = extracts.load(_content(row, noun="body", key=row.revision_id, base_key=row.keyframe_id))
    return found


def read_capture(connection: Connection, capture_id: int) -> Capture:
    """Raises NotFound, Corrupt."""
    base = capture.alias("base")
    statement = (
        select(capture, *_base_columns(base))
        .join_from(capture, base, capture.c.base_id == base.c.id, isouter=True)
        .where(capture.c.id == capture_id)
    )
    row = connection.execute(statement).one_or_none()
    if row is None:
        raise NotFound("capture", capture_id)
    return bodies.load_capture(_content(row, noun="capture", key=row.id, base_key=row.base_id), row.fetched_at)


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


def _base_columns(base: FromClause) -> list[ColumnElement[Any]]:
    return [base.c.packing.label("base_packing"), base.c.hash.label("base_hash"), base.c.data.label("base_data")]


def _content(row: Row[Any], *, noun: str, key: int, base_key: int | None) -> bytes:
    base = None
    if base_key is not None:
        kept = Packed(packing=Packing(row.base_packing), hash=row.base_hash, data=row.base_data)
        base = bodies.unpack(kept, None, noun=noun, key=base_key)
    return bodies.unpack(_packed(row), base, noun=noun, key=key)


def _packed(row: Row[Any]) -> Packed:
    return Packed(packing=Packing(row.packing), hash=row.hash, data=row.data)
