"""What a page says about its article beside headline, byline and dates: section, paywall flag, picture, origin, addresses.

None of it is text of the article, and none of it is compared. What a paywall flag means for the text is walls.py's; what kind
of page it is, kind.py's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin

from lxml.etree import _Element

from tracker.extract.kind import Kind, kind_of
from tracker.extract.linked_data import LinkedData, Node, plain
from tracker.extract.page import text_of
from tracker.extract.reserved import reserved_in_meta
from tracker.urls import canonical_url, same_site

_LONGEST_SECTION: Final = 80
_LONGEST_CAPTION: Final = 1000
_MOST_FIGURES: Final = 5  # a lead picture stands before that many others

_ORIGIN: Final = re.compile(
    r"""
    (?:(?:originally|first|previously)\ (?:published|appeared|posted|ran)\ (?:at|on|in|by|with)
      | (?:zuerst|ursprünglich)\ (?:erschienen|veröffentlicht)\ (?:auf|bei|in)
      | (?:initialement|d['’]abord)\ (?:publiée?|parue?)\ (?:sur|dans|par)
      | (?:publicad[oa]\ originalmente|originalmente\ publicad[oa])\ (?:en|em|no|na|por)
      | (?:pubblicato\ (?:originariamente|in\ origine)|originariamente\ pubblicato)\ (?:su|da|in)
      | (?:eerder|oorspronkelijk)\ (?:verschenen|gepubliceerd)\ (?:op|in|bij|door)
      | ursprungligen\ publicera[dt]\ (?:på|i|av)
    )(?:\ the)?\W*$
    """,
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """None where the page says nothing. `free` is False only for what is said to be locked, never for what is metered.

    `addresses` are all that the page calls its own address, absolute; `locked` are the CSS classes of the parts that it
    says are not free; `word_count` is the publisher's own; `reserved` names a reservation, see reserved.py.
    """

    section: str | None
    free: bool | None
    kind: Kind
    image_url: str | None
    image_caption: str | None
    original_url: str | None
    addresses: tuple[str, ...]
    locked: tuple[str, ...]
    word_count: int | None
    reserved: str | None


def read_about(tree: _Element, data: LinkedData, meta: Mapping[str, str], url: str, canonical: str | None) -> About:
    article = data.article
    section = _section(article, meta)
    image = next(_images(article.get("image")), None) or next(_images(article.get("thumbnailUrl")), None)
    image_url = image[0] if image else meta.get("og:image") or meta.get("twitter:image") or meta.get("og:image:url")
    parts = [node for node in _nodes(article.get("hasPart")) if _free(node.get("isAccessibleForFree")) is False]
    count = plain(str(article.get("wordCount") or ""))
    return About(
        section=section,
        free=_is_free(data, meta),
        kind=kind_of(tree, data, meta, url, canonical=canonical, section=section),
        image_url=absolute(image_url, url) if image_url else None,
        image_caption=((image[1] if image else "") or _figure_caption(tree))[:_LONGEST_CAPTION] or None,
        original_url=_original(tree, article, meta, url, canonical),
        addresses=tuple(dict.fromkeys(_addresses(article, meta, url, canonical))),
        locked=tuple(name.removeprefix(".") for part in parts if (name := plain(part.get("cssSelector")))),
        reserved=reserved_in_meta(meta),
        word_count=int(count) if count.isascii() and count.isdecimal() and len(count) < 7 else None,
    )


def absolute(link: str, url: str) -> str | None:
    """The link as an address of the web, or None: nothing but http and https is one."""
    try:
        found = urljoin(url, link.strip())
        canonical_url(found)
    except ValueError:
        return None
    return found


# --- section and flag ----------------------------------------------------------------------------


def _section(article: Node, meta: Mapping[str, str]) -> str | None:
    said = [plain(article.get("articleSection")), *(meta.get(name, "") for name in ("article:section", "og:article:section"))]
    said += [meta.get(name, "") for name in ("parsely-section", "sailthru.section", "section", "cxenseparse:articlesection")]
    return next((text[:_LONGEST_SECTION] for text in said if text), None)


def _is_free(data: LinkedData, meta: Mapping[str, str]) -> bool | None:
    said = _free(data.article.get("isAccessibleForFree"))
    if said is None:
        said = next((free for node in data.nodes if (free := _free(node.get("isAccessibleForFree"))) is not None), None)
    if said is None:
        said = {"free": True, "locked": False}.get(meta.get("article:content_tier", "").lower())
    return said


def _free(value: object) -> bool | None:
    """True, "true", "http://schema.org/False": publishers write it in every way."""
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(plain(value).rsplit("/", 1)[-1].lower())


# --- picture and origin --------------------------------------------------------------------------


def _images(value: object) -> Iterator[tuple[str, str]]:
    """Address and caption of each picture, however it is said."""
    for entry in value if isinstance(value, list) else [value]:
        if isinstance(entry, str) and entry.strip():
            yield entry, ""
        elif isinstance(entry, dict) and (link := plain(entry.get("url")) or plain(entry.get("contentUrl")) or plain(entry.get("@id"))):
            yield link, plain(entry.get("caption")) or plain(entry.get("description"))


def _figure_caption(tree: _Element) -> str:
    for _, figure in zip(range(_MOST_FIGURES), tree.iter("figure"), strict=False):
        caption = next(figure.iter("figcaption"), None)
        if caption is not None and next(figure.iter("img"), None) is not None and (text := text_of(caption)):
            return text
    return ""


def _original(tree: _Element, article: Node, meta: Mapping[str, str], url: str, canonical: str | None) -> str | None:
    """Where the text comes from, as the page has it: said in data, in a line with a link, or by a canonical of another site."""
    based_on = article.get("isBasedOn") or article.get("isBasedOnUrl")
    said = [plain(node.get("url")) or plain(node.get("@id")) for node in _nodes(based_on)]
    said += [meta.get("original-source", ""), meta.get("syndication-source", ""), *_first_published(tree)]
    found = next((address for link in said if link and (address := absolute(link, url)) and not _is_same(address, url)), None)
    if found is None and canonical is not None and not _is_same_site(canonical, url):
        return canonical
    return found


def _first_published(tree: _Element) -> Iterator[str]:
    for link in tree.iter("a"):
        href = link.get("href") or ""
        if not href.startswith(("http:", "https:", "//")):
            continue
        previous, parent = link.getprevious(), link.getparent()
        before = previous.tail if previous is not None else parent.text if parent is not None else None
        if before and _ORIGIN.search(" ".join(before.split())):
            yield href


def _is_same(one: str, other: str) -> bool:
    try:
        return canonical_url(one) == canonical_url(other)
    except ValueError:
        return False


def _is_same_site(one: str, other: str) -> bool:
    try:
        return same_site(one, other)
    except ValueError:
        return True  # a page that was read from a file has no site


def _nodes(value: object) -> Iterator[Node]:
    for entry in value if isinstance(value, list) else [value]:
        if isinstance(entry, dict):
            yield entry
        elif isinstance(entry, str) and entry.strip():
            yield {"url": entry}


# --- addresses -----------------------------------------------------------------------------------


def _addresses(article: Node, meta: Mapping[str, str], url: str, canonical: str | None) -> Iterator[str]:
    main = article.get("mainEntityOfPage")
    said: Iterable[str] = [canonical or "", meta.get("og:url", ""), plain(article.get("url"))]
    said = [*said, *(plain(node.get("@id")) or plain(node.get("url")) for node in _nodes(main))]
    for link in said:
        if link and (found := absolute(link, url)) is not None:
            yield found
