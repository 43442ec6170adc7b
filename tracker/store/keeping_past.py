"""Revisions that another program saw, put into an article's history by when they were seen. No event is made of them.

Numbers follow the time, so those of revisions that are here already may grow; ids stay. What was taken down here does not
come back. A revision is known by its time and origin: the same history taken in twice is there once.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from tracker.model import NewRevision
from tracker.model.past import PastArticle, PastRevision
from tracker.redaction import withhold
from tracker.store import appending, counter, keys, merging, searched, sources, takedowns, tracking
from tracker.store.columns import plain
from tracker.store.schema import revision
from tracker.text import extract_fingerprint


def keep(connection: Connection, past: PastArticle, now: datetime) -> int | None:
    """How many revisions came; None for an article that was taken down. Raises NotFound for the source that a new article needs."""
    keys.lock(connection)
    if takedowns.hidden_keys(connection, past.keys):
        return None
    owners = keys.owners(connection, past.keys)
    article_id = next((owners[key] for key in past.keys if key in owners), None)
    new = _unknown(connection, article_id, past)
    if not new:
        return 0
    if article_id is not None:
        merging.hold(connection, article_id)  # before the counter, see there
    seq = counter.take(connection, len(new) + 1)
    if article_id is None:
        source_id = sources.id_of(connection, past.source)
        article_id = tracking.insert_past(connection, source_id, past.url, new[0].first_seen_at, seq + len(new))
    held = merging.hold(connection, article_id)[article_id]
    if held.revisions_count:
        appending.end_latest(connection, held)
    free = [key for key in dict.fromkeys(past.keys) if key not in owners]
    known_count = len(keys.of_articles(connection, [article_id]).get(article_id, ()))
    keys.add(connection, [(key, article_id) for key in free[: tracking.MOST_KEYS - known_count]])
    latest = _latest(connection, article_id)
    for place, one in enumerate(_withheld(connection, article_id, past.keys, new)):
        # below zero no number is taken
        appending.append_past(connection, article_id, -place - 1, seq + place, one)
    values: dict[str, Any] = merging.settled(connection, article_id) | {"seq": seq + len(new)}
    if latest is not None and _latest(connection, article_id) != latest:
        values |= merging.due(now)
    merging.write(connection, article_id, values | {"first_seen_at": min(held.first_seen_at, new[0].first_seen_at)})
    searched.index_heads(connection, [article_id])
    return len(new)


def _unknown(connection: Connection, article_id: int | None, past: PastArticle) -> list[PastRevision]:
    """A text that is equal to the one before it is the same revision."""
    c = revision.c
    known = connection.execute(select(c.first_seen_at, c.origin).where(c.article_id == article_id)).all()
    seen = {(row.first_seen_at, row.origin) for row in known}
    found: list[PastRevision] = []
    before = None
    for one in past.revisions:
        fingerprint = extract_fingerprint(one.extract)
        if fingerprint != before and (one.first_seen_at, plain(one.origin)) not in seen:
            found.append(one)
        before = fingerprint
    return found


def _latest(connection: Connection, article_id: int) -> int | None:
    c = revision.c
    return connection.execute(select(c.id).where(c.article_id == article_id).order_by(c.number.desc()).limit(1)).scalar()


def _withheld(connection: Connection, article_id: int, named: tuple[str, ...], new: list[PastRevision]) -> list[NewRevision]:
    """Without what was taken down of this article."""
    made = takedowns.of_article(connection, [article_id], named)
    extracts = [withhold(one.extract, made) for one in new]
    return [
        NewRevision(
            extract=extract, fingerprint=extract_fingerprint(extract), capture=None, first_seen_at=one.first_seen_at, origin=one.origin
        )
        for one, extract in zip(new, extracts, strict=True)
    ]
