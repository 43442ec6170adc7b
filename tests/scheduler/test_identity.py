"""Which pages are one story, and which claims count."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tracker.model import Article, ArticleStatus, Block, BlockKind, Extract
from tracker.scheduler.identity import MOVED_AFTER, candidates, followed, is_same_page, is_same_story, keys_of, next_address

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
FERRY = (
    "The evening ferry to the islands was cancelled on Monday after a fault in the engine room.",
    "Some 140 passengers were taken to hotels, the company said.",
    "Engineers are on their way and hope to have the ship running by noon.",
    "A spokeswoman said that tickets would be refunded.",
)
LIBRARY = (
    "Four libraries will close in the autumn, the council decided on Monday.",
    "The vote was 31 to 28, after six hours of debate.",
    "Campaigners say that they will go to court.",
)


def page(url: str, *paragraphs: str, canonical: str | None = None, headline: str = "A headline") -> Extract:
    blocks = tuple(Block(kind=BlockKind.PARAGRAPH, text=text) for text in paragraphs)
    return Extract(url=url, headline=headline, blocks=blocks, extractor="1", language="en", canonical_url=canonical)


def article(url: str, *keys: str, **more) -> Article:
    return Article(id=1, source="news", url=url, keys=keys, status=ArticleStatus.TRACKED, first_seen_at=NOW, **more)


STORY = "https://news.example/ferry-is-cancelled"
EDITED = (FERRY[0].replace("140", "150"), FERRY[2], "The company has had three such faults this year.", FERRY[3])


@pytest.mark.parametrize("new", [FERRY, EDITED, (*FERRY, *LIBRARY), FERRY[:2], (FERRY[0].replace("Monday", "Monday night"), "More soon.")])
def test_a_story_stays_the_same_when_it_is_edited_grows_or_shrinks(new):
    assert is_same_story(page(STORY, *FERRY), page(STORY, *new))


@pytest.mark.parametrize("new", [LIBRARY, (*LIBRARY, FERRY[3]), ("Live updates from the harbour all day.",)])
def test_another_story_is_another_even_if_it_shares_a_line(new):
    assert not is_same_story(page(STORY, *FERRY), page(STORY, *new))


def test_the_same_id_in_two_addresses_is_the_same_page():
    old = page("https://news.example/a/6213456/ferry-late.html", *FERRY)
    assert is_same_page(old, page("https://news.example/b/6213456/ferry-cancelled.html", *LIBRARY))
    assert not is_same_page(old, page("https://news.example/a/6213457/ferry-late.html", *FERRY))


def test_the_same_claim_on_the_same_host_is_the_same_page_unless_it_is_a_section():
    claim = "https://news.example/story-of-the-ferry"
    assert is_same_page(page(STORY, canonical=claim), page("https://news.example/new-name", canonical=claim))
    for claim in ("https://news.example/", "https://news.example/politics", "https://other.example/story-of-the-ferry"):
        assert not is_same_page(page(STORY, canonical=claim), page("https://news.example/new-name", canonical=claim))


def test_a_claimed_address_is_a_key_only_where_it_agrees_with_what_is_known():
    url = "https://news.example/a/6213456/old-name.html"
    known = article(url)
    agreed = keys_of(known, url, page(url, canonical="https://news.example/a/6213456/new-name.html"))
    assert "url:news.example/a/6213456/new-name.html" in agreed
    plain = keys_of(known, url, page(url))
    for claimed in ("https://news.example/", "https://news.example/politics", "https://www.bbc.co.uk/news/uk-33590863"):
        assert keys_of(known, url, page(url, canonical=claimed)) == plain


def test_a_claimed_address_agrees_by_the_sources_own_ids_too():
    url, claimed = "https://news.example/story/cbridge/old-name", "https://news.example/story/cbridge/new-name"
    found = page(url, canonical=claimed)
    assert not any("url:" in key and "new-name" in key for key in keys_of(article(url), url, found))
    keys = keys_of(article(url), url, found, "/story/(c[a-z]+)/")
    assert {"url:news.example/story/cbridge/new-name", "id:news.example:cbridge"} <= set(keys)


def test_a_sources_own_ids_agree_where_no_general_ones_do():
    pattern = "/story/(c[a-z]+)/"
    old, new = page("https://news.example/story/cferry/late", *FERRY), page("https://news.example/story/cferry/cancelled", *LIBRARY)
    assert not is_same_page(old, new)
    assert is_same_page(old, new, pattern)
    claiming = page(old.url, canonical=new.url)
    assert "url:news.example/story/cferry/cancelled" not in keys_of(article(old.url), old.url, claiming)
    found = keys_of(article(old.url), old.url, claiming, pattern)
    assert {"url:news.example/story/cferry/cancelled", "id:news.example:cferry"} <= set(found)


def test_a_claim_of_another_articles_address_finds_candidates_and_is_no_address_of_ours():
    found = keys_of(article(STORY), STORY, page(STORY, canonical="https://news.example/the-victims-story"))
    assert "canonical:news.example/the-victims-story" in found
    assert "url:news.example/the-victims-story" not in found


def test_candidates_have_the_id_or_are_at_the_claimed_address_or_claim_the_same_or_this_one():
    own = {"url:news.example/ferry-is-cancelled", "canonical:news.example/ferry-is-cancelled"}
    claimed = {"url:news.example/story-of-the-ferry", "canonical:news.example/story-of-the-ferry"}
    for canonical, more in (
        (None, set()),
        ("https://www.news.example/story-of-the-ferry", claimed),
        ("https://other.example/story-of-the-ferry", set()),
    ):
        assert candidates(keys_of(article(STORY), STORY, page(STORY, canonical=canonical))) == own | more
    assert candidates(["id:news.example:6213456"]) == {"id:news.example:6213456"}


def test_an_article_that_is_not_found_is_looked_for_at_each_of_its_addresses_once():
    known = article("https://news.example/one", "url:news.example/one", "url:news.example/three", "url:news.example/two", "url:m.example/x")
    asked = []
    while (url := next_address(known)) is not None:
        asked.append(url)
        known = replace(known, url=url, missing_since=NOW, failures_count=known.failures_count + 1)
    assert asked == ["https://news.example/three", "https://news.example/two", "https://news.example/one"]
    assert next_address(article(STORY, "url:news.example/ferry-is-cancelled")) is None


def test_a_look_that_was_led_to_another_host_gives_no_key_of_it():
    found = keys_of(article(STORY), "https://cdn.example/copy-of-the-story", page(STORY))
    assert not any("cdn.example" in key for key in found)


def test_an_address_moves_after_three_looks_over_a_day_within_its_site_only():
    known = article("https://www.example.co.uk/old-story-of-ferry")
    target = "https://stories.example.co.uk/new-name-of-it"
    for hours in (0, 12):
        moved, new_url = followed(known, target, NOW + timedelta(hours=hours))
        assert (moved.url, moved.since_at, new_url) == (target, NOW, None)
        known = replace(known, moved=moved)
    assert followed(known, target, NOW + timedelta(hours=23))[1] is None
    assert followed(known, target, NOW + MOVED_AFTER) == (None, target)
    assert followed(known, "https://news-example.co.uk/new-name-of-it", NOW + MOVED_AFTER) == (None, None)
