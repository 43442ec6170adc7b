"""A live page is followed as its source's rules say: by headline and summary, whole, or not at all."""

from __future__ import annotations

import json

import pytest

from tracker.extract import extract_article
from tracker.model import Extract, LiveMode, PageRules, Refusal, RefusalReason

URL = "https://news.example/count/1"
SUMMARY = "The votes of nine districts are being counted in the sports hall."


def _read(kind: str, live: LiveMode, *, update: str = "Two of nine districts have been counted by now.", summary: str = SUMMARY):
    data = json.dumps({"@type": kind, "headline": "The count goes on"})
    html = (
        f"<html lang=en><head><title>The count</title><meta property='og:description' content='{summary}'>"
        f"<script type='application/ld+json'>{data}</script></head><body><article><h1>The count goes on</h1>"
        f"<h2>20:40</h2><p>{update}</p><h2>20:10</h2><p>The counting began at eight o’clock, when the last doors closed.</p>"
        "</article></body></html>"
    )
    return extract_article(html.encode(), URL, rules=PageRules(live=live))


def test_without_rules_a_live_page_is_read_whole():
    page = b'<html><head><script type=\'application/ld+json\'>{"@type": "LiveBlogPosting"}</script></head><body><article><p>'
    page += b"Two of nine districts have been counted by now.</p><p>The counting began at eight, when the last doors closed.</p>"
    found = extract_article(page, URL)
    assert isinstance(found, Extract)
    assert (found.kind, len(found.blocks)) == ("live", 2)


def test_by_default_a_source_follows_a_live_page_by_its_headline_and_its_summary():
    assert PageRules().live is LiveMode.HEADLINE
    found = _read("LiveBlogPosting", LiveMode.HEADLINE)
    assert isinstance(found, Extract)
    assert (found.headline, found.text, found.kind) == ("The count goes on", SUMMARY, "live")
    assert found.body_reason


def test_an_update_of_a_live_page_is_no_new_text_but_a_new_summary_is():
    first = _read("LiveBlogPosting", LiveMode.HEADLINE)
    assert _read("LiveBlogPosting", LiveMode.HEADLINE, update="All nine districts have been counted.") == first
    assert _read("LiveBlogPosting", LiveMode.HEADLINE, summary="The count is over.").text == "The count is over."


def test_a_live_page_without_a_summary_is_followed_by_its_headline():
    found = _read("LiveBlogPosting", LiveMode.HEADLINE, summary="")
    assert (found.headline, found.blocks) == ("The count goes on", ())


def test_a_tracked_live_page_is_read_whole():
    assert "Two of nine districts" in _read("LiveBlogPosting", LiveMode.TRACK).text


def test_a_skipped_live_page_is_refused_by_its_name():
    found = _read("LiveBlogPosting", LiveMode.SKIP)
    assert isinstance(found, Refusal)
    assert found.reason is RefusalReason.LIVE


@pytest.mark.parametrize("live", list(LiveMode))
def test_an_ordinary_article_is_read_whole_in_every_mode(live):
    assert "Two of nine districts" in _read("NewsArticle", live).text
