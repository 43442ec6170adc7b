"""The text of a page that has little: a flash of two sentences, a brief in Chinese, a recipe, one line under a film.

trafilatura's own way out, where it finds next to nothing, is all that the page says, menu and headline included. Here only
what stands in the article's box is read, and never what is furniture by its element, its role or its class.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from functools import cache
from itertools import islice
from typing import Final, TypeAlias

from lxml.etree import Element, _Element
from lxml.html import HtmlElement

from tracker.extract.page import ENDS_SENTENCE, text_of
from tracker.model import BlockKind

# Thresholds, guarded by tests/extract/test_short.py.
_LINKED_SHARE: Final = 0.6  # of a line that leads elsewhere
_TEASER_LEVELS: Final = 4  # elements around a heading that may be its teaser's box
_TEASER_LINES: Final = 2
_LONGEST_TEASER: Final = 300  # characters; entries of a list that is an article are longer
_FEWEST_TEASERS: Final = 2  # a page has more than one
_LONGEST_LABEL: Final = 40  # characters of a line outside <p> that is no sentence

# A letter of Ugaritic: the rescue drops private characters, and a longer mark would count as text of the page.
RESCUE_MARK: Final = "\U00010380"

_SPACES: Final = re.compile(r"\s+")

# fmt: off
_FURNITURE: Final = frozenset([
    "nav", "header", "footer", "aside", "form", "menu", "button", "select", "datalist", "dialog", "iframe", "object", "video", "audio",
    "svg", "noscript", "template", "style", "script", "label", "h1", "input", "textarea",
])
# fmt: on
_ROLES: Final = frozenset(
    ["navigation", "banner", "contentinfo", "search", "complementary", "menu", "menubar", "toolbar", "dialog", "alertdialog"]
)
_CLASS: Final = re.compile(
    r"""
    (?:^|\s)(?!(?:has|is|with|no|js)-)(?:[\w-]*[-_])?
    (?:nav(?:bar|igation)?|menu|breadcrumbs?|footer|masthead|(?:site|page|article|story|post)-?header|header|byline|authors?|dateline|pubdate
      |timestamp|date|published|meta|share|sharing|social|related|teasers?|recommend(?:ed|ations)|recirc\w*|newsletter|tags?|topics
      |comments?|advert(?:isement)?|ads?|sponsored|sidebar|widgets?|most-?read|popular|trending|pagination|pager|skip-?link|copyright|kicker
      |eyebrow|search|toolbar|outbrain|taboola)
    (?:[-_](?:bar|list|links?|wrapper|container|box|block|inner|items?|section|area|info|text))*(?=\s|$)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_ASKS_FOR_CONSENT: Final = re.compile(r"cookie|consent|gdpr|cmp-|privacy", re.IGNORECASE)
_ARTICLE: Final = ("article", "main")
_WHOLE: Final = ("h1", *_ARTICLE)
# fmt: off
_BLOCKS: Final = frozenset([
    "address", "article", "blockquote", "body", "center", "dd", "details", "div", "dl", "dt", "fieldset", "figcaption", "figure",
    "h2", "h3", "h4", "h5", "h6", "hr", "li", "main", "ol", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot",
    "th", "thead", "tr", "ul",
])
# fmt: on
_HEADINGS: Final = frozenset({"h2", "h3", "h4", "h5", "h6"})
_KINDS: Final = {"li": BlockKind.LIST_ITEM, "blockquote": BlockKind.QUOTE} | dict.fromkeys(_HEADINGS, BlockKind.HEADING)
_BY: Final = re.compile(r"(?i:by|von|par|por|da|di|door|av|af|text:?)\s+[^\W\d_a-z]\S*(?:\s+\S+){0,4}")

Part: TypeAlias = tuple[BlockKind, str]
Furniture: TypeAlias = Callable[[_Element], bool]


def mark_rescue(tree: HtmlElement) -> None:
    """Marks where only trafilatura's rescue looks: its reader passes a list of choices over, its rescue takes all of a box."""
    articles = [box for box in tree.iter("article") if next(box.iterancestors("article"), None) is None]
    for box in (*articles, *tree.iter("body")):
        passed_over, line = Element("datalist"), Element("p")
        line.text = RESCUE_MARK
        passed_over.append(line)
        box.append(passed_over)


def find_teasers(tree: HtmlElement) -> list[_Element]:
    """The boxes that show other articles: one heading that leads away, and a line or two. Asked before prepare drops such headings."""
    is_teaser = cache(_is_teaser)  # many headings may share a box
    found: dict[_Element, None] = {}
    for heading in tree.iter(*_HEADINGS):
        if next(heading.iter("a"), None) is None and next(heading.iterancestors("a"), None) is None:
            continue
        for box in islice(heading.iterancestors(), _TEASER_LEVELS):
            answer = is_teaser(box)
            if answer:
                found[box] = None
            if answer is not None:
                break
    return list(found) if len(found) >= _FEWEST_TEASERS else []


def _is_teaser(box: _Element) -> bool | None:
    """None where it is too small a box: its lines stand around it."""
    lines = list(islice(filter(None, map(text_of, box.iter("p"))), _TEASER_LINES + 1))
    headings = list(islice(box.iter(*_HEADINGS), 2))
    if len(lines) > _TEASER_LINES or len(headings) > 1 or next(box.iter("h1"), None) is not None:
        return False
    return sum(map(len, lines)) <= _LONGEST_TEASER if lines else None


def read_short(tree: HtmlElement, titles: Collection[str], teasers: Collection[_Element]) -> list[Part]:
    """The lines of the smallest box that has some, without what is known to be the page's title."""
    others = frozenset(teasers)
    for box, is_furniture in _boxes(tree, others):
        parts = [part for part in _parts(box, others, is_furniture) if part[1] not in titles]
        while parts and parts[-1][0] is BlockKind.HEADING:
            parts.pop()
        if parts:
            return parts
    return []


def _boxes(tree: HtmlElement, teasers: Collection[_Element]) -> Iterator[tuple[_Element, Furniture]]:
    """Where the article may stand, the surest first; last the whole page, whose classes may be misleading."""
    marked = [box for box in tree.iter() if "articleBody" in (box.get("itemprop") or "").split()]
    articles = [box for box in tree.iter("article") if box not in teasers]
    titled = [box for box in articles if next(box.iter("h1"), None) is not None]
    mains = [box for box in tree.iter() if box.tag == "main" or box.get("role") == "main"]
    for box in (*marked[:1], *(titled or articles)[:1], *mains[:1], *tree.iter("body")):
        yield box, _is_furniture
    yield from ((box, _is_never_text) for box in tree.iter("body"))


def _is_never_text(element: _Element) -> bool:
    return element.tag in _FURNITURE or element.get("role") in _ROLES or element.get("hidden") is not None


def _is_furniture(element: _Element) -> bool:
    name = f"{element.get('class') or ''} {element.get('id') or ''}"
    if name == " " or not (_CLASS.search(name) or _ASKS_FOR_CONSENT.search(name)):
        return _is_never_text(element)
    return _is_never_text(element) or next(element.iter(*_WHOLE), None) is None


def _parts(box: _Element, teasers: Collection[_Element], is_furniture: Furniture) -> Iterator[Part]:
    """The box's lines, cut where a block begins or ends."""
    inline: list[str] = []
    linked = 0

    def line() -> Iterator[Part]:
        nonlocal linked
        text = "\n".join(filter(None, (" ".join(piece.split()) for piece in "".join(inline).split("\n"))))
        if text and not _is_label(box, text, linked):
            yield _KINDS.get(str(box.tag), BlockKind.PARAGRAPH), text
        inline.clear()
        linked = 0

    inline.append(_flat(box.text))
    for child in box:
        if child in teasers or is_furniture(child):
            inline.append(" ")
        elif child.tag == "br":
            inline.append("\n")
        elif child.tag == "tr":
            yield from line()
            yield from _row(child)
        elif child.tag in _BLOCKS or next(child.iter(*_BLOCKS), None) is not None:
            yield from line()
            inner = _parts(child, teasers, is_furniture)
            kind = _KINDS.get(str(box.tag))
            yield from ((kind, text) for _, text in inner) if kind and child.tag not in _KINDS else inner
        elif child.tag != "time":
            linked += len(text_of(child)) if child.tag == "a" else sum(len(text_of(link)) for link in child.iter("a"))
            inline.append(_inline(child))
        inline.append(_flat(child.tail))
    yield from line()


def _inline(element: _Element) -> str:
    if element.tag == "br":
        return "\n"
    return _flat(element.text) + "".join(_inline(child) + _flat(child.tail) for child in element)


def _flat(text: str | None) -> str:
    """A line that ends in the source does not end on the page."""
    return _SPACES.sub(" ", text or "")


def _row(row: _Element) -> Iterator[Part]:
    cells = [text for cell in row if (text := text_of(cell))]
    if cells:
        yield BlockKind.TABLE_ROW if len(cells) > 1 else BlockKind.PARAGRAPH, " | ".join(cells)


def _is_label(box: _Element, text: str, linked: int) -> bool:
    """What is no text of the article: a line of links, a name, a word or two in a box."""
    if ENDS_SENTENCE.search(text):
        return False
    if linked > _LINKED_SHARE * len(text) or _BY.fullmatch(text):
        return True
    return box.tag not in {"p", "li", "dd", "dt", "blockquote", "pre", *_HEADINGS} and len(text) < _LONGEST_LABEL
