"""What holds for every format: order, ids, equal bytes, and text that survives or is cleaned."""

from __future__ import annotations

import json
import re
import unicodedata

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from tracker.feeds import FORMATS
from tracker.feeds.change_feed import LONGEST_LINE, clean, one_line, web_link

from .conftest import make_entry, make_feed

# What no feed carries: other controls, halves of characters, and the marks that turn other people's words round.
DROPPED = {"Cc", "Cs"}
TURNING = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufffe\uffff")
any_text = st.text(st.characters(exclude_categories=[]), max_size=60)


def read_entries(form: str, body: bytes) -> list[tuple[str, str]]:
    """(id, title) as a reader of that format has them. Titles by lxml: feedparser takes some of them for mojibake and repairs them."""
    if form == "json":
        return [(item["id"], item["title"]) for item in json.loads(body)["items"]]
    parsed = feedparser.parse(body)
    assert not parsed.bozo
    titles = [node.findtext("{*}title") or "" for node in etree.fromstring(body).iter("{*}entry", "item")]
    return [(entry.id, title) for entry, title in zip(parsed.entries, titles, strict=True)]


def test_the_formats_are_offered_in_a_fixed_order_with_their_types():
    assert {form: found.content_type for form, found in FORMATS.items()} == {
        "atom": "application/atom+xml; charset=utf-8",
        "rss": "application/rss+xml; charset=utf-8",
        "json": "application/feed+json",
    }


@pytest.mark.parametrize("form", FORMATS)
def test_equal_feeds_are_equal_bytes(form):
    assert FORMATS[form].write(make_feed(make_entry())) == FORMATS[form].write(make_feed(make_entry()))


@pytest.mark.parametrize("form", FORMATS)
def test_ids_and_order_stay_when_an_entry_joins_in_front(form):
    write = FORMATS[form].write
    before = read_entries(form, write(make_feed(make_entry(2), make_entry(1))))
    after = read_entries(form, write(make_feed(make_entry(3), make_entry(2), make_entry(1))))
    assert after[1:] == before


@pytest.mark.parametrize("form", FORMATS)
def test_an_empty_feed_is_a_whole_feed(form):
    assert read_entries(form, FORMATS[form].write(make_feed())) == []


@pytest.mark.parametrize("form", FORMATS)
@given(title=any_text)
def test_any_title_survives_or_is_cleaned(form, title):
    """A reader gets the title's words in order; only white space, controls and turning marks may go."""

    def kept(text: str) -> str:
        return "".join(c for c in text if not c.isspace() and unicodedata.category(c) not in DROPPED and c not in TURNING)

    ((_, found),) = read_entries(form, FORMATS[form].write(make_feed(make_entry(title=title))))
    if form == "rss":  # what could be markup is escaped once more there, see rss.py
        found = re.sub("&lt;|&amp;", lambda escaped: "<" if escaped[0] == "&lt;" else "&", found)
    assert kept(found) == kept(title)


@given(html=any_text)
def test_any_content_is_the_same_in_every_format(html):
    feed = make_feed(make_entry(html=html))
    atom = etree.fromstring(FORMATS["atom"].write(feed)).findtext(".//{*}content")
    rss = etree.fromstring(FORMATS["rss"].write(feed)).findtext(".//item/description")
    assert atom == rss == json.loads(FORMATS["json"].write(feed))["items"][0]["content_html"]


@given(any_text)
def test_cleaning_twice_is_cleaning_once(text):
    assert clean(clean(text)) == clean(text)
    assert one_line(one_line(text)) == one_line(text)


def test_marks_that_right_to_left_text_needs_are_kept():
    assert one_line("א\u200f 5\u200e") == "א\u200f 5\u200e"


def test_a_line_too_long_for_any_reader_is_cut_and_says_so():
    assert one_line("word " * 1_000) == ("word " * 200).rstrip()[:999] + "…"
    assert len(one_line("x" * 100_000)) == LONGEST_LINE


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "ftp://a.example/", "//a.example/", "", "java\x00script:x"])
def test_only_web_addresses_are_links(url):
    assert web_link(url) is None


def test_a_web_address_is_a_link():
    assert web_link(" https://news.example/a?b=1&c=2 ") == "https://news.example/a?b=1&c=2"
