"""The RSS 2.0 writer, read back by feedparser and against the specification."""

from __future__ import annotations

from datetime import UTC, datetime

import feedparser
import pytest
from lxml import etree

from tracker.feeds import rss

from .conftest import HOSTILE, make_entry, make_feed

NS = {"atom": "http://www.w3.org/2005/Atom", "dc": "http://purl.org/dc/elements/1.1/"}


def texts(body: bytes, path: str) -> list[str]:
    return [str(found) for found in etree.fromstring(body).xpath(path, namespaces=NS)]


def test_feedparser_reads_it_without_a_complaint(feed):
    parsed = feedparser.parse(rss.write(feed))
    assert (parsed.bozo, parsed.version) == (False, "rss20")


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("/rss/@version", ["2.0"]),
        ("title/text()", ["Changes in news articles"]),
        ("link/text()", ["http://127.0.0.1:8000/"]),
        ("description/text()", ["What changed in published articles, sentence by sentence."]),
        ("lastBuildDate/text()", ["Sun, 01 Mar 2026 12:35:08 GMT"]),
        ("generator/text()", ["tracker 0.1"]),
        ("docs/text()", ["https://www.rssboard.org/rss-specification"]),
        ("atom:link[@rel='self' and @type='application/rss+xml']/@href", ["http://127.0.0.1:8000/changes.rss"]),
    ],
)
def test_the_channel_has_each_element_that_the_specification_requires_or_recommends(feed, path, wanted):
    assert texts(rss.write(feed), path if path.startswith("/") else f"/rss/channel/{path}") == wanted


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("title/text()", ["Council rates its own services"]),
        ("link/text()", ["http://127.0.0.1:8000/diff/11..12"]),
        ("guid[@isPermaLink='false']/text()", ["urn:uuid:00000000-0000-4000-8000-000000000009"]),
        ("pubDate/text()", ["Sun, 01 Mar 2026 12:35:08 GMT"]),
        ("atom:updated/text()", ["2026-03-01T12:35:08Z"]),
        ("dc:creator/text()", ["bbc"]),
        ("category/text()", ["numbers", "quotes"]),
        ("description/text()", ['<p>It <del style="color:#900">had</del> <ins>has</ins> begun &amp; ended.</p>']),
    ],
)
def test_an_item_has_each_element_that_readers_use(feed, path, wanted):
    assert texts(rss.write(feed), f"/rss/channel/item[1]/{path}") == wanted


def test_pages_of_older_entries_and_the_hub_are_linked():
    body = rss.write(make_feed(make_entry(), query="?before=9", older="?before=4", newest="", hub_url="https://hub.example/"))
    links = {rel: texts(body, f"/rss/channel/atom:link[@rel='{rel}']/@href")[0] for rel in ("self", "first", "next", "hub")}
    assert links == {
        "self": "http://127.0.0.1:8000/changes.rss?before=9",
        "first": "http://127.0.0.1:8000/changes.rss",
        "next": "http://127.0.0.1:8000/changes.rss?before=4",
        "hub": "https://hub.example/",
    }
    assert not feedparser.parse(body).bozo


def test_a_reader_learns_when_an_item_was_edited():
    earlier = make_entry(published_at=datetime(2026, 2, 1, tzinfo=UTC))
    (entry,) = feedparser.parse(rss.write(make_feed(earlier))).entries
    assert (entry.published_parsed[:3], entry.updated_parsed[:3]) == ((2026, 2, 1), (2026, 3, 1))


@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_words_anywhere_leave_a_feed_that_reads_without_a_complaint(words):
    entry = make_entry(title=words, source=words, summary=words, html=words, categories=(words,))
    parsed = feedparser.parse(rss.write(make_feed(entry, title=words, subtitle=words, author=words)))
    assert not parsed.bozo
    assert len(parsed.entries) == 1


def test_a_reader_that_takes_titles_for_html_finds_no_markup_in_one():
    body = rss.write(make_feed(make_entry(title="<img src=x onerror=alert(1)> </p> <!-- <?php &lt;b> 1 < 2 & 3")))
    (title,) = texts(body, "//item/title/text()")
    assert title == "&lt;img src=x onerror=alert(1)> &lt;/p> &lt;!-- &lt;?php &amp;lt;b> 1 < 2 & 3"


def test_an_ampersand_or_a_less_than_sign_of_ordinary_prose_is_left_alone():
    body = rss.write(make_feed(make_entry(title="AT&T: profit < £5m & falling")))
    assert texts(body, "//item/title/text()") == ["AT&T: profit < £5m & falling"]


def test_an_address_that_is_not_of_the_web_is_no_link():
    assert texts(rss.write(make_feed(make_entry(url="javascript:alert(1)"))), "//item/link") == []
