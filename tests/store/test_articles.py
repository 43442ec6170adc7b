"""Articles are found by whatever name a person has for them, and listed by keyset."""

from __future__ import annotations

import pytest

from tracker.errors import NotFound
from tracker.model import ArticleStatus, Source


def test_an_article_is_found_by_its_id_and_by_any_of_its_addresses_however_written(desk):
    article = desk.track()
    desk.keep(desk.look(article, keys=("url:news.example/moved",)))
    for key in (
        str(article.id),
        "https://news.example/1",
        "http://news.example/1#comments",
        "HTTPS://NEWS.example/1?utm_source=feed",
        "https://news.example/moved",
    ):
        assert desk.store.articles.find(key).id == article.id


@pytest.mark.parametrize("key", ["7", "99999999999999999999", "https://news.example/unknown", "not an address", "", "-1", "٣"])
def test_what_leads_to_no_article_is_named_in_the_error(desk, key):
    with pytest.raises(NotFound) as caught:
        desk.store.articles.find(key)
    assert (caught.value.noun, caught.value.key) == ("article", key) or caught.value.key == int(key)


def test_articles_are_listed_by_id_from_where_the_reader_is(desk, make):
    desk.read_feed(*(make.entry(number) for number in range(5)))
    first = desk.store.articles.listed(limit=2)
    rest = desk.store.articles.listed(after_id=first[-1].id, limit=10)
    ids = [article.id for article in (*first, *rest)]
    assert len(ids) == 5
    assert ids == sorted(ids)
    assert desk.store.articles.listed(after_id=ids[-1], limit=10) == ()


def test_one_sources_articles_can_be_listed(desk, make):
    desk.declare(Source(name="news", title="News", feeds=("https://news.example/feed",)), Source(name="other", title="Other"))
    desk.read_feed(make.entry(1))
    theirs = desk.store.articles.add_article("other", make.entry(2, host="other.example"), desk.now)
    assert [article.id for article in desk.store.articles.listed(source="other", limit=10)] == [theirs]
    with pytest.raises(NotFound, match="There is no source nobody"):
        desk.store.articles.listed(source="nobody", limit=10)


def test_a_hidden_article_is_not_listed_but_can_be_found_to_say_so(desk):
    article = desk.track()
    desk.keep(desk.look(article, status=ArticleStatus.HIDDEN, next_poll_at=None))
    assert desk.store.articles.listed(limit=10) == ()
    assert desk.store.articles.find("https://news.example/1").status == ArticleStatus.HIDDEN
