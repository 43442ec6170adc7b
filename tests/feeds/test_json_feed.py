"""The JSON Feed writer against version 1.1."""

from __future__ import annotations

import json

import pytest

from tracker.feeds import json_feed

from .conftest import HOSTILE, make_entry, make_feed


def read(feed) -> dict:
    return json.loads(json_feed.write(feed))


@pytest.mark.parametrize(
    ("key", "wanted"),
    [
        ("version", "https://jsonfeed.org/version/1.1"),
        ("title", "Changes in news articles"),
        ("home_page_url", "http://127.0.0.1:8000/"),
        ("feed_url", "http://127.0.0.1:8000/changes.json"),
        ("description", "What changed in published articles, sentence by sentence."),
        ("authors", [{"name": "tracker"}]),
    ],
)
def test_the_feed_has_each_member_that_the_standard_requires_or_recommends(feed, key, wanted):
    assert read(feed)[key] == wanted


@pytest.mark.parametrize(
    ("key", "wanted"),
    [
        ("id", "urn:uuid:00000000-0000-4000-8000-000000000009"),
        ("url", "http://127.0.0.1:8000/diff/11..12"),
        ("external_url", "https://news.example/story-7"),
        ("title", "Council rates its own services"),
        ("content_html", '<p>It <del style="color:#900">had</del> <ins>has</ins> begun &amp; ended.</p>'),
        ("summary", "Two sentences edited, one removed."),
        ("date_published", "2026-03-01T12:35:08Z"),
        ("date_modified", "2026-03-01T12:35:08Z"),
        ("authors", [{"name": "bbc"}]),
        ("tags", ["numbers", "quotes"]),
    ],
)
def test_an_item_has_each_member_that_the_standard_requires_or_recommends(feed, key, wanted):
    assert read(feed)["items"][0][key] == wanted


def test_pages_of_older_entries_and_the_hub_are_linked():
    whole = read(make_feed(query="?before=9", older="?before=4", newest="", hub_url="https://hub.example/"))
    assert whole["feed_url"] == "http://127.0.0.1:8000/changes.json?before=9"
    assert whole["next_url"] == "http://127.0.0.1:8000/changes.json?before=4"
    assert whole["hubs"] == [{"type": "WebSub", "url": "https://hub.example/"}]
    assert not {"next_url", "hubs"} & read(make_feed()).keys()


def test_a_feed_without_entries_has_an_empty_list_of_items():
    assert read(make_feed())["items"] == []


def test_an_address_that_is_not_of_the_web_is_left_out():
    assert "external_url" not in read(make_feed(make_entry(original_url="javascript:alert(1)")))["items"][0]


@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_words_anywhere_leave_valid_json(words):
    entry = make_entry(title=words, source=words, summary=words, html=words, categories=(words,))
    assert len(read(make_feed(entry, title=words, subtitle=words, author=words))["items"]) == 1
