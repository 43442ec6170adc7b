"""The application as a whole: every route, its headers, hostile text, health."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from starlette.routing import Mount, Route

from tracker.errors import Busy, Corrupt, Unusable
from tracker.model import Gates, Outcome
from tracker.scheduler.look import Failed, Same
from tracker.web.application import SECURITY_HEADERS

from .conftest import seed_version

HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "]]><svg onload=alert(1)>",
    '" onmouseover="alert(1)',
    "\u202egnp.exe\u2066 \u0007 {{ 7 * 7 }} {% raw %}",
    "w" * 100_000,
)


OPERATORS = {"/login", "/logout", "/operator", "/add"}


def addresses(reader, seeded, subscription, mailed):
    known = {
        "form": "atom",
        "source:name": "bbc",
        "article:id": seeded.article,
        "old:id": seeded.old,
        "new:id": seeded.new,
        "revision:id": seeded.old,
        "name": "style.css",
        "token": subscription.token,
        "secret": mailed.secret,
    }
    verified = f"?hub.mode=subscribe&hub.topic={subscription.offer.topic_url}&hub.challenge=1"
    queries = {"/diff": "?old=1&new=2", "/search/changes.{form}": "?q=council", "/websub/{token}": verified}
    for route in reader.app.routes:
        if route.path in OPERATORS or route.path.startswith("/operator/"):
            continue  # not there without a token: see test_operator_pages.py
        if isinstance(route, Mount):
            yield f"{route.path}/sources"
            continue
        assert isinstance(route, Route)
        address = route.path
        for name, value in known.items():
            address = address.replace(f"{{{name}}}", str(value))
        assert "{" not in address, f"{address}: the test knows no value for it"
        yield address + queries.get(route.path, "")


async def test_every_route_answers_and_none_leaves_a_security_header_out(reader, seeded, subscription, mailed):
    for address in addresses(reader, seeded, subscription, mailed):
        answer = await reader.get(address)
        assert answer.status in {200, 303}, address
        assert {name: answer.headers.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS, address


async def test_every_page_answers_304_to_its_own_tag_and_date(reader, seeded, subscription, mailed):
    for address in addresses(reader, seeded, subscription, mailed):
        first = await reader.get(address)
        if "etag" not in first.headers:
            plain = {"/diff", "/robots.txt", "/healthz", "/readyz", "/metrics", "/api/v1"}
            by_token = {f"/websub/{subscription.token}", f"/unsubscribe/{mailed.secret}"}
            assert address.partition("?")[0] in plain | by_token
            continue
        again = await reader.get(address, {"if-none-match": first.headers["etag"]})
        assert (again.status, again.body) == (304, b""), address
        assert {name: again.headers.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS, address
        if not address.startswith("/static/"):
            assert (await reader.get(address, {"if-modified-since": first.headers["last-modified"]})).status == 304, address


async def test_a_304_of_a_page_costs_one_query(reader_with, store, seeded):
    class Counting:
        """Answers what a 304 may ask, and nothing else."""

        installation_id = store.installation_id
        version = staticmethod(store.version)
        version_of_news = staticmethod(store.version_of_news)
        version_of_article = staticmethod(store.version_of_article)
        version_of_revision = staticmethod(store.version_of_revision)

    for address in ("/", "/sources/bbc", f"/articles/{seeded.article}", seeded.diff, f"/revisions/{seeded.old}"):
        tag = (await reader_with().get(address)).headers["etag"]
        assert (await reader_with(store=Counting()).get(address, {"if-none-match": tag})).status == 304


async def test_a_visible_write_gives_every_page_another_tag(reader, desk, seeded, clock):
    before = {address: (await reader.get(address)).headers["etag"] for address in ("/", f"/articles/{seeded.article}")}
    clock.advance(minutes=5)
    desk.read(seeded.article, replace(seed_version(1), headline="Another headline"))
    for address, tag in before.items():
        answer = await reader.get(address, {"if-none-match": tag})
        assert answer.status == 200
        assert answer.headers["etag"] != tag


async def test_a_look_that_finds_all_as_it_was_makes_only_the_pages_of_its_article_and_its_source_anew(reader, desk, seeded, clock):
    other = desk.article("https://example.org/other")
    desk.read(other, desk.text("Another headline", "Another text."))
    own = (f"/articles/{seeded.article}", seeded.diff, f"/revisions/{seeded.old}", "/sources", "/sources/bbc")
    others = ("/", "/about", "/opml", f"/articles/{other}", f"/articles/{seeded.article}/changes.atom")
    tags = {address: (await reader.get(address)).headers["etag"] for address in (*own, *others)}
    clock.advance(minutes=5)
    desk.look(seeded.article, Same(outcome=Outcome.NOT_MODIFIED, gates=Gates()))
    found = {address: (await reader.get(address)).headers["etag"] for address in tags}
    assert {address for address, tag in tags.items() if found[address] != tag} == set(own)


async def test_a_look_that_fails_is_told_on_the_pages_of_its_article(reader, desk, seeded, clock):
    before = await reader.get(f"/articles/{seeded.article}")
    clock.advance(minutes=5)
    desk.look(seeded.article, Failed(reason="The server did not answer."))
    after = await reader.get(f"/articles/{seeded.article}", {"if-none-match": before.headers["etag"]})
    assert "The server did not answer." in after.text


async def test_two_states_within_one_second_are_not_told_apart_by_a_date(reader, desk, seeded):
    dated = (await reader.get("/")).headers["last-modified"]
    desk.read(seeded.article, replace(seed_version(1), headline="Another headline"))
    answer = await reader.get("/", {"if-modified-since": dated})
    assert answer.status == 200
    assert "last-modified" not in answer.headers


async def test_an_address_that_is_no_page_has_no_tag_to_ask_for(reader, seeded):
    assert (await reader.get("/articles/999", {"if-none-match": "*"})).status == 404
    assert (await reader.get("/articles/999", {"if-modified-since": "Sun, 01 Mar 2099 12:00:00 GMT"})).status == 404


async def test_hostile_text_stays_text_on_every_page(reader, desk, seeded, clock):
    article = desk.article("https://example.org/hostile", title=HOSTILE[0])
    hostile = [desk.text(text, *HOSTILE, byline=text, language='en" onload="alert(1)', url="javascript:alert(1)") for text in HOSTILE]
    ids = []
    for extract in hostile:
        clock.advance(minutes=5)
        ids.append(desk.read(article, extract))
    pairs = [f"/diff/{old}..{new}{view}" for old, new in pairwise(ids) for view in ("", "?view=inline")]
    for address in ("/", "/sources", "/sources/bbc", f"/articles/{article}", f"/revisions/{ids[0]}", *pairs):
        answer = await reader.get(address)
        assert answer.status == 200, address
        for harm in ("<script>", "<img", "<svg onload", 'javascript:alert(1)" rel', 'href="javascript:', '" onmouseover="', '" onload="'):
            assert harm not in answer.text, (address, harm)
        title = answer.text.partition("<title>")[2].partition("</title>")[0]
        assert len(title) < 400
        assert not set(title) & set("\u202e\u2066\u0007")


async def test_a_query_is_never_echoed_unescaped(reader):
    answer = await reader.get("/?before=<script>")
    assert answer.status == 400
    assert "<script>" not in answer.text


async def test_links_carry_the_path_that_the_installation_stands_under(reader_with, site, seeded):
    reader = reader_with(site=replace(site, base_url="https://example.org/tracker/"))
    page = (await reader.get("/")).text
    assert f'href="/tracker{seeded.diff}"' in page
    assert 'href="/tracker/static/style.css?v=' in page
    assert 'href="/"' not in page
    assert "https://example.org/tracker/sources/bbc/changes.atom" in (await reader.get("/opml")).text
    assert "Disallow: /tracker/diff" in (await reader.get("/robots.txt")).text


async def test_the_opml_names_the_feed_of_everything_and_of_each_source(reader, seeded):
    answer = await reader.get("/opml")
    assert answer.headers["content-type"] == "text/x-opml; charset=utf-8"
    for address in ("/changes.atom", "/sources/bbc/changes.atom", "/sources/local/changes.atom"):
        assert f"http://127.0.0.1:8000{address}" in answer.text


class Broken:
    """A store that cannot answer."""

    def __init__(self, store, error):
        self.installation_id = store.installation_id
        self.error = error

    def version(self):
        raise self.error

    version_of_news = version


@pytest.mark.parametrize(
    ("error", "status"),
    [(Busy("sqlite:///x"), 503), (Unusable("sqlite:///x", "disk full"), 503), (Corrupt("body", 1), 500), (RuntimeError("surprise"), 500)],
)
async def test_a_store_that_cannot_answer_is_a_page_without_its_secrets(reader_with, store, error, status):
    answer = await reader_with(store=Broken(store, error)).get("/")
    assert answer.status == status
    assert "Something went wrong" in answer.text
    assert "sqlite" not in answer.text
    assert "surprise" not in answer.text
    assert {name: answer.headers.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS


async def test_ready_means_that_the_store_answers(reader, reader_with, store):
    assert ((await reader.get("/readyz")).status, (await reader.get("/healthz")).status) == (200, 200)
    assert (await reader.get("/readyz")).text.startswith("ready\n")
    broken = reader_with(store=Broken(store, Busy("sqlite:///x")))
    assert ((await broken.get("/readyz")).status, (await broken.get("/healthz")).status) == (503, 200)
    assert (await broken.get("/readyz")).text == "not ready: the store cannot answer\n"  # and not where it stands


async def test_nothing_can_be_written(reader, seeded, subscription, mailed):
    for address in addresses(reader, seeded, subscription, mailed):
        # Where hubs call, a push that is not signed is answered like one that is. Whoever has the mail may end its subscription.
        known = {"websub": 202, "unsubscribe": 200}
        assert (await reader.get(address, method="POST")).status == known.get(address.split("/")[1], 405)


async def test_the_stylesheet_may_be_kept_for_good_under_the_address_of_its_content(reader):
    page = (await reader.get("/about")).text
    address = page.partition('rel="stylesheet" href="')[2].partition('"')[0]
    assert "immutable" in (await reader.get(address)).headers["cache-control"]
    assert (await reader.get("/static/nothing.css")).status == 404
