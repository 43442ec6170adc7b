"""What programs find: the same as the page of search, and no more."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from tracker.model import Gates, Outcome, Source
from tracker.scheduler.look import Same


@pytest.fixture
def reader(reader_with, store, clock):
    return reader_with(store=store.for_readers(clock))


@pytest.fixture
def bridges(desk, clock):
    """The ids of three articles whose ministers were replaced, an hour apart."""
    ids = [desk.article(f"https://news.example/{number}", source="local") for number in range(3)]
    for name in ("Zimmermann", "Ohara"):
        for number in ids:
            clock.advance(hours=1)
            desk.read(number, desk.text("Bridge is agreed", f"Minister Ada {name} agreed to it.", f"It costs {number} pounds."))
    return ids


async def find(reader, address, status=200):
    answer = await reader.get(f"/api/v1/search/{address}")
    assert answer.status == status, answer.text
    return json.loads(answer.text)


async def test_articles_are_found_by_what_they_say_now_changes_by_either_side(reader, bridges):
    told = await find(reader, "articles?q=ohara")
    assert [one["article"]["id"] for one in told["found"]] == bridges[::-1]
    assert [span["text"] for span in told["found"][0]["excerpt"] if span["match"]] == ["Ohara"]
    assert (await find(reader, "articles?q=zimmermann"))["found"] == []
    for name, side, op in (("zimmermann", "deleted", "delete"), ("ohara", "inserted", "insert")):
        told = (await find(reader, f"changes?q={name}"))["found"]
        assert [one["event"]["article_id"] for one in told] == bridges[::-1]
        assert all(one["sides"] == [side] for one in told)
        assert [span["op"] for span in told[0]["sentences"][0] if span["match"]] == [op]
    assert (await find(reader, "changes?q=ohara&side=deleted"))["found"] == []


@pytest.mark.parametrize("address", ["articles?q=ohara", "changes?q=ohara", "changes?q=ohara&source=local&from=2026-03-01"])
async def test_what_is_found_comes_page_by_page_each_once(reader, bridges, address):
    whole = (await find(reader, address))["found"]
    found, before = [], ""
    while before is not None:
        page = await find(reader, f"{address}&limit=1{before}")
        found, before = found + page["found"], f"&before={page['next']}" if page["next"] else None
    assert found == whole
    assert len(whole) == 3


async def test_filters_let_through_what_they_say(reader, bridges):
    assert (await find(reader, "changes?q=ohara&source=bbc"))["found"] == []
    assert (await find(reader, "changes?q=ohara&to=2026-02-28"))["found"] == []
    assert (await find(reader, "articles?q=ohara&to=2026-02-28"))["found"] == []
    told = await find(reader, "changes?q=ohara")
    facet = told["found"][0]["event"]["facets"][0]
    assert (await find(reader, f"changes?q=ohara&facet={facet}"))["found"] == told["found"]
    await find(reader, "changes?q=ohara&source=nobody", 404)


@pytest.mark.parametrize("query", ["", "q=", "q=-ohara", "q=%22%22", "q=ohara&side=both", "q=ohara&significance=minor&x=1"])
async def test_a_search_that_cannot_be_made_says_so(reader, query):
    told = await find(reader, f"changes?{query}", 422)
    assert told["status"] == 422


async def test_where_only_changes_are_published_no_text_is_quoted(reader_with, site, bridges):
    closed = reader_with(site=replace(site, publish="changes"))
    assert [one["excerpt"] for one in (await find(closed, "articles?q=ohara"))["found"]] == [None] * 3


async def test_what_is_hidden_retracted_or_withheld_is_not_quoted(reader, store, desk, bridges, operating, clock):
    await operating.hide(bridges[0], None, phrase=None, reason="A court asked for it.")
    newest = (await find(reader, "changes?q=ohara"))["found"][0]
    store.retract(newest["event"]["id"], reason="An error of ours.", now=clock())
    store.articles.declare([Source(name="slow", title="Slow", publish_delay=timedelta(hours=1))], clock())
    slow = desk.article("https://slow.example/1", source="slow")
    for name in ("Zimmermann", "Ohara"):
        desk.read(slow, desk.text("Bridge is late", f"Minister Ada {name} agreed to it.", "It costs 7 pounds."))
    articles = [one["article"]["id"] for one in (await find(reader, "articles?q=ohara"))["found"]]
    assert articles == [bridges[2], bridges[1]]
    changes = (await find(reader, "changes?q=ohara"))["found"]
    assert not {bridges[0], slow} & {one["event"]["article_id"] for one in changes}
    assert [one["sentences"] for one in changes if one["event"]["id"] == newest["event"]["id"]] == [[]]


async def test_whoever_has_an_answer_is_told_of_a_look_since_where_the_answer_says_when_was_looked(reader, desk, bridges, clock):
    address = {what: f"/api/v1/search/{what}?q=ohara" for what in ("articles", "changes")}
    first = {what: await reader.get(one) for what, one in address.items()}
    clock.advance(hours=1)
    desk.look(bridges[2], Same(outcome=Outcome.NOT_MODIFIED, gates=Gates()))
    again = {what: await reader.get(one, {"if-none-match": first[what].headers["etag"]}) for what, one in address.items()}
    assert (again["articles"].status, again["changes"].status) == (200, 304)
    before, after = (json.loads(one["articles"].text)["found"][0]["article"]["last_polled_at"] for one in (first, again))
    assert before < after
    assert (await reader.get(address["articles"])).body == again["articles"].body
