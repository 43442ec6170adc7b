"""A feed's bytes -> its entries: RSS, RDF and Atom by feedparser, JSON Feed by itself.

Strangers wrote it, so nothing here is taken at its word: links are absolute and http(s), titles
are plain text, dates are real. Run in the sandbox, for some feeds are bombs. Which entries are
new is the store's business, which of them are wanted the scheduler's.
"""

from __future__ import annotations

import codecs
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import cast

import feedparser
from selectolax.lexbor import LexborHTMLParser

from tracker.discovery.addresses import absolute
from tracker.errors import NotAFeed
from tracker.model import FeedEntry

# Archives of whole sites are offered as feeds; the newest come first, and what is older was once newest.
_ENTRIES = 2000
# Characters. Longer titles are cut, a longer guid is none.
_TITLE = 1000
_GUID = 1000
# Read of a title before its HTML is taken out.
_TITLE_MARKUP = 8000
# Years that a date of a web page can have; others are slips of a template.
_YEARS = range(1990, 2101)

_END_OF_FEED = re.compile(rb"</(?:[\w.-]+:)?(?:rss|feed|rdf)\s*>(?:\s|<!--.*?-->|<\?.*?\?>)*\Z", re.IGNORECASE | re.DOTALL)
_HTML_PAGE = re.compile(rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
# A byte order mark is right before any header or declaration; the longer first, since one begins like another.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32le"),
    (codecs.BOM_UTF32_BE, "utf-32be"),
    (codecs.BOM_UTF16_LE, "utf-16le"),
    (codecs.BOM_UTF16_BE, "utf-16be"),
    (codecs.BOM_UTF8, "utf-8"),
)
_SPACE = re.compile(r"\s+")
# So much of the end is looked at: more than any comment after the root element.
_TAIL = 4096


def read_feed(body: bytes, url: str, charset: str | None = None) -> tuple[FeedEntry, ...]:
    """The entries, as the feed orders them, repeats once. Raises NotAFeed, and nothing else.

    `charset` is what the answer's Content-Type said. An entry with no http(s) link is left out: there is nothing to look at.
    """
    start = body.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start:
        raise NotAFeed(url, "the answer is empty")
    found = _read_json(start, url) if start[:1] in {b"{", b"["} else _read_xml(body, url, charset)
    return _folded(found)


def is_whole(body: bytes) -> bool:
    """Whether the document ends as a feed ends. One that was cut off says nothing of what it does not list."""
    tail = body[-_TAIL:]
    return bool(_END_OF_FEED.search(tail)) or tail.rstrip().endswith(b"}")


# --- RSS, RDF, Atom ------------------------------------------------------------------------------


def _read_xml(body: bytes, url: str, charset: str | None) -> Iterator[FeedEntry]:
    """Only ever hands over a stream: feedparser opens strings and bytes that look like a URL or a path."""
    if _HTML_PAGE.match(body[:_TAIL]):
        raise NotAFeed(url, "it is an HTML page; `tracker add` finds the feeds that a page announces")
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
        raise NotAFeed(url, "there is no RSS, Atom or JSON Feed in it")
    return (entry for item in entries if (entry := _from_xml(item, url)))


def _from_xml(item: dict[str, object], url: str) -> FeedEntry | None:
    # dict.get, since feedparser's own lends an entry its other date where one is missing
    guid = _string(dict.get(item, "id"))
    link = _string(dict.get(item, "feedburner_origlink")) or _string(dict.get(item, "link"))
    if link and link == guid and not link.lower().startswith(("http://", "https://")):
        link = None  # a guid that is no permalink, whatever its attribute says
    address = absolute(url, link) or absolute(url, _enclosing_page(item))
    if address is None:
        return None
    return FeedEntry(
        url=address,
        guid=guid if guid and len(guid) <= _GUID else None,
        title=_title(_string(dict.get(item, "title")), html=_is_html(dict.get(item, "title_detail"))),
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
        return _plausible(datetime(year, month, day, tzinfo=UTC) + timedelta(hours=hour, minutes=minute, seconds=second))
    except (ValueError, TypeError, OverflowError):
        return None


# --- JSON Feed -----------------------------------------------------------------------------------


def _read_json(text: bytes, url: str) -> Iterator[FeedEntry]:
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
    return (entry for item in items if isinstance(item, dict) and (entry := _from_json(item, url)))


def _from_json(item: dict[str, object], url: str) -> FeedEntry | None:
    given = item.get("id")
    guid = str(given) if isinstance(given, int | float) and not isinstance(given, bool) else _string(given)
    permalink = guid if guid and guid.lower().startswith(("http://", "https://")) else None
    address = next((found for link in ("url", "external_url") if (found := absolute(url, _string(item.get(link))))), None)
    address = address or absolute(url, permalink)
    if address is None:
        return None
    return FeedEntry(
        url=address,
        guid=guid if guid and len(guid) <= _GUID else None,
        title=_title(_string(item.get("title")), html=False),
        published_at=_from_rfc3339(_string(item.get("date_published"))),
        updated_at=_from_rfc3339(_string(item.get("date_modified"))),
    )


def _from_rfc3339(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return _plausible((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC))
    except (ValueError, OverflowError):
        return None


# --- both ----------------------------------------------------------------------------------------


def _folded(entries: Iterable[FeedEntry]) -> tuple[FeedEntry, ...]:
    """Repeats once, with their newest update; a guid that several addresses share names none of them."""
    kept: dict[tuple[str, str | None], FeedEntry] = {}
    for entry in entries:
        before = kept.get((entry.url, entry.guid))
        if before is None:
            if len(kept) == _ENTRIES:
                break
            kept[entry.url, entry.guid] = entry
        elif entry.updated_at and (before.updated_at is None or entry.updated_at > before.updated_at):
            kept[entry.url, entry.guid] = replace(before, updated_at=entry.updated_at)
    uses = Counter(guid for _, guid in kept)
    return tuple(replace(entry, guid=None) if uses[entry.guid] > 1 else entry for entry in kept.values())


def _string(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _title(text: str | None, *, html: bool) -> str | None:
    """Plain text on one line. Escaped twice is common, so entities are undone in text as well."""
    if not text:
        return None
    text = text[:_TITLE_MARKUP]
    if html or re.search(r"</?[a-z][^<>]*>", text, re.IGNORECASE):
        text = _without_markup(text)
    text = unescape(text)
    printable = "".join(char for char in text if char.isprintable() or char.isspace())
    return _SPACE.sub(" ", printable).strip()[:_TITLE] or None


def _without_markup(text: str) -> str:
    tree = LexborHTMLParser(text)
    tree.strip_tags(["script", "style", "noscript", "template"])
    return tree.body.text(separator="") if tree.body else ""


def _plausible(moment: datetime) -> datetime | None:
    return moment if moment.year in _YEARS else None
