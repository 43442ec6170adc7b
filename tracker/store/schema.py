"""The tables, their indexes and constraints. Types of columns are in columns.py, steps between versions in migrations/.

Rows are narrow: a revision holds no text (body, capture), a poll no address that its article already has.
`seq` is one commit-ordered sequence over all kinds of rows that readers see, see counter.py; a poll's id is its seq.
Ids are never reused. Lists are read by keyset only, so every order that a page needs has its index.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Named,
    SmallInteger,
    Table,
    Text,
    TypedColumns,
    UniqueConstraint,
    text,
)  # fmt: skip

from tracker.model import AlarmKind, ArticleStatus, Because, DateMoved, EditKind, EventKind, Noted, Outcome, Significance, TakedownScope
from tracker.store import columns
from tracker.store.columns import Coded, Counts, Facets, Fingerprint, Id, Phrased, Plain, Span, Texts, Utc

metadata = MetaData(naming_convention={
    "pk": "%(table_name)s_pkey", "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    "uq": "%(table_name)s_%(column_0_N_name)s_key", "ck": "%(table_name)s_%(constraint_name)s_check"})  # fmt: skip


class InstallationColumns(TypedColumns):
    """One row. `uuid` makes the ids of feed entries; the row is also what writers of article keys lock, see keys.py."""

    id: Named[int] = Column(Id, primary_key=True, autoincrement=False)
    uuid: Named[str] = Column(Text)
    created_at: Named[datetime] = Column(Utc)


class CounterColumns(TypedColumns):
    name: Named[str] = Column(Text, primary_key=True)
    value: Named[int] = Column(BigInteger)


class SourceColumns(TypedColumns):
    """`paused` is the operator's command; `withdrawn`: config.yaml pauses it or names it no longer.
    What its page shows at once is counted here: reading all polls or articles for it would not stay fast."""

    id: Named[int] = Column(Id, primary_key=True)
    name: Named[str] = Column(Text, unique=True)
    title: Named[str] = Column(Plain)
    kind: Named[str] = Column(Text)
    include: Named[tuple[str, ...]] = Column(Texts)
    exclude: Named[tuple[str, ...]] = Column(Texts)
    declared: Named[bool] = Column(Boolean)
    paused: Named[bool] = Column(Boolean)
    withdrawn: Named[bool] = Column(Boolean)
    articles_count: Named[int] = Column(Integer)
    events_count: Named[int] = Column(Integer)
    last_polled_at: Named[datetime | None] = Column(Utc)
    last_good_at: Named[datetime | None] = Column(Utc)
    publish_delay: Named[timedelta] = Column(Span, server_default="0")
    habits: Named[str | None] = Column(Text)  # as JSON
    seq: Named[int] = Column(BigInteger, server_default="0")


class FeedColumns(TypedColumns):
    """`failure_poll_id` is the newest failed poll, until the next good one. `read_at` is when it last came in full."""

    id: Named[int] = Column(Id, primary_key=True)
    source_id: Named[int] = Column(Id, ForeignKey("source.id"))
    url: Named[str] = Column(Plain)
    declared: Named[bool] = Column(Boolean)
    withdrawn: Named[bool] = Column(Boolean)
    etag: Named[str | None] = Column(Plain)
    last_modified: Named[str | None] = Column(Plain)
    first_polled_at: Named[datetime | None] = Column(Utc)
    last_polled_at: Named[datetime | None] = Column(Utc)
    last_changed_at: Named[datetime | None] = Column(Utc)
    next_poll_at: Named[datetime | None] = Column(Utc)
    because: Named[Because] = Column(Coded(columns.BECAUSES))
    failures_count: Named[int] = Column(Integer)
    failure_poll_id: Named[int | None] = Column(BigInteger)
    lease: Named[int] = Column(BigInteger)
    leased_until: Named[datetime | None] = Column(Utc)
    read_at: Named[datetime | None] = Column(Utc)
    news_gap: Named[int | None] = Column(Integer)
    seq: Named[int] = Column(BigInteger, server_default="0")


class FeedEntryColumns(TypedColumns):
    """What each entry of a feed said when it was last read, for hints; dropped when it is long gone from the feed."""

    feed_id: Named[int] = Column(Id, ForeignKey("feed.id"), primary_key=True)
    entry_hash: Named[int] = Column(BigInteger, primary_key=True, autoincrement=False)
    title_hash: Named[int | None] = Column(BigInteger)
    updated_at: Named[datetime | None] = Column(Utc)
    listed_at: Named[datetime] = Column(Utc)


class HostColumns(TypedColumns):
    id: Named[int] = Column(Id, primary_key=True)
    name: Named[str] = Column(Text, unique=True)
    next_request_at: Named[datetime | None] = Column(Utc)
    pause_until: Named[datetime | None] = Column(Utc)


class RobotsColumns(TypedColumns):
    """Apart from host, whose row is written at every request."""

    host_id: Named[int] = Column(Id, ForeignKey("host.id"), primary_key=True, autoincrement=False)
    status: Named[int | None] = Column(SmallInteger)
    read_at: Named[datetime | None] = Column(Utc)
    body: Named[bytes | None] = Column(LargeBinary)


class ArticleColumns(TypedColumns):
    """`last_seen_at` is also when its latest revision was last seen: an unchanged poll writes no revision row.
    `failure_poll_id` is the newest failed poll, until the next good one. `read_at` is when it last came in full.
    `merged_into_id`: its revisions, events and keys are that article's now, see merging.py.
    """

    id: Named[int] = Column(Id, primary_key=True)
    seq: Named[int] = Column(BigInteger)
    source_id: Named[int] = Column(Id, ForeignKey("source.id"))
    host_id: Named[int] = Column(Id, ForeignKey("host.id"))
    url: Named[str] = Column(Plain)
    status: Named[ArticleStatus] = Column(Coded(columns.STATUSES))
    headline: Named[str | None] = Column(Plain)
    published_at: Named[datetime | None] = Column(Utc)
    first_seen_at: Named[datetime] = Column(Utc)
    last_seen_at: Named[datetime | None] = Column(Utc)
    last_polled_at: Named[datetime | None] = Column(Utc)
    last_changed_at: Named[datetime | None] = Column(Utc)
    missing_since: Named[datetime | None] = Column(Utc)
    held_since: Named[datetime | None] = Column(Utc)
    held_fingerprint: Named[str | None] = Column(Fingerprint)
    next_poll_at: Named[datetime | None] = Column(Utc)
    because: Named[Because] = Column(Coded(columns.BECAUSES))
    revisions_count: Named[int] = Column(Integer)
    failures_count: Named[int] = Column(Integer)
    failure_poll_id: Named[int | None] = Column(BigInteger)
    etag: Named[str | None] = Column(Plain)
    last_modified: Named[str | None] = Column(Plain)
    body_hash: Named[bytes | None] = Column(LargeBinary)
    visible_hash: Named[bytes | None] = Column(LargeBinary)
    lease: Named[int] = Column(BigInteger)
    leased_until: Named[datetime | None] = Column(Utc)
    changes_count: Named[int] = Column(Integer, server_default="0")
    moved_url: Named[str | None] = Column(Plain)
    moved_since: Named[datetime | None] = Column(Utc)
    moved_looks: Named[int | None] = Column(SmallInteger)
    merged_into_id: Named[int | None] = Column(Id)
    read_at: Named[datetime | None] = Column(Utc)
    language: Named[str | None] = Column(Plain)
    watch_every: Named[int | None] = Column(Integer)
    watch_until: Named[datetime | None] = Column(Utc)


class ArticleKeyColumns(TypedColumns):
    """Found by a 64-bit hash, true by the key itself; `slot` tells apart the keys that share a hash."""

    key_hash: Named[int] = Column(BigInteger, primary_key=True, autoincrement=False)
    slot: Named[int] = Column(SmallInteger, primary_key=True, autoincrement=False)
    key: Named[str] = Column(Plain)
    article_id: Named[int] = Column(Id, ForeignKey("article.id"))


class MergeColumns(TypedColumns):
    """One article's history made part of another's, and what of the other must be put back if that is undone."""

    id: Named[int] = Column(Id, primary_key=True)
    seq: Named[int] = Column(BigInteger)
    from_id: Named[int] = Column(Id, ForeignKey("article.id"))
    into_id: Named[int] = Column(Id, ForeignKey("article.id"))
    at: Named[datetime] = Column(Utc)
    reason: Named[str] = Column(Plain)
    into_url: Named[str] = Column(Plain)
    into_first_seen_at: Named[datetime] = Column(Utc)
    undone_at: Named[datetime | None] = Column(Utc)


class MergedKeyColumns(TypedColumns):
    """What a merge gave to the other article: every key, and every revision below."""

    merge_id: Named[int] = Column(Id, ForeignKey("merge.id"), primary_key=True, autoincrement=False)
    key: Named[str] = Column(Plain, primary_key=True)


class MergedRevisionColumns(TypedColumns):
    merge_id: Named[int] = Column(Id, ForeignKey("merge.id"), primary_key=True, autoincrement=False)
    revision_id: Named[int] = Column(Id, ForeignKey("revision.id"), primary_key=True, autoincrement=False)


class CaptureColumns(TypedColumns):
    """`base_id` is the capture that `data` is a patch against, itself never a patch. One that was dropped keeps its hash."""

    id: Named[int] = Column(Id, primary_key=True)
    article_id: Named[int] = Column(Id, ForeignKey("article.id"))
    base_id: Named[int | None] = Column(Id, ForeignKey("capture.id"))
    fetched_at: Named[datetime] = Column(Utc)
    packing: Named[int] = Column(SmallInteger)
    hash: Named[bytes] = Column(LargeBinary)
    data: Named[bytes] = Column(LargeBinary)


class RevisionColumns(TypedColumns):
    """`capture_dropped_at`: retention took what was in the captures of all its pages; the rows with their hashes stay."""

    id: Named[int] = Column(Id, primary_key=True)
    seq: Named[int] = Column(BigInteger)
    article_id: Named[int] = Column(Id, ForeignKey("article.id"))
    number: Named[int] = Column(Integer)
    first_seen_at: Named[datetime] = Column(Utc)
    last_seen_at: Named[datetime] = Column(Utc)
    fingerprint: Named[str] = Column(Fingerprint)
    extractor: Named[str] = Column(Text)
    origin: Named[str] = Column(Text)
    capture_id: Named[int | None] = Column(Id, ForeignKey("capture.id"))
    capture_dropped_at: Named[datetime | None] = Column(Utc)


class FurtherPageColumns(TypedColumns):
    """The captures of a revision's later pages, from 2 on; from 1 on where the revision was imported, with their hashes alone."""

    revision_id: Named[int] = Column(Id, ForeignKey("revision.id"), primary_key=True, autoincrement=False)
    number: Named[int] = Column(SmallInteger, primary_key=True, autoincrement=False)
    capture_id: Named[int] = Column(Id, ForeignKey("capture.id"))


class BodyColumns(TypedColumns):
    """`keyframe_id` is the revision whose body `data` is a patch against, itself never a patch."""

    revision_id: Named[int] = Column(Id, ForeignKey("revision.id"), primary_key=True, autoincrement=False)
    keyframe_id: Named[int | None] = Column(Id, ForeignKey("revision.id"))
    packing: Named[int] = Column(SmallInteger)
    hash: Named[bytes] = Column(LargeBinary)
    data: Named[bytes] = Column(LargeBinary)


class DictionaryColumns(TypedColumns):
    """Named by the frames of keyframes, see bodies.py. `data` never changes, but is emptied when it is retired."""

    id: Named[int] = Column(Id, primary_key=True, autoincrement=False)
    made_at: Named[datetime] = Column(Utc)
    retired: Named[bool] = Column(Boolean)
    hash: Named[bytes] = Column(LargeBinary)
    data: Named[bytes] = Column(LargeBinary)


class EventColumns(TypedColumns):
    """`capture_id` is what was answered where that belongs to no revision: the evidence of a removal."""

    id: Named[int] = Column(Id, primary_key=True)
    seq: Named[int] = Column(BigInteger)
    kind: Named[EventKind] = Column(Coded(columns.EVENT_KINDS))
    source_id: Named[int] = Column(Id, ForeignKey("source.id"))
    article_id: Named[int] = Column(Id, ForeignKey("article.id"))
    at: Named[datetime] = Column(Utc)
    after_at: Named[datetime | None] = Column(Utc)
    before_at: Named[datetime] = Column(Utc)
    from_revision_id: Named[int | None] = Column(Id, ForeignKey("revision.id"))
    to_revision_id: Named[int | None] = Column(Id, ForeignKey("revision.id"))
    reverts_to_id: Named[int | None] = Column(Id, ForeignKey("revision.id"))
    significance: Named[Significance] = Column(Coded(columns.SIGNIFICANCES))
    reason: Named[str] = Column(Phrased)
    summary: Named[str] = Column(Phrased)
    facets: Named[frozenset[str] | None] = Column(Facets)
    counts: Named[tuple[tuple[EditKind, int], ...]] = Column(Counts)
    differ: Named[str] = Column(Text)
    noted: Named[Noted] = Column(Coded(columns.NOTED))
    date_moved: Named[DateMoved] = Column(Coded(columns.DATES_MOVED))
    capture_id: Named[int | None] = Column(Id)
    alternates_with_id: Named[int | None] = Column(Id)


class RetractionColumns(TypedColumns):
    """The newest word of the operator on an event that was no change; `undone_at`: it was one after all."""
    event_id: Named[int] = Column(Id, ForeignKey("event.id"), primary_key=True, autoincrement=False)
    seq: Named[int] = Column(BigInteger)
    at: Named[datetime] = Column(Utc)
    reason: Named[str] = Column(Plain)
    undone_at: Named[datetime | None] = Column(Utc)


class PollColumns(TypedColumns):
    """`id` is the seq. `url` is NULL where it is the address that the article or feed has."""

    id: Named[int] = Column(Id, primary_key=True, autoincrement=False)
    source_id: Named[int] = Column(Id, ForeignKey("source.id"))
    article_id: Named[int | None] = Column(Id, ForeignKey("article.id"))
    feed_id: Named[int | None] = Column(Id, ForeignKey("feed.id"))
    at: Named[datetime] = Column(Utc)
    outcome: Named[Outcome] = Column(Coded(columns.OUTCOMES))
    because: Named[Because] = Column(Coded(columns.BECAUSES))
    status: Named[int | None] = Column(SmallInteger)
    bytes: Named[int | None] = Column(Integer)
    ms: Named[int | None] = Column(Integer)
    url: Named[str | None] = Column(Plain)
    reason: Named[str | None] = Column(Plain)


class PollDayColumns(TypedColumns):
    """Polls that retention took, counted by the day (its midnight in UTC); `seq` is new whenever the count grows."""

    source_id: Named[int] = Column(Id, ForeignKey("source.id"), primary_key=True)
    day: Named[datetime] = Column(Utc, primary_key=True)
    outcome: Named[Outcome] = Column(Coded(columns.OUTCOMES), primary_key=True)
    seq: Named[int] = Column(BigInteger)
    polls_count: Named[int] = Column(Integer)


class TakedownColumns(TypedColumns):
    """What was taken down, without its words: redaction.py makes the hashes. `article_id` is NULL where it is not here."""

    id: Named[int] = Column(Id, primary_key=True)
    seq: Named[int] = Column(BigInteger)
    uuid: Named[str] = Column(Text, unique=True)
    at: Named[datetime] = Column(Utc)
    scope: Named[TakedownScope] = Column(Coded(columns.TAKEDOWN_SCOPES))
    reason: Named[str] = Column(Plain)
    salt: Named[bytes] = Column(LargeBinary)
    words_count: Named[int | None] = Column(SmallInteger)
    article_id: Named[int | None] = Column(Id, ForeignKey("article.id"))
    revision_id: Named[int | None] = Column(Id, ForeignKey("revision.id"))


class TakedownHashColumns(TypedColumns):
    hash: Named[bytes] = Column(LargeBinary, primary_key=True)
    takedown_id: Named[int] = Column(Id, ForeignKey("takedown.id"), primary_key=True, autoincrement=False)


class AlarmColumns(TypedColumns):
    """What was told and has not ended. `about` is a source's name, or empty where it is about all of them."""

    about: Named[str] = Column(Text, primary_key=True)
    kind: Named[AlarmKind] = Column(Coded(columns.ALARM_KINDS), primary_key=True)
    since_at: Named[datetime] = Column(Utc)
    sentence: Named[str] = Column(Plain)


installation = Table("installation", metadata, InstallationColumns, CheckConstraint("id = 1", name="single"))
counter = Table("counter", metadata, CounterColumns)
source = Table("source", metadata, SourceColumns, sqlite_autoincrement=True)
feed = Table("feed", metadata, FeedColumns, UniqueConstraint("source_id", "url"), sqlite_autoincrement=True)
feed_entry = Table("feed_entry", metadata, FeedEntryColumns, sqlite_with_rowid=False)
host = Table("host", metadata, HostColumns, sqlite_autoincrement=True)
robots = Table("robots", metadata, RobotsColumns)
article = Table("article", metadata, ArticleColumns, sqlite_autoincrement=True)
article_key = Table("article_key", metadata, ArticleKeyColumns, sqlite_with_rowid=False)
merge = Table("merge", metadata, MergeColumns, sqlite_autoincrement=True)
merged_key = Table("merged_key", metadata, MergedKeyColumns, sqlite_with_rowid=False)
merged_revision = Table("merged_revision", metadata, MergedRevisionColumns, sqlite_with_rowid=False)
capture = Table("capture", metadata, CaptureColumns, sqlite_autoincrement=True)
revision = Table("revision", metadata, RevisionColumns, UniqueConstraint("article_id", "number"), sqlite_autoincrement=True)
further_page = Table("further_page", metadata, FurtherPageColumns, sqlite_with_rowid=False)
body = Table("body", metadata, BodyColumns)
dictionary = Table("dictionary", metadata, DictionaryColumns)
event = Table("event", metadata, EventColumns, sqlite_autoincrement=True)
retraction = Table("retraction", metadata, RetractionColumns)
poll = Table("poll", metadata, PollColumns)
alarm = Table("alarm", metadata, AlarmColumns, sqlite_with_rowid=False)
poll_day = Table("poll_day", metadata, PollDayColumns, sqlite_with_rowid=False)
takedown = Table("takedown", metadata, TakedownColumns, sqlite_autoincrement=True)
takedown_hash = Table("takedown_hash", metadata, TakedownHashColumns, sqlite_with_rowid=False)


def _partial(name: str, condition: str, *over: Column[int] | Column[int | None] | Column[datetime | None]) -> None:
    Index(name, *over, sqlite_where=text(condition), postgresql_where=text(condition))


for numbered in (source.c.seq, feed.c.seq, article.c.seq, merge.c.seq, revision.c.seq, retraction.c.seq, poll_day.c.seq, takedown.c.seq):
    Index(f"{numbered.table.name}_seq", numbered, unique=True)
Index("article_by_source", article.c.source_id, article.c.id)
Index("article_key_by_article", article_key.c.article_id)
Index("merge_by_from", merge.c.from_id)
Index("merge_by_into", merge.c.into_id)
# With what lists are filtered by, so that what is let through is found without reading the rows of all others.
Index("event_seq", event.c.seq, event.c.significance, event.c.noted, event.c.date_moved, event.c.facets)
Index("event_by_source", event.c.source_id, event.c.seq, event.c.significance, event.c.noted, event.c.date_moved, event.c.facets)
Index("event_by_article", event.c.article_id, event.c.seq)
Index("takedown_hash_by_takedown", takedown_hash.c.takedown_id)
Index("poll_by_source", poll.c.source_id, poll.c.id)
_partial("event_alternating", "alternates_with_id IS NOT NULL", event.c.alternates_with_id)
_partial("poll_by_article", "article_id IS NOT NULL", poll.c.article_id, poll.c.id)
_partial("poll_by_feed", "feed_id IS NOT NULL", poll.c.feed_id, poll.c.id)
_partial("host_paused", "pause_until IS NOT NULL", host.c.pause_until)
# What is due is asked source by source, since paused ones must cost nothing, and then host by host.
_partial("feed_due", "next_poll_at IS NOT NULL", feed.c.next_poll_at)
_partial("article_due_by_source", "next_poll_at IS NOT NULL", article.c.source_id, article.c.next_poll_at, article.c.host_id)
_partial("article_failing", "failure_poll_id IS NOT NULL", article.c.source_id, article.c.failure_poll_id)
_partial("article_due_by_host", "next_poll_at IS NOT NULL", article.c.host_id, article.c.next_poll_at)
