"""The export (docs/use.md says what a line holds): one dict a line, oldest first by `seq`, streamed in keyset batches.

Each batch is a short reading transaction of its own: an export of millions of lines holds up no writer.
What is written while it runs is left for the next export (`since` the last seq of this one).
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select

from tracker.model import ArticleStatus, Extract, Takedown
from tracker.store import contents, counter, keys, rows, takedowns
from tracker.store.database import Database
from tracker.store.schema import article, event, merge, poll, poll_day, retraction, revision, source

BATCH = 200

Segment = Callable[[str], Sequence[str]]
Edits = Callable[[Extract, Extract], Sequence[dict[str, object]]]
Line = dict[str, object]
Batch = list[tuple[int, Line]]
Fetch = Callable[[Connection, int, int], Batch]


def lines(database: Database, *, segment: Segment, since: int = 0, polls: bool = False, edits: Edits | None = None) -> Iterator[Line]:
    """`segment` cuts a text into sentences, `edits` compares two texts: rooms that the store does not know."""
    with database.reading() as connection:
        until = counter.current(connection)
    fetches: list[Fetch] = [
        _articles,
        _merges,
        _retractions,
        _takedowns,
        lambda connection, after, last: _revisions(connection, after, last, segment),
        lambda connection, after, last: _events(connection, after, last, edits),
    ]
    if polls:
        fetches += [_polls, _poll_days]
    for _, line in heapq.merge(*(_stream(database, fetch, since, until) for fetch in fetches), key=lambda pair: pair[0]):
        yield line


def _stream(database: Database, fetch: Fetch, since: int, until: int) -> Iterator[tuple[int, Line]]:
    after = since
    while True:
        with database.reading() as connection:
            batch = fetch(connection, after, until)
        yield from batch
        if len(batch) < BATCH:
            return
        after = batch[-1][0]


def _articles(connection: Connection, after: int, until: int) -> Batch:
    statement = rows.ARTICLES.where(article.c.seq > after, article.c.seq <= until).order_by(article.c.seq).limit(BATCH)
    found = connection.execute(statement).all()
    known = keys.of_articles(connection, (row.id for row in found))
    return [
        (
            row.seq,
            {
                "type": "article",
                "seq": row.seq,
                "id": row.id,
                "source": row.source,
                "url": row.url,
                "keys": list(known.get(row.id, ())),
                "first_seen_at": _time(row.first_seen_at),
                "last_seen_at": _time(row.last_seen_at),
                "last_changed_at": _time(row.last_changed_at),
                "next_poll_at": _time(row.next_poll_at),
                "status": str(row.status),
                "revisions": row.revisions_count,
                "merged_into": row.merged_into_id,
            },
        )
        for row in found
    ]


def _merges(connection: Connection, after: int, until: int) -> Batch:
    """A line for each merge, by when it was last made or undone."""
    statement = select(merge).where(merge.c.seq > after, merge.c.seq <= until).order_by(merge.c.seq).limit(BATCH)
    return [
        (
            one.seq,
            {
                "type": "merge",
                "seq": one.seq,
                "from": one.from_id,
                "into": one.into_id,
                "at": _time(one.at),
                "reason": one.reason,
                "undone_at": _time(one.undone_at),
            },
        )
        for one in map(rows.merge_of, connection.execute(statement))
    ]


def _retractions(connection: Connection, after: int, until: int) -> Batch:
    """A line for each retracted event, by when it was last retracted or that was undone."""
    c = retraction.c
    found = connection.execute(select(retraction).where(c.seq > after, c.seq <= until).order_by(c.seq).limit(BATCH))
    return [
        (
            row.seq,
            {
                "type": "retraction",
                "seq": row.seq,
                "event_id": row.event_id,
                "at": _time(row.at),
                "reason": row.reason,
                "undone_at": _time(row.undone_at),
            },
        )
        for row in found
    ]


def _takedowns(connection: Connection, after: int, until: int) -> Batch:
    return [(seq, {"seq": seq, **takedown_line(one)}) for seq, one in takedowns.since(connection, after, until, BATCH)]


def takedown_line(one: Takedown) -> Line:
    """What `tracker hide --replay` reads again; no hidden word is in it."""
    return {
        "type": "takedown",
        "id": one.id,
        "article_id": one.article_id,
        "revision_id": one.revision_id,
        "scope": str(one.scope),
        "at": _time(one.at),
        "reason": one.reason,
        "words_count": one.words_count,
        "salt": one.salt.hex(),
        "hashes": sorted(part.hex() for part in one.hashes),
    }


def _revisions(connection: Connection, after: int, until: int, segment: Segment) -> Batch:
    statement = (
        select(revision)
        .join_from(revision, article, revision.c.article_id == article.c.id)
        .where(revision.c.seq > after, revision.c.seq <= until, article.c.status != ArticleStatus.HIDDEN)
        .order_by(revision.c.seq)
        .limit(BATCH)
    )
    found = connection.execute(statement).all()
    texts = contents.read_extracts(connection, (row.id for row in found))
    batch: Batch = []
    for row in found:
        text = texts[row.id]
        line: Line = {
            "type": "revision",
            "seq": row.seq,
            "id": row.id,
            "article_id": row.article_id,
            "number": row.number,
            "first_seen_at": _time(row.first_seen_at),
            "headline": text.headline,
            "byline": text.byline,
            "published_at": _time(text.published_at),
            "modified_at": _time(text.modified_at),
            "language": text.language,
            "text": text.text,
            "sentences": list(segment(text.text)),
            "hash": row.fingerprint,
            "extractor": row.extractor,
            "origin": row.origin,
            "capture": None if row.capture_id is None else "dropped" if row.capture_dropped_at else "kept",
            "capture_dropped_at": _time(row.capture_dropped_at),
            "withdrawn": text.withdrawn is not None,
        }
        batch.append((row.seq, line))
    return batch


def _events(connection: Connection, after: int, until: int, edits: Edits | None) -> Batch:
    statement = (
        rows.EVENTS.where(event.c.seq > after, event.c.seq <= until, rows.TOLD)
        .order_by(event.c.seq)
        .limit(BATCH)
    )
    found = [rows.event_of(row) for row in connection.execute(statement)]
    pairs = {one.id: (one.from_revision_id, one.to_revision_id) for one in found if one.from_revision_id and one.to_revision_id}
    texts = contents.read_extracts(connection, (i for pair in pairs.values() for i in pair)) if edits else {}
    batch: Batch = []
    for one in found:
        line: Line = {
            "type": "event",
            "seq": one.seq,
            "id": one.id,
            "kind": str(one.kind),
            "article_id": one.article_id,
            "from": one.from_revision_id,
            "to": one.to_revision_id,
            "after": _time(one.after_at),
            "before": _time(one.before_at),
            "significance": str(one.diff.significance),
            "reason": one.diff.reason,
            "facets": None if one.diff.facets is None else sorted(one.diff.facets),
            "noted": str(one.noted),
            "date_moved": str(one.date_moved),
            "reverts_to": one.reverts_to_id,
            "alternates_with": one.alternates_with,
            "summary": one.diff.summary,
            "retracted_at": _time(one.retracted.at) if one.retracted else None,
            "differ": one.diff.differ,
            "edits": [],
        }
        if edits and one.id in pairs:
            old, new = pairs[one.id]
            line["edits"] = list(edits(texts[old], texts[new]))
        batch.append((one.seq, line))
    return batch


def _polls(connection: Connection, after: int, until: int) -> Batch:
    statement = rows.POLLS.where(poll.c.id > after, poll.c.id <= until).order_by(poll.c.id).limit(BATCH)
    batch: Batch = []
    for stored in map(rows.poll_of, connection.execute(statement)):
        look: Any = stored.poll
        line: Line = {
            "type": "poll",
            "seq": stored.seq,
            "id": stored.id,
            "article_id": look.article_id,
            "feed_id": look.feed_id,
            "at": _time(look.at),
            "outcome": str(look.outcome),
            "because": str(look.because),
            "status": look.status,
            "bytes": look.bytes,
            "ms": look.ms,
            "url": look.url,
            "reason": look.reason,
        }
        batch.append((stored.seq, line))
    return batch


def _poll_days(connection: Connection, after: int, until: int) -> Batch:
    """The polls that retention took: a line repeated when its count grew."""
    c = poll_day.c
    statement = select(poll_day, source.c.name.label("source")).join_from(poll_day, source)
    found = connection.execute(statement.where(c.seq > after, c.seq <= until).order_by(c.seq).limit(BATCH))
    return [
        (
            row.seq,
            {
                "type": "polls",
                "seq": row.seq,
                "source": row.source,
                "day": f"{row.day:%Y-%m-%d}",
                "outcome": str(row.outcome),
                "count": row.polls_count,
            },
        )
        for row in found
    ]


def _time(at: datetime | None) -> str | None:
    """RFC 3339 in UTC."""
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")
