"""A site that is read with a token only: pages, feeds and the JSON API alike."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest

from tracker.errors import Busy, StoreError


@pytest.fixture
def reader(reader_with, site):
    return reader_with(site=replace(site, access="token"))


def basic(headers):
    words = headers["authorization"].removeprefix("Bearer ")
    return {"authorization": "Basic " + base64.b64encode(f"anyone:{words}".encode()).decode()}


@pytest.mark.parametrize("address", ["/", "/changes.atom", "/sources/bbc", "/api/v1", "/api/v1/sources", "/metrics", "/nothing"])
async def test_without_a_token_nothing_is_read(reader, seeded, token, address):
    token("read")
    wrong = [{"authorization": words} for words in ("Bearer tracker_no", "Basic !", "Basic é")]
    for headers in ({}, *wrong, basic(token("read", days=-1))):
        answer = await reader.get(address, headers)
        assert answer.status == 401
        assert answer.headers["www-authenticate"].startswith("Bearer" if address.startswith("/api") else "Basic")
        assert "bbc" not in answer.text.lower()
        assert "content-security-policy" in answer.headers


async def test_a_page_of_another_site_learns_that_it_needs_a_token(reader, seeded):
    answer = await reader.get("/api/v1/sources", {"origin": "https://elsewhere.example"})
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (401, "*")


async def test_a_token_is_given_as_a_bearer_or_as_a_password(reader, seeded, token):
    for headers in (token("read"), basic(token("read")), basic(token("operator"))):
        for address in ("/", "/changes.atom", "/api/v1/sources"):
            assert (await reader.get(address, headers)).status == 200


async def test_whoever_kept_a_page_must_still_give_the_token(reader, seeded, token):
    etag = (await reader.get("/", token("read"))).headers["etag"]
    assert (await reader.get("/", {"if-none-match": etag})).status == 401


@pytest.mark.parametrize("address", ["/healthz", "/readyz", "/robots.txt", "/static/style.css"])
async def test_what_tells_nothing_stays_open(reader, address):
    assert (await reader.get(address)).status == 200


async def test_the_operators_pages_ask_for_a_session_and_for_no_password(reader, seeded, token, log_in):
    for address in ("/operator", "/operator/sources/bbc", "/add?url=https://example.org/feed"):
        assert (await reader.get(address)).status == 404
    cookie = {"cookie": await log_in(reader)}
    for address in ("/operator", "/operator/sources/bbc", "/add?url=https://example.org/feed"):
        without = await reader.get(address)
        assert (without.status, "bbc news" in without.text.lower()) == (200, False)
        assert 'http-equiv="refresh"' in without.text
        assert (await reader.get(address, cookie)).status == 200
        assert (await reader.get(address, method="POST", body=b"word=x")).status in {401, 405}


async def test_an_open_site_asks_nobody(reader_with, seeded):
    assert (await reader_with().get("/")).status == 200


@pytest.mark.parametrize(("error", "status"), [(Busy("sqlite:///busy.db"), 503), (StoreError("broken"), 500)])
async def test_a_store_that_cannot_answer_says_so_as_it_does_on_an_open_site(reader, store, token, monkeypatch, error, status):
    def fails(*_):
        raise error

    given = token("read")
    monkeypatch.setattr(type(store.tokens), "used", fails)
    for address, media_type in (("/", "text/html"), ("/api/v1/sources", "application/problem+json")):
        answer = await reader.get(address, given)
        assert answer.status == status
        assert answer.headers["content-type"].startswith(media_type)
        assert answer.headers["retry-after"] == "10"
        assert "cannot answer at the moment" in answer.text
