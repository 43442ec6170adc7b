"""OPML, the format in which feed readers hand over their lists: read and written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lxml import etree

from tracker.discovery.addresses import absolute

# Folders in folders beyond this depth, and outlines beyond this number, are not read.
_DEPTH = 20
_OUTLINES = 10_000

_UNWRITABLE = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """One feed of a list. `folder` is the path of folders it stands in, joined by "/"."""

    title: str
    feed_url: str
    folder: str | None = None


def read_opml(body: bytes) -> tuple[Outline, ...]:
    """All feeds of the list, each address once. ValueError says in a sentence why it is no OPML."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False, remove_comments=True)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        message = f"The list is not OPML: {error}."
        raise ValueError(message) from error
    if root.getroottree().docinfo.internalDTD is not None and b"<!ENTITY" in body:
        message = "The list is not OPML: it declares entities, which OPML has no use for."
        raise ValueError(message)
    if etree.QName(root).localname.lower() != "opml":
        message = f"The list is not OPML: it begins with <{etree.QName(root).localname}>."
        raise ValueError(message)
    found: dict[str, Outline] = {}
    for outline in _outlines(root, ()):
        found.setdefault(outline.feed_url, outline)
        if len(found) == _OUTLINES:
            break
    return tuple(found.values())


def _outlines(parent: etree._Element, folders: tuple[str, ...]) -> Iterator[Outline]:
    for node in parent.iterchildren("{*}*"):  # elements only
        given = {str(name).lower(): str(value).strip() for name, value in node.attrib.items()}
        name = " ".join((given.get("title") or given.get("text") or "").split())
        feed_url = absolute("", given.get("xmlurl"))
        if feed_url:
            yield Outline(title=name or feed_url, feed_url=feed_url, folder="/".join(folders) or None)
        if len(folders) < _DEPTH:
            inner = (*folders, name) if etree.QName(node).localname == "outline" and name and not feed_url else folders
            yield from _outlines(node, inner)


def write_opml(title: str, outlines: Iterable[Outline]) -> bytes:
    """A list that every feed reader takes, in the given order, folders nested."""
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = _clean(title)
    places: dict[str, etree._Element] = {"": etree.SubElement(root, "body")}
    for outline in outlines:
        place = _place(places, _clean(outline.folder or ""))
        name = _clean(outline.title)
        etree.SubElement(place, "outline", type="rss", text=name, title=name, xmlUrl=_clean(outline.feed_url))
    return etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)


def _place(places: dict[str, etree._Element], folder: str) -> etree._Element:
    if folder not in places:
        above, _, name = folder.rpartition("/")
        places[folder] = etree.SubElement(_place(places, above), "outline", text=name, title=name)
    return places[folder]


def _clean(text: str) -> str:
    """Without the characters that XML has no way to write."""
    return _UNWRITABLE.sub("", text)
