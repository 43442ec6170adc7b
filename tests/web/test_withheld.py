"""A source whose publishing waits: no visitor learns of a young change, wherever he looks; then all do."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from tracker.model import Source

DELAY = timedelta(minutes=20)
OLD = ("The council met on Monday.", "The mayor spoke of 5 million pounds.")
NEW = ("The council met on Monday.", "The mayor spoke of 77 million pounds, reporters were told.")


@pytest.fixture
def young(desk, clock):
    """An article's id, and the ids of its versions; the second one came just now, with another headline."""
    desk.store.articles.declare((Source(name="bbc", title="BBC News", publish_delay=DELAY),), clock())
    article = desk.article("https://news.example/1")
    old = desk.read(article, desk.text("Mayor speaks", *OLD))
    clock.advance(hours=1)
    return article, old, desk.read(article, desk.text("Mayor speaks of Zanzibar", *NEW))


@pytest.fixture
def reader(reader_with, store, clock):
    return reader_with(store=store.for_readers(clock))


def addresses(article, old, new):
    scopes = ("", "/sources/bbc", f"/articles/{article}")
    feeds = [f"{scope}/changes.{form}" for scope in scopes for form in ("atom", "rss", "json")] + ["/search/changes.atom?q=million"]
    lists = ["/", "/?source=bbc", "/?significance=major", "/sources", "/sources/bbc", "/opml", "/about", "/search?q=77", "/search?q=mayor"]
    programs = [f"/articles/{article}", f"/articles/{article}/revisions", "/events", "/search/articles?q=77", "/search/changes?q=77"]
    lists += [f"/api/v1{address}" for address in programs]
    return [*lists, *feeds, f"/articles/{article}", f"/articles/{article}?at=2026-03-01T23:00Z", f"/revisions/{old}"]


def leads_to(article, old, new):
    return [f"/diff/{old}..{new}", f"/diff/{new}..{old}", f"/diff/{old}..{new}/picture.png", f"/revisions/{new}"]


async def test_nothing_gives_a_young_change_away(reader, young, clock):
    for address in addresses(*young):
        answer = await reader.get(address)
        assert answer.status == 200, address
        for told in ("Zanzibar", "77 million", f"/revisions/{young[2]}", f"..{young[2]}"):
            assert told not in answer.text, address
    for address in leads_to(*young):
        assert (await reader.get(address)).status == 404, address
    assert "It has not changed since it was first seen." in (await reader.get(f"/articles/{young[0]}")).text


async def test_nothing_counts_a_young_change(reader, young, clock):
    async def counted():
        told = json.loads((await reader.get("/api/v1/sources/bbc")).text)
        (listed,) = (one for one in json.loads((await reader.get("/api/v1/sources")).text)["sources"] if one["name"] == "bbc")
        return told["events"], listed["events"], told["figures"]["changed_articles"]

    assert await counted() == (0, 0, 0)
    assert "1 change seen" not in (await reader.get("/sources")).words
    clock.advance(minutes=21)
    assert await counted() == (1, 1, 1)


async def test_once_its_time_is_there_it_stands_everywhere_even_for_whom_has_the_page_before(reader, young, clock):
    before = {address: (await reader.get(address)).headers.get("etag", "none") for address in addresses(*young)}
    clock.advance(minutes=21)
    for address in leads_to(*young):
        assert (await reader.get(address)).status == 200, address
    for address in ("/", "/sources/bbc", "/changes.atom", f"/articles/{young[0]}/changes.json", f"/articles/{young[0]}"):
        answer = await reader.get(address, {"if-none-match": before[address]})
        assert (answer.status, "Zanzibar" in answer.text) == (200, True), address
