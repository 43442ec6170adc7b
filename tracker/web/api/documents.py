"""Every document of the JSON API, with exact types. The lines of the export are export_lines.py's, lists of documents and errors
answers.py's, what comes in is asked.py's; values become documents in telling.py.

Names are those of the export (docs/use.md). The schemas in docs/schemas/ are made from these models. No field is ever left out: what
is not known is null.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from tracker.model import (
    AlarmKind,
    ArticleStatus,
    Because,
    BlockKind,
    DateMoved,
    EditKind,
    EventKind,
    Noted,
    Outcome,
    Significance,
)

# Larger ones are not told exactly by every reader of JSON (RFC 7493), and no store of ours gets there.
LARGEST = 2**53 - 1
Id = Annotated[int, Field(ge=1, le=LARGEST)]
Count = Annotated[int, Field(ge=0)]
Seconds = Annotated[float, Field(ge=0, description="Seconds.")]


class Document(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, serialize_by_alias=True, validate_by_name=True, validate_by_alias=True)


class Poll(Document):
    """One look; `reason` is a sentence where it was no plain success."""

    type: Literal["poll"] = "poll"
    seq: Id
    id: Id
    article_id: Id | None
    feed_id: Id | None
    at: datetime
    outcome: Outcome
    because: Because
    status: int | None
    bytes: Count | None
    ms: Count | None
    url: str
    reason: str | None


class Problem(Document):
    """A look that fails now."""

    at: datetime
    outcome: Outcome
    url: str
    status: int | None
    reason: str | None


class Alarm(Document):
    kind: AlarmKind
    since_at: datetime
    sentence: str


class Feed(Document):
    id: Id
    url: str
    last_polled_at: datetime | None
    last_changed_at: datetime | None
    next_poll_at: datetime | None
    failures: Count


class Source(Document):
    """A source and how following it goes. `late_by`: how far its looks were behind when it was last polled; `problems` are the looks
    that fail now; of the last `polls`, `good_polls` found what was asked for."""

    type: Literal["source"] = "source"
    name: str
    title: str
    kind: Literal["feeds", "newsroom"]
    declared: bool = Field(description="In config.yaml; else it was added by command.")
    paused: bool
    publish_delay: Seconds
    feeds: list[Feed]
    articles: Count
    events: Count
    last_polled_at: datetime | None
    last_good_at: datetime | None
    next_poll_at: datetime | None
    late_by: Seconds
    polls: Count
    good_polls: Count
    problems: list[Problem]
    alarms: list[Alarm]


class Figures(Document):
    """What a source's newest articles and changes come to. `typical_delay`: from an article's first sight to a change of it."""

    articles: Count
    changed_articles: Count
    changes: Count
    major: Count
    noted: Count
    noted_of: Count
    date_moved: Count
    date_moved_of: Count
    reversions: Count
    typical_delay: float | None


class SourceWithFigures(Source):
    figures: Figures


class Furniture(Document):
    """What was learned to be furniture of a source's pages. `sample` is a text that it covers now, null where none is shown."""

    type: Literal["furniture"] = "furniture"
    number: Id
    kind: Literal["text", "place", "leading"]
    place: str | None
    reason: str
    sample: str | None
    learned_at: datetime
    kept_at: datetime | None


class Held(Document):
    """A text that waits for a second look before it becomes a revision."""

    since_at: datetime


class Watch(Document):
    every: Seconds
    until_at: datetime


class Article(Document):
    """An article as it stands. `latest` is its latest revision's id."""

    type: Literal["article"] = "article"
    id: Id
    source: str
    url: str
    keys: list[str]
    headline: str | None
    language: str | None
    published_at: datetime | None
    first_seen_at: datetime
    last_seen_at: datetime | None
    last_polled_at: datetime | None
    last_changed_at: datetime | None
    missing_since: datetime | None
    next_poll_at: datetime | None = Field(description="null: it is no longer checked.")
    because: Because
    status: ArticleStatus
    held: Held | None
    watch: Watch | None
    revisions: Count
    changes: Count
    failures: Count
    latest: Id | None
    merged_into: Id | None


class Explanation(Document):
    """Why an article's next look is when it is: the first sentence is the answer."""

    article_id: Id
    next_poll_at: datetime | None
    because: Because
    sentences: list[str]


class KeptRevision(Document):
    """What is kept of a revision beside its text, here and in the export."""

    type: Literal["revision"] = "revision"
    seq: Id
    id: Id
    article_id: Id
    number: Id
    first_seen_at: datetime
    hash: str
    extractor: str
    origin: str
    capture: Literal["kept", "dropped"] | None
    capture_dropped_at: datetime | None
    withdrawn: bool


class RevisionSummary(KeptRevision):
    """A revision without its text."""

    last_seen_at: datetime


class Block(Document):
    kind: BlockKind
    text: str
    furniture: str | None = Field(description="Why it is taken for furniture; null: it is not.")


class Revision(RevisionSummary):
    """One text as read. `text`, `sentences` and `blocks` are null where whole texts are not shown here."""

    url: str
    headline: str
    byline: str | None
    published_at: datetime | None
    modified_at: datetime | None
    language: str | None
    section: str | None
    kind: Literal["article", "live", "opinion", "gallery"]
    reserved: str | None
    text: str | None
    sentences: list[str] | None
    blocks: list[Block] | None


class Told(Document):
    type: Literal["event"] = "event"
    seq: Id
    id: Id
    kind: EventKind
    article_id: Id
    from_: Id | None = Field(alias="from", description="A revision's id.")
    to: Id | None = Field(description="A revision's id.")
    after: datetime | None = Field(description="The change happened after this, as far as was looked,")
    before: datetime = Field(description="and before this.")
    significance: Significance
    reason: str
    facets: list[str] | None = Field(description="null: not assessed in this language.")
    noted: Noted
    date_moved: DateMoved
    reverts_to: Id | None
    alternates_with: Id | None
    summary: str
    retracted_at: datetime | None
    differ: str


class Event(Told):
    """What became of an article, in commit order by `seq`; `diffs/{from}..{to}` says it sentence by sentence."""

    source: str
    at: datetime = Field(description="When it was kept.")
    retraction: str | None = Field(description="Why it is an error of ours, where it was retracted.")


class Sentence(Document):
    index: Count
    text: str


class WordSpan(Document):
    op: Literal["equal", "delete", "insert"]
    text: str


class Edit(Document):
    kind: EditKind
    moved: bool
    old: list[Sentence]
    new: list[Sentence]
    words: list[WordSpan]
    facets: list[str]


class FieldEdit(Document):
    name: str
    old: str | None
    new: str | None
    words: list[WordSpan]


class Diff(Document):
    """What changed between two texts. Where whole texts are not shown here, `edits` are the changed sentences and their neighbours."""

    schema_: Literal["tracker.diff/1"] = Field("tracker.diff/1", alias="schema")
    pairs: list[tuple[Count, Count]] = Field(description="Every aligned (old, new) sentence, from 0, unchanged ones included.")
    fields: list[FieldEdit]
    edits: list[Edit]
    facets: list[str] | None
    significance: Significance
    reason: str
    summary: str
    differ: str


class Retraction(Document):
    type: Literal["retraction"] = "retraction"
    seq: Id
    event_id: Id
    at: datetime
    reason: str
    undone_at: datetime | None
