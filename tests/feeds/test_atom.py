"""The Atom writer, read back by feedparser and against RFC 4287."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import feedparser
import pytest
from lxml import etree

from tracker.feeds import atom

from .conftest import HOSTILE, make_entry, make_feed

NS = {"a": "http://www.w3.org/2005/Atom"}


def texts(body: bytes, path: str) -> list[str]:
    return [str(found) for found in etree.fromstring(body).xpath(path, namespaces=NS)]


def test_feedparser_reads_it_without_a_complaint(feed):
    parsed = feedparser.parse(atom.write(feed))
    assert (parsed.bozo, parsed.version) == (False, "atom10")


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("/a:feed/a:id/text()", ["urn:uuid:00000000-0000-4000-8000-ffffffffffff"]),
        ("/a:feed/a:title[@type='text']/text()", ["Changes in news articles"]),
        ("/a:feed/a:subtitle/text()", ["What changed in published articles, sentence by sentence."]),
        ("/a:feed/a:updated/text()", ["2026-03-01T12:35:08Z"]),
        ("/a:feed/a:author/a:name/text()", ["tracker"]),
        ("/a:feed/a:generator/text()", ["tracker 0.1"]),
        ("/a:feed/a:link[@rel='self' and @type='application/atom+xml']/@href", ["http://127.0.0.1:8000/changes.atom"]),
        ("/a:feed/a:link[@rel='alternate']/@href", ["http://127.0.0.1:8000/"]),
    ],
)
def test_the_feed_has_each_element_that_the_standard_requires_or_recommends(feed, path, wanted):
    assert texts(atom.write(feed), path) == wanted


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("a:id/text()", ["urn:uuid:00000000-0000-4000-8000-000000000009"]),
        ("a:title[@type='text']/text()", ["Council rates its own services"]),
        ("a:published/text()", ["2026-03-01T12:35:08Z"]),
        ("a:updated/text()", ["2026-03-01T12:35:08Z"]),
        ("a:author/a:name/text()", ["bbc"]),
        ("a:link[@rel='alternate']/@href", ["http://127.0.0.1:8000/diff/11..12"]),
        ("a:link[@rel='related']/@href", ["http://127.0.0.1:8000/articles/7"]),
        ("a:link[@rel='via']/@href", ["https://news.example/story-7"]),
        ("a:category/@term", ["numbers", "quotes"]),
        ("a:summary[@type='text']/text()", ["Two sentences edited, one removed."]),
        ("a:content[@type='html']/text()", ['<p>It <del style="color:#900">had</del> <ins>has</ins> begun &amp; ended.</p>']),
    ],
)
def test_an_entry_has_each_element_that_the_standard_requires_or_recommends(feed, path, wanted):
    assert texts(atom.write(feed), f"/a:feed/a:entry[1]/{path}") == wanted


def test_an_entry_that_was_published_earlier_than_it_was_updated_says_both():
    earlier = make_entry(published_at=datetime(2026, 2, 1, tzinfo=UTC))
    body = atom.write(make_feed(earlier))
    assert texts(body, "//a:entry/a:published/text()") == ["2026-02-01T00:00:00Z"]
    assert texts(body, "//a:entry/a:updated/text()") == ["2026-03-01T12:35:08Z"]


def test_pages_of_older_entries_and_the_hub_are_linked():
    body = atom.write(make_feed(make_entry(), query="?before=9", older="?before=4", newest="", hub_url="https://hub.example/"))
    relations = {rel: texts(body, f"/a:feed/a:link[@rel='{rel}']/@href")[0] for rel in ("self", "first", "next", "hub")}
    assert relations == {
        "self": "http://127.0.0.1:8000/changes.atom?before=9",
        "first": "http://127.0.0.1:8000/changes.atom",
        "next": "http://127.0.0.1:8000/changes.atom?before=4",
        "hub": "https://hub.example/",
    }
    assert not feedparser.parse(body).bozo


def test_the_only_page_names_no_other_and_no_hub_where_there_is_none(feed):
    assert texts(atom.write(feed), "/a:feed/a:link/@rel") == ["self", "alternate"]


def test_times_of_any_zone_are_written_in_utc():
    at = datetime(2026, 3, 1, 14, 0, tzinfo=timezone(timedelta(hours=2)))
    assert texts(atom.write(make_feed(updated_at=at)), "/a:feed/a:updated/text()") == ["2026-03-01T12:00:00Z"]


def test_an_address_that_is_not_of_the_web_is_no_link():
    body = atom.write(make_feed(make_entry(original_url="javascript:alert(1)")))
    assert texts(body, "//a:entry/a:link/@rel") == ["alternate", "related"]


def test_an_entry_without_a_diff_shows_its_summary():
    body = atom.write(make_feed(make_entry(html="", summary="Not found since 10:02 <gone>.")))
    assert texts(body, "//a:content/text()") == ["<p>Not found since 10:02 &lt;gone&gt;.</p>"]


@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_words_anywhere_leave_a_feed_that_reads_without_a_complaint(words):
    entry = make_entry(title=words, source=words, summary=words, html=words, categories=(words,))
    parsed = feedparser.parse(atom.write(make_feed(entry, title=words, subtitle=words, author=words)))
    assert not parsed.bozo
    assert len(parsed.entries) == 1


def test_a_title_with_markup_arrives_as_the_text_that_it_is():
    parsed = feedparser.parse(atom.write(make_feed(make_entry(title=HOSTILE["script"]))))
    assert parsed.entries[0].title_detail["type"] == "text/plain"
    assert parsed.entries[0].title == "<script>alert(1)</script> rises"
