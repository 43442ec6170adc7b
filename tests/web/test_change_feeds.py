"""Change feeds as they are served."""

from __future__ import annotations

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
