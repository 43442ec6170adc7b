"""Events that the operator takes back: the row stays, and says that it was an error of ours, since when and why.

An event keeps its id and its place; readers are told at once, since every retraction takes a number of the sequence.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from tracker.errors import NotFound
from tracker.store import counter
from tracker.store.schema import event, retraction


def retract(connection: Connection, event_id: int, *, reason: str, now: datetime) -> None:
    """Once more gives another reason. Raises NotFound."""
    if connection.execute(select(event.c.id).where(event.c.id == event_id)).first() is None:
        raise NotFound("event", event_id)
    seq = counter.take(connection, 1)
    connection.execute(delete(retraction).where(retraction.c.event_id == event_id))
    connection.execute(insert(retraction).values(event_id=event_id, seq=seq, at=now, reason=reason))


def undo(connection: Connection, event_id: int, *, now: datetime) -> None:
    """Raises NotFound where the event is not retracted."""
    c = retraction.c
    seq = counter.take(connection, 1)
    undone = connection.execute(update(retraction).where(c.event_id == event_id, c.undone_at.is_(None)).values(seq=seq, undone_at=now))
    if not undone.rowcount:
        raise NotFound("retracted event", event_id)
