"""Writing: what the commands do, for whoever has a token; and for nobody else."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from fastapi.routing import APIRoute
from starlette.routing import Mount, Route

from tracker.model import ArticleStatus, Because, Scope

API = "/api/v1"


async def write(reader, address, headers=None, status=204, **body):
    sent = json.dumps(body).encode() if body else b""
    told = {"content-type": "application/json", "content-length": str(len(sent)), **(headers or {})}
    answer = await reader.get(f"{API}{address}", told, method="POST", body=sent)
    assert answer.status == status, answer.text
    return json.loads(answer.text) if answer.body else None


def map_of(app):
    """Every method and address of the whole site that is not for reading only, but for what hubs and mails call."""
    for path, methods in walk(app.routes):
        for method in sorted(methods - {"GET", "HEAD", "OPTIONS"}):
            if path not in {"/websub/{token}", "/unsubscribe/{secret}"}:  # whose address is the permission
                yield method, re.sub(r"{[^}]+}", "1", path.replace("{source:name}", "bbc"))


def walk(routes, below=""):
    """What is neither a route nor leads to routes fails the test."""
    for route in routes:
        if isinstance(route, Mount):
            yield from walk(route.app._whole.routes, below + route.path)
        elif inner := getattr(route, "original_router", None):  # how FastAPI keeps what it includes
            yield from walk(inner.routes, below)
        else:
            assert isinstance(route, Route | APIRoute)
            yield below + route.path, route.methods or set()


REFUSED = {
    "without a token": (lambda token: {}, 401, None),
    "with a wrong one": (lambda token: {"authorization": "Bearer tracker_wrong"}, 401, "invalid_token"),
    "with another kind": (lambda token: {"authorization": "Basic dHJhY2tlcjp4"}, 401, None),
    "with an expired one": (lambda token: token("operator", days=-1), 401, "invalid_token"),
    "with one for reading": (lambda token: token("read"), 403, "insufficient_scope"),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_every_route_that_writes_is_refused(reader, token, seeded, case):
    make, status, error = REFUSED[case]
    token("operator")  # so that the routes are there
    routes = list(map_of(reader.app))
    assert len(routes) > 20
    for method, path in routes:
        answer = await reader.get(path, make(token), method=method, body=b"no json")
        if not path.startswith(API):  # the operator's forms know sessions only, whatever token comes along; see test_operator_pages.py
            assert answer.status in {401, 403}, (method, path, answer.text)
            continue
        assert answer.status == status, (method, path, answer.text)
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert (error or "") in answer.headers["www-authenticate"]
        assert answer.headers["content-type"] == "application/problem+json"


async def test_a_token_opens_what_it_is_for_and_no_more(reader, token, seeded):
    await write(reader, "/sources/bbc/pause", token("takedown"), 403)
    await write(reader, f"/articles/{seeded.article}/hide", token("write"), 403, reason="Why.")
    await write(reader, "/sources/bbc/pause", token("operator"))


async def test_a_revoked_token_opens_nothing(reader, store, token, clock):
    headers = token("write")
    await write(reader, "/sources/bbc/pause", headers)
    token("write")
    store.tokens.revoke(1, clock())
    await write(reader, "/sources/bbc/pause", headers, 401)


async def test_without_a_token_for_it_writing_is_no_part_of_the_site(reader, store, token, clock):
    """Also while the program runs: the first token opens it, the end of the last one closes it."""
    token("read")
    gone = await reader.get(f"{API}/sources/bbc/pause", token("read"), method="POST")
    nothing = await reader.get(f"{API}/sources/bbc/nothing", token("read"), method="POST")
    assert (gone.status, gone.body) == (404, nothing.body)
    assert "post" not in (await reader.get(f"{API}/openapi.json")).text
    headers = token("write", days=2)
    await write(reader, "/sources/bbc/pause", headers)
    described = json.loads((await reader.get(f"{API}/openapi.json")).text)
    assert "post" in described["paths"]["/sources/{source}/pause"]
    assert described["paths"]["/sources/{source}/pause"]["post"]["security"] == [{"token": []}]
    clock.advance(days=3)
    assert (await reader.get(f"{API}/sources/bbc/pause", headers, method="POST")).status == 404


async def test_pausing_and_resuming_a_source(reader, token, store):
    headers = token("write")
    await write(reader, "/sources/bbc/pause", headers)
    assert store.articles.source("bbc").source.paused
    await write(reader, "/sources/bbc/resume", headers)
    assert not store.articles.source("bbc").source.paused
    await write(reader, "/sources/none/resume", headers, 404)


async def test_polling_now_makes_it_due_and_waits_for_nothing(reader, token, store, seeded, clock):
    headers = token("write")
    assert store.articles.get(seeded.article).next_poll_at > clock()
    await write(reader, f"/articles/{seeded.article}/poll", headers)
    found = store.articles.get(seeded.article)
    assert (found.next_poll_at, found.because) == (clock(), Because.MANUAL)
    clock.advance(minutes=1)
    await write(reader, "/sources/bbc/poll", headers)
    assert store.articles.get(seeded.article).next_poll_at == clock()


async def test_watching_closely(reader, token, store, seeded, clock):
    await write(reader, f"/articles/{seeded.article}/watch", token("write"), every=600, **{"for": 7200})
    found = store.articles.get(seeded.article).watch
    assert (found.every, found.until_at) == (timedelta(minutes=10), clock() + timedelta(hours=2))


async def test_merging_and_unmerging(reader, token, store, desk, seeded):
    headers, other = token("write"), desk.article("https://example.org/other", source="local")
    await write(reader, f"/articles/{seeded.article}/merge", headers, into=other)
    assert store.articles.get(seeded.article).merged_into == other
    await write(reader, f"/articles/{seeded.article}/merge", headers, 409, into=other)
    await write(reader, f"/articles/{seeded.article}/unmerge", headers)
    assert store.articles.get(seeded.article).merged_into is None


async def test_retracting_is_told_in_the_change_feeds_and_can_be_undone(reader, token, store, emitter, seeded):
    headers, (event,) = token("write"), store.revisions.events(Scope())
    await write(reader, f"/events/{event.id}/retract", headers, reason="An error of ours")
    assert store.revisions.event(event.id).retracted.reason == "An error of ours."
    assert b"An error of ours." in emitter.path(Scope(), "atom").read_bytes()
    await write(reader, f"/events/{event.id}/unretract", headers)
    assert store.revisions.event(event.id).retracted is None
    await write(reader, f"/events/{event.id}/unretract", headers, 404)


async def test_hiding_takes_the_words_out_of_pages_and_feeds(reader, token, store, emitter, seeded, tmp_path):
    await emitter.emit_all()
    headline = store.articles.get(seeded.article).headline
    assert headline.split()[0].encode() in emitter.path(Scope(), "atom").read_bytes()
    told = await write(reader, f"/articles/{seeded.article}/hide", token("takedown"), 200, reason="A court asked for it.")
    assert (told["scope"], told["revisions"]) == ("article", 2)
    assert store.articles.get(seeded.article).status is ArticleStatus.HIDDEN
    assert headline.split()[0].encode() not in emitter.path(Scope(), "atom").read_bytes()
    assert "A court asked for it." in (tmp_path / "takedowns.jsonl").read_text("utf-8")


async def test_hiding_what_is_part_of_another_article_hides_that(reader, token, store, desk, seeded):
    other = desk.article("https://example.org/other", source="local")
    await write(reader, f"/articles/{seeded.article}/merge", token("write"), into=other)
    told = await write(reader, f"/articles/{seeded.article}/hide", token("takedown"), 200, reason="A court asked for it.")
    assert (told["article_id"], told["revisions"]) == (other, 2)
    assert {store.articles.get(one).status for one in (seeded.article, other)} == {ArticleStatus.HIDDEN}
    assert (await reader.get(f"/revisions/{seeded.new}")).status == 410


async def test_hiding_words_that_stand_nowhere_hides_nothing(reader, token, seeded):
    headers = token("takedown")
    told = await write(reader, f"/articles/{seeded.article}/hide", headers, 409, reason="Why.", phrase="zyxwv")
    assert "stand in no text" in told["detail"]
    await write(reader, f"/articles/{seeded.article}/hide", headers, 422, reason="  ")
    await write(reader, "/articles/999/hide", headers, 404, reason="Why.")


async def test_adding_what_cannot_be_reached_says_so(reader, token):
    told = await write(reader, "/add", token("write"), 424, url="https://example.org/feed")
    assert "could not be reached" in told["detail"]


async def test_a_body_that_does_not_say_that_it_is_json_is_told_to(reader, token):
    headers = {**token("write"), "content-type": "application/x-www-form-urlencoded", "content-length": "30"}
    answer = await reader.get(f"{API}/add", headers, method="POST", body=b'{"url": "https://example.org"}')
    assert answer.status == 422
    (mistake,) = json.loads(answer.text)["errors"]
    assert mistake == {"place": "header content-type", "detail": "The body must be sent as Content-Type: application/json."}


async def test_a_body_without_end_is_not_read(reader, token):
    headers = token("write")
    answer = await reader.get(f"{API}/add", {**headers, "content-length": "70000"}, method="POST", body=b"{}")
    assert answer.status == 413
    answer = await reader.get(f"{API}/add", {**headers, "transfer-encoding": "chunked"}, method="POST", body=b"{}")
    assert answer.status == 413


async def test_what_is_asked_with_more_than_is_described_is_not_done(reader, token, store, seeded):
    told = await write(reader, "/sources/bbc/pause?x=1", token("write"), 422)
    assert [one["place"] for one in told["errors"]] == ["query x"]
    assert not store.articles.source("bbc").source.paused
    await write(reader, "/sources/bbc/pause?x=1", status=401)
