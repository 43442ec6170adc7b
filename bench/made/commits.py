"""Keeping a new revision beside a bare commit of as many bytes, both with SQLite's synchronous=FULL, in turns."""

from __future__ import annotations

import sqlite3
import statistics
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from made import news
from made.fill import host_name
from tracker.differ import compare_revisions
from tracker.differ.changed import changed_sentences
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
from tracker.store.database import PAGE_SIZE
from tracker.text import extract_fingerprint

ROUNDS = 100


def report(store: Store, now: datetime) -> None:
    """Beside two bare commits: of one row with the bytes of the new rows, and of one with as many as were written to the disk.

    What keeping writes beyond the rows are the pages that they lie on, and their indexes. On SQLite only: a server's commit has
    no bare form here.
    """
    file = Path(store._database.parsed.database or "")  # noqa: SLF001 - the bare commits go to a file beside it
    bare = sqlite3.connect(Path(f"{file}-bare.db"), isolation_level=None)
    bare.execute(f"PRAGMA page_size = {PAGE_SIZE}")
    bare.execute("PRAGMA journal_mode = WAL")
    bare.execute("PRAGMA synchronous = FULL")
    bare.execute("CREATE TABLE revision (id INTEGER PRIMARY KEY, data BLOB NOT NULL)")
    times: dict[str, list[float]] = {"keep": [], "rows": [], "disk": []}
    for number in range(ROUNDS):
        at = now + timedelta(seconds=number)
        decision = _decision(store, store.articles.get(number + 1), number, at)
        if number == 0:
            written = _written(file, lambda decision=decision, at=at: store.keep([decision], at))
            continue
        start = time.perf_counter()
        kept = store.keep([decision], at)
        times["keep"].append(time.perf_counter() - start)
        assert kept.events, "nothing was kept"
        rows = _bytes(store, decision)
        for name, data in (("rows", bytes(rows)), ("disk", bytes(written))):
            start = time.perf_counter()
            bare.execute("BEGIN IMMEDIATE")
            bare.execute("INSERT INTO revision (data) VALUES (?)", (data,))
            bare.execute("COMMIT")
            times[name].append(time.perf_counter() - start)
    bare.close()
    ours, small, large = times.values()
    print("\nMilliseconds of a commit, p50 and least; how many times as long keeping a new revision takes")
    print(f"{'a new revision kept':44}{1000 * statistics.median(ours):9.2f}{1000 * min(ours):9.2f}")
    for name, bare_ in ((f"a bare commit of its rows' {rows:,} bytes", small), (f"of the {written:,} bytes that it writes", large)):
        middle, least = statistics.median(bare_), min(bare_)
        times_ = f"{statistics.median(ours) / middle:9.1f}{min(ours) / least:9.1f}"
        print(f"{name:44}{1000 * middle:9.2f}{1000 * least:9.2f}{times_}   at most 4")


def _written(file: Path, write: Callable[[], object]) -> int:
    """The bytes that a transaction adds to the log that is on the disk when it is committed."""
    with sqlite3.connect(file) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw.close()
    write()
    return Path(f"{file}-wal").stat().st_size


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
    capture = other[0].capture
    assert capture is not None
    diff = compare_revisions(latest.extract, extract)
    event = NewEvent(
        kind=EventKind.CHANGED,
        after_at=latest.revision.last_seen_at,
        before_at=at,
        from_revision_id=latest.revision.id,
        diff=diff.condensed(),
        changed=changed_sentences(diff),
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
            extract=extract, fingerprint=extract_fingerprint(extract), capture=capture, first_seen_at=at
        ),
        event=event,
    )
