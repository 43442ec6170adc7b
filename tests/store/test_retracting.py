"""Events that were an error of ours: what the store says of them, and that they stay what they are."""

from __future__ import annotations

import pytest

from tracker.errors import NotFound
from tracker.model import Scope

REASON = "The page showed another article."


@pytest.fixture
def changed(desk):
    """One article that changed twice, an hour apart."""
    article = desk.track()
    for text in ("First.", "Second.", "Third."):
        desk.change(article, text)
        desk.later(hours=1)
    return desk


def test_a_retracted_event_keeps_its_id_and_place_and_says_why(changed):
    store = changed.store
    before = store.revisions.changes(Scope())
    version = store.version()
    store.retract(1, reason=REASON, now=changed.now)
    after = store.revisions.changes(Scope())
    assert [(one.event.id, one.event.seq) for one in after] == [(one.event.id, one.event.seq) for one in before]
    retracted = after[1].event.retracted
    assert (retracted.reason, retracted.at) == (REASON, changed.now)
    assert after[1].updated_at == changed.now
    assert after[0].event.retracted is None
    assert after[0].updated_at == before[0].updated_at
    assert store.version() > version


def test_an_undone_retraction_is_in_force_no_longer_and_moves_the_entry_once_more(changed):
    store = changed.store
    store.retract(1, reason=REASON, now=changed.now)
    changed.later(minutes=5)
    store.undo_retraction(1, now=changed.now)
    event = store.revisions.event(1)
    assert event.retracted is None
    assert event.retraction.undone_at == changed.now
    assert store.revisions.changes(Scope())[1].updated_at == changed.now
    changed.later(minutes=5)
    store.retract(1, reason="Once more.", now=changed.now)
    assert store.revisions.event(1).retracted.reason == "Once more."


def test_what_is_no_event_or_not_retracted_is_named(changed):
    with pytest.raises(NotFound, match="99"):
        changed.store.retract(99, reason=REASON, now=changed.now)
    with pytest.raises(NotFound, match="1"):
        changed.store.undo_retraction(1, now=changed.now)


def test_a_retracted_change_is_none_of_the_publishers(changed):
    assert changed.store.figures.of("news").changes_count == 2
    assert changed.store.figures.most_edited(Scope(), limit=5)
    changed.store.retract(1, reason=REASON, now=changed.now)
    assert changed.store.figures.of("news").changes_count == 1
    assert changed.store.figures.most_edited(Scope(), limit=5) == ()


def test_the_export_tells_of_a_retraction_and_again_when_it_is_undone(changed):
    store = changed.store
    store.retract(2, reason=REASON, now=changed.now)
    (line,) = store.export(segment=lambda _: (), since=store.version() - 1)
    assert line == {
        "type": "retraction",
        "seq": store.version(),
        "event_id": 2,
        "at": "2026-03-01T15:00:00Z",
        "reason": REASON,
        "undone_at": None,
    }
    retracted = {one["id"]: one["retracted_at"] for one in store.export(segment=lambda _: ()) if one["type"] == "event"}
    assert retracted == {1: None, 2: "2026-03-01T15:00:00Z"}
    store.undo_retraction(2, now=changed.now)
    (line,) = store.export(segment=lambda _: (), since=store.version() - 1)
    assert (line["event_id"], line["undone_at"]) == (2, "2026-03-01T15:00:00Z")


def test_a_store_with_retractions_is_verified(changed):
    changed.store.retract(1, reason=REASON, now=changed.now)
    changed.store.retract(2, reason=REASON, now=changed.now)
    changed.store.undo_retraction(2, now=changed.now)
    assert list(changed.store.verify(lambda *_: None)) == []
