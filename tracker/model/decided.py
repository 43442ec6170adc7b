"""What a look means, on its way into the store: all that `keep` writes in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tracker.model.diff import ChangedSentence, DiffSummary
from tracker.model.found import Capture, Extract, FeedEntry, Gates, Validators
from tracker.model.kept import Held, Moved, Poll
from tracker.model.kinds import ArticleStatus, Because, DateMoved, EventKind, Noted
from tracker.model.websub import HubOffer


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRevision:
    """A Revision to append; the store gives it its id and number. `further` are the Captures of its later pages, in order.

    `capture` None: the page holds what was taken down, so it is not kept.
    """

    extract: Extract
    fingerprint: str
    capture: Capture | None
    first_seen_at: datetime
    origin: str = "poll"
    further: tuple[Capture, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reread:
    """The latest revision's capture read by a newer extractor: a Revision to append before any other, under the same capture.

    It was seen when the one that it is read from was. No Event leads to it: our upgrade is nobody's edit.
    """

    extract: Extract
    fingerprint: str
    capture_id: int
    first_seen_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Continued:
    """This article is another one under a new address: its history goes on there, at `url`. `reason` is a sentence."""

    article_id: int
    url: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """An Event to append. It leads from the revision that the same Decision rereads, else from the one named, to the one
    that it appends, if there is one, else to the one named. `capture` is what was answered where that belongs to no revision.
    `changed` is what of the change is searched; None where that is still to be found out."""

    kind: EventKind
    after_at: datetime | None
    before_at: datetime
    from_revision_id: int | None
    to_revision_id: int | None = None
    diff: DiffSummary
    noted: Noted
    date_moved: DateMoved
    reverts_to_id: int | None = None
    alternates_with: int | None = None
    capture: Capture | None = None
    changed: tuple[ChangedSentence, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What one look at an article means: all that `keep` writes, in one transaction.

    `seen_at` is set when the latest text was seen (again) by this look. `next_poll_at` None: no more checks.
    `new_url` is where the article is looked for from now on. `places` are those of the page that have another text than before.
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
    held: Held | None = None
    moved: Moved | None = None
    new_url: str | None = None
    keys: tuple[str, ...] = ()
    reread: Reread | None = None
    revision: NewRevision | None = None
    event: NewEvent | None = None
    continued: Continued | None = None
    places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackedEntry:
    """A FeedEntry with the canonical URL and the keys by which its Article is found."""

    entry: FeedEntry
    url: str
    host: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPace:
    """When to read a feed again, and the usual time between two looks that find something new."""

    next_poll_at: datetime
    news_gap: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedDecision:
    """What one look at a feed means. `entries` are tracked in the same transaction; whether they bring news is seen then, and
    `after_news` says what follows. `hint_pull`: the share of their wait that hinted articles are spared. `offers`: the WebSub hubs that the
    feed names; None where the look does not tell."""

    feed_id: int
    lease: int
    poll: Poll
    next_poll_at: datetime
    validators: Validators = Validators()
    failures_count: int = 0
    entries: tuple[TrackedEntry, ...] = ()
    after_news: FeedPace | None = None
    hint_pull: float = 1.0
    offers: tuple[HubOffer, ...] | None = None
