"""The hubs that feeds of every kind name, in the document or in Link headers."""

from __future__ import annotations

import json

import pytest

from tracker.discovery import read_listing
from tracker.discovery.hubs import header_links, offers_of
from tracker.model import HubOffer

URL = "https://news.example/feed"
HUB, SELF = "https://hub.example/", "https://news.example/feeds/all"
ENTRY = "<entry><id>1</id><title>x</title><link rel='hub' href='https://entry.example/'/></entry>"
FEEDS = {
    "atom": (
        f"<feed xmlns='http://www.w3.org/2005/Atom'><title>x</title><link href='/'/><link rel='hub' href='{HUB}'/>"
        f"<link rel='self' href='/feeds/all'/>{ENTRY}</feed>"
    ),
    "rss": (
        "<rss version='2.0' xmlns:a10='http://www.w3.org/2005/Atom'><channel><title>x</title><link>https://news.example/</link>"
        f"<a10:link rel='self' href='{SELF}'/><a10:link rel='hub' href='{HUB}'/><item><link>/1</link></item></channel></rss>"
    ),
    "json": json.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "feed_url": SELF,
            "hubs": [{"type": "rssCloud", "url": "https://cloud.example/"}, {"type": "WebSub", "url": HUB}, 7],
            "items": [],
        }
    ),
}


@pytest.mark.parametrize("kind", FEEDS)
def test_a_feed_names_its_hub_and_itself(kind):
    assert offers_of(read_listing(FEEDS[kind].encode(), URL).links, URL) == (HubOffer(hub_url=HUB, topic_url=SELF),)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (f'<{HUB}>; rel="hub", <{SELF}>; rel="self"', [("hub", HUB), ("self", SELF)]),
        (f"<{SELF}>; title=\"a, b; c\"; REL=self,<{HUB}>;rel='x'", [("self", SELF), ("'x'", HUB)]),
        (f'<{HUB}>; rel="preconnect hub"', [("preconnect hub", HUB)]),
        ("<", []),
        ("hub; rel=hub", []),
    ],
)
def test_link_headers_are_read(value, found):
    assert list(header_links([value])) == found


def test_the_first_address_that_a_feed_gives_itself_counts_and_each_hub_once():
    links = [("hub self", HUB), ("self", SELF), ("hub", "/hub"), ("hub", HUB)]
    assert offers_of(links, URL) == tuple(HubOffer(hub_url=hub, topic_url=HUB) for hub in (HUB, "https://news.example/hub"))


def test_a_feed_without_an_address_of_its_own_is_known_by_where_it_was_found():
    assert offers_of([("hub", HUB)], URL) == (HubOffer(hub_url=HUB, topic_url=URL),)


@pytest.mark.parametrize("address", ["javascript:alert(1)", "file:///etc/passwd", "", "http://", "https://hub.example:99999/"])
def test_what_is_no_address_of_the_web_is_no_hub(address):
    assert offers_of([("hub", address)], URL) == ()
