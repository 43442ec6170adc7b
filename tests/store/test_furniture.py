"""What was learned of a source's furniture, what the operator overrules, and the places that changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tracker.errors import NotFound
from tracker.model import Furniture, PlaceChange, Source
from tracker.store import furniture


@pytest.fixture
def learned(desk):
    desk.declare(Source(name="news", title="News", feeds=("https://news.example/feed",)), Source(name="other", title="Other"))
    return [
        Furniture(kind="text", key="1f", place="article > p", reason="It stands in 5 articles.", learned_at=desk.now),
        Furniture(kind="place", key="div.promo > p", place="div.promo > p", reason="It is shared.", learned_at=desk.now),
    ]


def test_what_is_learned_is_known_once_and_in_order(desk, learned):
    store = desk.store.furniture
    assert store.learned("news", learned[:1]) == store.of("news")
    known = store.learned("news", learned)
    assert [(one.kind, one.key) for one in known] == [("text", "1f"), ("place", "div.promo > p")]
    assert [replace(one, id=0) for one in known] == learned
    assert store.learned("news", learned) == known
    assert store.of("other") == ()


def test_what_an_operator_keeps_stays_known_and_can_be_taken_back(desk, learned):
    store = desk.store.furniture
    number = store.learned("news", learned)[0].id
    assert store.overrule("news", number, desk.now).kept_at == desk.now
    assert store.of("news")[0].kept_at == desk.now
    assert (store.overruled("news"), store.overruled("other")) == ({number}, frozenset())
    assert store.overrule("news", number, None).kept_at is None
    for source in ("other", "nobody"):
        with pytest.raises(NotFound):
            store.overrule(source, number, desk.now)


def test_the_oldest_go_first_but_for_what_is_kept(desk, learned, monkeypatch):
    monkeypatch.setattr(furniture, "MOST_LEARNED", 2)
    store = desk.store.furniture
    kept = store.learned("news", learned)[0]
    store.overrule("news", kept.id, desk.now)
    more = [replace(learned[0], key=f"{number}") for number in range(3)]
    assert [one.key for one in store.learned("news", more)] == ["1f", "1", "2"]


def test_a_place_of_an_article_that_changed_is_noted_with_the_look_and_forgotten_after_a_while(desk, learned):
    first, second = desk.track(1), desk.track(2)
    desk.keep(desk.look(first, places=("div.promo > p", "p.count")), desk.look(second, places=("p.count",)))
    noted = {(one.place, one.article_id) for one in desk.store.furniture.changes("news")}
    assert noted == {("div.promo > p", first.id), ("p.count", first.id), ("p.count", second.id)}
    desk.later(hours=1)
    desk.keep(desk.look(desk.store.articles.get(first.id), places=("p.count",)))
    again = PlaceChange(place="p.count", article_id=first.id, at=desk.now)
    assert [one for one in desk.store.furniture.changes("news") if (one.place, one.article_id) == ("p.count", first.id)] == [again]
    desk.later(days=40)
    desk.keep(desk.look(desk.store.articles.get(first.id), places=("p.new",)))
    assert [one.place for one in desk.store.furniture.changes("news")] == ["p.new"]


def test_the_newest_texts_of_a_source_are_those_its_articles_have_now(desk, learned):
    first, second = desk.track(1), desk.track(2)
    desk.track(3)
    for article, text in ((first, "One."), (second, "Two."), (first, "One more.")):
        desk.change(article, text)
        desk.later(hours=1)
    found = desk.store.furniture.newest_texts("news", limit=5)
    assert [(article_id, extract.text) for article_id, _, extract in found] == [(first.id, "One more."), (second.id, "Two.")]
    assert found[1][1] - found[0][1] == timedelta()
    assert [article_id for article_id, *_ in desk.store.furniture.newest_texts("news", limit=1)] == [second.id]
