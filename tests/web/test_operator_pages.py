"""The operator in a browser: who comes in, what is shown, what is done."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import quote, urlencode

import pytest

from tracker.model import Because, Furniture, Source
from tracker.scheduler.add import Added
from tracker.web.session import FREE_TRIES


class Browser:
    """Keeps the one cookie, and the word of the last form that it was given."""

    def __init__(self, reader, client="127.0.0.1"):
        self.reader = reader
        self.client = client
        self.cookie = ""
        self.word = ""

    async def ask(self, address, method="GET", body=b"", **headers):
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookie:
            told["cookie"] = self.cookie
        answer = await self.reader.get(address, told, method=method, body=body, client=self.client)
        if given := answer.headers.get("set-cookie"):
            self.cookie = given.partition(";")[0] if "Max-Age=0" not in given else ""
        if found := re.search(r'name="word" value="([^"]+)"', answer.text):
            self.word = found[1]
        return answer

    async def send(self, address, headers=None, **fields):
        body = urlencode({"word": self.word, **fields}).encode()
        return await self.ask(address, "POST", body, content_type="application/x-www-form-urlencoded", **(headers or {}))

    async def log_in(self, words, leads_to="/operator"):
        await self.ask(f"/login?next={quote(leads_to, safe='')}")
        return await self.send(f"/login?next={quote(leads_to, safe='')}", token=words)


def words_of(headers):
    return headers["authorization"].removeprefix("Bearer ")


@pytest.fixture
def browser(reader):
    return Browser(reader)


@pytest.fixture
async def operator(browser, token, seeded):
    answer = await browser.log_in(words_of(token("operator")))
    assert (answer.status, answer.headers["location"]) == (303, "/operator")
    await browser.ask("/operator")
    return browser


# --- who comes in


async def test_without_an_operators_token_there_are_no_such_pages(browser, token, seeded):
    token("write", "takedown")
    for address in ("/login", "/operator", "/operator/sources/bbc", "/add"):
        assert (await browser.ask(address)).status == 404
    assert (await browser.send("/operator/sources/bbc/pause")).status == 404


async def test_whoever_is_not_logged_in_is_led_to_the_log_in_and_back(browser, token, seeded):
    words = words_of(token("operator"))
    again = await browser.ask("/add?url=https%3A%2F%2Fexample.org%2Ffeed")
    assert again.status == 200
    leads_to = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', again.text)[1].replace("&amp;", "&")
    assert leads_to == "/add?url=https%3A%2F%2Fexample.org%2Ffeed&again=1"
    led = await browser.ask(leads_to)
    assert led.status == 303
    await browser.ask(led.headers["location"])
    back = await browser.send(led.headers["location"], token=words)
    assert back.headers["location"] == "/add?url=https%3A%2F%2Fexample.org%2Ffeed"
    assert 'value="https://example.org/feed"' in (await browser.ask(back.headers["location"])).text


ELSEWHERE = ["https://evil.example/", "//evil.example", "/operator\\evil", "/add/../x", "/changes.atom", "/operatorx"]


@pytest.mark.parametrize("leads_to", ELSEWHERE)
async def test_a_log_in_leads_to_no_other_place(browser, token, leads_to):
    answer = await browser.log_in(words_of(token("operator")), leads_to)
    assert answer.headers["location"] == "/operator"


async def test_the_cookie_is_for_this_site_alone_and_no_script_reads_it(browser, reader_with, site, token):
    words = words_of(token("operator"))
    told = (await browser.log_in(words)).headers["set-cookie"]
    assert "HttpOnly" in told
    assert "samesite=strict" in told.lower()
    assert "Secure" not in told
    assert words not in told
    secure = Browser(reader_with(site=replace(site, base_url="https://example.org/tracker")))
    answer = await secure.log_in(words)
    assert answer.headers["location"] == "/tracker/operator"
    assert "Secure" in answer.headers["set-cookie"]
    assert "Path=/tracker/" in answer.headers["set-cookie"]


async def test_where_a_token_could_be_read_on_its_way_none_is_asked_for(reader_with, site, token):
    token("operator")
    answer = await Browser(reader_with(site=replace(site, base_url="http://192.0.2.1:8000"))).ask("/login")
    assert 'name="token"' not in answer.text
    assert "over https" in answer.words


@pytest.mark.parametrize("scopes", [["read"], ["write"], ["takedown"], ["read", "write", "takedown"]])
async def test_only_an_operators_token_logs_in(browser, token, scopes):
    token("operator")
    answer = await browser.log_in(words_of(token(*scopes)))
    assert answer.status == 403
    assert (await browser.ask("/operator")).status == 303


async def test_guessing_is_locked_out_by_address_each_time_for_longer(reader, token, clock):
    words, browser, other = words_of(token("operator")), Browser(reader), Browser(reader, "192.0.2.9")
    for _ in range(FREE_TRIES):
        assert (await browser.log_in("tracker_wrong")).status == 403
    locked = await browser.log_in(words)
    assert (locked.status, locked.headers["retry-after"]) == (429, "60")
    assert (await other.log_in(words)).status == 303
    clock.advance(seconds=61)
    assert (await browser.log_in("tracker_wrong")).status == 403
    assert (await browser.log_in(words)).headers["retry-after"] == "120"
    clock.advance(seconds=121)
    assert (await browser.log_in(words)).status == 303
    assert (await browser.log_in("tracker_wrong")).status == 403, "the right one begins anew"


async def test_a_session_ends_with_its_token_its_time_or_the_log_out(operator, store, clock, token):
    assert (await operator.ask("/operator")).status == 200
    cookie = operator.cookie
    assert (await operator.send("/logout")).status == 303
    assert operator.cookie == ""
    operator.cookie = cookie
    assert (await operator.ask("/operator")).status == 303, "a copied cookie is worth nothing"
    assert (await operator.log_in(words_of(token("operator")))).status == 303
    clock.advance(hours=11)
    assert (await operator.ask("/operator")).status == 200
    clock.advance(hours=2)
    assert (await operator.ask("/operator")).status == 303
    answer = await operator.log_in(words_of(token("operator")))
    assert answer.status == 303
    store.tokens.revoke(store.tokens.all()[-1].id, clock())
    assert (await operator.ask("/operator")).status == 303


async def test_a_log_out_ends_the_sessions_of_its_token_and_of_no_other(reader, token):
    mine, other = words_of(token("operator")), words_of(token("operator"))
    here, elsewhere, colleague = Browser(reader), Browser(reader), Browser(reader)
    for browser, words in ((here, mine), (elsewhere, mine), (colleague, other)):
        await browser.log_in(words)
        assert (await browser.ask("/operator")).status == 200
    await here.send("/logout")
    assert (await elsewhere.ask("/operator")).status == 303
    assert (await colleague.ask("/operator")).status == 200


async def test_no_link_of_another_site_ends_the_session(operator, reader):
    """The session does not come with such a request, and would be replaced by the cookie of the form."""
    stranger = Browser(reader)
    answer = await stranger.ask("/login?next=%2Fadd", sec_fetch_site="cross-site")
    assert "set-cookie" not in answer.headers
    assert 'content="0; url=/login?next=%2Fadd"' in answer.text
    assert (await operator.ask("/login?next=%2Fadd")).headers["location"] == "/add"
    assert (await operator.ask("/operator")).status == 200


async def test_a_second_form_leaves_the_first_one_good(browser, token):
    words = words_of(token("operator"))
    await browser.ask("/login")
    word = browser.word
    await browser.ask("/login")
    browser.word = word
    assert (await browser.send("/login", token=words)).status == 303


async def test_a_cookie_that_was_not_signed_here_is_none(operator):
    value = operator.cookie
    for wrong in (value[:-3] + "AAA", value.replace(".", "", 1), "tracker_operator=x", "tracker_operator="):
        operator.cookie = wrong
        assert (await operator.ask("/operator")).status in {200, 303}
        assert "Logged in" not in (await operator.ask("/operator")).text


# --- forms

FORMS = [
    "/logout",
    "/add",
    "/operator/sources/bbc/pause",
    "/operator/sources/bbc/furniture/1/keep",
    "/operator/articles/merge",
    "/operator/articles/1/unmerge",
]


@pytest.mark.parametrize("address", FORMS)
async def test_a_form_that_was_not_given_to_this_session_does_nothing(operator, reader, store, address):
    word = operator.word
    for wrong in ("", "guessed", word[:-1]):
        operator.word = wrong
        assert (await operator.send(address)).status == 403
    operator.word = word
    assert (await operator.send(address, {"sec_fetch_site": "cross-site"})).status == 403
    stranger = Browser(reader)
    stranger.word = word
    assert (await stranger.send(address)).status == 401
    assert not store.articles.source("bbc").source.paused


async def test_a_form_without_end_is_not_read(operator):
    assert (await operator.send("/add", url="x" * 70_000)).status == 413


# --- what is shown


async def test_the_overview_says_how_all_goes(operator, seeded):
    answer = await operator.ask("/operator")
    assert answer.headers["cache-control"] == "no-store"
    for part in ("tracker 0", "disk", "free", "BBC News", "Sunderland papers", "Logged in with token"):
        assert part in answer.words


async def test_what_waits_is_listed_with_since_when(operator, desk, seeded, clock):
    desk.read(seeded.article, desk.text("Ofsted", "Nearly nothing is left."))
    assert "is held until it is seen again" in (await operator.ask("/operator")).words


async def test_a_page_of_a_source_lists_what_fails_and_its_furniture(operator, store, clock):
    found = Furniture(kind="text", key="k", place=None, reason="Twenty articles have it.", learned_at=clock())
    store.furniture.learned("bbc", [found])
    page = await operator.ask("/operator/sources/bbc")
    assert "Twenty articles have it." in page.words
    assert (await operator.send("/operator/sources/bbc/furniture/1/keep")).status == 303
    assert store.furniture.of("bbc")[0].kept_at == clock()
    assert "kept in the text since" in (await operator.ask("/operator/sources/bbc")).words
    await operator.send("/operator/sources/bbc/furniture/1/mask")
    assert store.furniture.of("bbc")[0].kept_at is None
    assert (await operator.send("/operator/sources/bbc/furniture/9/keep")).status == 404


# --- what is done


async def test_a_source_is_paused_resumed_and_polled_by_a_button(operator, store, seeded, clock):
    answer = await operator.send("/operator/sources/bbc/pause")
    assert (answer.status, answer.headers["location"]) == (303, "/operator#bbc")
    assert store.articles.source("bbc").source.paused
    assert "Resume" in (await operator.ask("/operator")).words
    await operator.send("/operator/sources/bbc/resume")
    await operator.send("/operator/sources/bbc/poll")
    assert store.articles.get(seeded.article).because is Because.MANUAL
    assert (await operator.send("/operator/sources/bbc/nothing")).status == 404
    assert (await operator.send("/operator/sources/none/pause")).status == 404


async def test_a_source_that_was_added_is_followed_no_longer_one_of_the_configuration_stays(operator, store, clock):
    store.articles.add_source(Source(name="added", title="Added", feeds=("https://example.org/feed",), declared=False), clock())
    assert (await operator.send("/operator/sources/added/remove")).status == 303
    assert store.articles.source("added").feeds == ()
    refused = await operator.send("/operator/sources/bbc/remove")
    assert refused.status == 409
    assert "take its lines out there" in refused.words


async def test_a_merge_is_made_and_undone(operator, desk, store, seeded):
    other = desk.article("https://example.org/other", source="local")
    assert (await operator.send("/operator/articles/merge", **{"from": seeded.article, "into": other})).status == 303
    assert "became part of article" in (await operator.ask("/operator")).words
    again = await operator.send("/operator/articles/merge", **{"from": seeded.article, "into": other})
    assert again.status == 409
    assert (await operator.send("/operator/articles/merge", **{"from": "x", "into": other})).status == 400
    assert (await operator.send(f"/operator/articles/{seeded.article}/unmerge")).status == 303
    assert store.articles.get(seeded.article).merged_into is None


async def test_an_address_is_followed_when_the_form_is_sent_not_before(operator, operating, monkeypatch):
    asked = []

    async def add(url, *, source):
        asked.append((url, source))
        return Added(what="feed", source="example-org", urls=(url,))

    monkeypatch.setattr(operating.adder, "add", add)
    await operator.ask("/add?url=https://example.org/feed")
    assert asked == []
    answer = await operator.send("/add", url="https://example.org/feed", source="")
    assert asked == [("https://example.org/feed", None)]
    assert "Followed." in answer.words


async def test_an_address_that_cannot_be_followed_says_why_and_stays_in_the_form(operator):
    answer = await operator.send("/add", url='https://example.org/"><script>', source="")
    assert answer.status == 409
    assert "That did not work." in answer.words
    assert "<script>" not in answer.text.partition("<main")[2]


async def test_readers_are_shown_nothing_of_it(operator, reader, seeded):
    for address in ("/sources", f"/diff/{seeded.old}..{seeded.new}"):  # not one that may leave out what takes too long
        page = await operator.ask(address)
        assert page.body == (await reader.get(address)).body
        assert "operator" not in page.text.lower()
