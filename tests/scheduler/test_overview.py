"""How the installation goes, in findings: trouble is named with since when and what to do; what is well is said too."""

from __future__ import annotations

import shutil
from datetime import timedelta
from types import SimpleNamespace

import pytest

from tracker.model import AlarmKind, FeedDecision, Outcome, Poll, Source
from tracker.scheduler.overview import LATE_AFTER, LEAST_FREE, overview
from tracker.store.store import Store

FEED = "https://news.example/feed"


@pytest.fixture
def store(tmp_path, clock):
    opened = Store.open(f"sqlite:///{tmp_path / 'tracker.db'}")
    opened.articles.declare([Source(name="news", title="News", feeds=(FEED,))], clock())
    yield opened
    opened.close()


@pytest.fixture
def findings(store, tmp_path, clock):
    return lambda: {one.about: one for one in overview(store, tmp_path / "not-made-yet", clock())}


def read_feed(store, clock, outcome, reason=None):
    store.articles.make_due(now=clock())
    (feed,) = store.articles.claim_due_feeds(due_at=clock(), now=clock(), lease=timedelta(minutes=3), limit=1)
    poll = Poll(at=clock(), outcome=outcome, because=feed.because, url=FEED, feed_id=feed.id, reason=reason)
    failures_count = int(outcome is Outcome.FAILED)
    store.keep_feed(
        FeedDecision(
            feed_id=feed.id, lease=feed.lease, poll=poll, next_poll_at=clock() + timedelta(hours=1), failures_count=failures_count
        ),
        clock(),
    )


def test_what_goes_well_is_said(store, findings, clock):
    read_feed(store, clock, Outcome.UNCHANGED)
    found = findings()
    assert all(one.good for one in found.values())
    assert found["looks"].sentence == "are made when they are due"
    assert "free; the database takes" in found["disk"].sentence
    assert "news" not in found


def test_a_source_that_fails_says_why_and_since_when(store, findings, clock):
    read_feed(store, clock, Outcome.UNCHANGED)
    clock.advance(hours=1)
    read_feed(store, clock, Outcome.FAILED, "It answered with status 500.")
    told = findings()["news"]
    assert not told.good
    assert told.sentence == "Its last look failed (It answered with status 500); the last good answer came 2026-03-01 12:00 UTC."
    clock.advance(hours=1)
    read_feed(store, clock, Outcome.UNCHANGED)
    assert "news" not in findings()


def test_an_alarm_is_told_and_a_paused_source_has_none(store, findings, clock):
    store.alarms.settle("news", {AlarmKind.TEMPLATE: "40 articles changed in one place within a day."}, clock())
    assert findings()["news"].sentence == "40 articles changed in one place within a day. Seen since 2026-03-01 12:00 UTC."
    store.articles.set_paused("news", True, clock())
    assert "news" not in findings()


def test_an_alarm_about_all_sources_is_told_once(store, findings, clock):
    store.alarms.settle(None, {AlarmKind.CLOCK: "This machine's clock is wrong."}, clock())
    found = findings()
    assert found["this machine"].sentence.startswith("This machine's clock is wrong.")
    assert "news" not in found


def test_late_looks_are_told_with_what_to_see_to(store, findings, clock):
    clock.advance(seconds=LATE_AFTER.total_seconds() - 1)
    assert findings()["looks"].good
    clock.advance(seconds=1)
    told = findings()["looks"]
    assert not told.good
    assert "tracker run" in told.sentence


def test_a_full_disk_is_told_before_it_is_full(store, findings, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=LEAST_FREE - 1))
    told = findings()["disk"]
    assert not told.good
    assert told.sentence.startswith("has 1024.0 MiB free")
    assert "make room" in told.sentence
