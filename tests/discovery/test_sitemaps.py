"""Sitemaps are lists of articles as feeds are; indexes list sitemaps."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime

import pytest

from tracker.discovery import read_feed, read_listing
from tracker.discovery.sitemaps import LARGEST
from tracker.errors import NotAFeed
from tracker.model import FeedEntry

URL = "https://news.example/sitemap.xml"
NEWS = b"""<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
  <url><loc>https://news.example/older</loc><lastmod>2026-03-01</lastmod></url>
  <url>
    <loc>/bridge</loc><lastmod>2026-03-01T12:05:00+01:00</lastmod>
    <news:news>
      <news:publication><news:name>The Example</news:name><news:language>en</news:language></news:publication>
      <news:publication_date>2026-03-01T09:00:00Z</news:publication_date>
      <news:title>Council agrees &amp; builds</news:title>
    </news:news>
  </url>
  <url><loc>https://news.example/undated</loc></url>
</urlset>"""
INDEX = b"""<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
  <sitemap><loc>https://news.example/2025.xml</loc><lastmod>2025-12-31</lastmod></sitemap>
  <sitemap><loc>https://news.example/2026.xml.gz</loc><lastmod>2026-03-01</lastmod></sitemap>
</sitemapindex>"""


def test_a_news_sitemap_gives_addresses_titles_and_dates_newest_first():
    assert read_feed(NEWS, URL) == (
        FeedEntry(
            url="https://news.example/bridge",
            title="Council agrees & builds",
            published_at=datetime(2026, 3, 1, 9, 0, tzinfo=UTC),
            updated_at=datetime(2026, 3, 1, 11, 5, tzinfo=UTC),
        ),
        FeedEntry(url="https://news.example/older", updated_at=datetime(2026, 3, 1, tzinfo=UTC)),
        FeedEntry(url="https://news.example/undated"),
    )


def test_a_gzip_file_is_read_as_what_it_holds():
    assert read_feed(gzip.compress(NEWS), URL) == read_feed(NEWS, URL)


def test_an_index_gives_its_sitemaps_newest_first_and_no_entries():
    listing = read_listing(INDEX, URL)
    assert listing.entries == ()
    assert listing.children == ("https://news.example/2026.xml.gz", "https://news.example/2025.xml")


def test_a_sitemap_that_breaks_off_counts_as_far_as_it_goes():
    listing = read_listing(NEWS[: NEWS.index(b"/undated")], URL)
    assert [entry.url for entry in listing.entries][:2] == ["https://news.example/bridge", "https://news.example/older"]
    assert not listing.is_whole


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"\x1f\x8bnot gzip", "damaged"),
        (gzip.compress(b" " * (LARGEST + 1), mtime=0), "more than 50,000,000 bytes"),
        (b'<!DOCTYPE x [<!ENTITY a "1234"><!ENTITY b "&a;&a;">]>' + NEWS.partition(b"?>")[2], "entities"),
    ],
)
def test_what_is_no_sitemap_is_refused_by_name(body, why):
    with pytest.raises(NotAFeed, match=why):
        read_feed(body, URL)
