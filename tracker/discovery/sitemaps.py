"""Sitemaps as lists of articles: their addresses, when they last changed, and what a news sitemap says of them beside.

An index lists further sitemaps; which of these to read, and reading them, is the caller's matter.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime

from lxml import etree

from tracker.discovery.addresses import absolute
from tracker.discovery.fields import from_rfc3339, plain_title
from tracker.errors import NotAFeed
from tracker.model import FeedEntry

# The protocol's own limits: 50 MB and 50,000 addresses in one file.
LARGEST = 50_000_000
_MOST = 50_000
_GZIP = b"\x1f\x8b"
_ROOT = re.compile(rb"<(?:[\w.-]+:)?(urlset|sitemapindex)[\s>]")
_HEAD = 4096
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitemap:
    """Newest first, as far as dates are given: the protocol has no order. `children` are the sitemaps of an index."""

    entries: tuple[FeedEntry, ...] = ()
    children: tuple[str, ...] = ()
    is_whole: bool = True


def unpacked(body: bytes, url: str) -> bytes:
    """What a .gz file holds; any other as it is. Raises NotAFeed."""
    if not body.startswith(_GZIP):
        return body
    reader = zlib.decompressobj(wbits=31)
    try:
        plain = reader.decompress(body, LARGEST)
    except zlib.error as error:
        raise NotAFeed(url, f"it is a gzip file and damaged ({error})") from error
    if reader.unconsumed_tail:
        raise NotAFeed(url, f"it holds more than {LARGEST:,} bytes, which no sitemap may")
    return plain


def is_sitemap(body: bytes) -> bool:
    return bool(_ROOT.search(body[:_HEAD].replace(b"\0", b"")))


def read_sitemap(body: bytes, url: str) -> Sitemap:
    """Raises NotAFeed. Broken XML counts as far as it goes."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotAFeed(url, f"it cannot be read ({error})") from error
    if root is None:
        raise NotAFeed(url, "there is nothing in it")
    is_whole = len(parser.error_log) == 0
    listed = [_fields(element) for element in list(root)[:_MOST]]
    if etree.QName(root).localname == "sitemapindex":
        dated = [(from_rfc3339(fields.get("lastmod")) or _LONG_AGO, absolute(url, fields.get("loc"))) for fields in listed]
        dated.sort(key=lambda one: one[0], reverse=True)
        return Sitemap(children=tuple(dict.fromkeys(child for _, child in dated if child)), is_whole=is_whole)
    entries = [_entry(fields, url) for fields in listed]
    entries.sort(key=lambda one: one.updated_at or one.published_at or _LONG_AGO, reverse=True)
    return Sitemap(entries=tuple(entries), is_whole=is_whole)


def _fields(element: etree._Element) -> dict[str, str]:
    """The texts inside, by the names of their elements: a news sitemap's lie deeper, under names that nothing else there has."""
    found: dict[str, str] = {}
    for inner in element.iter():
        if isinstance(inner.tag, str) and inner.text and inner.text.strip():
            found.setdefault(etree.QName(inner).localname, inner.text.strip())
    return found


def _entry(fields: dict[str, str], url: str) -> FeedEntry:
    published_at = from_rfc3339(fields.get("publication_date"))
    return FeedEntry(
        url=absolute(url, fields.get("loc")),
        title=plain_title(fields["title"], html=False) if published_at and "title" in fields else None,
        published_at=published_at,
        updated_at=from_rfc3339(fields.get("lastmod")),
    )
