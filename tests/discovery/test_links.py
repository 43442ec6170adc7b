"""The feeds that a page announces."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tracker.discovery import find_feeds

URL = "https://news.example/section/page"


def test_announced_feeds_are_found_in_order_each_once_and_absolute():
    page = b"""<html><head>
      <link rel="stylesheet" type="text/css" href="/x.css">
      <link rel="alternate" type="application/rss+xml" title="All" href="/all.rss">
      <LINK REL="Alternate home" TYPE="Application/Atom+XML; charset=utf-8" HREF=" news.atom ">
      <link rel="alternate" type="application/feed+json" href="//cdn.example/feed.json">
      <link rel="alternate" type="application/rss+xml" href="/all.rss">
      <link rel="feed" href="/html-feed">
      </head><body><a type="application/rss+xml" href="feed://news.example/more.rss">RSS</a></body></html>"""
    assert find_feeds(page, URL) == (
        "https://news.example/all.rss",
        "https://news.example/section/news.atom",
        "https://cdn.example/feed.json",
        "https://news.example/html-feed",
        "http://news.example/more.rss",
    )


def test_a_base_element_is_the_base():
    page = b'<base href="/base/"><link rel=alternate type=application/rss+xml href=feed>'
    assert find_feeds(page, URL) == ("https://news.example/base/feed",)


def test_other_alternates_and_other_schemes_are_no_feeds():
    page = b"""<link rel="alternate" hreflang="de" href="/de"><link rel="alternate" type="application/json" href="/wp-json/1">
      <link rel="alternate" type="application/json+oembed" href="/oembed"><link rel="icon" type="application/rss+xml" href="/icon">
      <link rel="alternate" type="application/rss+xml" href="javascript:alert(1)"><link rel="alternate" type="application/rss+xml" href="feed:file:///etc/passwd">
      <link rel="alternate" type="application/rss+xml"><a href="/plain.rss">RSS</a>"""
    assert find_feeds(page, URL) == ()


def test_a_page_that_announces_thousands_is_not_believed():
    page = b"".join(b"<link rel=alternate type=application/rss+xml href=/%d>" % number for number in range(5000))
    assert len(find_feeds(page, URL)) == 100


@given(st.binary(max_size=300))
def test_any_bytes_are_a_page(page):
    find_feeds(b"<link rel=alternate type=application/rss+xml href='" + page, URL)
