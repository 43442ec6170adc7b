"""The export (docs/use.md says what a line holds): one dict a line, oldest first by `seq`, streamed in keyset batches.

All of it is read in one transaction, which holds up no writer: an article that changed meanwhile has a later number, and its line
would be in no export that can be taken in again. What is written while it runs is left for the next export (`since` the last seq).
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from tracker.model import ArticleStatus, Extract, Takedown
from tracker.store import contents, counter, extract_lines, keys, rows, takedowns
from tracker.store.database import Database, chunks
from tracker.store.schema import (
    article,
    capture,
    event,
    feed,
    further_page,
    merge,
    merged_key,
    merged_revision,
    poll,
    poll_day,
    retraction,
    revision,
    source,
)  # fmt: skip

BATCH = 200

Segment = Callable[[str], Sequence[str]]
Edits = Callable[[Extract, Extract], Sequence[dict[str, object]]]
Line = dict[str, object]
Batch = list[tuple[int, Line]]
Fetch = Callable[[Connection, int, int], Batch]


def lines(database: Database, *, segment: Segment, since: int = 0, polls: bool = False, edits: Edits | None = None) -> Iterator[Line]:
    """`segment` cuts a text into sentences, `edits` compares two texts: rooms that the store does not know."""
    fetches: list[Fetch] = [
        _sources,
        _feeds,
        _articles,
        _merges,
        _retractions,
        _takedowns,
        lambda connection, after, last: _revisions(connection, after, last, segment),
        lambda connection, after, last: _events(connection, after, last, edits),
    ]
    if polls:
        fetches += [_polls, _poll_days]
    with database.reading() as connection:
        until = counter.current(connection)
        for _, line in heapq.merge(*(_stream(connection, fetch, since, until) for fetch in fetches), key=lambda pair: pair[0]):
            yield line


def _stream(connection: Connection, fetch: Fetch, since: int, until: int) -> Iterator[tuple[int, Line]]:
    after = since
    while True:
        batch = fetch(connection, after, until)
        yield from batch
        if len(batch) < BATCH:
            return
        after = batch[-1][0]


def _sources(connection: Connection, after: int, until: int) -> Batch:
    c = source.c
    found = connection.execute(select(source).where(c.seq > after, c.seq <= until).order_by(c.seq).limit(BATCH))
    return [
        (
            row.seq,
            {
                "type": "source",
                "seq": row.seq,
                "name": row.name,
                "title": row.title,
                "kind": row.kind,
                "include": list(row.include),
                "exclude": list(row.exclude),
                "declared": row.declared,
                "paused": row.paused,
                "withdrawn": row.withdrawn,
                "publish_delay": row.publish_delay.total_seconds(),
            },
        )
        for row in found
    ]


def _feeds(connection: Connection, after: int, until: int) -> Batch:
    c = feed.c
    found = connection.execute(rows.FEEDS.where(c.seq > after, c.seq <= until).order_by(c.seq).limit(BATCH))
    return [
        (
            row.seq,
            {
                "type": "feed",
                "seq": row.seq,
                "id": row.id,
                "source": row.source,
                "url": row.url,
                "declared": row.declared,
                "withdrawn": row.withdrawn,
            },
        )
        for row in found
    ]


def _articles(connection: Connection, after: int, until: int) -> Batch:
    statement = rows.ARTICLES.where(article.c.seq > after, article.c.seq <= until).order_by(article.c.seq).limit(BATCH)
    found = connection.execute(statement).all()
    known = keys.of_articles(connection, (row.id for row in found))
    seen = _last_seen(connection, [row.id for row in found if row.status != ArticleStatus.HIDDEN])
    hidden = _hidden_revisions(connection, [row.id for row in found if row.status == ArticleStatus.HIDDEN])
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
                "headline": row.headline,
                "language": row.language,
                "published_at": _time(row.published_at),
                "missing_since": _time(row.missing_since),
                "last_polled_at": _time(row.last_polled_at),
                "because": str(row.because),
                "changes": None if row.id in hidden else row.changes_count,
                "revisions_last_seen_at": seen.get(row.id, []),
                "hidden_revisions": hidden.get(row.id, []),
            },
        )
        for row in found
    ]


def _last_seen(connection: Connection, article_ids: Sequence[int]) -> dict[int, list[list[object]]]:
    """Of each of an article's revisions, by number. It stands in the article's line, since a revision's own never changes."""
    c = revision.c
    found: dict[int, list[list[object]]] = {one: [] for one in article_ids}
    for row in connection.execute(rows.REVISIONS.where(c.article_id.in_(article_ids)).order_by(c.number)):
        found[row.article_id].append([row.id, _time(row.seen_at)])
    return found


def _hidden_revisions(connection: Connection, article_ids: Sequence[int]) -> dict[int, list[Line]]:
    """Of hidden articles, what other lines may name by its id; nothing that anybody wrote."""
    c = revision.c
    found: dict[int, list[Line]] = {one: [] for one in article_ids}
    for row in connection.execute(select(revision).where(c.article_id.in_(article_ids)).order_by(c.id)):
        line: Line = {"id": row.id, "seq": row.seq, "number": row.number, "extractor": row.extractor, "origin": row.origin}
        times = {"first_seen_at": _time(row.first_seen_at), "last_seen_at": _time(row.last_seen_at)}
        found[row.article_id].append(line | times)
    return found


def _merges(connection: Connection, after: int, until: int) -> Batch:
    """A line for each merge, by when it was last made or undone; with what undoing it would put back."""
    statement = select(merge).where(merge.c.seq > after, merge.c.seq <= until).order_by(merge.c.seq).limit(BATCH)
    batch: Batch = []
    for one in connection.execute(statement).all():
        line: Line = {
            "type": "merge",
            "seq": one.seq,
            "from": one.from_id,
            "into": one.into_id,
            "at": _time(one.at),
            "reason": one.reason,
            "undone_at": _time(one.undone_at),
            "keys": sorted(connection.execute(select(merged_key.c.key).where(merged_key.c.merge_id == one.id)).scalars()),
            "revision_ids": _merged_revisions(connection, one.id),
            "into_url": one.into_url,
            "into_first_seen_at": _time(one.into_first_seen_at),
        }
        batch.append((one.seq, line))
    return batch


def _merged_revisions(connection: Connection, merge_id: int) -> list[int]:
    c = merged_revision.c
    return list(connection.execute(select(c.revision_id).where(c.merge_id == merge_id).order_by(c.revision_id)).scalars())


def _retractions(connection: Connection, after: int, until: int) -> Batch:
    """A line for each retracted event that is told, by when it was last retracted or that was undone."""
    c = retraction.c
    told = select(retraction).join_from(retraction, event, c.event_id == event.c.id).join(article, event.c.article_id == article.c.id)
    found = connection.execute(told.where(c.seq > after, c.seq <= until, rows.TOLD).order_by(c.seq).limit(BATCH))
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
    received = _received(connection, found)
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
            "capture": None if not received[row.id] else "dropped" if row.capture_dropped_at else "kept",
            "capture_dropped_at": _time(row.capture_dropped_at),
            "withdrawn": text.withdrawn is not None,
            "received": received[row.id],
        }
        batch.append((row.seq, line | extract_lines.told(text)))
    return batch


def _received(connection: Connection, found: Sequence[Row[Any]]) -> dict[int, list[Line]]:
    """Of each revision, the pages that it was read from."""
    pages: dict[int, list[int]] = {row.id: [] if row.capture_id is None else [row.capture_id] for row in found}
    c = further_page.c
    for row in connection.execute(select(further_page).where(c.revision_id.in_(pages)).order_by(c.revision_id, c.number)):
        pages[row.revision_id].append(row.capture_id)
    lines = _captures(connection, [one for of_one in pages.values() for one in of_one])
    return {revision_id: [lines[one] for one in of_one] for revision_id, of_one in pages.items()}


def _captures(connection: Connection, ids: Sequence[int]) -> dict[int, Line]:
    """What came, whether it is still here or not."""
    c = capture.c
    lines: dict[int, Line] = {}
    for part in chunks(ids):
        for row in connection.execute(select(c.id, c.hash, c.fetched_at).where(c.id.in_(part))):
            lines[row.id] = {"hash": row.hash.hex(), "at": _time(row.fetched_at)}
    return lines


def _events(connection: Connection, after: int, until: int, edits: Edits | None) -> Batch:
    statement = (
        rows.EVENTS.where(event.c.seq > after, event.c.seq <= until, rows.TOLD)
        .order_by(event.c.seq)
        .limit(BATCH)
    )
    found = [rows.event_of(row) for row in connection.execute(statement)]
    pairs = {one.id: (one.from_revision_id, one.to_revision_id) for one in found if one.from_revision_id and one.to_revision_id}
    texts = contents.read_extracts(connection, (i for pair in pairs.values() for i in pair)) if edits else {}
    evidence = _captures(connection, [one.capture_id for one in found if one.capture_id is not None])
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
            "source": one.source,
            "at": _time(one.at),
            "counts": {str(kind): count for kind, count in one.diff.counts},
            "evidence": None if one.capture_id is None else evidence[one.capture_id],
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
