"""What a page says about its article: headline, byline, dates, language, canonical link.

Read from JSON-LD, OpenGraph, meta elements and the page itself, in the order in which publishers keep them right.
The body is body.py's; what JSON-LD looks like is linked_data.py's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import islice
from typing import Final
from urllib.parse import urljoin

from lxml.etree import XPath, _Element

from tracker.extract.linked_data import LinkedData, Node, plain, read_linked_data
from tracker.extract.page import text_of
from tracker.text import normalise
from tracker.urls import canonical_url

_OLDEST_YEAR: Final = 1980  # a date before the web is a default that nobody set
_LONGEST_HEADLINE: Final = 500
_LONGEST_BYLINE: Final = 2000
_LONGEST_NAME: Final = 120
_MOST_NAMES: Final = 20
_SITE_NAME_WORDS: Final = 6  # a last part of a title that is longer is part of the headline

_SEPARATOR: Final = re.compile(r"\s+[|–—·•»:‹«/-]\s+|\s*\|\s*|\s+::\s+")
_ELLIPSIS: Final = re.compile(r"\s*(?:\.\.\.|…)$")
_BY: Final = re.compile(
    r"^(?:written\s+)?(?:by|von|par|por|da|di|door|av|af|przez|autor(?:in)?:?|text:?|від|от)[\s:]+(?=\S)",
    re.IGNORECASE,
)
_ITEMPROP: Final = XPath("descendant::*[@itemprop]")
_DATE_AFTER_NAME: Final = re.compile(r"[\s,|-]+(?:[^\W\d]+\.?\s+)?\d.*$", re.DOTALL)
_EMAIL: Final = re.compile(r"\s*[<(]?\b[\w.+-]{1,64}@[\w-]{1,64}\.[\w.-]{1,64}[>)]?|\s+\(?@\w{1,64}\)?")  # or a handle
_NAMES: Final = re.compile(r"\s*[;|]\s*|\s*,\s+(?=\S+\s+\S)|\s+(?:and|und|et|y|e|en|och|og|&)\s+(?=[^\W\d_a-z]\S*\s+[^\W\d_a-z])")
_LANGUAGE: Final = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{4}))?(?:[-_]([A-Za-z]{2}|[0-9]{3}))?(?![A-Za-z0-9])")
_ZONE_WITHOUT_COLON: Final = re.compile(r"\s*([+-]\d{2}):?(\d{2})$")
_SHORT_FRACTION: Final = re.compile(r"(:\d{2})[.,]\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """Empty strings and None where the page says nothing.

    `titles` are all that the page gives as its headline, as they stand; `article_body` is the text that JSON-LD carries.
    """

    headline: str
    titles: tuple[str, ...]
    byline: str | None
    published_at: datetime | None
    modified_at: datetime | None
    language: str | None
    canonical_url: str | None
    article_body: str
    says_article: bool
    types: frozenset[str]


def read_metadata(tree: _Element, url: str) -> Metadata:
    data = read_linked_data(tree)
    meta = _meta(tree)
    article = data.article
    titles = _titles(tree, article, meta)
    return Metadata(
        headline=_headline(titles, data, meta),
        titles=tuple(dict.fromkeys(filter(None, titles))),
        byline=_byline(tree, article, meta),
        published_at=_first_date(
            [article.get("datePublished"), article.get("dateCreated"), *_values(meta, _PUBLISHED)], _marked(tree, "datePublished")
        ),
        modified_at=_first_date([article.get("dateModified"), *_values(meta, _MODIFIED)], _marked(tree, "dateModified")),
        language=_language(tree, article, meta),
        canonical_url=_canonical(tree, meta, url),
        article_body=_body_text(article),
        says_article=bool(article) or meta.get("og:type", "").lower() in {"article", "news"},
        types=data.types,
    )


# --- meta elements -------------------------------------------------------------------------------

_PUBLISHED: Final = (
    "article:published_time",
    "og:article:published_time",
    "og:published_time",
    "datepublished",
    "parsely-pub-date",
    "sailthru.date",
    "pubdate",
    "publishdate",
    "publish-date",
    "publication_date",
    "dc.date.issued",
    "dcterms.created",
    "dc.date",
    "date",
)
_MODIFIED: Final = (
    "article:modified_time",
    "og:article:modified_time",
    "datemodified",
    "og:updated_time",
    "dcterms.modified",
    "lastmod",
    "last-modified",
)
_AUTHOR: Final = (
    "byl",
    "author",
    "parsely-author",
    "sailthru.author",
    "dc.creator",
    "dcterms.creator",
    "article:author",
    "og:article:author",
)
_NAMED_BY: Final = ("property", "name", "itemprop", "http-equiv")


def _meta(tree: _Element) -> dict[str, str]:
    """The first value of each meta element; several authors are kept together."""
    found: dict[str, str] = {}
    for element in tree.iter("meta"):
        name = next((said.strip().lower() for attribute in _NAMED_BY if (said := element.get(attribute))), "")
        value = plain(element.get("content"))
        if not name or not value:
            continue
        if name not in found:
            found[name] = value
        elif name in _AUTHOR and value not in found[name] and len(found[name]) < _LONGEST_HEADLINE:
            found[name] = f"{found[name]}; {value}"
    return found


def _values(meta: dict[str, str], names: Iterable[str]) -> list[str]:
    return [meta[name] for name in names if name in meta]


# --- headline ------------------------------------------------------------------------------------


def _titles(tree: _Element, article: Node, meta: dict[str, str]) -> list[str]:
    """What the page gives as its headline, the most trusted first; "" where it gives none."""
    title = next((text_of(element) for element in tree.iter("title")), "")
    described = plain(article.get("headline") or article.get("name"))
    found = [described, meta.get("og:title", ""), _main_heading(tree), meta.get("twitter:title", ""), title]
    return [text[:_LONGEST_HEADLINE] for text in found]


def _headline(found: list[str], data: LinkedData, meta: dict[str, str]) -> str:
    """Two that agree win, else the first; the site's name is taken off."""
    names = {_squeezed(name) for name in (*data.site_names, *_values(meta, ("og:site_name", "application-name")))} - {""}
    bare = [_without_site_name(candidate, names, found) for candidate in found]
    bare = [candidate for candidate in bare if candidate]
    if not bare:
        return ""
    squeezed = [_squeezed(candidate) for candidate in bare]
    for candidate, form in zip(bare, squeezed, strict=True):
        if form and squeezed.count(form) > 1 and form not in names:
            return candidate
    return _whole(bare[0], bare[1:])


def _main_heading(tree: _Element) -> str:
    """The <h1> that stands in the article or main element, else the only one, else the first with several words."""
    headings = list(tree.iter("h1"))
    inside = [element for element in headings if next(element.iterancestors("article", "main"), None) is not None]
    texts = [text_of(element) for element in inside or headings]
    texts = [text for text in texts if text]
    if len(texts) == 1:
        return texts[0]
    return next((text for text in texts if len(text.split()) > 2), "")


def _without_site_name(title: str, names: set[str], others: Iterable[str]) -> str:
    """Cut at a separator what is the site's name, or what another candidate does without."""
    cuts = [(match.start(), match.end()) for match in _SEPARATOR.finditer(title)]
    shorter = {_squeezed(other) for other in others if other and len(other) < len(title)} - names
    for start, end in cuts:
        if _squeezed(title[:start]) in shorter or _is_site_name(title[end:], names):
            return title[:start].strip()
    if cuts and (_squeezed(title[cuts[0][1] :]) in shorter or _is_site_name(title[: cuts[0][0]], names)):
        return title[cuts[0][1] :].strip()
    return title


def _is_site_name(part: str, names: set[str]) -> bool:
    squeezed = _squeezed(part)
    if not squeezed or len(part.split()) > _SITE_NAME_WORDS:
        return False
    return any(name.startswith(squeezed) or (len(name) > 2 and squeezed.startswith(name)) for name in names)


def _squeezed(text: str) -> str:
    """Letters and digits only: "BBC News" and "bbcnews" name one site."""
    return "".join(character for character in normalise(text).casefold() if character.isalnum()).removeprefix("the").removesuffix("com")


def _whole(headline: str, others: Iterable[str]) -> str:
    """A headline that was cut off with dots, in full where the page has it in full."""
    start = _ELLIPSIS.sub("", headline)
    if start == headline:
        return headline
    return next((other for other in others if len(other) > len(headline) and other.startswith(start)), headline)


# --- byline --------------------------------------------------------------------------------------


def _byline(tree: _Element, article: Node, meta: dict[str, str]) -> str | None:
    authors = article.get("author")
    names = [plain(author.get("name")) for author in authors if isinstance(author, dict)] if isinstance(authors, list) else []
    return (
        _joined(names)
        or next((byline for value in _values(meta, _AUTHOR) if (byline := _joined([value]))), None)
        or _joined(_name_alone(text_of(element)) for element in _marked(tree, "author"))
        or _joined(_name_alone(text_of(element)) for element in tree.iter("a") if "author" in (element.get("rel") or "").lower().split())
    )


def _name_alone(text: str) -> str:
    """What stands on the page beside a name, a date above all, is cut off."""
    return _DATE_AFTER_NAME.sub("", text)


def _joined(texts: Iterable[str]) -> str | None:
    names: dict[str, str] = {}
    for text in texts:
        for name in _NAMES.split(_EMAIL.sub("", text[:_LONGEST_BYLINE])):
            bare = _BY.sub("", name.strip(" \t,.;:|-–—")).strip(" ,;:|")
            if bare and len(bare) <= _LONGEST_NAME and not bare.lower().startswith(("http:", "https:", "www.", "@")):
                names.setdefault(bare.casefold(), bare)
    return ", ".join(islice(names.values(), _MOST_NAMES)) or None


# --- dates ---------------------------------------------------------------------------------------


def _first_date(values: Iterable[object], elements: Iterable[_Element]) -> datetime | None:
    for value in values:
        if (found := read_date(plain(value))) is not None:
            return found
    for element in elements:
        if (found := read_date(element.get("datetime") or element.get("content") or "")) is not None:
            return found
    return None


def read_date(text: str) -> datetime | None:
    """A publisher's date and time in UTC. One without a zone is taken as UTC: the page gives nothing better."""
    text = text.strip()
    if not text or len(text) > 64 or not any(character.isdigit() for character in text):
        return None
    found = _iso(text) or _mail_date(text)
    if found is None:
        return None
    try:
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (OverflowError, ValueError):
        return None
    return found.replace(microsecond=0) if found.year >= _OLDEST_YEAR else None


def _iso(text: str) -> datetime | None:
    text = _SHORT_FRACTION.sub(r"\1", _ZONE_WITHOUT_COLON.sub(r"\1:\2", text) if ":" in text else text).replace("/", "-")
    for form in (text, text.removesuffix(" UTC").removesuffix(" GMT"), text.replace(" Z", "Z")):
        try:
            return datetime.fromisoformat(form)
        except ValueError:
            continue
    return None


def _mail_date(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _marked(tree: _Element, name: str) -> list[_Element]:
    """Elements that microdata marks with a name; for the date of publication also <time pubdate> and the article's first <time>."""
    found = [element for element in _with_itemprop(tree) if name in (element.get("itemprop") or "").split()]
    if name == "datePublished" and not found:
        times = [element for element in tree.iter("time") if element.get("datetime")]
        inside = [element for element in times if next(element.iterancestors("article", "main"), None) is not None]
        found = [element for element in times if element.get("pubdate") is not None] or inside[:1]
    return found


def _with_itemprop(tree: _Element) -> list[_Element]:
    found = _ITEMPROP(tree)
    return [element for element in found if isinstance(element, _Element)] if isinstance(found, list) else []


# --- language and link ---------------------------------------------------------------------------


def _language(tree: _Element, article: Node, meta: dict[str, str]) -> str | None:
    xml = "{http://www.w3.org/XML/1998/namespace}lang"
    said = [tree.get("lang"), tree.get("xml:lang"), tree.get(xml), plain(article.get("inLanguage"))]
    said += _values(meta, ("og:locale", "content-language", "language", "dc.language"))
    return next((tag for value in said if value and (tag := read_language(value))), None)


def read_language(text: str) -> str | None:
    """ "en", "pt-BR", "zh-Hant": the language tag that a text begins with; None where it begins with none."""
    found = _LANGUAGE.match(text.strip())
    if found is None:
        return None
    language, script, region = found.groups()
    return "-".join(part for part in (language.lower(), script and script.title(), region and region.upper()) if part)


def _canonical(tree: _Element, meta: dict[str, str], url: str) -> str | None:
    """The page's own word for its address, absolute; nothing but http and https is an address."""
    links = [element.get("href") or "" for element in tree.iter("link") if "canonical" in (element.get("rel") or "").lower().split()]
    for link in filter(None, map(str.strip, [*links, *_values(meta, ("og:url",))])):
        try:
            absolute = urljoin(url, link)
            canonical_url(absolute)
        except ValueError:
            continue
        return absolute
    return None


def _body_text(article: Node) -> str:
    body = article.get("articleBody")
    if isinstance(body, list):
        body = "\n".join(part for part in body if isinstance(part, str))
    return body if isinstance(body, str) else ""
