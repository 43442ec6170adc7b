"""Every line of the export, with exact types; docs/use.md says what they mean."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from tracker.model import ArticleStatus, Because, Outcome, TakedownScope
from tracker.web.api.documents import Count, Document, Edit, Id, KeptRevision, Poll, Retraction, Seconds, Told


class Received(Document):
    """A page as it came: the hash of its bytes."""

    hash: str
    at: datetime


class HiddenRevision(Document):
    id: Id
    seq: Id
    number: Id
    extractor: str
    origin: str
    first_seen_at: datetime
    last_seen_at: datetime


class SourceLine(Document):
    type: Literal["source"] = "source"
    seq: Id
    name: str
    title: str
    kind: str
    include: list[str]
    exclude: list[str]
    declared: bool
    paused: bool
    withdrawn: bool
    publish_delay: Seconds


class FeedLine(Document):
    type: Literal["feed"] = "feed"
    seq: Id
    id: Id
    source: str
    url: str
    declared: bool
    withdrawn: bool


class ArticleLine(Document):
    """An article as the export has it."""

    type: Literal["article"] = "article"
    seq: Id
    id: Id
    source: str
    url: str
    keys: list[str]
    first_seen_at: datetime
    last_seen_at: datetime | None
    last_changed_at: datetime | None
    next_poll_at: datetime | None = Field(description="null: it is no longer checked.")
    status: ArticleStatus
    revisions: Count
    merged_into: Id | None
    headline: str | None
    language: str | None
    published_at: datetime | None
    missing_since: datetime | None
    last_polled_at: datetime | None
    because: Because
    changes: Count | None = Field(description="null of a hidden one.")
    revisions_last_seen_at: list[tuple[Id, datetime]]
    hidden_revisions: list[HiddenRevision]


class RevisionLine(KeptRevision):
    """A revision as the export has it."""

    headline: str
    byline: str | None
    published_at: datetime | None
    modified_at: datetime | None
    language: str | None
    text: str
    sentences: list[str]
    received: list[Received]
    blocks: list[list[Any]] = Field(description="Of each part of `text`: kind, length in characters, links or null, place.")
    page: dict[str, Any] = Field(description="Whatever else was found on the page.")
    extract_hash: str


class EventLine(Told):
    """An event as the export has it."""

    edits: list[Edit]
    source: str
    at: datetime
    counts: dict[str, Count]
    evidence: Received | None


class MergeLine(Document):
    type: Literal["merge"] = "merge"
    seq: Id
    from_: Id = Field(alias="from")
    into: Id
    at: datetime
    reason: str
    undone_at: datetime | None
    keys: list[str]
    revision_ids: list[Id]
    into_url: str
    into_first_seen_at: datetime


class TakedownLine(Document):
    """What was taken down, told by salted hashes."""

    type: Literal["takedown"] = "takedown"
    seq: Id
    id: str
    article_id: Id | None
    revision_id: Id | None
    scope: TakedownScope
    at: datetime
    reason: str
    words_count: Id | None
    salt: str
    hashes: list[str]


class PollDayLine(Document):
    """Polls that retention took, counted."""

    type: Literal["polls"] = "polls"
    seq: Id
    source: str
    day: date
    outcome: Outcome
    count: Id


ExportLine = Annotated[
    SourceLine | FeedLine | ArticleLine | RevisionLine | EventLine | Poll | PollDayLine | MergeLine | Retraction | TakedownLine,
    Field(discriminator="type"),
]
