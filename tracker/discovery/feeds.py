"""A feed's bytes -> its entries: RSS, RDF and Atom by feedparser, JSON Feed by itself.

Strangers wrote it, so nothing here is taken at its word: links are absolute and http(s), titles
are plain text, dates are real. Run in the sandbox, for some feeds are bombs. Every entry counts here,
one without a page too; which are followed is the scheduler's business, which are new the store's.
"""

from __future__ import annotations

import codecs
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import cast
from xml.sax import SAXException

import feedparser

from tracker.discovery.addresses import absolute
from tracker.discovery.fields import from_rfc3339, plain_title, plausible
from tracker.discovery.hubs import Relation
from tracker.discovery.sitemaps import is_sitemap, read_sitemap, unpacked
from tracker.errors import NotAFeed
from tracker.model import FeedEntry

# Characters; a longer guid is none.
_GUID = 1000

_END_OF_FEED = re.compile(rb"</(?:[\w.-]+:)?(?:rss|feed|rdf)\s*>(?:\s|<!--.*?-->|<\?.*?\?>)*\Z", re.IGNORECASE | re.DOTALL)
# Entities of a document's own that stand for one another, or for this many characters, are there to blow up whoever undoes
# them. In the wild they stand for single characters; those of outside files are never read.
_ENTITY_LENGTH = 1000
_ENTITY = re.compile(rb"<!ENTITY\s+[^\s%\"'>]+\s+([\"'])")
_REFERENCE = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos);)\w")
_ROOT = re.compile(rb"<[A-Za-z_]")
_HTML_PAGE = re.compile(rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
# A byte order mark is right before any header or declaration; the longer first, since one begins like another.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32le"),
    (codecs.BOM_UTF32_BE, "utf-32be"),
    (codecs.BOM_UTF16_LE, "utf-16le"),
    (codecs.BOM_UTF16_BE, "utf-16be"),
    (codecs.BOM_UTF8, "utf-8"),
)
# So much of the end is looked at: more than any comment after the root element.
_TAIL = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """All entries, as the feed orders them. One that is not whole (cut off, or broken inside) says nothing of what it does not list.
    `children` are the sitemaps that an index of sitemaps lists, newest first; `links` those that the feed gives itself, see hubs.py;
    `title` is what it calls itself."""

    entries: tuple[FeedEntry, ...]
    is_whole: bool
    children: tuple[str, ...] = ()
    links: tuple[Relation, ...] = ()
    title: str | None = None


def read_feed(body: bytes, url: str, charset: str | None = None) -> tuple[FeedEntry, ...]:
    """The entries of read_listing."""
    return read_listing(body, url, charset).entries


def read_listing(body: bytes, url: str, charset: str | None = None) -> Listing:
    """Raises NotAFeed, and nothing else. `charset` is what the answer's Content-Type said."""
    body = unpacked(body, url)
    start = body.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start:
        raise NotAFeed(url, "the answer is empty")
    if start[:1] in {b"{", b"["}:
        return _read_json(start, url)
    if is_sitemap(body):
        _refuse_bomb(body, url)
        sitemap = read_sitemap(body, url)
        return Listing(entries=sitemap.entries, is_whole=sitemap.is_whole, children=sitemap.children)
    return _read_xml(body, url, charset)


def distinct(entries: Iterable[FeedEntry]) -> tuple[FeedEntry, ...]:
    """Those that lead to a page, repeats once, with their newest update; a guid that several addresses share names none of them."""
    kept: dict[tuple[str, str | None], FeedEntry] = {}
    for entry in entries:
        if entry.url is None:
            continue
        before = kept.setdefault((entry.url, entry.guid), entry)
        if entry.updated_at and (before.updated_at is None or entry.updated_at > before.updated_at):
            kept[entry.url, entry.guid] = replace(before, updated_at=entry.updated_at)
    uses = Counter(guid for _, guid in kept)
    return tuple(replace(entry, guid=None) if uses[entry.guid] > 1 else entry for entry in kept.values())


def _ends_as_a_feed(body: bytes) -> bool:
    return bool(_END_OF_FEED.search(body[-_TAIL:].replace(b"\0", b"")))


# --- RSS, RDF, Atom ------------------------------------------------------------------------------


def _read_xml(body: bytes, url: str, charset: str | None) -> Listing:
    """Only ever hands over a stream: feedparser opens strings and bytes that look like a URL or a path."""
    if _HTML_PAGE.match(body[:_TAIL]):
        raise NotAFeed(url, "it is an HTML page; `tracker add` finds the feeds that a page announces")
    _refuse_bomb(body, url)
    charset = next((name for mark, name in _MARKS if body.startswith(mark)), charset)
    # Without Content-Location links come as given, so that a guid like "123" is not taken for a relative link.
    content_type = f"application/xml; charset={charset}" if charset else "application/xml"
    try:
        read = feedparser.parse(
            io.BytesIO(body), response_headers={"content-type": content_type}, sanitize_html=False, resolve_relative_uris=False
        )
    except MemoryError:
        raise
    except Exception as error:  # a parser of broken XML breaks in more ways than it documents
        raise NotAFeed(url, f"it cannot be read ({type(error).__name__})") from error
    entries = cast("list[dict[str, object]]", read["entries"])
    if not read["version"] and not entries:
        raise NotAFeed(url, "there is no RSS, Atom, JSON Feed or sitemap in it")
    is_broken = isinstance(read.get("bozo_exception"), SAXException)  # another charset than declared is no break
    is_whole = _ends_as_a_feed(body) and not is_broken
    channel = cast("dict[str, object]", read["feed"])
    title = plain_title(_string(channel.get("title")), html=_is_html(channel.get("title_detail")))
    return Listing(entries=tuple(_from_xml(item, url) for item in entries), is_whole=is_whole, links=_links(channel), title=title)


def _links(channel: dict[str, object]) -> tuple[Relation, ...]:
    links = dict.get(channel, "links")
    given = [(_string(link.get("rel")), _string(link.get("href"))) for link in links] if isinstance(links, list) else []
    return tuple((rel, href) for rel, href in given if rel and href)


def _refuse_bomb(body: bytes, url: str) -> None:
    if _has_bomb(body):
        raise NotAFeed(url, "it declares entities that stand for one another, or for more than a few words")


def _has_bomb(body: bytes) -> bool:
    plain = body.replace(b"\0", b"")  # UTF-16 and 32, as far as markup goes
    root = _ROOT.search(plain)
    for declared in _ENTITY.finditer(plain, 0, root.start() if root else len(plain)):
        value, end, _ = plain[declared.end() : declared.end() + _ENTITY_LENGTH].partition(declared[1])
        if not end or _REFERENCE.search(value):
            return True
    return False


def _from_xml(item: dict[str, object], url: str) -> FeedEntry:
    # dict.get, since feedparser's own lends an entry its other date where one is missing
    guid = _string(dict.get(item, "id"))
    link = _string(dict.get(item, "feedburner_origlink")) or _string(dict.get(item, "link"))
    if link and link == guid and not link.lower().startswith(("http://", "https://")):
        link = None  # a guid that is no permalink, whatever its attribute says
    address = absolute(url, link) or absolute(url, _enclosing_page(item))
    return FeedEntry(
        url=address,
        guid=guid if guid and len(guid) <= _GUID else None,
        title=plain_title(_string(dict.get(item, "title")), html=_is_html(dict.get(item, "title_detail"))),
        published_at=_from_tuple(dict.get(item, "published_parsed")),
        updated_at=_from_tuple(dict.get(item, "updated_parsed")),
    )


def _enclosing_page(item: dict[str, object]) -> str | None:
    """The first link that is a page, where none is called the alternate."""
    links = dict.get(item, "links")
    for link in links if isinstance(links, list) else []:
        kind = _string(link.get("type")) or "text/html"
        if link.get("rel") in {None, "alternate", "related", "via"} and "html" in kind:
            return _string(link.get("href"))
    return None


def _is_html(detail: object) -> bool:
    return isinstance(detail, Mapping) and detail.get("type") in {"text/html", "application/xhtml+xml"}


def _from_tuple(value: object) -> datetime | None:
    """feedparser gives a time tuple in UTC, whose seconds may be 60 and whose day may not exist."""
    if not isinstance(value, tuple) or len(value) < 6:
        return None
    year, month, day, hour, minute, second = value[:6]
    try:
        return plausible(datetime(year, month, day, tzinfo=UTC) + timedelta(hours=hour, minutes=minute, seconds=second))
    except (ValueError, TypeError, OverflowError):
        return None


# --- JSON Feed -----------------------------------------------------------------------------------


def _read_json(text: bytes, url: str) -> Listing:
    try:
        document = json.loads(text.decode("utf-8", "replace"))
    except ValueError as error:
        raise NotAFeed(url, f"it begins like JSON and is not ({error})") from error
    except RecursionError as error:
        raise NotAFeed(url, "its JSON is nested too deeply") from error
    if not isinstance(document, dict) or "jsonfeed.org/version/" not in str(document.get("version", "")):
        raise NotAFeed(url, "it is JSON, but no JSON Feed")
    items = document.get("items")
    if not isinstance(items, list):
        raise NotAFeed(url, "its JSON Feed has no list of items")
    entries = tuple(_from_json(item, url) for item in items if isinstance(item, dict))
    hubs = document.get("hubs")
    named = [("hub", _string(hub.get("url"))) for hub in hubs if _is_websub(hub)] if isinstance(hubs, list) else []
    named.append(("self", _string(document.get("feed_url"))))
    title = plain_title(_string(document.get("title")), html=False)
    return Listing(entries=entries, is_whole=True, links=tuple((rel, link) for rel, link in named if link), title=title)


def _is_websub(hub: object) -> bool:
    return isinstance(hub, dict) and str(hub.get("type")).lower() in {"websub", "pubsubhubbub"}


def _from_json(item: dict[str, object], url: str) -> FeedEntry:
    given = item.get("id")
    guid = str(given) if isinstance(given, int | float) and not isinstance(given, bool) else _string(given)
    permalink = guid if guid and guid.lower().startswith(("http://", "https://")) else None
    address = next((found for link in ("url", "external_url") if (found := absolute(url, _string(item.get(link))))), None)
    address = address or absolute(url, permalink)
    return FeedEntry(
        url=address,
        guid=guid if guid and len(guid) <= _GUID else None,
        title=plain_title(_string(item.get("title")), html=False),
        published_at=from_rfc3339(_string(item.get("date_published"))),
        updated_at=from_rfc3339(_string(item.get("date_modified"))),
    )


# --- both ----------------------------------------------------------------------------------------


def _string(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None
