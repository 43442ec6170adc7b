"""A change feed as Atom (RFC 4287)."""

from __future__ import annotations

from lxml import etree

from tracker.feeds.change_feed import ChangeEntry, ChangeFeed, clean, one_line, rfc3339, web_link

ENDING = "atom"
CONTENT_TYPE = "application/atom+xml; charset=utf-8"
_ATOM = "http://www.w3.org/2005/Atom"
_EMPTY = f'<feed xmlns="{_ATOM}"/>'  # lxml's types know no other way to a default namespace


def write(feed: ChangeFeed) -> bytes:
    root = etree.fromstring(_EMPTY)
    _add(root, "id", clean(feed.id))
    _add(root, "title", one_line(feed.title), type="text")
    _add(root, "subtitle", one_line(feed.subtitle), type="text")
    _add(root, "updated", rfc3339(feed.updated_at))
    _add(_add(root, "author"), "name", one_line(feed.author))
    _add(root, "generator", one_line(feed.generator))
    for rel, url in feed.links(ENDING):
        _link(root, rel, url, "application/atom+xml")
    _link(root, "alternate", feed.home_url, "text/html")
    if feed.hub_url is not None:
        _add(root, "link", rel="hub", href=feed.hub_url)
    for entry in feed.entries:
        _entry(root, entry)
    return etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)


def entry_ids(written: bytes) -> tuple[str, ...]:
    """The ids of a change feed that `write` wrote, in its order. Raises ValueError."""
    try:
        return tuple(node.text or "" for node in etree.fromstring(written).iterfind(f"{{{_ATOM}}}entry/{{{_ATOM}}}id"))
    except etree.XMLSyntaxError as error:
        raise ValueError(str(error)) from error


def _entry(root: etree._Element, entry: ChangeEntry) -> None:
    node = _add(root, "entry")
    _add(node, "id", clean(entry.id))
    _add(node, "title", one_line(entry.title), type="text")
    _add(node, "published", rfc3339(entry.first_published_at))
    _add(node, "updated", rfc3339(entry.updated_at))
    _add(_add(node, "author"), "name", one_line(entry.source))
    _link(node, "alternate", entry.url, "text/html")
    _link(node, "related", entry.article_url, "text/html")
    _link(node, "via", entry.original_url, "text/html")
    for category in entry.categories:
        _add(node, "category", term=one_line(category))
    _add(node, "summary", one_line(entry.summary), type="text")
    _add(node, "content", entry.content, type="html")


def _link(parent: etree._Element, rel: str, url: str, kind: str) -> None:
    href = web_link(url)
    if href is not None:
        _add(parent, "link", rel=rel, type=kind, href=href)


def _add(parent: etree._Element, name: str, text: str | None = None, **attributes: str) -> etree._Element:
    node = etree.SubElement(parent, f"{{{_ATOM}}}{name}", attributes)
    node.text = text
    return node
