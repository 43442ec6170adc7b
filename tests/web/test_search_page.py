"""The page of search, and its change feed."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from urllib.parse import quote

import feedparser
import pytest

FORMS = ("atom", "rss", "json")


@pytest.fixture
def bridge(desk, clock):
    """An article whose minister was replaced; gives its id and the ids of its versions."""
    article = desk.article("https://news.example/bridge")
    texts = [
        desk.text("Bridge is agreed", f"Minister {name} agreed to the bridge.", f"It will cost {cost} million pounds.")
        for name, cost in (("Ada Zimmermann", 5), ("Zoë O’Hara", 6))
    ]
    old = desk.read(article, texts[0])
    clock.advance(hours=1)
    return article, old, desk.read(article, texts[1])


async def test_an_article_is_found_by_what_it_says_now_and_a_change_by_what_it_took_out(reader, bridge):
    article, old, new = bridge
    found = await reader.get("/search?q=ZOE")
    assert found.status == 200
    assert f'/articles/{article}"' in found.text
    assert "<mark>Zoë</mark>" in found.text
    assert "found in inserted text" in found.words
    gone = await reader.get("/search?q=zimmermann")
    assert "found in deleted text" in gone.words
    assert "<mark>Zimmermann</mark>" in gone.text
    assert f"/diff/{old}..{new}" in gone.text
    assert "Articles as they read now" not in gone.words


async def test_without_a_query_there_is_the_form_and_how_to_ask(reader, bridge):
    empty = await reader.get("/search")
    assert empty.status == 200
    assert "keep a phrase together" in empty.words
    assert 'name="q"' in empty.text


async def test_what_is_nowhere_is_said_so_and_can_still_be_followed(reader, bridge):
    none = await reader.get("/search?q=xylophone")
    assert "Nothing was found." in none.words
    assert "/search/changes.atom?q=xylophone" in none.text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("!!!", "There is no word in that"),
        ("-a", "only what to leave out"),
        ("a" * 301, "301 characters long"),
        (" ".join(map(str, range(50))), "50 words"),
    ],
)
async def test_what_cannot_be_looked_for_is_answered_with_a_sentence_and_the_form(reader, bridge, typed, sentence):
    page = await reader.get(f"/search?q={quote(typed)}")
    assert (page.status, 'name="q"' in page.text) == (200, True)
    assert sentence in page.words
    feed = await reader.get(f"/search/changes.atom?q={quote(typed)}")
    assert (feed.status, sentence in feed.words) == (400, True)


async def test_what_was_typed_is_shown_and_never_run(reader, bridge):
    page = await reader.get("/search?q=" + quote('"><script>alert(1)</script> zimmermann'))
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;" in page.text


async def test_filters_narrow_what_is_found(reader, bridge):
    for query, is_there in (("side=deleted", True), ("side=inserted", False), ("source=bbc", True), ("source=local", False)):
        assert ("found in deleted" in (await reader.get(f"/search?q=zimmermann&{query}")).words) is is_there, query
    assert "found in deleted" not in (await reader.get("/search?q=zimmermann&to=2020-01-01")).words
    assert (await reader.get("/search?q=a&side=up")).status == 400
    assert (await reader.get("/search?q=a&source=none")).status == 404


async def test_pages_follow_each_other_without_a_gap(reader, desk, clock):
    article, versions = desk.article("https://news.example/many"), []
    for number in range(46):
        clock.advance(hours=1)
        versions.append(desk.read(article, desk.text("Many", f"{'Ping' if number % 2 else 'Pong'} {number}.")))
        desk.read(desk.article(f"https://news.example/{number}"), desk.text(f"Swan {number}", "One swan was seen."))
    assert await numbers(reader, "/search?q=swan&in=articles", r"<mark>Swan</mark> (\d+)") == list(range(45, -1, -1))
    assert await numbers(reader, "/search?q=ping&in=changes", r"/diff/\d+\.\.(\d+)") == versions[:0:-1]
    assert await numbers(reader, "/search?q=ping", r"/diff/\d+\.\.(\d+)") == versions[:0:-1]


async def numbers(reader, address, pattern):
    """What all pages say, one after the other."""
    found = []
    while address:
        page = await reader.get(address)
        found += [int(number) for number in re.findall(pattern, page.text)]
        older = re.search(r'rel="next" href="([^"]+)"', page.text)
        address = html.unescape(older[1]) if older else None
    return found


@pytest.mark.parametrize("form", FORMS)
async def test_the_feed_of_a_search_carries_the_changes_that_it_finds_and_answers_304(reader, bridge, form):
    address = f"/search/changes.{form}?q=zimmermann"
    first = await reader.get(address)
    assert first.status == 200
    entries = json.loads(first.body)["items"] if form == "json" else feedparser.parse(first.body).entries
    assert len(entries) == 1
    assert (await reader.get(address, {"if-none-match": first.headers["etag"]})).status == 304
    other = await reader.get(f"/search/changes.{form}?q=xylophone")
    assert (json.loads(other.body)["items"] if form == "json" else feedparser.parse(other.body).entries) == []
    assert (await reader.get(f"/search/changes.{form}?q=zimmermann&side=inserted")).headers["etag"] != first.headers["etag"]


async def test_the_feed_of_a_search_names_itself_and_its_page(reader, bridge):
    feed = feedparser.parse((await reader.get("/search/changes.atom?q=ada+zimmermann&significance=major")).body).feed
    links = {link.rel: link.href for link in feed.links}
    assert links["self"] == "http://127.0.0.1:8000/search/changes.atom?significance=major&q=ada+zimmermann"
    assert links["alternate"] == "http://127.0.0.1:8000/search?significance=major&q=ada+zimmermann"
    assert "ada zimmermann" in feed.title


async def test_a_browser_is_shown_a_page_in_place_of_the_feed(reader, bridge):
    shown = await reader.get("/search/changes.atom?q=zimmermann", {"sec-fetch-dest": "document"})
    assert shown.headers["content-type"].startswith("text/html")
    assert "Search: zimmermann" in shown.words


async def test_every_page_has_a_field_for_search_and_its_own_none_twice(reader, bridge):
    for address in ("/", "/sources", f"/articles/{bridge[0]}", "/about"):
        assert (await reader.get(address)).text.count('role="search"') == 1
    assert (await reader.get("/search")).text.count('role="search"') == 1


async def test_no_text_is_quoted_where_only_changes_are_published(reader_with, site, bridge):
    answer = await reader_with(site=replace(site, publish="changes")).get("/search?q=pounds")
    assert "Bridge is agreed" in answer.text
    assert "<mark>pounds</mark>" not in answer.text
    assert "<mark>pounds</mark>" in (await reader_with(site=site).get("/search?q=pounds")).text
