"""A wall in front of the text: is what the page shows a teaser, and does the site ask for money or for a log-in?

The flag `isAccessibleForFree: false` alone means nothing: what counts is whether the text is whole. A wall counts only where the
text ends at it, so that a box between paragraphs, a quotation and an article about walls are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import accumulate
from typing import Final

from lxml.etree import _Element

from tracker.extract.metadata import Metadata
from tracker.extract.notice_phrases import APP_SAYS
from tracker.extract.page import text_of, unquoted
from tracker.extract.paywall_phrases import NEWSLETTER, PAY_WORD, WALL, WALL_CLASS, WALL_STEMS
from tracker.extract.phrases import LOG_IN
from tracker.model import Block, BlockKind, Refusal, RefusalReason

# Thresholds, guarded by tests/cases/refusals. Lengths are weights: see weight().
_LONGEST_STATEMENT: Final = 240  # of what a wall says; prose is longer
_LONGEST_WALL: Final = 700  # of the whole box, by its class
_FEW_PARAGRAPHS: Final = 2
_SHORT_TEASER: Final = 600  # in so few paragraphs, where the page says that it is locked and shows no wall
_BARE: Final = 200  # a page that is a log-in by its title, though it shows no field
LONGEST_TEASER: Final = 1800  # at a wall
LONGEST_LOCKED_TEASER: Final = 3500  # at a wall, where the page says that it is locked
_WHOLE: Final = 0.8  # of the words that the publisher counts
_CUT: Final = 0.5
_FEWEST_COUNTED: Final = 40  # words; smaller counts are of the teaser
_WALL_BEGINS: Final = 10  # characters before what a wall asks, as "Please"
_PROSE: Final = 80  # a paragraph that goes on after the wall is at least as long
_MOST_SENTENCES: Final = 3
_LAST_BLOCKS: Final = 6  # where the words of a wall may have been taken for text
_START: Final = 60  # characters by which a block is found again on the page

_PROSE_KINDS: Final = frozenset({BlockKind.PARAGRAPH, BlockKind.LIST_ITEM, BlockKind.QUOTE, BlockKind.TABLE_ROW})
_DENSE: Final = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_ENDS_OPEN: Final = re.compile(r"(?:…|\.\.\.|\[…\]|\[\.\.\.\])[\s\"”’»)]*$")
_STATES: Final = frozenset(
    ["p", "div", "span", "h2", "h3", "h4", "h5", "h6", "strong", "b", "em", "a", "button", "section", "aside", "label", "legend"]
)
_NOT_THERE: Final = frozenset(
    ["nav", "header", "footer", "blockquote", "h1", "script", "style", "noscript", "template", "figure", "table", "q", "cite"]
)
_UNSEEN_STYLE: Final = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_UNSEEN_CLASS: Final = re.compile(r"(?:^|[\s_-])(?:modal|hidden|sr-only|visually-hidden|d-none|is-hidden)(?:$|[\s_-])", re.IGNORECASE)


def weight(text: str) -> int:
    """A length that compares across scripts: a Chinese character says as much as two and a half letters."""
    return len(text) + len(_DENSE.findall(text)) * 3 // 2


def prose_of(blocks: tuple[Block, ...]) -> Iterator[str]:
    """The blocks that are text of the article; what a wall says at their end is none."""
    prose = [block.text for block in blocks if block.kind in _PROSE_KINDS]
    yield from prose[:-_LAST_BLOCKS]
    yield from (text for text in prose[-_LAST_BLOCKS:] if not _is_statement(text))


def is_longer(blocks: tuple[Block, ...], limit: int) -> bool:
    """Whether the prose weighs more than `limit`. Most articles do before their end is reached, where the slow question is."""
    return any(length > limit for length in accumulate(map(weight, prose_of(blocks))))


def walled(tree: _Element, blocks: tuple[Block, ...], metadata: Metadata) -> Refusal | None:
    """Refuses a teaser by what stands in the way: a paywall, or a log-in where no money is asked."""
    prose = list(prose_of(blocks))
    length = sum(map(weight, prose))
    free = metadata.about.free
    is_cut = bool(prose) and _ENDS_OPEN.search(prose[-1]) is not None
    if length > LONGEST_LOCKED_TEASER or (length > LONGEST_TEASER and free is not False and not is_cut):
        return None
    share = _share(prose, metadata)
    if share is not None and share >= _WHOLE and not is_cut:
        return None
    wall = next(_walls(tree, metadata), None)
    if wall is None:
        is_short = length < _SHORT_TEASER and len(prose) <= _FEW_PARAGRAPHS
        is_teaser = free is False and (is_short or is_cut or (share is not None and share < _CUT))
        return _paywall() if is_teaser else None
    said = _around(wall, prose)
    asks_money = PAY_WORD.search(said) is not None
    if free is True and asks_money and not is_cut:
        return None
    if _goes_on(tree, wall, prose):
        return None
    return (
        _paywall()
        if asks_money or free is False
        else _log_in("The page shows a beginning, and asks for a log-in or registration to go on.")
    )


def app_only(tree: _Element, blocks: tuple[Block, ...]) -> Refusal | None:
    """A teaser that ends where the site's app is to be opened for the rest."""
    prose = list(prose_of(blocks))
    if sum(map(weight, prose)) >= _SHORT_TEASER:
        return None
    for element in _in_sight(tree):
        if element.tag not in _STATES or not _has_own_text(element):
            continue
        text = text_of(element)
        is_asking = len(text) <= _LONGEST_STATEMENT and APP_SAYS.search(unquoted(text)) is not None
        if is_asking and not _is_unseen(element) and not _goes_on(tree, element, prose):
            return Refusal(reason=RefusalReason.APP, detail="The page shows a beginning, and the rest only in the site's app.")
    return None


def log_in_page(tree: _Element, parts: list[str], length: int) -> Refusal | None:
    """A page that is a log-in by its titles' `parts`, or has a field for a password and next to no text."""
    fields = {(field.get("type") or "").lower() for field in tree.iter("input")}
    by_title = any(LOG_IN.fullmatch(part) for part in parts)
    if (by_title and (fields & {"password", "email"} or length < _BARE)) or ("password" in fields and length < _SHORT_TEASER):
        return _log_in("The page asks for a log-in.")
    return None


def _paywall() -> Refusal:
    return Refusal(reason=RefusalReason.PAYWALL, detail="The page shows only the beginning of an article that is for subscribers.")


def _log_in(detail: str) -> Refusal:
    return Refusal(reason=RefusalReason.LOG_IN, detail=detail)


def _share(prose: list[str], metadata: Metadata) -> float | None:
    """How much of the words that the publisher counts is there; None where nobody counted."""
    counted = metadata.about.word_count or 0
    return sum(len(text.split()) for text in prose) / counted if counted >= _FEWEST_COUNTED else None


_STEM: Final = re.compile("|".join(map(re.escape, sorted(WALL_STEMS))))


def _is_statement(text: str) -> bool:
    if weight(text) > _LONGEST_STATEMENT or text.count(". ") > _MOST_SENTENCES:
        return False
    return _STEM.search(text.lower()) is not None and WALL.search(text) is not None and WALL.search(unquoted(text)) is not None


def _walls(tree: _Element, metadata: Metadata) -> Iterator[_Element]:
    """Elements that say, or by their class are, a wall that a reader sees."""
    titles = set(metadata.titles)
    is_statement = cache(_is_statement)  # the same words stand in an element and in those inside it
    wall_class = cache(WALL_CLASS.search)  # one class stands on many elements
    for element in _in_sight(tree):
        name = f"{element.get('class') or ''} {element.get('id') or ''}" if isinstance(element.tag, str) else " "
        is_box = name != " " and wall_class(name) is not None
        if not is_box and (element.tag not in _STATES or not _has_own_text(element)):
            continue
        text = text_of(element)
        is_box = is_box and 0 < weight(text) <= _LONGEST_WALL and (PAY_WORD.search(text) or LOG_IN.search(text)) is not None
        if not (is_box or is_statement(text)) or text in titles or NEWSLETTER.search(text) or _is_unseen(element):
            continue
        if is_box or element.tag != "p" or not _is_prose(element, text):
            yield element


def _in_sight(tree: _Element) -> Iterator[_Element]:
    """All elements in the order of the page, without those where no wall stands, and all that is in them."""
    waiting = [tree]
    while waiting:
        element = waiting.pop()
        if element.tag not in _NOT_THERE:
            yield element
            waiting.extend(reversed(element))


def _is_prose(paragraph: _Element, text: str) -> bool:
    """A sentence about walls, among the paragraphs of an article: a wall has something to press, or begins with what it asks."""
    parent = paragraph.getparent()
    if parent is None or paragraph.get("class") or next(paragraph.iter("a", "button"), None) is not None:
        return False
    if not any(weight(text_of(other)) >= _PROSE for other in parent.iterchildren("p") if other is not paragraph):
        return False
    asks = WALL.search(text)
    return asks is None or asks.start() > _WALL_BEGINS or weight(text) > _PROSE * 3 // 2


def _has_own_text(element: _Element) -> bool:
    return bool((element.text or "").strip()) or any((child.tail or "").strip() for child in element)


def _is_unseen(element: _Element) -> bool:
    for box in (element, *element.iterancestors()):
        name = box.get("class") or ""
        if box.tag in _NOT_THERE or (box.tag == "dialog" and box.get("open") is None):
            return True
        if box.get("hidden") is not None or box.get("aria-hidden") == "true" or _UNSEEN_STYLE.search(box.get("style") or ""):
            return True
        if _UNSEEN_CLASS.search(name) and not WALL_CLASS.search(name):
            return True
    return False


def _around(wall: _Element, prose: list[str]) -> str:
    """What the wall's box says as a whole, without the article's text."""
    said = text_of(wall)
    for box in wall.iterancestors():
        text = text_of(box)
        if weight(text) > _LONGEST_WALL or any(paragraph[:_START] in text for paragraph in prose if weight(paragraph) >= _PROSE):
            break
        said = text
    return said


def _goes_on(tree: _Element, wall: _Element, prose: list[str]) -> bool:
    """Whether text of the article follows the wall."""
    starts = {text[:_START] for text in prose if weight(text) >= _PROSE}
    is_after = False
    for element in tree.iter():
        if element is wall:
            is_after = True
        elif is_after and (element.tag in {"p", "blockquote", "li"} or (element.tag == "div" and _has_own_text(element))):
            found = text_of(element)[:_START]
            if found in starts and all(box is not wall for box in element.iterancestors()):
                return True
    return False
