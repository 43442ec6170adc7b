"""The nouns of the program and the values that pass between its rooms.

A Source publishes Feeds; a FeedEntry leads to an Article; a Poll looks at it and may bring a Capture,
which holds an Extract or a Refusal; a new Extract becomes a Revision; two Revisions have a Diff;
a Revision that follows another is a Change, and what change feeds carry of it is an Event.

Values only: nothing here fetches, stores, parses or decides. Datetimes are aware and in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal


class Outcome(StrEnum):
    """What one look at a Feed or an Article came to."""

    FIRST = "first"
    CHANGED = "changed"
    REVERTED = "reverted"
    UNCHANGED = "unchanged"
    NOT_MODIFIED = "not_modified"
    HELD = "held"
    REFUSED = "refused"
    MISSING = "missing"
    FAILED = "failed"


class Because(StrEnum):
    """Why a look was due."""

    CADENCE = "cadence"
    HINT = "hint"
    MANUAL = "manual"
    CONFIRM = "confirm"
    WATCH = "watch"


class ArticleStatus(StrEnum):
    TRACKED = "tracked"
    STOPPED = "stopped"
    MISSING = "missing"
    REMOVED = "removed"
    HIDDEN = "hidden"


class EventKind(StrEnum):
    CHANGED = "changed"
    REMOVED = "removed"
    RESTORED = "restored"
    WITHDRAWN = "withdrawn"


class BlockKind(StrEnum):
    PARAGRAPH = "paragraph"
    HEADING = "heading"
    LIST_ITEM = "list_item"
    QUOTE = "quote"
    TABLE_ROW = "table_row"
    CAPTION = "caption"


class EditKind(StrEnum):
    KEPT = "kept"
    EDITED = "edited"
    MOVED = "moved"
    SPLIT = "split"
    MERGED = "merged"
    REGROUPED = "regrouped"
    ADDED = "added"
    REMOVED = "removed"


class Significance(StrEnum):
    NONE = "none"
    MINOR = "minor"
    MAJOR = "major"


class Noted(StrEnum):
    """Whether the new text carries a correction or update note."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class DateMoved(StrEnum):
    """Whether the publisher's own modified date moved with the text."""

    YES = "yes"
    NO = "no"
    ABSENT = "absent"


class RefusalReason(StrEnum):
    """Why a page is not the article; the value is what pages and logs say."""

    EMPTY = "empty"
    NOT_HTML = "not HTML"
    STUB = "stub"
    BOT_CHECK = "bot check"
    CONSENT_WALL = "consent wall"
    SOFT_404 = "soft 404"


# --- lists coming in -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What a conditional request sends back to the server that gave it."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """One item of a feed as just read; `url` is absolute, as the feed gave it, not canonical."""

    url: str
    guid: str | None = None
    title: str | None = None
    published_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A publisher we follow. `declared` is false for one added by command, which the store keeps."""

    name: str
    title: str
    kind: Literal["feeds", "newsroom"] = "feeds"
    feeds: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    declared: bool = True
    paused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A URL that lists articles, and what was last known of it. `lease` fences a claim, see Article."""

    id: int
    url: str
    source: str
    validators: Validators = Validators()
    first_polled_at: datetime | None = None
    last_polled_at: datetime | None = None
    last_changed_at: datetime | None = None
    next_poll_at: datetime | None = None
    failures_count: int = 0
    lease: int = 0
    because: Because = Because.CADENCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """What every process must know of a web host before asking it.

    `pause_until` comes from Retry-After, `next_request_at` from the pace. `robots` is the file's body;
    None with a `robots_status` of 5xx means that nothing may be asked until it is read again.
    """

    name: str
    next_request_at: datetime | None = None
    pause_until: datetime | None = None
    robots: bytes | None = None
    robots_status: int | None = None
    robots_read_at: datetime | None = None


# --- one page ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """An answer exactly as received: `body` is still content-encoded, `headers` are raw pairs."""

    url: str
    status_line: str
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    fetched_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One paragraph, heading, list item... of an article, in reading order; never empty."""

    kind: BlockKind
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """What was found in a Capture. `extractor` names the program version that found it.

    `published_at` and `modified_at` are the publisher's own words, not our sightings.
    """

    url: str
    headline: str
    blocks: tuple[Block, ...]
    extractor: str
    byline: str | None = None
    published_at: datetime | None = None
    modified_at: datetime | None = None
    language: str | None = None
    canonical_url: str | None = None

    @property
    def text(self) -> str:
        """The body: blocks joined by blank lines, captions included in their place."""
        return "\n\n".join(block.text for block in self.blocks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """The named reason why a page is not the article; `detail` is a sentence for people."""

    reason: RefusalReason
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gates:
    """What the last good look saw: an equal answer at any gate means that nothing changed."""

    validators: Validators = Validators()
    body_hash: bytes | None = None
    visible_hash: bytes | None = None


# --- what changed --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """`text == whole[start:end]`, offsets in characters of the text it was cut from."""

    index: int
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WordSpan:
    op: Literal["equal", "delete", "insert"]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceEdit:
    """One unit of a Diff. `moved` is also true of a moved sentence that was edited."""

    kind: EditKind
    old: tuple[Sentence, ...] = ()
    new: tuple[Sentence, ...] = ()
    moved: bool = False
    words: tuple[WordSpan, ...] = ()
    facets: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldEdit:
    """A change beside the body; `name` is a field of Extract: headline, byline, published_at, modified_at."""

    name: str
    old: str | None
    new: str | None
    words: tuple[WordSpan, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffSummary:
    """The part of a Diff that an Event keeps. `facets` None: not assessed in this language."""

    significance: Significance
    reason: str
    summary: str
    facets: frozenset[str] | None
    counts: tuple[tuple[EditKind, int], ...]
    differ: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff:
    """What changed between two texts: a value, computed from any two Revisions and never stored.

    `edits` stand in the new text's order; a removed sentence stands where it stood among its
    neighbours. `pairs` are all aligned (old, new) body sentences, 0-based, unchanged ones included.
    """

    edits: tuple[SentenceEdit, ...]
    pairs: tuple[tuple[int, int], ...]
    fields: tuple[FieldEdit, ...] = ()
    facets: frozenset[str] | None = None
    significance: Significance = Significance.NONE
    reason: str = ""
    summary: str = ""
    differ: str = ""

    def condensed(self) -> DiffSummary:
        counts: dict[EditKind, int] = {}
        for edit in self.edits:
            counts[edit.kind] = counts.get(edit.kind, 0) + 1
        return DiffSummary(
            significance=self.significance,
            reason=self.reason,
            summary=self.summary,
            facets=self.facets,
            counts=tuple(sorted(counts.items())),
            differ=self.differ,
        )


# --- what is kept --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One tracked story. `url` is where it is looked for; `keys` are all it is known by.

    `lease` is the fencing token of a claim: a Decision made under an older token is not kept.
    `missing_since` is the first look of the present run of looks that did not find it.
    """

    id: int
    source: str
    url: str
    keys: tuple[str, ...]
    status: ArticleStatus
    first_seen_at: datetime
    headline: str | None = None
    published_at: datetime | None = None
    last_seen_at: datetime | None = None
    last_polled_at: datetime | None = None
    last_changed_at: datetime | None = None
    missing_since: datetime | None = None
    next_poll_at: datetime | None = None
    because: Because = Because.CADENCE
    revisions_count: int = 0
    failures_count: int = 0
    gates: Gates = Gates()
    lease: int = 0

    @property
    def changes_count(self) -> int:
        return max(0, self.revisions_count - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One distinct Extract of an Article; never altered. `number` is its place by observed time, from 1."""

    id: int
    seq: int
    article_id: int
    number: int
    first_seen_at: datetime
    last_seen_at: datetime
    fingerprint: str
    extractor: str
    origin: str = "poll"
    capture_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Latest:
    """What decide must know of an article's history: its latest revision and every fingerprint's newest revision id."""

    revision: Revision
    extract: Extract
    seen: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What change feeds carry. The change happened between `after_at` and `before_at`."""

    id: int
    seq: int
    kind: EventKind
    article_id: int
    source: str
    at: datetime
    after_at: datetime | None
    before_at: datetime
    from_revision_id: int | None
    to_revision_id: int | None
    diff: DiffSummary
    noted: Noted = Noted.UNKNOWN
    date_moved: DateMoved = DateMoved.ABSENT
    reverts_to_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """One look, as it is kept. `reason` is a sentence where the outcome is not plain success."""

    at: datetime
    outcome: Outcome
    because: Because
    url: str
    article_id: int | None = None
    feed_id: int | None = None
    status: int | None = None
    bytes: int | None = None
    ms: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPoll:
    id: int
    seq: int
    poll: Poll


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRevision:
    """A Revision to append; the store gives it its id and number."""

    extract: Extract
    fingerprint: str
    capture: Capture
    first_seen_at: datetime
    origin: str = "poll"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """An Event to append. `to` is the revision that the same Decision appends."""

    kind: EventKind
    after_at: datetime | None
    before_at: datetime
    from_revision_id: int | None
    diff: DiffSummary
    noted: Noted
    date_moved: DateMoved
    reverts_to_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What one look at an article means: all that `keep` writes, in one transaction.

    `seen_at` is set when the latest text was seen (again) by this look. `next_poll_at` None: no more checks.
    """

    article_id: int
    lease: int
    poll: Poll
    status: ArticleStatus
    next_poll_at: datetime | None
    because: Because = Because.CADENCE
    gates: Gates = Gates()
    failures_count: int = 0
    seen_at: datetime | None = None
    missing_since: datetime | None = None
    keys: tuple[str, ...] = ()
    revision: NewRevision | None = None
    event: NewEvent | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackedEntry:
    """A FeedEntry with the canonical URL and the keys by which its Article is found."""

    entry: FeedEntry
    url: str
    host: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedDecision:
    """What one look at a feed means. `entries` are tracked in the same transaction."""

    feed_id: int
    lease: int
    poll: Poll
    next_poll_at: datetime
    validators: Validators = Validators()
    failures_count: int = 0
    entries: tuple[TrackedEntry, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a list of events or a change feed is about: everything, one source, or one article."""

    source: str | None = None
    article_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An Event with what is needed to show it: its article and, where it has them, both revisions' texts."""

    event: Event
    article: Article
    old: tuple[Revision, Extract] | None = field(default=None)
    new: tuple[Revision, Extract] | None = field(default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceHealth:
    """How following a source goes; `last_failure` is the newest poll since the last good one that failed, if any."""

    source: Source
    feeds: tuple[Feed, ...]
    articles_count: int
    events_count: int
    last_polled_at: datetime | None
    last_good_at: datetime | None
    last_failure: Poll | None
