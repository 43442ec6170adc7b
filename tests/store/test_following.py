"""Events in commit order for whoever follows: nothing twice, nothing left out."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tracker.errors import NotFound
from tracker.model import Filter, Noted, Scope, Significance, Source
from tracker.store import filters

EVERYTHING = Scope()


@pytest.fixture
def changed(desk):
    """Five changes of one article, an hour apart."""
    article = desk.track()
    for number in range(6):
        desk.change(article, f"Text {number}.")
        desk.later(hours=1)
    return desk


def followed(store, *, scope=EVERYTHING, only=Filter(), limit=2, after=0):
    """All that comes until there is no more, and where to go on."""
    found = []
    for _ in range(100):
        part = store.following.events(scope, only, after=after, limit=limit)
        found += [one.id for one in part.events]
        assert part.last >= after
        after = part.last
        if not part.goes_on:
            return found, after
    raise AssertionError


def test_whoever_follows_gets_every_event_once_in_order(changed):
    store = changed.store
    found, after = followed(store)
    assert found == [1, 2, 3, 4, 5]
    assert followed(store, after=after) == ([], after)
    changed.change(1, "Text 6.")
    assert followed(store, after=after)[0] == [6]


def test_a_scope_holds_its_own_events_only(changed):
    store = changed.store
    for scope in (Scope(source="news"), Scope(article_id=1)):
        assert len(followed(store, scope=scope)[0]) == 5
    assert followed(store, scope=Scope(article_id=2))[0] == []
    with pytest.raises(NotFound):
        followed(store, scope=Scope(source="none"))


def test_a_rare_kind_is_looked_for_in_stretches_and_found(changed, monkeypatch):
    monkeypatch.setattr(filters, "LOOKED_THROUGH", 2)
    store = changed.store
    assert followed(store, only=Filter(significance=Significance.MINOR))[0] == [1, 2, 3, 4, 5]
    found, after = followed(store, only=Filter(noted=Noted.YES))
    assert (found, after) == ([], store.revisions.event(5).seq)
    now = changed.now
    assert followed(store, only=Filter(since_at=now - timedelta(hours=3)))[0] == [3, 4, 5]


def test_what_is_withheld_holds_back_what_was_kept_after_it(changed, clock):
    """Otherwise a reader would go past it, and never see it when its time is there."""
    fast, store = changed.store.articles.get(1), changed.store
    changed.declare(
        Source(name="news", title="News", feeds=("https://news.example/feed",)),
        Source(name="slow", title="Slow", feeds=("https://slow.example/feed",), publish_delay=timedelta(minutes=30)),
    )
    slow = changed.track(2, source="slow")
    changed.change(slow, "Slow 1.")
    changed.change(slow, "Slow 2.")
    changed.change(fast, "Text 6.")
    shown = store.for_readers(clock)
    found, after = followed(shown)
    assert found == [1, 2, 3, 4, 5]
    assert followed(shown, scope=Scope(source="news"))[0] == [1, 2, 3, 4, 5, 7]
    assert followed(shown, scope=Scope(source="slow"))[0] == []
    changed.later(minutes=31)
    assert followed(shown, after=after)[0] == [6, 7]


def test_what_is_withheld_holds_back_no_article_but_its_own(desk, clock):
    desk.declare(
        Source(name="news", title="News", feeds=("https://news.example/feed",)),
        Source(name="slow", title="Slow", feeds=("https://slow.example/feed",), publish_delay=timedelta(hours=1)),
    )
    slow, quick = desk.track(2, source="slow"), desk.track(1)
    for article in (slow, quick):
        for text in ("One.", "Two."):
            desk.change(article, text)
    reading = desk.store.for_readers(clock)
    assert followed(reading) == ([], 0)
    assert len(followed(reading, scope=Scope(article_id=quick.id))[0]) == 1
    assert followed(reading, scope=Scope(article_id=slow.id))[0] == []
    desk.later(hours=1)
    assert len(followed(reading)[0]) == 2
    assert len(followed(reading, scope=Scope(article_id=slow.id))[0]) == 1


def test_retractions_are_followed_too_made_and_undone(changed):
    store = changed.store
    store.retract(3, reason="An error of ours.", now=changed.now)
    first = store.following.retractions(after=0, limit=5)
    assert [(one.event_id, one.is_undone) for one in first.retractions] == [(3, False)]
    assert store.following.retractions(after=first.last, limit=5).retractions == ()
    store.undo_retraction(3, now=changed.now)
    again = store.following.retractions(after=first.last, limit=5)
    assert [(one.event_id, one.is_undone) for one in again.retractions] == [(3, True)]
