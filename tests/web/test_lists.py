"""Home and a source's page: filters, the most telling sentence, most edited, a source's figures."""

from __future__ import annotations

import json
import re

import pytest

from tracker.errors import TaskTimedOut
from tracker.store import filters as looking
from tracker.web import lists, tellings
from tracker.web.computed import TIME_LIMIT

HURT = "Some {} people were hurt."
OPEN = "The road to the coast is open."


@pytest.fixture
def changed(desk, clock):
    """A major change of numbers at the BBC, a minor wording at the other source."""
    for source, url, old, new in (
        ("bbc", "https://bbc.example/1", HURT.format(12), HURT.format(15)),
        ("local", "https://local.example/1", OPEN, OPEN.replace("is open", "was open")),
    ):
        article = desk.article(url, source=source)
        for text in (old, new):
            desk.read(article, desk.text(f"Headline of {source}", text))
            clock.advance(hours=1)


async def test_each_change_shows_its_most_telling_words(reader, changed):
    page = await reader.get("/")
    assert "Some [deleted: 12 end] [inserted: 15 end] people were hurt." in page.words
    assert "no-store" not in page.headers["cache-control"]


async def test_a_name_that_the_article_does_not_have_any_more_stands_nowhere_on_home(reader, desk, clock):
    article = desk.article()
    for headline, text in (
        ("Police question a man", "A man was taken to the station."),
        ("Police question John Marlow", "John Marlow was taken to the station."),
        ("Police question a man", "A man, 40, was taken to the station."),
    ):
        desk.read(article, desk.text(headline, text))
        clock.advance(hours=26)
    for address in ("/", "/sources/bbc"):
        page = (await reader.get(address)).words
        assert page.count("The headline changed") == 2
        assert "Marlow" not in page


async def test_hostile_words_are_shown_as_words(reader, desk, clock):
    article = desk.article()
    for number in (12, 13):
        desk.read(article, desk.text("Headline", f"<script>alert({number})</script> & <b>more</b>"))
        clock.advance(hours=1)
    page = (await reader.get("/")).text
    assert "&lt;script&gt;alert(" in page
    assert "<script>" not in page


@pytest.mark.parametrize(
    ("query", "bbc", "local"),
    [
        ("", True, True),
        ("?significance=major", True, False),
        ("?significance=minor", False, True),
        ("?facet=numbers", True, False),
        ("?facet=headline", False, False),
        ("?noted=no", True, True),
        ("?noted=yes", False, False),
        ("?date_moved=absent", True, True),
        ("?date_moved=yes", False, False),
        ("?source=local", False, True),
        ("?from=2026-03-01&to=2026-03-01", True, True),
        ("?to=2026-02-28", False, False),
        ("?from=2026-03-02", False, False),
        ("?significance=&facet=&noted=&date_moved=&source=&from=&to=", True, True),
    ],
)
async def test_home_is_filtered_by_its_address(reader, changed, query, bbc, local):
    page = (await reader.get(f"/{query}")).text
    days = page.partition('<section class="day">')[2]
    assert ("Headline of bbc" in days, "Headline of local" in days) == (bbc, local)


@pytest.mark.parametrize(
    "query", ["significance=huge", "facet=%3Cscript%3E", "noted=maybe", "date_moved=1", "from=today", "to=2026-3-1", "from=9999-12-31"]
)
@pytest.mark.parametrize("place", ["/", "/changes.atom"])
async def test_a_filter_that_is_none_is_refused_with_those_there_are(reader, place, query):
    answer = await reader.get(f"{place}?{query}")
    assert answer.status == 400
    assert f"“{query.partition('=')[0]}” in the address" in answer.text
    assert "<script>" not in answer.text


async def test_an_unknown_source_in_a_filter_is_not_found(reader):
    assert (await reader.get("/?source=none")).status == 404


async def test_the_form_keeps_what_was_chosen_and_a_list_that_is_empty_says_what_to_do(reader, changed):
    page = await reader.get("/?significance=major&facet=headline&from=2026-03-01")
    assert '<option value="major" selected>' in page.text
    assert '<option value="headline" selected>' in page.text
    assert 'name="from" value="2026-03-01"' in page.text
    assert "Only: major; headline; from 1 March 2026." in page.words
    assert "No change like that is kept. Show all changes, or leave out a filter." in page.words


@pytest.mark.parametrize("place", ["/", "/sources/bbc"])
async def test_the_feeds_beside_a_filtered_list_are_of_just_these_changes(reader, changed, place):
    page = (await reader.get(f"{place}?significance=major&from=2026-03-01")).text
    feed = f"{'' if place == '/' else place}/changes.json?significance=major"
    assert f'<a href="{feed}">JSON Feed</a>' in page
    assert f'href="{feed}">' in page.partition("</head>")[0]
    found = json.loads((await reader.get(feed)).body)
    assert found["feed_url"] == f"http://127.0.0.1:8000{feed}"
    assert [item["title"] for item in found["items"]] == ["Headline of bbc"]
    none = json.loads((await reader.get(feed.replace("major", "none"))).body)
    assert none["items"] == []


async def test_a_filtered_feed_has_its_own_id_and_answers_304(reader, changed, emitter):
    await emitter.emit_all()
    queries = ("", "?significance=major", "?noted=no", "?date_moved=absent&facet=numbers")
    ids = set()
    for address in (f"/changes.atom{query}" for query in queries):
        first = await reader.get(address)
        ids.add(re.search(r"<id>([^<]+)</id>", first.text)[1])
        assert (await reader.get(address, {"if-none-match": first.headers["etag"]})).status == 304
    assert len(ids) == len(queries)
    plain = await reader.get("/changes.atom?significance=")
    assert plain.body == (await reader.get("/changes.atom")).body


async def test_older_pages_keep_the_filter(reader, desk, clock, monkeypatch):
    monkeypatch.setattr(lists, "CHANGES_A_PAGE", 2)
    article = desk.article()
    for number in range(6):
        desk.read(article, desk.text("Headline", HURT.format(number + 20)))
        clock.advance(hours=1)
    seen, address = [], "/?significance=major&source=bbc"
    while address:
        page = (await reader.get(address)).text
        seen += re.findall(r'class="go" href="(/diff/[^"]+)"', page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        address = following[1].replace("&amp;", "&") if following else None
        assert address is None or "significance=major&source=bbc&before=" in address
    assert len(seen) == len(set(seen)) == 5


async def test_a_rare_change_is_found_by_looking_further_back(reader, changed, desk, clock, monkeypatch):
    monkeypatch.setattr(looking, "LOOKED_THROUGH", 1)
    page = (await reader.get("/?facet=numbers")).text
    assert "None among the changes that were looked through here." in page
    following = re.search(r'rel="next" href="([^"]+)"', page)[1].replace("&amp;", "&")
    assert "Headline of bbc" in (await reader.get(following)).text


async def test_the_most_edited_articles_stand_on_the_first_page(reader, desk, clock):
    article = desk.article()
    for number in range(4):
        desk.read(article, desk.text("Often changed", HURT.format(number + 20)))
        clock.advance(hours=1)
    for address in ("/", "/sources/bbc"):
        assert "Often changed changed 3 times" in (await reader.get(address)).words
        assert "Most edited lately" not in (await reader.get(f"{address}?before=2")).words


async def test_a_sources_page_begins_with_its_figures(reader, changed):
    page = (await reader.get("/sources/bbc")).words
    assert "articles changed after the first sight 1 of 1" in page
    assert "from the first sight of an article to a change 1 hour" in page
    assert "changes came with a note that was recognised 0 of 1" in page
    assert "changes went back to an earlier text 0 of 1" in page


async def test_a_list_does_not_wait_for_slow_sentences_and_is_not_kept_without_them(reader_with, changed, monkeypatch):
    monkeypatch.setattr(tellings, "WAITING", 0.01)

    class Slow:
        async def run(self, function, *args, **limits):
            import asyncio

            await asyncio.Event().wait()

    page = await reader_with(sandbox=Slow()).get("/")
    assert page.status == 200
    assert page.headers["cache-control"] == "no-store"
    assert "etag" not in page.headers


async def test_a_list_without_its_sentences_for_good_is_a_whole_page(reader_with, changed):
    class Faulty:
        async def run(self, function, *args, **limits):
            raise TaskTimedOut("telling", TIME_LIMIT)

    page = await reader_with(sandbox=Faulty()).get("/")
    assert "A number changed." in page.words
    assert "etag" in page.headers


async def test_a_list_reads_the_texts_of_a_change_once(reader, desk, changed, monkeypatch, clock):
    asked = []
    extracts = desk.store.revisions.extracts
    monkeypatch.setattr(desk.store.revisions, "extracts", lambda ids: asked.append(set(ids)) or extracts(asked[-1]))
    first = (await reader.get("/")).words
    assert "Some [deleted: 12 end] [inserted: 15 end] people were hurt." in first
    again = (await reader.get("/?source=")).words  # the page itself is kept, under its address
    assert asked == [{1, 2, 3, 4}, set()]
    assert again == first
