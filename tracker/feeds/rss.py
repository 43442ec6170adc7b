"""A change feed as RSS 2.0, with the Atom and Dublin Core elements that readers expect in it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import format_datetime

from lxml import etree

from tracker.feeds.change_feed import ChangeEntry, ChangeFeed, clean, one_line, rfc3339, web_link

ENDING = "rss"
CONTENT_TYPE = "application/rss+xml; charset=utf-8"
_ATOM = "http://www.w3.org/2005/Atom"
_DC = "http://purl.org/dc/elements/1.1/"

# RSS does not say whether a title is text or HTML, and readers differ. What would open a tag or an entity is
# therefore escaped once more than XML needs: shown at worst as it is written here, never run.
_MARKUP = re.compile(r"<(?=[A-Za-z/!?])|&(?=#?[A-Za-z0-9]+;)")


def write(feed: ChangeFeed) -> bytes:
    root = etree.Element("rss", {"version": "2.0"}, nsmap={"atom": _ATOM, "dc": _DC})
    channel = etree.SubElement(root, "channel")
    _add(channel, "title", _title(feed.title))
    _add(channel, "link", web_link(feed.home_url) or "")
    _add(channel, "description", _title(feed.subtitle))
    for rel, url in feed.links(ENDING):
        etree.SubElement(channel, f"{{{_ATOM}}}link", {"rel": rel, "type": "application/rss+xml", "href": web_link(url) or ""})
    if feed.hub_url is not None:
        etree.SubElement(channel, f"{{{_ATOM}}}link", {"rel": "hub", "href": feed.hub_url})
    _add(channel, "lastBuildDate", _rfc822(feed.updated_at))
    _add(channel, "generator", one_line(feed.generator))
    _add(channel, "docs", "https://www.rssboard.org/rss-specification")
    for entry in feed.entries:
        _item(channel, entry)
    return etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)


def entry_ids(written: bytes) -> tuple[str, ...]:
    """The ids of a change feed that `write` wrote, in its order. Raises ValueError."""
    try:
        return tuple(node.text or "" for node in etree.fromstring(written).iterfind("channel/item/guid"))
    except etree.XMLSyntaxError as error:
        raise ValueError(str(error)) from error


def _item(channel: etree._Element, entry: ChangeEntry) -> None:
    item = etree.SubElement(channel, "item")
    _add(item, "title", _title(entry.title))
    link = web_link(entry.url)
    if link is not None:
        _add(item, "link", link)
    _add(item, "guid", clean(entry.id), isPermaLink="false")
    _add(item, "pubDate", _rfc822(entry.first_published_at))
    _add(item, f"{{{_ATOM}}}updated", rfc3339(entry.updated_at))
    _add(item, f"{{{_DC}}}creator", one_line(entry.source))
    for category in entry.categories:
        _add(item, "category", one_line(category))
    _add(item, "description", entry.content)


def _title(text: str) -> str:
    return _MARKUP.sub(lambda found: "&lt;" if found[0] == "<" else "&amp;", one_line(text))


def _rfc822(at: datetime) -> str:
    return format_datetime(at.astimezone(UTC), usegmt=True)


def _add(parent: etree._Element, name: str, text: str, **attributes: str) -> etree._Element:
    node = etree.SubElement(parent, name, attributes)
    node.text = text
    return node
