"""A page's bytes -> the feeds that it announces, and what its site calls itself."""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser

from tracker.discovery.addresses import absolute
from tracker.discovery.fields import plain_title

# application/json is left out: WordPress announces its programming interface so.
_TYPES = frozenset(
    {
        "application/rss+xml",
        "application/atom+xml",
        "application/feed+json",
        "application/rdf+xml",
        "application/rss",
        "application/atom",
        "text/rss+xml",
        "text/xml",
        "application/xml",
    }
)
# A page that announces more feeds than this is not read further.
_FEEDS = 100


def find_feeds(html: bytes, url: str) -> tuple[str, ...]:
    """Absolute addresses in the page's order, each once. They are a stranger's word: the gate judges them."""
    tree = LexborHTMLParser(html)
    base = url
    declared = tree.css_first("base[href]")
    if declared is not None:
        base = absolute(url, declared.attributes.get("href")) or url
    found: dict[str, None] = {}
    for node in tree.css("link[rel][href], a[type][href]"):
        given = {name.lower(): value or "" for name, value in node.attributes.items()}
        kinds = given.get("rel", "").lower().split()
        media = given.get("type", "").partition(";")[0].strip().lower()
        announced = media in _TYPES and ("alternate" in kinds or node.tag == "a")
        if announced or ("feed" in kinds and node.tag == "link"):
            address = absolute(base, given["href"].strip())
            if address is not None and len(found) < _FEEDS:
                found[address] = None
    return tuple(found)


def site_name(html: bytes) -> str | None:
    """As pages say it for those who share them (Open Graph); a stranger's word as well."""
    node = LexborHTMLParser(html).css_first('meta[property="og:site_name"][content]')
    return plain_title(node.attributes.get("content"), html=False) if node is not None else None
