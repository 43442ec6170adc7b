"""Change feeds as they are served."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace

import feedparser
import pytest

from tracker.model import Scope
from tracker.web import change_feeds

FORMS = ("atom", "rss", "json")


@pytest.mark.parametrize("form", FORMS)
async def test_an_emitted_feed_is_served_as_it_is(reader, emitter, seeded, form):
    await emitter.emit_all()
    path = emitter.path(Scope(), form)
    answer = await reader.get(f"/changes.{form}")
    assert answer.body == path.read_bytes()
    assert answer.headers["content-type"].startswith(change_feeds.FORMATS[form].content_type.partition(";")[0])


@pytest.fixture(params=["emitted", "on demand"])
async def emit(request, emitter):
    """Emits all feeds, or nothing: then they are built when asked for."""

    async def nothing():
        return None

    return emitter.emit_all if request.param == "emitted" else nothing


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("place", ["", "/sources/bbc", "/articles/{}"])
async def test_every_scope_has_its_feed_and_answers_304_the_second_time(reader, emit, seeded, place, form):
    await emit()
    address = f"{place.format(seeded.article)}/changes.{form}"
    first = await reader.get(address)
    assert first.status == 200
    assert first.headers["etag"].startswith('"'), "a feed's tag is strong"
    for condition in ({"if-none-match": first.headers["etag"]}, {"if-modified-since": first.headers["last-modified"]}):
        again = await reader.get(address, condition)
        assert (again.status, again.body) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
    entries = json.loads(first.body)["items"] if form == "json" else feedparser.parse(first.body).entries
    assert len(entries) == 1


async def test_head_answers_as_get_would(reader, emitter, seeded):
    await emitter.emit_all()
    get, head = await reader.get("/changes.atom"), await reader.get("/changes.atom", method="HEAD")
    assert head.status == 200
    assert {name: head.headers[name] for name in ("etag", "last-modified", "content-length")} == {
        name: get.headers[name] for name in ("etag", "last-modified", "content-length")
    }


async def test_a_feed_has_another_tag_once_something_changed(reader, emit, desk, seeded):
    await emit()
    first = await reader.get("/changes.atom")
    desk.clock.advance(minutes=5)
    desk.read(seeded.article, replace(desk.store.revisions.extract(seeded.new), headline="Another headline"))
    await emit()
    second = await reader.get("/changes.atom", {"if-none-match": first.headers["etag"]})
    assert second.status == 200
    assert len(feedparser.parse(second.body).entries) == 2


@pytest.mark.parametrize(
    "address",
    ["/changes.pdf", "/sources/none/changes.atom", "/articles/999/changes.atom", "/sources/../changes.pdf", "/sources/a\x00b/changes.atom"],
)
async def test_a_feed_that_is_none_is_a_404_page(reader, seeded, address):
    answer = await reader.get(address)
    assert answer.status == 404
    assert "latest changes" in answer.text


async def test_feeds_kept_ready_are_few(reader, desk, monkeypatch):
    monkeypatch.setattr(change_feeds, "FEEDS_KEPT", 1)
    for number in range(3):
        article = desk.article(f"https://example.org/{number}")
        assert (await reader.get(f"/articles/{article}/changes.json")).status == 200


# --- packed -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accepts", "packed"),
    [
        ("gzip, deflate, br", True),
        ("br;q=1.0, gzip;q=0.8, *;q=0.1", True),
        ("*", True),
        ("X-GZIP", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000, br", False),
        ("identity", False),
        ("gzippy, br", False),
        ("", False),
        (None, False),
    ],
)
async def test_a_feed_comes_packed_to_whom_takes_that(reader, emitter, seeded, accepts, packed):
    await emitter.emit_all()
    plain = await reader.get("/changes.atom")
    answer = await reader.get("/changes.atom", {"accept-encoding": accepts} if accepts is not None else {})
    assert ("content-encoding" in answer.headers) == packed
    assert (gzip.decompress(answer.body) if packed else answer.body) == plain.body
    assert answer.headers["content-length"] == str(len(answer.body))
    assert "Accept-Encoding" in answer.headers["vary"]


async def test_packed_and_plain_have_strong_tags_of_their_own(reader, emit, seeded):
    await emit()
    gzips = {"accept-encoding": "gzip"}
    plain, packed = await reader.get("/changes.json"), await reader.get("/changes.json", gzips)
    tags = {plain.headers["etag"], packed.headers["etag"]}
    assert len(tags) == 2
    assert not any(tag.startswith("W/") for tag in tags)
    assert (await reader.get("/changes.json", gzips | {"if-none-match": packed.headers["etag"]})).status == 304
    assert (await reader.get("/changes.json", {"if-none-match": packed.headers["etag"]})).status == 200
    assert "Accept-Encoding" in (await reader.get("/changes.json", {"if-none-match": plain.headers["etag"]})).headers["vary"]


async def test_an_entry_that_goes_is_news_to_whom_knows_only_dates(reader, desk, seeded, clock):
    """Built on demand: what is left is older than what was there."""
    clock.advance(minutes=1)
    first = await reader.get("/articles/1/changes.atom?significance=major")
    assert feedparser.parse(first.body).entries
    clock.advance(minutes=1)
    desk.store.retract(1, reason="No.", now=clock())
    clock.advance(minutes=1)
    second = await reader.get("/articles/1/changes.atom?significance=major", {"if-modified-since": first.headers["last-modified"]})
    assert second.status == 200


# --- pages of a feed --------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
async def test_older_entries_stand_on_further_pages_each_once(reader, emit, desk, seeded, monkeypatch, form):
    monkeypatch.setattr("tracker.scheduler.emit.ENTRIES", 2)
    for number in range(4):
        desk.clock.advance(hours=1)
        desk.read(seeded.article, replace(desk.store.revisions.extract(seeded.new), headline=f"Headline {number}"))
    await emit()
    address, ids = f"/changes.{form}", []
    while address:
        body = (await reader.get(address)).body
        if form == "json":
            feed = json.loads(body)
            ids += [item["id"] for item in feed["items"]]
            following = feed.get("next_url")
        else:
            feed = feedparser.parse(body)
            assert not feed.bozo
            ids += [entry.id for entry in feed.entries]
            following = next((link.href for link in feed.feed.links if link.rel == "next"), None)
        address = following and following.removeprefix("http://127.0.0.1:8000")
    assert len(ids) == len(set(ids)) == 5


async def test_a_page_of_older_entries_stays_as_it_is_when_newer_ones_come(reader, emit, desk, seeded, monkeypatch):
    monkeypatch.setattr("tracker.scheduler.emit.ENTRIES", 1)
    desk.clock.advance(hours=1)
    desk.read(seeded.article, replace(desk.store.revisions.extract(seeded.new), headline="A headline"))
    await emit()
    older = json.loads((await reader.get("/changes.json")).body)["next_url"].removeprefix("http://127.0.0.1:8000")
    before = await reader.get(older)
    desk.clock.advance(hours=1)
    desk.read(seeded.article, replace(desk.store.revisions.extract(seeded.new), headline="Another one"))
    await emit()
    assert (await reader.get(older, {"if-none-match": before.headers["etag"]})).status == 304


@pytest.mark.parametrize("address", ["/changes.atom?before=x", "/changes.atom?before=-1", "/changes.atom?before=99999999999999999999"])
async def test_a_page_that_can_be_none_is_said_to_be_none(reader, seeded, address):
    assert (await reader.get(address)).status == 400


# --- for eyes, and for hubs -------------------------------------------------------------------------

BROWSER = {"sec-fetch-dest": "document", "accept": "text/html"}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("place", ["", "/sources/bbc", "/articles/{}"])
async def test_a_browser_that_is_sent_to_a_feed_shows_a_page(reader, emit, seeded, place, form):
    await emit()
    address = f"{place.format(seeded.article)}/changes.{form}"
    answer = await reader.get(address, BROWSER)
    assert answer.headers["content-type"].startswith("text/html")
    assert f"http://127.0.0.1:8000{address}" in answer.text
    assert seeded.diff in answer.text
    assert "Sec-Fetch-Dest" in answer.headers["vary"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert (await reader.get(address, BROWSER | {"if-none-match": answer.headers["etag"]})).status == 304
    assert not (await reader.get(address, {"accept": "text/html"})).headers["content-type"].startswith("text/html")


async def test_the_page_of_a_filtered_feed_says_what_it_carries(reader, seeded):
    answer = await reader.get("/changes.rss?significance=minor&noted=no", BROWSER)
    assert "http://127.0.0.1:8000/changes.rss?significance=minor&amp;noted=no" in answer.text
    assert "that is minor; no note found" in answer.words
    assert "It carries no change yet." in answer.text


@pytest.mark.parametrize("address", ["/sources/none/changes.atom", "/articles/999/changes.atom"])
async def test_the_page_of_a_feed_that_is_none_is_a_404_page(reader, seeded, address):
    assert (await reader.get(address, BROWSER)).status == 404


async def test_an_emitted_feed_names_its_hub_in_a_header_too(reader_with, site, emitter, seeded):
    reader = reader_with(site=replace(site, hub_url="https://hub.example/"))
    assert "link" not in (await reader.get("/changes.json")).headers, "nobody tells the hub of what is built on demand"
    await emitter.emit_all()
    assert (await reader.get("/changes.json")).headers["link"] == (
        '<http://127.0.0.1:8000/changes.json>; rel="self", <https://hub.example/>; rel="hub"'
    )
    assert "link" not in (await reader.get(f"/articles/{seeded.article}/changes.json")).headers
