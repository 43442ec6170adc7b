"""Every test of the store runs on a real SQLite file and a real PostgreSQL server.

Databases are migrated once; a test gets a copy of the file, or the server's database emptied.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tracker.model import (
    Article,
    ArticleStatus,
    Block,
    BlockKind,
    Capture,
    DateMoved,
    Decision,
    DiffSummary,
    EditKind,
    EventKind,
    Extract,
    Feed,
    FeedDecision,
    FeedEntry,
    Gates,
    NewEvent,
    NewRevision,
    Noted,
    Outcome,
    Poll,
    Reread,
    Revision,
    Significance,
    Source,
    TrackedEntry,
)
from tracker.store import Kept, Store, Tracked
from tracker.store.schema import metadata
from tracker.store.schema_search import FULL_TEXT

LEASE = timedelta(minutes=10)
FLOOR = timedelta(minutes=5)


EMPTIED = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'work' AND pid <> pg_backend_pid()",
    f"TRUNCATE {', '.join((*metadata.tables, *FULL_TEXT))} RESTART IDENTITY",
    "INSERT INTO installation (id, uuid, created_at) VALUES (1, gen_random_uuid()::text, 1)",
    "INSERT INTO counter (name, value) VALUES ('seq', 0), ('news', 0)",
)


# --- databases -----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def migrated(cluster, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite store to copy; on the server the database "work", which each test empties."""
    file = tmp_path_factory.mktemp("template") / "tracker.db"
    cluster.execute("CREATE DATABASE work")
    for url in (f"sqlite:///{file}", cluster.url("work")):
        Store.open(url).close()
    return file


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without any schema, on each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    cluster = request.getfixturevalue("cluster")
    cluster.execute("CREATE DATABASE empty")
    yield cluster.url("empty")
    cluster.execute("DROP DATABASE empty WITH (FORCE)")


def empty(cluster) -> None:
    """The database "work" as it was migrated: ten times faster than another database."""
    cluster.execute(*EMPTIED, name="work")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path, migrated: Path) -> Iterator[str]:
    """A database with the schema and nothing in it, on each kind."""
    if request.param == "sqlite":
        file = tmp_path / "tracker.db"
        shutil.copy(migrated, file)
        yield f"sqlite:///{file}"
        return
    cluster = request.getfixturevalue("cluster")
    empty(cluster)
    yield cluster.url("work")


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = Store.open(url)
    yield opened
    opened.close()


# --- what goes in --------------------------------------------------------------------------------


def extract(text: str = "One.", *, headline: str = "Headline", **more) -> Extract:
    blocks = tuple(Block(kind=BlockKind.PARAGRAPH, text=part) for part in text.split("\n\n"))
    return Extract(url="https://news.example/1", headline=headline, blocks=blocks, extractor="1", **more)


def entry(number: int = 1, *, title: str = "Title", guid: str | None = None, host: str = "news.example", **more) -> TrackedEntry:
    keys = (f"url:{host}/{number}", *([f"guid:{host}:{guid}"] if guid else []))
    url = f"https://{host}/{number}"
    return TrackedEntry(entry=FeedEntry(url=url, guid=guid, title=title, **more), url=url, host=host, keys=keys)


@dataclass
class Desk:
    """A store with one source, and the shortest ways to do to it what the scheduler does."""

    store: Store
    clock: object
    entry = staticmethod(entry)

    @property
    def now(self) -> datetime:
        return self.clock()

    def later(self, **duration: float) -> datetime:
        return self.clock.advance(**duration)

    def declare(self, *sources: Source) -> None:
        self.store.articles.declare(sources, self.now)

    def read_feed(self, *entries: TrackedEntry, source: str = "news", **more) -> Tracked:
        """One look at the source's (first) feed that lists these entries."""
        feed, *_ = self.store.articles.source(source).feeds
        return self.store.keep_feed(self.feed_look(feed, *entries, **more), self.now)

    def feed_look(self, feed: Feed, *entries: TrackedEntry, outcome: Outcome = Outcome.UNCHANGED, **more) -> FeedDecision:
        poll = Poll(at=self.now, outcome=outcome, because=feed.because, url=feed.url, feed_id=feed.id, status=200, **more)
        return FeedDecision(feed_id=feed.id, lease=feed.lease, poll=poll, next_poll_at=self.now + FLOOR, entries=entries)

    def track(self, number: int = 1, *, source: str = "news", **more) -> Article:
        (article_id,) = self.read_feed(entry(number, **more), source=source).new
        return self.store.articles.get(article_id)

    def look(self, article: Article, outcome: Outcome = Outcome.UNCHANGED, **more) -> Decision:
        """A decision that found nothing new."""
        reason = more.pop("reason", None)
        poll = Poll(
            at=more.pop("at", self.now),
            outcome=outcome,
            because=article.because,
            url=more.pop("url", article.url),
            article_id=article.id,
            status=200,
            bytes=1000,
            ms=20,
            reason=reason,
        )
        usual = {"status": ArticleStatus.TRACKED, "next_poll_at": self.now + FLOOR, "seen_at": poll.at, "gates": Gates()}
        return Decision(article_id=article.id, lease=article.lease, poll=poll, **(usual | more))

    def new_text(self, article: Article, text: str, **more) -> Decision:
        """A decision that found another text than the latest, with its event if there was one."""
        found = more.pop("extract", None) or extract(text)
        body = more.pop("body", None) or f"<p>{text}</p>".encode()
        capture = Capture(url=article.url, status_line="HTTP/1.1 200 OK", headers=((b"ETag", b'"1"'),), body=body, fetched_at=self.now)
        revision = NewRevision(extract=found, fingerprint=fingerprint(text), capture=capture, first_seen_at=self.now)
        latest = self.store.revisions.latest(article.id)
        event = latest and NewEvent(
            kind=EventKind.CHANGED,
            after_at=latest.revision.last_seen_at,
            before_at=self.now,
            from_revision_id=latest.revision.id,
            diff=summary(),
            noted=Noted.NO,
            date_moved=DateMoved.YES,
            reverts_to_id=dict(latest.seen).get(fingerprint(text)),
        )
        return replace(self.look(article, Outcome.CHANGED if latest else Outcome.FIRST, **more), revision=revision, event=event)

    def claim(self, host: str = "news.example", *, limit: int = 100) -> tuple[Article, ...]:
        return self.store.articles.claim_due([host], due_at=self.now, now=self.now, lease=LEASE, limit=limit).get(host, ())

    def keep(self, *decisions: Decision) -> Kept:
        return self.store.keep(decisions, self.now)

    def change(self, article: Article | int, text: str, **more) -> Kept:
        known = self.store.articles.get(article if isinstance(article, int) else article.id)
        return self.keep(self.new_text(known, text, **more))


def fingerprint(text: str) -> str:
    return f"1-{hashlib.blake2b(text.encode(), digest_size=16).hexdigest()}"


def reread(known: Revision, text: str, **more) -> Reread:
    """The text of a revision as another extractor reads it."""
    return Reread(
        extract=more.get("extract") or extract(text),
        fingerprint=fingerprint(text),
        capture_id=known.capture_id,
        first_seen_at=known.first_seen_at,
        last_seen_at=known.last_seen_at,
    )


def summary(**more) -> DiffSummary:
    usual = {
        "significance": Significance.MINOR,
        "reason": "a word changed",
        "summary": "One sentence edited.",
        "facets": frozenset({"numbers", "names"}),
        "counts": ((EditKind.EDITED, 1), (EditKind.KEPT, 3)),
        "differ": "1.0",
    }
    return DiffSummary(**(usual | more))


@pytest.fixture
def desk(store: Store, clock) -> Desk:
    made = Desk(store, clock)
    made.declare(Source(name="news", title="News", feeds=("https://news.example/feed",)))
    return made


@pytest.fixture
def make():
    """The builders, for tests: conftest.py cannot be imported by name."""

    class Make:
        extract = staticmethod(extract)
        entry = staticmethod(entry)
        reread = staticmethod(reread)
        summary = staticmethod(summary)
        fingerprint = staticmethod(fingerprint)
        empty = staticmethod(empty)
        desk = Desk
        lease = LEASE
        floor = FLOOR

    return Make
