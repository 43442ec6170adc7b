"""Keeping a new revision beside a bare commit of as many bytes, both with SQLite's synchronous=FULL, in turns."""

from __future__ import annotations

import sqlite3
import statistics
import time
from datetime import datetime, timedelta
from pathlib import Path

from made import news
from made.fill import host_name
from tracker.differ import compare_revisions
from tracker.model import (
    Article,
    ArticleStatus,
    DateMoved,
    Decision,
    EventKind,
    Gates,
    NewEvent,
    NewRevision,
    Noted,
    Outcome,
    Poll,
    Validators,
)
from tracker.store import Store
from tracker.text import extract_fingerprint

ROUNDS = 100


def report(store: Store, now: datetime) -> None:
    """On SQLite only: a server's commit has no bare form here."""
    if not store._database.is_sqlite:  # noqa: SLF001 - the bare commits go to a file beside it
        return
    file = Path(f"{store._database.parsed.database}-bare.db")  # noqa: SLF001 - the same
    bare = sqlite3.connect(file, isolation_level=None)
    bare.execute("PRAGMA journal_mode = WAL")
    bare.execute("PRAGMA synchronous = FULL")
    bare.execute("CREATE TABLE revision (id INTEGER PRIMARY KEY, data BLOB NOT NULL)")
    keeping, bareness = [], []
    for number in range(ROUNDS):
        at = now + timedelta(seconds=number)
        article = store.articles.get(number + 1)
        decision = _decision(store, article, number, at)
        start = time.perf_counter()
        kept = store.keep([decision], at)
        keeping.append(time.perf_counter() - start)
        assert kept.events, "nothing was kept"
        data = bytes(_bytes(store, decision))
        start = time.perf_counter()
        bare.execute("BEGIN IMMEDIATE")
        bare.execute("INSERT INTO revision (data) VALUES (?)", (data,))
        bare.execute("COMMIT")
        bareness.append(time.perf_counter() - start)
    bare.close()
    ours, theirs = (1000 * statistics.median(times) for times in (keeping, bareness))
    print(f"a new revision kept: {ours:.2f} ms; a bare commit of the same {len(data):,} bytes: {theirs:.2f} ms; {ours / theirs:.1f} times")


def _bytes(store: Store, decision: Decision) -> int:
    """As many as the new rows hold, about."""
    latest = store.revisions.history(decision.article_id)[-1]
    packed = "SELECT length(body.data) + length(capture.data) FROM revision, body, capture"
    joined = "WHERE revision.id = ? AND body.revision_id = revision.id AND capture.id = revision.capture_id"
    with store._database.reading() as connection:  # noqa: SLF001 - the same
        found: int = connection.exec_driver_sql(f"{packed} {joined}", (latest.id,)).scalar_one()
    return found + 500


def _decision(store: Store, article: Article, number: int, at: datetime) -> Decision:
    """What poll.py would have kept: the article's last version, edited once more."""
    latest = store.revisions.latest(article.id)
    assert latest is not None
    other = news.story(1_000_000 + number, host_name(0))
    blocks = (*latest.extract.blocks[:-1], other[0].extract.blocks[0])
    extract = news.replace(latest.extract, blocks=blocks)
    event = NewEvent(
        kind=EventKind.CHANGED,
        after_at=latest.revision.last_seen_at,
        before_at=at,
        from_revision_id=latest.revision.id,
        diff=compare_revisions(latest.extract, extract).condensed(),
        noted=Noted.NO,
        date_moved=DateMoved.NO,
    )
    poll = Poll(at=at, outcome=Outcome.CHANGED, because=article.because, url=article.url, article_id=article.id, status=200, bytes=12_000)
    return Decision(
        article_id=article.id,
        lease=article.lease,
        poll=poll,
        status=ArticleStatus.TRACKED,
        next_poll_at=at + timedelta(hours=1),
        gates=Gates(validators=Validators(etag='"1"'), body_hash=b"1" * 16, visible_hash=b"2" * 16),
        seen_at=at,
        revision=NewRevision(
            extract=extract, fingerprint=extract_fingerprint(extract), capture=other[0].capture, first_seen_at=at
        ),
        event=event,
    )
