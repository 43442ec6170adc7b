"""What a page says about its article: headline, summary, byline, dates, language, canonical link.

Read from JSON-LD, OpenGraph, meta elements and the page itself, in the order in which publishers keep them right.
The body is body.py's; what JSON-LD looks like is linked_data.py's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final

from lxml.etree import XPath, _Element

from tracker.extract.about import About, absolute, read_about
from tracker.extract.dates import read_date
from tracker.extract.headline import choose_headline, read_titles
from tracker.extract.linked_data import Node, plain, read_linked_data
from tracker.extract.page import text_of

_LONGEST_HEADLINE: Final = 500
_LONGEST_BYLINE: Final = 2000
_LONGEST_NAME: Final = 120
_MOST_NAMES: Final = 20
_LONGEST_SIGNED: Final = 80  # characters of a line with a name
_AUTHOR_NAME: Final = re.compile(r"(?:byline|author)s?[-_]*name(?![a-z])|byline[-_]+author", re.IGNORECASE)
_PERSON: Final = re.compile(r"(?:[^\W\d_a-z][\w.'’-]*(?:\s+(?:de|da|di|van|von|der|den|la|le|al|el|bin))*\s*){2,5}")
_NO_NAME: Final = ("http:", "https:", "www.", "@")

_BY: Final = re.compile(
    r"^(?:written\s+)?(?:by|von|par|por|da|di|door|av|af|przez|autor(?:in)?:?|text:?|від|от)[\s:]+(?=\S)",
    re.IGNORECASE,
)
_ITEMPROP: Final = XPath("descendant::*[@itemprop]")
_DATE_AFTER_NAME: Final = re.compile(r"[\s,|-]+(?:[^\W\d]+\.?\s+)?\d.*$", re.DOTALL)
_EMAIL: Final = re.compile(r"\s*[<(]?\b[\w.+-]{1,64}@[\w-]{1,64}\.[\w.-]{1,64}[>)]?|\s+\(?@\w{1,64}\)?")  # or a handle
_NAMES: Final = re.compile(r"\s*[;|]\s*|\s*,\s+(?=\S+\s+\S)|\s+(?:and|und|et|y|e|en|och|og|&)\s+(?=[^\W\d_a-z]\S*\s+[^\W\d_a-z])")
_LANGUAGE: Final = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{4}))?(?:[-_]([A-Za-z]{2}|[0-9]{3}))?(?![A-Za-z0-9])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """Empty strings and None where the page says nothing.

    `titles` are all that the page gives as its headline, as they stand; `languages` all that it says it is in;
    `article_body` is the text that JSON-LD carries.
    """

    headline: str
    titles: tuple[str, ...]
    summary: str
    byline: str | None
    published_at: datetime | None
    modified_at: datetime | None
    language: str | None
    canonical_url: str | None
    article_body: str
    says_article: bool
    types: frozenset[str]
    languages: tuple[str, ...]
    about: About


def read_metadata(tree: _Element, url: str) -> Metadata:
    data = read_linked_data(tree)
    meta = _meta(tree)
    article = data.article
    titles = read_titles(tree, article, meta)
    canonical = _canonical(tree, meta, url)
    languages = tuple(dict.fromkeys(_languages(tree, article, meta)))
    return Metadata(
        headline=choose_headline(titles, data, meta),
        titles=tuple(dict.fromkeys(filter(None, titles))),
        summary=plain(article.get("description")) or next(iter(_values(meta, _SUMMARY)), ""),
        byline=_byline(tree, article, meta),
        published_at=_first_date([article.get("datePublished"), article.get("dateCreated"), *_values(meta, _PUBLISHED)])
        or _marked_date(tree, "datePublished"),
        modified_at=_first_date([article.get("dateModified"), *_values(meta, _MODIFIED)]) or _marked_date(tree, "dateModified"),
        language=next(iter(languages), None),
        canonical_url=canonical,
        article_body=_body_text(article),
        says_article=bool(article) or meta.get("og:type", "").lower() in {"article", "news"},
        types=data.types,
        languages=languages,
        about=read_about(tree, data, meta, url, canonical),
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
_SUMMARY: Final = ("og:description", "description", "twitter:description")
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


# --- byline --------------------------------------------------------------------------------------


def _byline(tree: _Element, article: Node, meta: dict[str, str]) -> str | None:
    authors = article.get("author")
    names = [plain(author.get("name")) for author in authors if isinstance(author, dict)] if isinstance(authors, list) else []
    return (
        _joined(names)
        or next((byline for value in _values(meta, _AUTHOR) if (byline := _joined([value]))), None)
        or _joined(_name_alone(text_of(element)) for element in _together(_marked(tree, "author")))
        or _joined(_name_alone(text_of(link)) for link in _together(_author_links(tree)))
        or _joined(_signed(tree))
    )


def _signed(tree: _Element) -> Iterator[str]:
    """The names in what is called an author's name, or in a line "By ...", between the main heading and the text."""
    lines = list(_below_heading(tree))
    named = [line for line in lines if len(line) == 0 and _AUTHOR_NAME.search(line.get("class") or "")]
    for element in (*named, *lines):
        begins = (element.text or "").strip()
        parent = element.getparent()
        if not begins or parent is None or not (element in named or _BY.match(f"{begins} x")):
            continue
        line = parent if _BY.sub("", f"{text_of(element)} x") == "x" else element
        names = [text_of(link) for link in line.iter("a")] or [_name_alone(_BY.sub("", text_of(line)))]
        if len(text_of(line)) <= _LONGEST_SIGNED and all(map(_PERSON.fullmatch, names)):
            yield from names
            return


def _below_heading(tree: _Element) -> Iterator[_Element]:
    """Down to the first paragraph; without a main heading all that is above it."""
    is_below = next(tree.iter("h1"), None) is None
    for element in tree.iter("h1", "p", "div", "span", "li", "address", "a"):
        is_below = is_below or element.tag == "h1"
        if is_below and element.tag == "p" and len(text_of(element)) > _LONGEST_SIGNED:
            return
        if is_below:
            yield element


def _author_links(tree: _Element) -> Iterator[_Element]:
    return (link for link in tree.iter("a") if "author" in (link.get("rel") or "").lower().split())


def _together(elements: Iterable[_Element]) -> list[_Element]:
    """The first, and those in one line or list with it: further down stand the authors of other stories."""
    found = [element for element in elements if text_of(element)]
    return [element for element in found if _line(element) is _line(found[0])]


def _line(element: _Element) -> _Element | None:
    parent = element.getparent()
    return parent.getparent() if parent is not None and parent.tag in {"li", "span"} else parent


def _name_alone(text: str) -> str:
    """What stands on the page beside a name, a date above all, is cut off."""
    return _DATE_AFTER_NAME.sub("", text)


def _joined(texts: Iterable[str]) -> str | None:
    names: dict[str, str] = {}
    for text in texts:
        for name in _NAMES.split(_EMAIL.sub("", text[:_LONGEST_BYLINE])):
            bare = _BY.sub("", name.strip(" \t,.;:|-–—")).strip(" ,;:|")
            if bare and len(bare) <= _LONGEST_NAME and not bare.lower().startswith(_NO_NAME) and bare.lower() != "by":
                names.setdefault(bare.casefold(), bare)
    return ", ".join(islice(names.values(), _MOST_NAMES)) or None


# --- dates ---------------------------------------------------------------------------------------


def _first_date(values: Iterable[object]) -> datetime | None:
    said = (str(value) if isinstance(value, int) else plain(value) for value in values)
    return next((found for text in said if (found := read_date(text)) is not None), None)


def _marked_date(tree: _Element, name: str) -> datetime | None:
    said = (element.get("datetime") or element.get("content") or "" for element in _marked(tree, name))
    return next((found for text in said if (found := read_date(text)) is not None), None)


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


def _languages(tree: _Element, article: Node, meta: dict[str, str]) -> Iterator[str]:
    """All languages that the page says it is in, the most trusted first."""
    xml = "{http://www.w3.org/XML/1998/namespace}lang"
    said = [tree.get("lang"), tree.get("xml:lang"), tree.get(xml), plain(article.get("inLanguage"))]
    said += _values(meta, ("og:locale", "content-language", "language", "dc.language"))
    return (tag for value in said if value and (tag := read_language(value)))


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
    said = [*links, *_values(meta, ("og:url",))]
    return next((found for link in said if link.strip() and (found := absolute(link, url)) is not None), None)


def _body_text(article: Node) -> str:
    body = article.get("articleBody")
    if isinstance(body, list):
        body = "\n".join(part for part in body if isinstance(part, str))
    return body if isinstance(body, str) else ""
