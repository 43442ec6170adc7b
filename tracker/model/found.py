"""What comes in: sources and their feeds, hosts, and what was found at an address."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from tracker.model.habits import NO_HABITS, Habits
from tracker.model.kinds import Because, BlockKind, LiveMode, RefusalReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What a conditional request sends back to the server that gave it. `read_at` is when the text came to which they belong."""

    etag: str | None = None
    last_modified: str | None = None
    read_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """One item of a feed as just read; `url` is absolute, as the feed gave it, not canonical. None: it leads to no web page."""

    url: str | None
    guid: str | None = None
    title: str | None = None
    published_at: datetime | None = None
    updated_at: datetime | None = None


NO_DELAY = timedelta()


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A publisher we follow. `declared` is false for one added by command, which the store keeps.

    `publish_delay`: readers see an event so long after it was kept.
    """

    name: str
    title: str
    kind: Literal["feeds", "newsroom"] = "feeds"
    feeds: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    declared: bool = True
    paused: bool = False
    publish_delay: timedelta = NO_DELAY


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRules:
    """How one source's pages are read beyond the general way.

    `keep` and `drop` are CSS selectors: the body is what `keep` matches, without what `drop` matches. `id_pattern` is a
    regular expression whose one group is the publisher's id in a path; it runs on strangers' addresses, so only where it
    can be killed. `language` stands for whatever the pages say that they are in.
    """

    keep: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    id_pattern: str | None = None
    language: str | None = None
    live: LiveMode = LiveMode.HEADLINE


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A URL that lists articles, and what was last known of it. `lease` fences a claim, see Article. `news_gap` is the time
    between two looks that found something new, as it usually is."""

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
    news_gap: timedelta | None = None
    habits: Habits = NO_HABITS


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """An answer exactly as received: `body` is still content-encoded, `headers` are raw pairs.

    `hops` are the addresses whose redirects led to `url`, the one that was asked first.
    """

    url: str
    status_line: str
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    fetched_at: datetime
    hops: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Words of a block that lead elsewhere: `start` and `end` are offsets in its text, `url` is absolute and canonical."""

    start: int
    end: int
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One paragraph, heading, list item... of an article, in reading order; never empty.

    `links` None: not known, as of every text that was read before links were, or that is not from the page. `place` is where
    on the page it stood, as a path of tags and classes; it is no part of what the block is.
    """

    kind: BlockKind
    text: str
    links: tuple[Link, ...] | None = None
    place: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """What was found in a Capture. `extractor` names the program version that found it.

    `published_at` and `modified_at` are the publisher's own words, not our sightings. `free` is the publisher's flag:
    False for subscribers only. `original_url` is where the text comes from, by the page's own word. `body_reason` says
    why the body was not taken from the page. `reserved` is the publisher's wish that no copy is shown, by its own name
    (noarchive, noai, tdm-reservation). None of these is text: fingerprints leave them out, and the links in the blocks.
    `withdrawn` stands for the fingerprint of a text that was taken down: then there is neither headline nor block.
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
    section: str | None = None
    free: bool | None = None
    kind: Literal["article", "live", "opinion", "gallery"] = "article"
    image_url: str | None = None
    image_caption: str | None = None
    original_url: str | None = None
    body_from: Literal["page", "json-ld"] = "page"
    body_reason: str | None = None
    reserved: str | None = None
    withdrawn: str | None = None

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
