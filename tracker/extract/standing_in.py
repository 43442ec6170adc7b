"""What a server puts in an article's place: a bot check, a consent wall, an error page, a log-in, an empty shell.

Asked only of pages that do not say that they are articles, or that have no text. Paywalls, which show a part, are in walls.py.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import Final

from lxml.html import HtmlElement

from tracker.extract.metadata import Metadata
from tracker.extract.notices import notice
from tracker.extract.page import text_of, unquoted
from tracker.extract.phrases import (
    ACCEPT,
    BOT_MARK,
    BOT_TEXT,
    BOT_TITLE,
    CONSENT_TITLE,
    CONSENT_WORD,
    NEEDS_SCRIPT,
    NOT_FOUND,
    NOT_FOUND_CLASS,
)
from tracker.extract.walls import log_in_page
from tracker.model import Block, Refusal, RefusalReason

# Thresholds, guarded by the cases in tests/cases/refusals. Lengths are weights: see walls.weight.
_LONGEST_CHECK: Final = 2500  # of text on a page that is a wall, a check or an error by its title
_LITTLE: Final = 600  # of text on a page that is a check by a mark in its source
_SMALL_PAGE: Final = 1500  # of all that is seen, on a page that is a check by two of its sentences
_TINY_PAGE: Final = 500  # the same by one sentence
_LONGEST_TITLE: Final = 70  # of a wall; a headline may be longer
_CONSENT_WORDS: Final = 3  # different words of consent that a wall has at least
_CONSENT_SHARE: Final = 0.5  # of its blocks that have one
_CONSENT_SHARE_IN_ARTICLE: Final = 0.8

_UNSEEN: Final = ("script", "style", "noscript", "template")
_TITLE_PART: Final = re.compile(r"\s+[|–—·:-]\s+|\s*\|\s*")


def standing_in(tree: HtmlElement, source: str, blocks: tuple[Block, ...], metadata: Metadata, length: int) -> Refusal | None:
    """`length` is the weight of the prose. The tree loses what is never seen."""
    headings = [text for element in tree.iter("h1") if (text := text_of(element))]
    parts = _title_parts(metadata, headings)
    class_names = [element.get("class") or "" for element in tree.iter("html", "body", "main")]
    class_names += [element.get("id") or "" for element in tree.iter("body", "main")]
    for element in list(tree.iter(*_UNSEEN)):
        element.drop_tree()
    if metadata.published_at is None and _is_bot_check(tree, source, parts, length):
        return Refusal(reason=RefusalReason.BOT_CHECK, detail="The site asked for proof that a person is reading.")
    if length < _LONGEST_CHECK and _asks_for_consent(blocks, metadata, _CONSENT_SHARE, [*metadata.titles, *_first(blocks)]):
        return _consent_wall()
    if (refusal := notice([*parts, *map(text_of, islice(tree.iter("h2"), 1))], blocks, metadata)) is not None:
        return refusal
    if _is_not_found(parts, headings, class_names, metadata, length):
        return Refusal(reason=RefusalReason.SOFT_404, detail="The page says that it was not found, though the server called it good.")
    if length < _LONGEST_CHECK and (refusal := log_in_page(tree, parts, length)) is not None:
        return refusal
    if length < _LITTLE and blocks and all(NEEDS_SCRIPT.search(block.text) for block in blocks):
        return Refusal(reason=RefusalReason.STUB, detail="The page shows its text only to a browser that runs its scripts.")
    return None


def is_consent_in_article(tree: HtmlElement, blocks: tuple[Block, ...], metadata: Metadata, length: int) -> Refusal | None:
    """A wall of consent on a page that keeps the article's own metadata: nothing but the wall is its text."""
    titles = [text for text in _first(blocks) if text not in metadata.titles]
    if length >= _LONGEST_CHECK or not _asks_for_consent(blocks, metadata, _CONSENT_SHARE_IN_ARTICLE, titles):
        return None
    accepts = any(ACCEPT.fullmatch(text_of(element)) for element in tree.iter("button", "a") if len(text_of(element)) < _LONGEST_TITLE)
    return _consent_wall() if accepts else None


def no_text(tree: HtmlElement, metadata: Metadata) -> Refusal:
    body = tree.find("body")
    if not metadata.titles and (body is None or not text_of(body)):
        return Refusal(reason=RefusalReason.EMPTY, detail="The page has no text.")
    return Refusal(reason=RefusalReason.STUB, detail="No article text was found on the page, or only a headline.")


def _title_parts(metadata: Metadata, headings: list[str]) -> list[str]:
    """Titles whole and cut at the site's name; a piece of what stands whole in the page's heading is no title."""
    pieces = [piece for title in metadata.titles if title not in headings for piece in _TITLE_PART.split(title)]
    pieces = [piece for piece in pieces if not any(piece in heading and piece != heading for heading in headings)]
    return [*metadata.titles, *headings, *pieces]


def _is_bot_check(tree: HtmlElement, source: str, parts: list[str], length: int) -> bool:
    if length < _LONGEST_CHECK and any(BOT_TITLE.fullmatch(part) for part in parts):
        return True
    if length < _LITTLE and BOT_MARK.search(source):
        return True
    said = unquoted(text_of(tree))
    sentences = {match.lower() for match in BOT_TEXT.findall(said)} if len(said) < _SMALL_PAGE else set()
    return len(sentences) > 1 or (bool(sentences) and len(said) < _TINY_PAGE)


def _first(blocks: tuple[Block, ...]) -> list[str]:
    return [block.text for block in blocks[:2] if len(block.text) < 2 * _LONGEST_TITLE]


def _asks_for_consent(blocks: tuple[Block, ...], metadata: Metadata, share: float, titles: list[str]) -> bool:
    if metadata.published_at is not None and not metadata.says_article:
        return False
    if not any(CONSENT_TITLE.search(unquoted(title)) for title in titles if len(title) < 2 * _LONGEST_TITLE):
        return False
    found = [{word.lower() for word in CONSENT_WORD.findall(unquoted(block.text))} for block in blocks]
    return len(set().union(*found)) >= _CONSENT_WORDS and sum(map(bool, found)) >= share * len(found)


def _is_not_found(parts: list[str], headings: list[str], class_names: list[str], metadata: Metadata, length: int) -> bool:
    if metadata.published_at is not None:
        return False
    by_title = any(NOT_FOUND.fullmatch(part) for part in parts)
    if length < _LONGEST_CHECK:
        return by_title or any(map(NOT_FOUND_CLASS.search, class_names))
    # Error pages fill up with other stories; then all must agree.
    return by_title and (any(map(NOT_FOUND.fullmatch, headings)) or any(map(NOT_FOUND_CLASS.search, class_names)))


def _consent_wall() -> Refusal:
    return Refusal(reason=RefusalReason.CONSENT_WALL, detail="The site asked for consent to cookies before it shows the article.")
