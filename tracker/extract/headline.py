"""The headline, out of all that a page gives as one: JSON-LD, OpenGraph, <h1>, Twitter's, <title>."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from lxml.etree import _Element

from tracker.extract.linked_data import LinkedData, Node, plain
from tracker.extract.page import text_of
from tracker.text import normalise

_LONGEST_HEADLINE: Final = 500
_SHOWN: Final = 2  # the place of <h1>, which readers see, in what read_titles finds
_SITE_NAME_WORDS: Final = 6  # a last part of a title that is longer is part of the headline

_SEPARATOR: Final = re.compile(r"\s+[|–—·•»:‹«/-]\s+|\s*[|｜]\s*|\s+::\s+|(?<=[\u3040-\u9fff])_")
_BAR: Final = re.compile(r"\s*[|｜]\s*")
_SITE_FIRST: Final = re.compile(r"([^:|]{2,40}):\s+(?=\S)")
_SITE_IN_BRACKETS: Final = re.compile(r"\s*[(\[]([^()\[\]]{2,40})[)\]]$")
_CURLY: Final = re.compile("[‘’“”«»„]")
_SECTION_WORDS: Final = 3
_CUT_LENGTH: Final = 100  # characters; a headline that is longer may have been cut for a search engine, whose limit is 110
_KICKER_WORDS: Final = 3  # a headline is at least as long, where more stands before it elsewhere
_ELLIPSIS: Final = re.compile(r"\s*(?:\.\.\.|…)$")


def read_titles(tree: _Element, article: Node, meta: dict[str, str]) -> list[str]:
    """What the page gives as its headline, the most trusted first; "" where it gives none."""
    title = next((text_of(element) for element in tree.iter("title")), "")
    described = plain(article.get("headline") or article.get("name"))
    found = [described, meta.get("og:title", ""), _main_heading(tree), meta.get("twitter:title", ""), title]
    return [text[:_LONGEST_HEADLINE] for text in found]


def choose_headline(found: list[str], data: LinkedData, meta: dict[str, str]) -> str:
    """Two that agree win, those that agree with what is shown before others, else the first; the site's name is taken off."""
    names = {_squeezed(name) for name in (*data.site_names, meta.get("og:site_name", ""), meta.get("application-name", ""))} - {""}
    bare = [_without_site_name(candidate, names, found) for candidate in found]
    bare = [candidate for candidate in bare if candidate]
    if not bare:
        return ""
    squeezed = [_squeezed(candidate) for candidate in bare]
    twice = [form for form in squeezed if form and squeezed.count(form) > 1 and form not in names]
    shown = _squeezed(_without_site_name(found[_SHOWN], names, found))
    agreed = shown if shown in twice else next(iter(twice), None)
    if agreed is None:
        return _whole(bare[0], bare[1:])
    # Data without the kicker that the page's heading begins with.
    described = _without_site_name(found[0], names, found)
    if len(described.split()) >= _KICKER_WORDS and agreed != _squeezed(described) and agreed.endswith(_squeezed(described)):
        return described
    spelled = [candidate for candidate, form in zip(bare, squeezed, strict=True) if form == agreed]
    return _whole(min(spelled, key=_plainness), bare)


def _plainness(spelled: str) -> tuple[bool, int, int]:
    """Of spellings that differ in capitals, spaces and quotes only, the best is the least."""
    return spelled.isupper(), -len(spelled.split()), -len(_CURLY.findall(spelled))


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
    for named in (_SITE_FIRST.match(title), _SITE_IN_BRACKETS.search(title)):
        if named and _squeezed(named[1]) in names:
            title = title.replace(named[0], "", 1).strip()
    cuts = [(match.start(), match.end()) for match in _SEPARATOR.finditer(title)]
    shorter = {_squeezed(other) for other in others if other and len(other) < len(title)} - names
    for start, end in cuts:
        if _squeezed(title[:start]) in shorter:
            return title[:start].strip()
        if _is_site_name(title[end:], names):
            return _without_section(title[:start].strip()) if _BAR.fullmatch(title[start:end]) else title[:start].strip()
    if cuts and (_squeezed(title[cuts[0][1] :]) in shorter or _is_site_name(title[: cuts[0][0]], names)):
        return title[cuts[0][1] :].strip()
    return title


def _without_section(title: str) -> str:
    """ "Headline | Local news", where the site's name followed after one more bar."""
    head, *sections = _BAR.split(title)
    return head if len(head.split()) > _SECTION_WORDS and all(len(part.split()) <= _SECTION_WORDS for part in sections) else title


def _is_site_name(part: str, names: set[str]) -> bool:
    squeezed = _squeezed(part)
    if not squeezed or len(part.split()) > _SITE_NAME_WORDS:
        return False
    return any(name.startswith(squeezed) or (len(name) > 2 and squeezed.startswith(name)) for name in names)


def _squeezed(text: str) -> str:
    """Letters and digits only: "BBC News" and "bbcnews" name one site."""
    return "".join(filter(str.isalnum, normalise(text).casefold())).removeprefix("the").removesuffix("com")


def _whole(headline: str, others: Iterable[str]) -> str:
    """A headline that was cut off, with dots or at a search engine's limit, in full where the page has it in full."""
    start = _ELLIPSIS.sub("", headline)
    if start == headline and len(headline) < _CUT_LENGTH:
        return headline
    return next((other for other in others if len(other) > len(headline) and other.startswith(start)), headline)
