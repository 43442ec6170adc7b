"""What a look means, on its way into the store: all that `keep` writes in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tracker.model.diff import DiffSummary
from tracker.model.found import Capture, Extract, FeedEntry, Gates, Validators
from tracker.model.kept import Held, Poll
from tracker.model.kinds import ArticleStatus, Because, DateMoved, EventKind, Noted


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRevision:
    """A Revision to append; the store gives it its id and number. `further` are the Captures of its later pages, in order."""

    extract: Extract
    fingerprint: str
    capture: Capture
    first_seen_at: datetime
    origin: str = "poll"
    further: tuple[Capture, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """An Event to append; it leads to the revision that the same Decision appends, if there is one."""

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
    held: Held | None = None
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
