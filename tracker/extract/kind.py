"""What kind of page an article's is: an ordinary article, a live page, opinion, a gallery.

By its markup first, then by its address and section. What is done with a live page is not decided here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, Literal, TypeAlias
from urllib.parse import unquote, urljoin, urlsplit

from lxml.etree import XPath, _Element

from tracker.extract.linked_data import LinkedData, Node, plain, types_of
from tracker.extract.page import text_of
from tracker.urls import canonical_url

Kind: TypeAlias = Literal["article", "live", "opinion", "gallery"]

# Thresholds, guarded by tests/cases/kinds.
_FEWEST_UPDATES: Final = 4  # texts with a time of their own, on a page that calls itself live by a class or an ambiguous word
_LONGEST_RUN: Final = 0.5  # of the page's paragraphs that stand under one time
_PROSE: Final = 50  # characters of a paragraph that is text

_LIVE: Final = frozenset({"LiveBlogPosting"})
_LIVE_PROPERTIES: Final = ("liveBlogUpdate", "coverageStartTime")
_OPINION: Final = frozenset({"OpinionNewsArticle"})
_GALLERY: Final = frozenset({"ImageGallery", "MediaGallery"})

# Words for nothing but a live page, wherever they stand in an address or as the name of a section.
_SURE: Final = (
    r"live-?blogs?|live-?bloggs?|live-?tickers?|live-?updates|live-?reporting|news-?ticker|newsblog|newsblogs|liverapport"
    r"|direktrapport(?:ering)?|minuto-a-minuto|minute-par-minute|minuto-per-minuto|ao-minuto|hetki-hetkelt[aä]|relacj[ae]-na-[zż]ywo"
    r"|canl[iı]-anlat[iı]m|on-?line-p[rř]enos|onlajn-trans[a-z]+|онлайн-трансляция"
)
_SURE_PLACE: Final = re.compile(rf"(?:{_SURE}|live-?update|live-?news|live-?story|live-?coverage)", re.IGNORECASE)
_SURE_SLUG: Final = re.compile(rf"(?:^|-)(?:{_SURE}|live-latest|as-it-happened)(?:-|$)", re.IGNORECASE)
# A slug that begins so is about them.
_ABOUT_THEM: Final = re.compile(
    r"(?:how|why|what|who|inside|behind|guide|the-(?:art|history|rise|end)|comment|pourquoi|wie|warum|was|c[oó]mo|por-qu[eé]|come|perch[eé]|hoe"
    r"|waarom|hur|varf[oö]r|jak|dlaczego)-",
    re.IGNORECASE,
)
# Folders for live pages, but not of concerts, of television or of a shop.
_LIVE_FOLDER: Final = re.compile(
    r"live|(?:en-?)?direct|(?:en-?)?directo|(?:in-?)?diretta|en-?vivo|ao-?vivo|direkt|na-?[zż]ywo|canl[iı]|суцільний-ефір|онлайн",
    re.IGNORECASE,
)
_STAGE: Final = re.compile(
    r"music|musi[ck]a?|musique|muziek|muzyka|concerts?|conciertos|concerti|konzerte?|gigs?|reviews?|tv|t[eé]l[eé](?:vision)?|videos?|watch|player|radio"
    r"|streams?|streaming|podcasts?|events?|tickets?|theatre|stage|kultur|culture|cultura|living|lifestyle",
    re.IGNORECASE,
)
# What may also be said of a concert or of where people live: it counts only with updates on the page.
_PERHAPS_SLUG: Final = re.compile(
    r"(?:^|-)(?:live|(?:en-)?direct|(?:en-)?directo|diretta|en-vivo|ao-vivo|direkte?|na-[zż]ywo|canl[iı]|newsfeed|ticker)(?:-|$)",
    re.IGNORECASE,
)
_LIVE_CLASS: Final = re.compile(
    "(?:(?<![A-Za-z])live|Live)[-_]?(?:[Bb]log|[Tt]icker|[Uu]pdate|[Ff]eed|[Pp]ost|[Ee]ntr|[Ee]vent|[Rr]eport|[Cc]overage)"
)
_CLASSES: Final = XPath('//@class[contains(., "ive")]', smart_strings=False)  # a first sieve: one test is all that is fast
_TYPED: Final = XPath('//*[contains(@itemtype, "LiveBlogPosting")]')

_PLACES: Final[Mapping[Kind, re.Pattern[str]]] = {
    "opinion": re.compile(
        r"opinions?|op-?eds?|comment|commentisfree|commentary|editorials?|columnists?|columns?|letters|meinung(?:en)?|kommentare?"
        r"|kolumnen?|leitartikel|gastbeitr[aä]ge?|tribunes?|[eé]ditos?|[eé]ditoria(?:l|ux)|id[eé]es|opini[oó]n|columnas|tribuna"
        r"|opinioni|commenti|editoriali|opinie|commentaar|opini[aã]o|colunas|ledare|debatt|kronikk?er?|meninger|leder|debat"
        r"|opinie|felietony?|komentarze|mielipide|p[aä][aä]kirjoitus|мнения|колонки|社説|オピニオン",
        re.IGNORECASE,
    ),
    "gallery": re.compile(
        r"galler(?:y|ies)|picture-?galler(?:y|ies)|photo-?galler(?:y|ies)|in-?pictures|slideshows?|fotostrecken?|bildergalerien?"
        r"|bildstrecken?|diaporamas?|galer[ií]as?|fotogaler[ií]as?|fotogallery|galleria|fotoserie|bildspel|billedserie|galerie",
        re.IGNORECASE,
    ),
}

_EXTENSION: Final = re.compile(r"(?:[-_.,~][a-z]{0,3}\d{4,}|[-_.](?:html?|shtml|php|aspx?|jsp|ece|story))+$", re.IGNORECASE)
_CLOCK: Final = re.compile(r"(?:[01]?\d|2[0-3])\s?[:.hH]\s?[0-5]\d(?:\s?(?:uhr|[ap]\.?m\.?|gmt|bst|c?e?s?t|utc|h))?\W*", re.IGNORECASE)
_STAMPS: Final = frozenset({"time", "span", "h2", "h3", "h4", "h5", "strong", "b", "div", "p", "a"})
_ASIDE: Final = frozenset({"aside", "nav", "footer", "script", "style", "noscript", "template"})
_WHOLE: Final = frozenset({"html", "body", "main", "article"})  # whose classes tell of settings: "comments-open"
_COMMENTS: Final = re.compile(
    r"(?:^|[\s_-])(?:comments?|kommentare?|disqus|replies|related|teasers?|recommended)(?:$|[\s_-])", re.IGNORECASE
)


def kind_of(tree: _Element, data: LinkedData, meta: Mapping[str, str], url: str, *, canonical: str | None, section: str | None) -> Kind:
    types = types_of(data.article)
    if _says_live(data, url, canonical):
        return "live"
    if types & _OPINION or meta.get("article:opinion", "").lower() == "true":
        return "opinion"
    if (types if data.article else data.types) & _GALLERY:
        return "gallery"
    folders, slug = _segments(url)
    named = [section or "", *_all(data.article.get("articleSection")), *_all(data.article.get("genre"))]
    named += [meta.get("article:tag", ""), meta.get("og:type", "")]
    if _is_live_address(folders, slug) or any(_SURE_PLACE.fullmatch("-".join(name.split())) for name in named):
        return "live"
    if not data.article and _is_typed_live(tree):
        return "live"
    if (_PERHAPS_SLUG.search(slug) or _has_live_class(tree)) and _is_stream(tree):
        return "live"
    places = [*folders, *named]
    return next((kind for kind, pattern in _PLACES.items() if any(pattern.fullmatch(place) for place in places)), "article")


def _all(value: object) -> list[str]:
    return [plain(entry) for entry in value] if isinstance(value, list) else [plain(value)]


# --- live, by linked data and address ------------------------------------------------------------


def _says_live(data: LinkedData, url: str, canonical: str | None) -> bool:
    """The article's own node, or another that is not about another address: pages list the live pages beside them."""
    if types_of(data.article) & _LIVE or any(data.article.get(name) for name in _LIVE_PROPERTIES):
        return True
    nodes = [node for node in data.nodes if types_of(node) & _LIVE]
    if not nodes:
        return False
    here = {_name(url, url), _name(canonical or url, url)}
    return any(not (names := set(_names(node, url))) or names & here for node in nodes)


def _names(node: Node, base: str) -> Iterator[str]:
    main = node.get("mainEntityOfPage")
    said = [node.get("url"), main if isinstance(main, str) else None, node.get("@id")]
    said += [main.get("@id"), main.get("url")] if isinstance(main, dict) else []
    return (name for value in said if (link := plain(value)) and (name := _name(link, base)))


def _name(link: str, base: str) -> str:
    try:
        return canonical_url(urljoin(base, link))
    except ValueError:
        return ""


def _segments(url: str) -> tuple[list[str], str]:
    """The folders of an address and its slug, as they read."""
    try:
        segments = [segment for segment in unquote(urlsplit(url).path).split("/") if segment]
    except ValueError:
        return [], ""
    return segments[:-1], _EXTENSION.sub("", segments[-1]).replace("_", "-") if segments else ""


def _is_live_address(folders: list[str], slug: str) -> bool:
    if any(map(_SURE_PLACE.fullmatch, folders)):
        return True
    if any(map(_LIVE_FOLDER.fullmatch, folders)) and not any(map(_STAGE.fullmatch, folders)):
        return True
    return _SURE_SLUG.search(slug) is not None and _ABOUT_THEM.match(slug) is None


# --- live, by what the page shows ----------------------------------------------------------------


def _is_typed_live(tree: _Element) -> bool:
    """Microdata around the page's heading, so that a teaser's is not meant."""
    found = _TYPED(tree)
    marked = [element for element in found if isinstance(element, _Element)] if isinstance(found, list) else []
    return any(next(element.iter("h1"), None) is not None for element in marked)


def _has_live_class(tree: _Element) -> bool:
    found = _CLASSES(tree)
    return isinstance(found, list) and any(_LIVE_CLASS.search(str(name)) for name in found)


def _is_stream(tree: _Element) -> bool:
    """Whether the page's text stands under many times of day, and no long part of it under one."""
    runs = [0]
    for element in _shown(tree):
        if _is_stamp(element):
            runs.append(0)
        elif element.tag == "p" and len(text_of(element)) >= _PROSE:
            runs[-1] += 1
    updates = sum(map(bool, runs[1:]))
    return updates >= _FEWEST_UPDATES and max(runs) <= _LONGEST_RUN * sum(runs)


def _is_stamp(element: _Element) -> bool:
    if element.tag == "time" and element.get("datetime"):
        return True
    return element.tag in _STAMPS and _CLOCK.fullmatch((element.text or "").strip()) is not None


def _shown(tree: _Element) -> Iterator[_Element]:
    """The page's elements in order, without what stands beside its article."""
    waiting = [tree]
    while waiting:
        element = waiting.pop()
        name = f"{element.get('class') or ''} {element.get('id') or ''}"
        if element.tag in _WHOLE or (element.tag not in _ASIDE and not _COMMENTS.search(name)):
            yield element
            waiting.extend(reversed(element))
