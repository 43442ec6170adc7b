"""What the store holds and gives back: articles, their revisions, the events of their changes, polls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tracker.model.diff import DiffSummary
from tracker.model.found import Extract, Feed, Gates, Source
from tracker.model.habits import NO_HABITS, Habits, Watch
from tracker.model.kinds import AlarmKind, ArticleStatus, Because, DateMoved, EventKind, Noted, Outcome, Significance, TakedownScope
from tracker.model.search import Query

# What stands for the fingerprint of a text that was taken down begins so; a salted hash follows.
WITHDRAWN = "withdrawn-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A text that waits for a second look before it becomes a Revision, and when it was first seen."""

    fingerprint: str
    since_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """Where an article's address leads by permanent redirects: since when, and how many looks in a row said so."""

    url: str
    since_at: datetime
    looks_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One tracked story. `url` is where it is looked for; `keys` are all it is known by; `headline` and `language` are the
    latest revision's.

    `lease` is the fencing token of a claim: a Decision made under an older token is not kept.
    `missing_since` is the first look of the present run of looks that did not find it. `merged_into` is the id of
    the article whose history this one's now is part of. `habits` are its source's; only a claim brings them.
    """

    id: int
    source: str
    url: str
    keys: tuple[str, ...]
    status: ArticleStatus
    first_seen_at: datetime
    headline: str | None = None
    language: str | None = None
    published_at: datetime | None = None
    last_seen_at: datetime | None = None
    last_polled_at: datetime | None = None
    last_changed_at: datetime | None = None
    missing_since: datetime | None = None
    held: Held | None = None
    moved: Moved | None = None
    merged_into: int | None = None
    next_poll_at: datetime | None = None
    because: Because = Because.CADENCE
    revisions_count: int = 0
    changes_count: int = 0
    failures_count: int = 0
    gates: Gates = Gates()
    lease: int = 0
    watch: Watch | None = None
    habits: Habits = NO_HABITS


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One distinct Extract of an Article; altered by a takedown alone. `number` is its place by observed time, from 1.

    `capture_id` is None where there never was a Capture, where it held what was taken down, and where retention took it, at
    `capture_dropped_at`.
    """

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
    capture_dropped_at: datetime | None = None

    @property
    def is_withdrawn(self) -> bool:
        return self.fingerprint.startswith(WITHDRAWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reversion:
    """An Event by which an article went back to an earlier text. `alternates_with` is the first Event of its alternation."""

    event_id: int
    before_at: datetime
    alternates_with: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Latest:
    """What decide must know of an article's history: its latest revision, every fingerprint's newest revision id, and the
    latest event if that was a reversion."""

    revision: Revision
    extract: Extract
    seen: tuple[tuple[str, int], ...]
    reversion: Reversion | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Retraction:
    """The operator's word that an Event is an error of ours, or, once it is undone, that it is none. `reason` is a sentence."""

    seq: int
    event_id: int
    at: datetime
    reason: str
    undone_at: datetime | None = None

    @property
    def is_undone(self) -> bool:
        return self.undone_at is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What change feeds carry. The change happened between `after_at` and `before_at`.

    `alternates_with` is the first of two or more reversions within a day: one entry in lists and feeds stands for all.
    """

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
    capture_id: int | None = None
    alternates_with: int | None = None
    retraction: Retraction | None = None

    @property
    def retracted(self) -> Retraction | None:
        """The retraction that is in force."""
        return None if self.retraction is None or self.retraction.is_undone else self.retraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """One article's history became part of another's; both ids go on leading there. `reason` is a sentence."""

    seq: int
    from_id: int
    into_id: int
    at: datetime
    reason: str
    undone_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Takedown:
    """What the operator took down, told without it: salted hashes of keys, texts and phrases, made by redaction.py.

    `words_count` is a phrase's number of words. `revision_id` is the first of the revisions that it was about.
    `article_id` None: replayed in a store that has no such article.
    """

    id: str
    at: datetime
    scope: TakedownScope
    reason: str
    salt: bytes
    hashes: frozenset[bytes]
    words_count: int | None = None
    article_id: int | None = None
    revision_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """What a takedown took out: of how many articles and revisions, and how many captures went with it.

    `addresses` still hold a hidden phrase: only hiding the whole article takes those.
    """

    takedown: Takedown
    articles_count: int = 0
    revisions_count: int = 0
    captures_count: int = 0
    addresses: tuple[str, ...] = ()


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
class Scope:
    """What a list of events or a change feed is about: everything, one source, or one article; of these, what `search` finds."""

    source: str | None = None
    article_id: int | None = None
    search: Query | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which events of a Scope; None: any. `facet` is a name of differ.facets. `since_at` to `before_at`: when it was seen."""

    significance: Significance | None = None
    facet: str | None = None
    noted: Noted | None = None
    date_moved: DateMoved | None = None
    since_at: datetime | None = None
    before_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """An article and how often it changed among the changes that were counted."""

    article: Article
    changes_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a source's newest articles and changes come to. `typical_delay` is the median time from an article's first sight
    to a change of it; `noted_count` of `assessed_count` changes carried a note; of `dated_count` with a date it moved in `moved_count`.
    """

    articles_count: int
    changed_articles_count: int
    changes_count: int
    major_count: int
    typical_delay: timedelta | None
    noted_count: int
    assessed_count: int
    moved_count: int
    dated_count: int
    reversions_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An Event with what is needed to list it: its article and, where it has them, both revisions.

    `alternations_count` is how often the text went back and forth since, `alternated_at` when it did so last.
    """

    event: Event
    article: Article
    old: Revision | None = None
    new: Revision | None = None
    alternations_count: int = 0
    alternated_at: datetime | None = None

    @property
    def updated_at(self) -> datetime:
        """When what is told of it last changed."""
        made = self.event.retraction
        moments = (self.event.at, self.alternated_at, made.at if made else None, made.undone_at if made else None)
        return max(at for at in moments if at is not None)

    @property
    def is_withdrawn(self) -> bool:
        """Whether one of the texts was taken down, so that there is no diff to show."""
        return any(side is not None and side.is_withdrawn for side in (self.old, self.new))


# Newspapers take down single articles; three at once, and more than half of all, is a broken site.
OUTAGE_LEAST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class LastLooks:
    """The articles of one source that were looked at last, but those removed long ago: how many, how many of them were not
    there or were refused, and how many went missing within the last hour."""

    articles_count: int = 0
    lost_count: int = 0
    lately_count: int = 0

    @property
    def is_outage(self) -> bool:
        """Where most articles vanish or are refused together, it is the source that has a trouble."""
        return self.lost_count >= OUTAGE_LEAST and self.lost_count > self.articles_count / 2

    @property
    def is_sudden(self) -> bool:
        """Whether others vanished so lately that one more is to be doubted, whatever the site says of it, for a day."""
        return self.lately_count >= OUTAGE_LEAST - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """What the operator was told and has not ended. `source` is None where it is about all of them, and "subscription 3" where it
    is about that."""

    kind: AlarmKind
    source: str | None
    since_at: datetime
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceHealth:
    """How following a source goes; `problems` are the last looks at feeds and articles that fail now, newest first.
    `waiting_since` is when the look that waits longest was due, or will be.

    Of the last `polls_count` looks at any of them, `good_count` found what was asked for.
    """

    source: Source
    feeds: tuple[Feed, ...]
    articles_count: int
    events_count: int
    last_polled_at: datetime | None
    last_good_at: datetime | None
    problems: tuple[Poll, ...] = ()
    last_looks: LastLooks = LastLooks()
    alarms: tuple[Alarm, ...] = ()
    polls_count: int = 0
    good_count: int = 0
    waiting_since: datetime | None = None

    @property
    def late_by(self) -> timedelta:
        """How far its looks were behind when it was last polled."""
        if self.waiting_since is None or self.last_polled_at is None:
            return timedelta(0)
        return max(self.last_polled_at - self.waiting_since, timedelta(0))

    @property
    def next_poll_at(self) -> datetime | None:
        """When one of its feeds is read next."""
        return min((feed.next_poll_at for feed in self.feeds if feed.next_poll_at), default=None)

    @property
    def last_failure(self) -> Poll | None:
        return self.problems[0] if self.problems else None
