"""What waits and what was decided lately, a few rows each."""

from __future__ import annotations

from tracker.model import Held, Moved


def test_articles_that_wait_are_listed_the_longest_waiting_first(desk):
    one, other, third = (desk.track(number) for number in (1, 2, 3))
    now = desk.now
    held = Held(fingerprint="1-" + "0" * 32, since_at=now)
    desk.keep(desk.look(other, held=held))
    desk.later(minutes=5)
    desk.keep(desk.look(one, held=Held(fingerprint=held.fingerprint, since_at=desk.now)))
    desk.keep(desk.look(third, moved=Moved(url="https://news.example/9", since_at=desk.now, looks_count=1)))
    overview = desk.store.overview
    assert [found.id for found in overview.held(limit=5)] == [other.id, one.id]
    assert [found.id for found in overview.held(limit=1)] == [other.id]
    assert [(found.id, found.moved.url) for found in overview.moving(limit=5)] == [(third.id, "https://news.example/9")]


def test_only_merges_that_stand_are_listed_the_newest_first(desk):
    ids = [desk.track(number).id for number in (1, 2, 3)]
    for old in ids[:2]:
        desk.store.articles.merge(old, ids[2], reason="One story.", now=desk.now)
    assert [one.from_id for one in desk.store.overview.merges(limit=5)] == [ids[1], ids[0]]
    desk.store.articles.unmerge(ids[1], desk.now)
    assert [one.from_id for one in desk.store.overview.merges(limit=5)] == [ids[0]]


def test_the_database_has_a_size(store):
    assert store.overview.size() > 10_000
