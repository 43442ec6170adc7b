"""Rows to the values of tracker.model, and the selects that fetch what each value needs.

Nothing here decides which rows: callers add their own conditions and order.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, case, exists, func, or_, select

from tracker.model import (
    Article,
    ArticleStatus,
    DiffSummary,
    Event,
    EventKind,
    Feed,
    Gates,
    Held,
    Merge,
    Moved,
    Poll,
    Retraction,
    Revision,
    Source,
    StoredPoll,
    Validators,
    Watch,
)
from tracker.store import keys
from tracker.store.bodies import Packed, Packing
from tracker.store.schema import article, event, feed, poll, retraction, revision, source

ARTICLES = select(article, source.c.name.label("source")).join_from(article, source)
FEEDS = select(feed, source.c.name.label("source")).join_from(feed, source)
# What an event's row tells of its retraction, by names that its own columns do not have.
RETRACTION = (
    retraction.c.seq.label("retraction_seq"),
    retraction.c.at.label("retracted_at"),
    retraction.c.reason.label("retraction_reason"),
    retraction.c.undone_at.label("retraction_undone_at"),
)
EVENTS = (
    select(event, source.c.name.label("source"), *RETRACTION)
    .join_from(event, source, event.c.source_id == source.c.id)
    .join(article, event.c.article_id == article.c.id)
    .join(retraction, retraction.c.event_id == event.c.id, isouter=True)
)
# Of events: those that are not an error of ours.
STANDING = ~exists().where(retraction.c.event_id == event.c.id, retraction.c.undone_at.is_(None))
# Of a hidden article nothing is told but that it was withdrawn.
TOLD = or_(article.c.status != ArticleStatus.HIDDEN, event.c.kind == EventKind.WITHDRAWN)
POLLS = (
    select(poll, func.coalesce(poll.c.url, article.c.url, feed.c.url).label("asked_url"))
    .join_from(poll, article, poll.c.article_id == article.c.id, isouter=True)
    .join(feed, poll.c.feed_id == feed.c.id, isouter=True)
)
# The latest revision was last seen when its article was: unchanged polls write only the article.
_SEEN_AT = case(
    (revision.c.number == article.c.revisions_count, func.coalesce(article.c.last_seen_at, revision.c.last_seen_at)),
    else_=revision.c.last_seen_at,
)
REVISIONS = select(revision, _SEEN_AT.label("seen_at")).join_from(revision, article, revision.c.article_id == article.c.id)


def articles(connection: Connection, statement: Select[Any]) -> tuple[Article, ...]:
    """The articles of a statement made from ARTICLES, with their keys, in its order."""
    return articles_of(connection, connection.execute(statement).all())


def articles_of(connection: Connection, found: Sequence[Row[Any]]) -> tuple[Article, ...]:
    """The same of rows that have the columns of ARTICLES."""
    known = keys.of_articles(connection, (row.id for row in found))
    return tuple(_article(row, known.get(row.id, ())) for row in found)


def _article(found: Row[Any], known_by: tuple[str, ...]) -> Article:
    row = dict(zip(found._fields, found, strict=True))  # a row finds what is asked by name seven times as slowly
    return Article(
        id=row["id"],
        source=row["source"],
        url=row["url"],
        keys=known_by,
        status=row["status"],
        first_seen_at=row["first_seen_at"],
        headline=row["headline"],
        language=row["language"],
        published_at=row["published_at"],
        last_seen_at=row["last_seen_at"],
        last_polled_at=row["last_polled_at"],
        last_changed_at=row["last_changed_at"],
        missing_since=row["missing_since"],
        held=Held(fingerprint=row["held_fingerprint"], since_at=row["held_since"]) if row["held_since"] else None,
        moved=Moved(url=row["moved_url"], since_at=row["moved_since"], looks_count=row["moved_looks"]) if row["moved_url"] else None,
        merged_into=row["merged_into_id"],
        next_poll_at=row["next_poll_at"],
        because=row["because"],
        revisions_count=row["revisions_count"],
        changes_count=row["changes_count"],
        failures_count=row["failures_count"],
        gates=Gates(
            validators=Validators(etag=row["etag"], last_modified=row["last_modified"], read_at=row["read_at"]),
            body_hash=row["body_hash"],
            visible_hash=row["visible_hash"],
        ),
        lease=row["lease"],
        watch=Watch(every=timedelta(seconds=row["watch_every"]), until_at=row["watch_until"]) if row["watch_until"] else None,
    )


def feed_of(row: Row[Any]) -> Feed:
    return Feed(
        id=row.id,
        url=row.url,
        source=row.source,
        validators=Validators(etag=row.etag, last_modified=row.last_modified, read_at=row.read_at),
        first_polled_at=row.first_polled_at,
        last_polled_at=row.last_polled_at,
        last_changed_at=row.last_changed_at,
        next_poll_at=row.next_poll_at,
        failures_count=row.failures_count,
        lease=row.lease,
        because=row.because,
        news_gap=None if row.news_gap is None else timedelta(seconds=row.news_gap),
    )


def packed_of(row: Row[Any]) -> Packed:
    """Of a body or a capture."""
    return Packed(packing=Packing(row.packing), hash=row.hash, data=row.data)


def source_of(row: Row[Any], feeds: tuple[str, ...]) -> Source:
    return Source(
        name=row.name,
        title=row.title,
        kind=row.kind,
        feeds=feeds,
        include=row.include,
        exclude=row.exclude,
        declared=row.declared,
        paused=row.paused or row.withdrawn,
        publish_delay=row.publish_delay,
    )


def revision_of(row: Row[Any]) -> Revision:
    return Revision(
        id=row.id,
        seq=row.seq,
        article_id=row.article_id,
        number=row.number,
        first_seen_at=row.first_seen_at,
        last_seen_at=row.seen_at,
        fingerprint=row.fingerprint,
        extractor=row.extractor,
        origin=row.origin,
        capture_id=row.capture_id if row.capture_dropped_at is None else None,
        capture_dropped_at=row.capture_dropped_at,
    )


def event_of(row: Row[Any]) -> Event:
    return Event(
        id=row.id,
        seq=row.seq,
        kind=row.kind,
        article_id=row.article_id,
        source=row.source,
        at=row.at,
        after_at=row.after_at,
        before_at=row.before_at,
        from_revision_id=row.from_revision_id,
        to_revision_id=row.to_revision_id,
        diff=DiffSummary(
            significance=row.significance,
            reason=row.reason,
            summary=row.summary,
            facets=row.facets,
            counts=row.counts,
            differ=row.differ,
        ),
        noted=row.noted,
        date_moved=row.date_moved,
        reverts_to_id=row.reverts_to_id,
        capture_id=row.capture_id,
        alternates_with=row.alternates_with_id,
        retraction=None if row.retraction_seq is None else _retraction(row),
    )


def _retraction(row: Row[Any]) -> Retraction:
    return Retraction(
        seq=row.retraction_seq,
        event_id=row.id,
        at=row.retracted_at,
        reason=row.retraction_reason,
        undone_at=row.retraction_undone_at,
    )


def merge_of(row: Row[Any]) -> Merge:
    return Merge(seq=row.seq, from_id=row.from_id, into_id=row.into_id, at=row.at, reason=row.reason, undone_at=row.undone_at)


def poll_of(row: Row[Any]) -> StoredPoll:
    return StoredPoll(
        id=row.id,
        seq=row.id,
        poll=Poll(
            at=row.at,
            outcome=row.outcome,
            because=row.because,
            url=row.asked_url,
            article_id=row.article_id,
            feed_id=row.feed_id,
            status=row.status,
            bytes=row.bytes,
            ms=row.ms,
            reason=row.reason,
        ),
    )
