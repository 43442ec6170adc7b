"""Lists of feeds, in and out."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.discovery import Outline, read_opml, write_opml


def test_nested_folders_are_paths_and_each_feed_comes_once():
    body = b"""<?xml version="1.0"?><opml version="1.0"><head><title>Mine</title></head><body>
      <outline text="News"><outline text="Local" title="Local papers">
        <outline type="rss" text="One" xmlUrl="https://one.example/feed" htmlUrl="https://one.example/"/></outline>
        <outline TEXT="Two" XMLURL=" feed://two.example/rss "/></outline>
      <outline text="One again" xmlUrl="https://one.example/feed"/>
      <outline xmlUrl="https://three.example/feed"/>
      <outline text="No feed" htmlUrl="https://four.example/"/><outline text="Bad" xmlUrl="file:///etc/passwd"/>
      </body></opml>"""
    assert read_opml(body) == (
        Outline(title="One", feed_url="https://one.example/feed", folder="News/Local papers"),
        Outline(title="Two", feed_url="http://two.example/rss", folder="News"),
        Outline(title="https://three.example/feed", feed_url="https://three.example/feed"),
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not xml",
        b"<html></html>",
        b"<opml><body>",
        b"<!DOCTYPE o [<!ENTITY a 'xx'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]><opml><body><outline text='&b;' xmlUrl='http://x/'/></body></opml>",
        b"<!DOCTYPE o [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><opml><body>&a;</body></opml>",
    ],
)
def test_what_is_no_opml_is_refused_in_a_sentence(body):
    with pytest.raises(ValueError, match=r"^The list is not OPML: .*\.$"):
        read_opml(body)


def test_a_thousand_folders_deep_is_read_to_a_depth():
    deep = b"<outline text='x'>" * 200 + b"<outline xmlUrl='https://deep.example/'/>" + b"</outline>" * 200
    assert (
        read_opml(b"<opml><body><outline xmlUrl='https://top.example/'/>" + deep + b"</body></opml>")[0].feed_url == "https://top.example/"
    )


names = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="/"), min_size=1, max_size=20)


folders = st.none() | st.lists(names, min_size=1, max_size=3).map("/".join)
numbers = st.integers(0, 99)


@given(names, st.dictionaries(numbers, st.tuples(names, folders)))
def test_what_is_written_is_read_back(title, feeds):
    outlines = {
        Outline(title=name, feed_url=f"https://{number}.example/feed?a=1&b=2", folder=folder) for number, (name, folder) in feeds.items()
    }
    assert set(read_opml(write_opml(title, outlines))) == outlines


def test_characters_that_xml_cannot_carry_are_left_out():
    written = write_opml("a\x00b", [Outline(title="c\x08\ufffed\ud800", feed_url="https://one.example/")])
    assert read_opml(written) == (Outline(title="cd", feed_url="https://one.example/"),)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_list_or_refused(body):
    with contextlib.suppress(ValueError):
        read_opml(b"<opml><body>" + body)
