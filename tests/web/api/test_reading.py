"""What programs read: the same as the pages show, with names of the export, and no more."""

from __future__ import annotations

import html
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from tracker.errors import Busy
from tracker.model import Block, BlockKind, Filter, Furniture, Scope, Source

API = "/api/v1"


async def read(reader, address, status=200, **more):
    answer = await reader.get(f"{API}{address}", **more)
    assert answer.status == status, answer.text
    wanted = "application/json" if status == 200 else "application/problem+json"
    assert answer.headers["content-type"] == wanted
    return json.loads(answer.text)


@pytest.fixture
def reader(reader_with, store, clock):
    return reader_with(store=store.for_readers(clock))


@pytest.fixture
def closed(reader_with, site):
    """A site that publishes changes only."""
    return reader_with(site=replace(site, publish="changes"))


async def test_a_source_says_how_following_it_goes_and_what_its_changes_come_to(reader, seeded):
    told = await read(reader, "/sources")
    assert [one["name"] for one in told["sources"]] == ["bbc", "local"]
    bbc = await read(reader, "/sources/bbc")
    assert (bbc["articles"], bbc["events"], bbc["paused"]) == (1, 1, False)
    assert bbc["figures"]["changes"] == 1


async def test_an_article_says_where_it_stands_and_when_it_is_looked_at_next(reader, seeded):
    article = await read(reader, f"/articles/{seeded.article}")
    assert article["latest"] == seeded.new
    assert article["revisions"] == 2
    assert article["status"] == "tracked"
    assert article["first_seen_at"] == "2026-03-01T10:02:00Z"
    told = await read(reader, f"/articles/{seeded.article}/explanation")
    assert told["next_poll_at"] == article["next_poll_at"]
    assert told["sentences"][0].startswith("The next look is due")


async def test_an_article_is_found_by_any_of_its_addresses(reader, seeded):
    found = await read(reader, "/articles?url=https://www.bbc.co.uk/news/uk-england-tyne-33590863")
    assert [one["id"] for one in found["articles"]] == [seeded.article]
    assert (await read(reader, "/articles?url=https://www.bbc.co.uk/none"))["articles"] == []


async def test_articles_are_listed_page_by_page_each_once(reader, desk, seeded):
    ids = [seeded.article, *(desk.article(f"https://example.org/{number}", source="local") for number in range(4))]
    found, after = [], 0
    while after is not None:
        page = await read(reader, f"/articles?limit=2&after={after}")
        found, after = found + [one["id"] for one in page["articles"]], page["next"]
    assert found == ids


async def test_a_revision_is_the_text_with_its_sentences(reader, seeded, desk):
    told = await read(reader, f"/revisions/{seeded.old}")
    assert told["text"] == desk.store.revisions.extract(seeded.old).text
    assert " ".join(told["sentences"]) == " ".join(told["text"].split())
    assert [one["number"] for one in (await read(reader, f"/articles/{seeded.article}/revisions"))["revisions"]] == [1, 2]


async def test_a_diff_is_the_document_that_the_command_prints(reader, seeded):
    told = await read(reader, f"/diffs/{seeded.old}..{seeded.new}")
    assert told["schema"] == "tracker.diff/1"
    assert {one["kind"] for one in told["edits"]} >= {"kept", "edited"}


async def test_where_only_changes_are_published_no_whole_text_goes_out(reader, closed, seeded):
    told = await read(closed, f"/revisions/{seeded.old}")
    assert (told["text"], told["sentences"], told["blocks"]) == (None, None, None)
    diff = await read(closed, f"/diffs/{seeded.old}..{seeded.new}")
    whole = await read(reader, f"/diffs/{seeded.old}..{seeded.new}")
    assert 0 < len(diff["edits"]) < len(whole["edits"])
    assert [one for one in diff["edits"] if one["kind"] != "kept"] == [one for one in whole["edits"] if one["kind"] != "kept"]
    page = html.unescape((await closed.get(f"{seeded.diff}?view=inline")).words)
    left_out = [one for one in whole["edits"] if one not in diff["edits"]]
    assert not any(one["new"][0]["text"] in page for one in left_out)
    assert all(one["new"][0]["text"] in page for one in diff["edits"] if one["kind"] == "kept")


async def test_a_text_whose_publisher_reserves_copies_is_not_told_whole(reader, desk):
    article = desk.article("https://example.org/reserved", source="local")
    revision = desk.read(article, desk.text("Reserved", "One sentence stands here.", "And another one.", reserved="noai"))
    assert (await read(reader, f"/revisions/{revision}"))["text"] is None


async def test_what_was_hidden_is_gone_and_says_why(reader, seeded, operating):
    await operating.hide(seeded.article, None, phrase=None, reason="A court asked for it.")
    for address in (f"/articles/{seeded.article}", f"/revisions/{seeded.old}", f"/diffs/{seeded.old}..{seeded.new}"):
        told = await read(reader, address, 410)
        assert "A court asked for it." in told["detail"]
    assert [one["kind"] for one in (await read(reader, "/events"))["events"]] == ["withdrawn"]
    assert (await read(reader, "/articles"))["articles"] == []


async def test_what_is_withheld_is_unknown_until_its_time(reader, desk, clock):
    desk.store.articles.declare([Source(name="slow", title="Slow", publish_delay=timedelta(hours=1))], clock())
    article = desk.article("https://slow.example/1", source="slow")
    old = desk.read(article, desk.text("Title", "It costs 3 pounds.", "The council said so."))
    clock.advance(minutes=10)
    new = desk.read(article, desk.text("Title", "It costs 4 pounds.", "The council said so."))
    (event,) = desk.store.following.events(Scope(), Filter(), after=0, limit=5).events
    assert (await read(reader, "/events"))["events"] == []
    for address in (f"/events/{event.id}", f"/revisions/{new}", f"/diffs/{old}..{new}"):
        await read(reader, address, 404)
    assert (await read(reader, f"/articles/{article}"))["revisions"] == 1
    clock.advance(hours=2)
    assert [one["id"] for one in (await read(reader, "/events"))["events"]] == [event.id]
    assert (await read(reader, f"/events/{event.id}"))["to"] == new


async def test_a_reader_who_follows_skips_no_event_that_is_shown_later(reader, desk, clock):
    """An event of a source that waits is kept before one of a source that does not."""
    sources = Source(name="slow", title="Slow", publish_delay=timedelta(hours=1)), Source(name="fast", title="Fast")
    desk.store.articles.declare(sources, clock())
    slow, fast = desk.article("https://slow.example/1", source="slow"), desk.article("https://fast.example/1", source="fast")
    for number in (3, 4):
        for article in (slow, fast):
            desk.read(article, desk.text("Title", f"It costs {number} pounds.", "The council said so."))
            clock.advance(minutes=1)
    first = await read(reader, "/events")
    assert first == {"events": [], "next": 0, "more": False}
    assert [one["source"] for one in (await read(reader, "/events?source=fast"))["events"]] == ["fast"]
    clock.advance(hours=2)
    then = await read(reader, f"/events?after={first['next']}")
    assert [one["source"] for one in then["events"]] == ["slow", "fast"]
    assert (await read(reader, f"/events?after={then['next']}"))["events"] == []


async def test_events_are_filtered_as_change_feeds_are(reader, seeded):
    (event,) = (await read(reader, "/events"))["events"]
    filtered = f"/events?significance={event['significance']}&from=2026-03-01&to=2026-03-01"
    assert (await read(reader, filtered))["events"] == [event]
    assert (await read(reader, "/events?to=2026-02-28"))["events"] == []
    assert (await read(reader, "/events?noted=yes"))["events"] == []
    assert (await read(reader, f"/events?article={seeded.article}&source=bbc"))["events"] == [event]
    await read(reader, "/events?article=99", 404)
    await read(reader, "/events?source=none", 404)


async def test_a_retraction_reaches_those_who_have_the_event_already(reader, seeded, desk, clock):
    before = await read(reader, "/events")
    (event,) = before["events"]
    desk.store.retract(event["id"], reason="The site answered with another article.", now=clock())
    assert (await read(reader, f"/events?after={before['next']}"))["events"] == []
    (told,) = (await read(reader, "/retractions"))["retractions"]
    assert (told["event_id"], told["undone_at"]) == (event["id"], None)
    assert (await read(reader, f"/events/{event['id']}"))["retraction"] == "The site answered with another article."


async def test_a_merged_article_names_the_one_that_goes_on(reader, desk, seeded, operating):
    other = desk.article("https://example.org/other", source="local")
    operating.merge(seeded.article, other)
    assert (await read(reader, f"/articles/{seeded.article}"))["merged_into"] == other
    assert [one["id"] for one in (await read(reader, "/articles"))["articles"]] == [other]


async def test_the_events_of_a_merged_article_are_told_where_its_history_goes_on(reader, desk, seeded, operating):
    before = (await read(reader, f"/events?article={seeded.article}"))["events"]
    first, second = (desk.article(f"https://example.org/other/{number}", source="local") for number in (1, 2))
    operating.merge(seeded.article, first)
    operating.merge(first, second)
    told = (await read(reader, f"/events?article={seeded.article}"))["events"]
    assert before
    assert [one["id"] for one in told] == [one["id"] for one in before]
    assert {one["article_id"] for one in told} == {second}


async def test_what_a_client_has_is_not_sent_again_until_something_changes(reader, seeded, desk, clock):
    address = f"{API}/articles/{seeded.article}"
    first = await reader.get(address)
    again = await reader.get(address, {"if-none-match": first.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    clock.advance(minutes=1)
    desk.article("https://example.org/new", source="local")
    assert (await reader.get(address, {"if-none-match": first.headers["etag"]})).status == 200


@pytest.mark.parametrize("address", ["/sources", "/sources/bbc", "/articles/1", "/articles", "/revisions/1", "/events/1", "/diffs/1..2"])
async def test_a_query_that_is_not_described_is_refused(reader, seeded, address):
    assert (await reader.get(API + address)).status == 200
    answer = await reader.get(f"{API}{address}?x=1")
    assert (answer.status, json.loads(answer.text)["errors"]) == (422, [{"place": "query x", "detail": "Extra inputs are not permitted"}])


async def test_any_site_may_read_and_none_with_a_readers_cookies(reader, seeded):
    answer = await reader.get(f"{API}/sources", {"origin": "https://elsewhere.example"})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers
    asked = {"origin": "https://elsewhere.example", "access-control-request-method": "POST"}
    preflight = await reader.get(f"{API}/add", asked, method="OPTIONS")
    assert (preflight.status, preflight.headers["access-control-allow-methods"]) == (204, "GET, HEAD, OPTIONS")


async def test_head_says_what_get_would_without_the_body(reader, seeded):
    get, head = [await reader.get(f"{API}/sources", method=method) for method in ("GET", "HEAD")]
    assert (head.status, head.body, head.headers["content-length"]) == (200, b"", get.headers["content-length"])


@pytest.mark.parametrize(
    ("address", "method", "status"),
    [
        ("/nothing", "GET", 404),
        ("/articles/999", "GET", 404),
        ("/articles/0", "GET", 422),
        ("/articles?limit=501", "GET", 422),
        ("/articles?unknown=1", "GET", 422),
        ("/events?facet=none", "GET", 422),
        ("/sources", "DELETE", 405),
    ],
)
async def test_every_error_is_a_problem_document(reader, seeded, address, method, status):
    told = await read(reader, address, status, method=method)
    assert (told["type"], told["status"]) == ("about:blank", status)
    assert told["title"]
    assert told["detail"]


@pytest.mark.parametrize("slash", ["", "/"])
async def test_the_root_leads_to_the_description_with_a_slash_or_without(reader, reader_with, site, slash):
    below = reader_with(site=replace(site, base_url="https://example.org/tracker"))
    for one, path in ((reader, ""), (below, "/tracker")):
        answer = await one.get(f"{path}/api/v1{slash}")
        assert (answer.status, answer.headers["location"]) == (303, f"{path}/api/v1/openapi.json")
        assert answer.headers["access-control-allow-origin"] == "*"


async def test_a_mistake_in_a_request_is_named_by_its_place_and_not_repeated(reader):
    told = await read(reader, "/events?significance=verysecret", 422)
    assert told["errors"][0]["place"] == "query significance"
    assert "verysecret" not in json.dumps(told)


async def test_an_installation_below_a_path_says_so_in_its_description(reader_with, site):
    below = reader_with(site=replace(site, base_url="https://example.org/tracker"))
    told = await read(below, "/openapi.json")
    assert told["servers"] == [{"url": "https://example.org/tracker/api/v1"}]


async def test_furniture_is_shown_by_no_text_that_is_reserved_or_withheld(reader, closed, store, desk, clock):
    def text(words, **values):
        block = Block(kind=BlockKind.PARAGRAPH, text=words, place="div.box")
        return replace(desk.text("Title", "A sentence stands here.", **values), blocks=(block,))

    async def sample(reader):
        return (await read(reader, "/sources/slow/furniture"))["furniture"][0]["sample"]

    store.articles.declare([Source(name="slow", title="Slow", publish_delay=timedelta(hours=1))], clock())
    box = Furniture(kind="place", key="div.box", place="div.box", reason="Twenty articles have it.", learned_at=clock())
    store.furniture.learned("slow", [box])
    desk.read(desk.article("https://slow.example/1", source="slow"), text("It is reserved.", reserved="noai"))
    assert await sample(reader) is None
    article = desk.article("https://slow.example/2", source="slow")
    desk.read(article, text("It costs 3 pounds."))
    clock.advance(minutes=10)
    desk.read(article, text("It costs 4 pounds."))
    assert await sample(reader) == "It costs 3 pounds."
    assert await sample(closed) is None
    clock.advance(hours=2)
    assert await sample(reader) == "It costs 4 pounds."


async def test_a_store_that_is_busy_is_a_problem_too_whenever_it_is_asked(reader, store, monkeypatch):
    def busy(*_):
        raise Busy("sqlite:///busy.db")

    monkeypatch.setattr(type(store.tokens), "any_opens", busy)
    told = await read(reader, "/sources", 503)
    assert told["detail"] == "The store cannot answer at the moment."
