"""Hostile words in headlines, texts, bylines, source titles and addresses harm no page, feed, picture, header or log line.

Every route of the application is walked; one that is added without an address here fails.
"""

from __future__ import annotations

import io
import json
import logging
import re
from urllib.parse import quote

import feedparser
import pytest
from lxml import etree
from lxml import html as markup
from PIL import Image
from starlette.routing import Route

from tracker.model import AlarmKind, Furniture, Source
from tracker.terminal import _JsonLines, _Lines
from tracker.web.application import SECURITY_HEADERS

WORDS = {
    "script": "<script>alert(1)</script>",
    "closing tags": "</title></textarea></style>--><svg onload=alert(1)>",
    "attribute": "\" onmouseover=\"alert(1)\" x='' autofocus onfocus=alert(1) '",
    "cdata": "before ]]> after <![CDATA[ x",
    "template": "{{ 7 * 191 }} {% raw %} ${7*191} #{7*191}",
    "entity": "&lt;script&gt;alert(1)&lt;/script&gt; &nosuch; &#0; &#x202e;",
    "turned": "safe \u202egpj.exe\u202c \u2066one\u2067two",
    "controls": "a\x00b\x07c\x1b[31md\x7fe\x85f\u2028g\r\nSet-Cookie: a=b",
    "none": "neither \ufffe nor \uffff is a character",
    "long": "w" * 100_000,
    "combining": "e" + "\u0301" * 5_000,
    "right to left": "خبر عاجل \u200f5 <b>",
}
SCRIPT_SOURCE = re.compile(r"/static/page\.js\?v=[0-9a-f]{8}")
# What may not stand in a document at all, and what may not stand where it could turn round words that are not a publisher's.
# What the operator drags to the bookmarks: it holds nothing but our own address.
BOOKMARK = "javascript:location.href=\"http://127.0.0.1:8000/add\"+'?url='+encodeURIComponent(location.href)"
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")


@pytest.fixture(params=WORDS)
def words(request) -> str:
    return WORDS[request.param]


@pytest.fixture
def written(desk, words, clock):
    """An article whose every part says these words, with two versions and a change that was retracted; gives its ids."""
    desk.store.articles.declare((Source(name="bbc", title=f"BBC {words}"),), clock())
    article = desk.article(f"https://example.org/{quote(words[:50], errors='replace')}", title=words)

    def text(number: int):
        body = (f"{words} one.", f"The council agreed on {number} things. {words}", "It rained.")
        return desk.text(f"{words} {number}", *body, byline=words, section=words, image_caption=f"{words} {number}")

    ids = []
    for number in (1, 2, 3):
        ids.append(desk.read(article, text(number)))
        clock.advance(hours=1)
    desk.store.retract(1, reason=words, now=clock())
    return article, *ids


def addresses(verified, ended, article, first, second, third):
    """An address or more for every route, by its path in the route's own writing."""
    feeds = [f"changes.{form}" for form in ("atom", "rss", "json")]
    return {
        "/": ["/"],
        "/changes.{form}": [f"/{feed}" for feed in feeds],
        "/sources": ["/sources"],
        "/sources/{source:name}": ["/sources/bbc"],
        "/sources/{source:name}/changes.{form}": [f"/sources/bbc/{feed}" for feed in feeds],
        "/articles/{article:id}": [f"/articles/{article}", f"/articles/{article}?at=2026-03-01T10:30Z"],
        "/articles/{article:id}/changes.{form}": [f"/articles/{article}/{feed}" for feed in feeds],
        "/diff": [f"/diff?old={first}&new={third}"],
        "/diff/{old:id}..{new:id}": [f"/diff/{first}..{second}", f"/diff/{second}..{third}", f"/diff/{first}..{third}?view=inline"],
        "/diff/{old:id}..{new:id}/picture.png": [f"/diff/{second}..{third}/picture.png"],
        "/revisions/{revision:id}": [f"/revisions/{third}"],
        "/about": ["/about"],
        "/opml": ["/opml"],
        "/static/{name}": ["/static/style.css"],
        "/metrics": ["/metrics"],
        "/robots.txt": ["/robots.txt"],
        "/healthz": ["/healthz"],
        "/readyz": ["/readyz"],
        "/api/v1": ["/api/v1"],
        "/search": ["/search", "/search?q=council", "/search?q=things&in=changes"],
        "/search/changes.{form}": [f"/search/{feed}?q=things" for feed in feeds],
        "/websub/{token}": [verified],
        "/unsubscribe/{secret}": [ended],
    }


def harmless(answer, address):
    assert answer.status < 400 or "picture" in address, address
    for name, value in SECURITY_HEADERS.items():
        assert answer.headers[name] == value
    for name, value in answer.headers.items():
        assert re.fullmatch(r"[\x20-\x7e]*", value), (address, name)
    kind = answer.headers.get("content-type", "").partition(";")[0]
    if kind == "text/html":
        harmless_page(answer.text, address)
    elif kind.endswith(("xml", "opml")):
        etree.fromstring(answer.body)
        assert address == "/opml" or not feedparser.parse(answer.body).bozo
    elif kind == "image/png":
        assert Image.open(io.BytesIO(answer.body)).size == (1200, 630)


def harmless_page(text, address):
    assert not UNPRINTABLE.search(text), (address, UNPRINTABLE.search(text))
    page = markup.document_fromstring(text)
    for script in page.iter("script"):
        assert SCRIPT_SOURCE.fullmatch(script.get("src", "")), address
        assert not script.text
    assert not list(page.iter("iframe", "object", "embed", "style", "base", "textarea")), address
    for node in page.iter(etree.Element):
        for name, value in node.attrib.items():
            assert not name.startswith("on"), (address, name)
            assert name != "style", address
            assert not TURNING.search(value), (address, name)
            if name in {"href", "src", "action"} and value != BOOKMARK:
                assert re.match(r"(/|#|https?://|mailto:)", value), (address, value)
    assert not TURNING.search(page.findtext(".//title")), address
    assert "1337" not in text, address


async def test_every_route_is_harmless(reader, emitter, written, subscription, mailed, words):
    await emitter.emit_all()
    said = f"hub.mode=subscribe&hub.topic={subscription.offer.topic_url}&hub.challenge={quote(words, errors='replace')}"
    places = addresses(f"/websub/{subscription.token}?{said}", f"/unsubscribe/{mailed.secret}", *written)
    assert set(places) | OPERATORS == {route.path for route in reader.app.routes if isinstance(route, Route)}
    for found in places.values():
        for address in found:
            harmless(await reader.get(address), address)
            if "changes." in address:
                harmless_page((await reader.get(address, {"sec-fetch-dest": "document"})).text, address)


OPERATORS = {
    "/login",
    "/logout",
    "/add",
    "/operator",
    "/operator/sources/{source:name}",
    "/operator/sources/{source:name}/{act}",
    "/operator/sources/{source:name}/furniture/{number:id}/{act}",
    "/operator/articles/merge",
    "/operator/articles/{article:id}/unmerge",
}


async def test_the_operators_pages_are_harmless_too(reader, written, desk, words, log_in, clock):
    store, article = desk.store, written[0]
    store.furniture.learned("bbc", [Furniture(kind="text", key="k", place=words, reason=words, learned_at=clock())])
    store.alarms.settle("bbc", {AlarmKind.SILENT: words}, clock())
    desk.read(article, desk.text(words, words[:20] or "x"))
    other = desk.article("https://example.org/other", title=words)
    store.articles.merge(other, article, reason=words, now=clock())
    cookie = {"cookie": await log_in(reader)}
    said = quote(words[:30_000], errors="replace")
    for address in ("/operator", "/operator/sources/bbc", f"/add?url={said}", f"/login?next={said}"):
        answer = await reader.get(address, cookie)
        harmless(answer, address)
    word = re.search(r'name="word" value="([^"]+)"', (await reader.get("/add", cookie)).text)[1]
    answer = await reader.get("/add", cookie, method="POST", body=f"word={word}&url={said}&source={said}".encode())
    assert answer.status == 409
    harmless_page(answer.text, "/add")


async def test_what_programs_read_is_json_and_nothing_else(reader, written):
    article, *revisions = written
    addresses = ["/sources", "/sources/bbc", "/articles", f"/articles/{article}", "/events", "/retractions"]
    addresses += [f"/revisions/{one}" for one in revisions] + [f"/diffs/{revisions[0]}..{revisions[1]}", f"/articles/{article}/explanation"]
    for address in addresses:
        answer = await reader.get(f"/api/v1{address}")
        harmless(answer, address)
        assert answer.headers["content-type"] == "application/json"
        json.loads(answer.body)


QUERIES = ("/?source={}", "/?facet={}", "/?from={}", "/?before={}", "/sources/bbc?after={}", "/changes.atom?significance={}")
PATHS = ("/articles/1?at={}", "/diff?old={}&new=1", "/diff/1..2?view={}", "/sources/{}", "/static/{}", "/{}", "/changes.{}")


async def test_hostile_addresses_are_answered_by_pages_that_are_none_the_worse(reader, seeded, words):
    for place in (*QUERIES, *PATHS):
        answer = await reader.get(place.format(quote(words, errors="replace")[:60_000]))
        assert answer.status in {400, 404}, place
        for value in answer.headers.values():
            assert re.fullmatch(r"[\x20-\x7e]*", value)
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        harmless_page(answer.text, place)


async def test_no_log_line_is_forged(reader, emitter, written, words, caplog):
    """What the program says of a change goes through the same form as it does on standard error."""
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("tracker.test").info("changed: article %d of %s: %s", 1, words, words)
        await emitter.emit_all()
        await reader.get(f"/articles/{written[0]}")
    for record in caplog.records:
        for form in (_Lines("%(message)s"), _JsonLines()):
            line = form.format(record)
            assert len(line.splitlines()) == 1
            assert not UNPRINTABLE.search(line.encode("utf-8", "replace").decode())
