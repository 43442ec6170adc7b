"""What the entries of each feed said last time, and so which of them hint at a change of their article.

Bounded: an entry that its feed has not listed for long is forgotten.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from tracker.model import TrackedEntry
from tracker.store.columns import hash64
from tracker.store.database import chunks
from tracker.store.schema import feed_entry

# When an entry was last listed is noted to the day: a feed is read a hundred times between two changes.
NOTED_AFTER = timedelta(days=1)
# Feeds list days, rarely weeks; an entry that comes back after this is as good as new to the feed.
FORGOTTEN_AFTER = timedelta(days=60)


def note(connection: Connection, feed_id: int, listed: Sequence[TrackedEntry], now: datetime) -> list[int]:
    """Remember what was listed; the places of entries with a newer `updated` or another title than when they were last read."""
    if not listed:
        return []
    places = {hash64(entry.entry.guid or entry.keys[0]): place for place, entry in enumerate(listed)}
    known = _known(connection, feed_id, list(places))
    hinting, new, changed = [], [], []
    for entry_hash, place in places.items():
        entry, before = listed[place].entry, known.get(entry_hash)
        title_hash = hash64(entry.title) if entry.title else None
        said: dict[str, Any] = {"title_hash": title_hash, "updated_at": entry.updated_at, "listed_at": now}
        if before is None:
            new.append({"feed_id": feed_id, "entry_hash": entry_hash} | said)
            continue
        if hints := _hints(before, said):
            hinting.append(place)
        if hints or now - before.listed_at >= NOTED_AFTER:
            # what an entry leaves out this time is not forgotten
            kept = {"title_hash": said["title_hash"] or before.title_hash, "updated_at": said["updated_at"] or before.updated_at}
            changed.append({"old_hash": entry_hash} | said | kept)
    _write(connection, feed_id, new, changed)
    connection.execute(delete(feed_entry).where(feed_entry.c.feed_id == feed_id, feed_entry.c.listed_at < now - FORGOTTEN_AFTER))
    return sorted(hinting)


def _hints(before: Row[Any], said: dict[str, Any]) -> bool:
    newer = said["updated_at"] is not None and (before.updated_at is None or said["updated_at"] > before.updated_at)
    retitled = said["title_hash"] is not None and said["title_hash"] != before.title_hash
    return newer or retitled


def _known(connection: Connection, feed_id: int, hashes: Sequence[int]) -> dict[int, Row[Any]]:
    found: dict[int, Row[Any]] = {}
    c = feed_entry.c
    for part in chunks(hashes):
        rows = connection.execute(select(feed_entry).where(c.feed_id == feed_id, c.entry_hash.in_(part)))
        found |= {row.entry_hash: row for row in rows}
    return found


def _write(connection: Connection, feed_id: int, new: list[dict[str, Any]], changed: list[dict[str, Any]]) -> None:
    c = feed_entry.c
    if new:
        connection.execute(insert(feed_entry), new)
    if changed:
        statement = update(feed_entry).where(c.feed_id == feed_id, c.entry_hash == bindparam("old_hash"))
        values: dict[str, Any] = {name: bindparam(name) for name in ("title_hash", "updated_at", "listed_at")}
        connection.execute(statement.values(values), changed)
