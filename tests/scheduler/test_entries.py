"""Of what a feed lists, what is followed, and what its poll says of the rest."""

from __future__ import annotations

import pytest

from tracker.errors import NotAFeed
from tracker.model import PageRules
from tracker.scheduler.cadence import Cadence
from tracker.scheduler.entries import ENTRIES, read_entries
from tracker.scheduler.rules import SourceRules

URL = "https://news.example/feed"


def _read(items: str, **rules):
    body = f'<rss version="2.0"><channel><title>x</title>{items}</channel></rss>'.encode()
    return read_entries(body, URL, None, SourceRules(cadence=Cadence(), **rules))


def _items(count):
    return "".join(f"<item><link>/news/{number}</link></item>" for number in range(count))


def test_entries_become_addresses_and_the_keys_to_know_them_by():
    listed = _read(
        "<item><link>/news/1?utm_source=feed</link><guid>g1</guid></item><item><title>No link</title></item>"
        "<item><link>/sport/2</link></item><item><link>/news/1?utm_source=feed</link><guid>g1</guid></item>",
        exclude=("/sport/",),
    )
    (entry,) = listed.entries
    assert (entry.url, entry.host) == ("https://news.example/news/1", "news.example")
    assert (listed.is_whole, listed.reason) == (True, None)


def test_a_guid_that_two_addresses_share_is_no_key_of_either():
    listed = _read("<item><link>/1</link><guid>same</guid></item><item><link>/2</link><guid>same</guid></item>")
    assert [entry.entry.guid for entry in listed.entries] == [None, None]
    assert not set(listed.entries[0].keys) & set(listed.entries[1].keys)


def test_an_id_pattern_of_the_source_gives_a_key():
    (entry,) = _read("<item><link>/a-story-x77</link></item>", page=PageRules(id_pattern=r"-x(\d+)$")).entries
    assert any("77" in key for key in entry.keys)


def test_of_a_longer_list_the_first_are_taken_and_the_poll_says_so():
    assert _read(_items(ENTRIES)).reason is None
    listed = _read(_items(ENTRIES + 500))
    assert listed.entries[-1].url == f"https://news.example/news/{ENTRIES - 1}"
    assert (listed.is_whole, listed.reason) == (True, "The feed lists 2500 entries: the first 2000 that lead to articles are taken.")


def test_a_list_that_breaks_off_gives_what_it_has_and_says_so():
    body = f'<rss version="2.0"><channel>{_items(3)}<item><link>/news/4'.encode()
    listed = read_entries(body, URL, None, SourceRules(cadence=Cadence()))
    assert len(listed.entries) >= 3
    assert not listed.is_whole
    assert "breaks off" in listed.reason


def test_what_is_no_feed_is_said():
    with pytest.raises(NotAFeed):
        read_entries(b"<html></html>", URL, None, SourceRules(cadence=Cadence()))
