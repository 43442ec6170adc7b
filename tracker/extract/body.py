"""The article's text as blocks that know their kind: paragraph, heading, list item, quote, table row, caption.

trafilatura finds the text; this file prepares the page for it, reads its tree, and asks JSON-LD's `articleBody`
for a second opinion where it returns little. Which pages are no articles at all is refusal.py's.
"""

from __future__ import annotations

import html
import logging
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from lxml.etree import _Element
from lxml.html import HtmlElement
from trafilatura import bare_extraction

from tracker.extract.endings import without_endings
from tracker.extract.lines import without_lines
from tracker.extract.metadata import Metadata
from tracker.extract.page import CAPTION_MARK, text_of
from tracker.extract.prepare import prepare
from tracker.extract.short import RESCUE_MARK, find_teasers, mark_rescue, read_short
from tracker.extract.standfirst import find_standfirst
from tracker.model import Block, BlockKind
from tracker.text import normalise

# It warns of every page without text, which is a Refusal here.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)

_LONGEST_CELL: Final = 300  # characters; a longer one, or one of several paragraphs, is layout and not data
_LITTLE: Final = 250  # characters; where trafilatura finds fewer, it would read the whole page instead
_MIN_GAIN: Final = 1.5  # how much longer articleBody must be before the page is read by it

_BLOCK_TAGS: Final = frozenset({"p", "head", "quote", "list", "item", "table", "row", "cell", "code"})
_PARAGRAPHS: Final = re.compile(r"\n\s*\n")
_MARKUP: Final = re.compile(r"</?(?:p|br|div|a|b|i|em|strong|h[1-6]|ul|ol|li|blockquote|figure|img|span)\b[^<>]*>", re.IGNORECASE)
_LINE_ENDING_TAG: Final = re.compile(r"</(?:p|div|h[1-6]|li|blockquote|figure|tr)>|<br\s*/?>", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """The blocks in reading order, headline left out; where they are from, and why not from the page."""

    blocks: tuple[Block, ...]
    source: Literal["page", "json-ld"] = "page"
    reason: str | None = None


def read_body(tree: HtmlElement, metadata: Metadata) -> Body:
    """The tree is prepared as prepare.py does, and still holds all that trafilatura has read."""
    titles = (metadata.headline, *metadata.titles)
    standfirst = find_standfirst(tree)
    shown = _with_standfirst(_shown_blocks(tree, titles), standfirst)
    spoken = _articlebody_blocks(metadata.article_body)
    shown_length, spoken_length = sum(map(_length, shown)), sum(map(_length, spoken))
    if spoken_length <= _MIN_GAIN * shown_length:
        return Body(blocks=_as_text(shown, titles))
    reason = f"The page shows {shown_length:,} characters of text, its data hold {spoken_length:,}." if shown else "The page shows no text."
    return Body(blocks=_as_text(spoken, titles), source="json-ld", reason=reason)


# --- trafilatura's tree --------------------------------------------------------------------------


def _shown_blocks(tree: HtmlElement, titles: Collection[str]) -> list[Block]:
    teasers = find_teasers(tree)
    others = {text_of(line) for box in teasers for line in box.iter("p")}
    prepare(tree)
    mark_rescue(tree)
    document = bare_extraction(tree, fast=True, include_comments=False, include_tables=True, output_format="xml")
    shown = list(_blocks(document.body)) if document is not None and not isinstance(document, dict) else []
    is_rescued = any(RESCUE_MARK in block.text for block in shown)
    if not is_rescued and sum(_length(block) for block in shown if block.text not in others) >= _LITTLE:
        return shown
    short = [block for kind, text in read_short(tree, titles, teasers) for block in _made(kind, [text])]
    return short if short or is_rescued else shown


def _blocks(body: _Element) -> Iterator[Block]:
    for element in body:
        yield from _element_blocks(element)
        if element.tail:
            yield from _made(BlockKind.PARAGRAPH, [element.tail])


def _element_blocks(element: _Element) -> Iterator[Block]:
    if element.tag == "head":
        yield from _made(BlockKind.HEADING, [" ".join(_runs(element))])
    elif element.tag == "list":
        for item in element.iter("item"):
            yield from _made(BlockKind.LIST_ITEM, [" ".join(_runs(item, without="list"))])
    elif element.tag == "quote":
        yield from _made(BlockKind.QUOTE, _runs(element))
    elif element.tag == "table":
        for row in element.iter("row"):
            yield from _row_blocks(row)
    else:
        yield from _made(BlockKind.PARAGRAPH, _runs(element))


def _row_blocks(row: _Element) -> Iterator[Block]:
    cells = [list(_runs(cell)) for cell in row.iter("cell")]
    filled = [runs for runs in cells if any(run.strip() for run in runs)]
    is_layout = len(filled) < 2 or any(sum(map(len, runs)) > _LONGEST_CELL or len(runs) > 2 for runs in filled)
    if is_layout:
        for runs in filled:
            yield from _made(BlockKind.PARAGRAPH, runs)
    else:
        yield from _made(BlockKind.TABLE_ROW, [" | ".join(" ".join(" ".join(runs).split()) for runs in filled)])


def _runs(element: _Element, *, without: str = "") -> Iterator[str]:
    """The element's text, cut where a block inside it begins or ends; a line break is a new line."""
    buffer = [element.text or ""]
    for child in element:
        if child.tag == "lb":
            buffer.append("\n")
        elif child.tag == without:
            pass
        elif child.tag in _BLOCK_TAGS:
            yield "".join(buffer)
            yield from _runs(child, without=without)
            buffer = []
        else:
            inner = list(_runs(child, without=without))
            buffer.append(inner[0] if len(inner) == 1 else "\n\n".join(inner))
        buffer.append(child.tail or "")
    yield "".join(buffer)


def _made(kind: BlockKind, texts: Iterable[str]) -> Iterator[Block]:
    for text in texts:
        for paragraph in _PARAGRAPHS.split(text):
            lines = [line for line in (" ".join(line.split()) for line in paragraph.split("\n")) if line]
            clean = "\n".join(lines)
            if clean.startswith(CAPTION_MARK):
                yield from _made(BlockKind.CAPTION, [clean.replace(CAPTION_MARK, "")])
            elif any(character.isalnum() for character in clean):
                yield Block(kind=kind, text=clean)


# --- after trafilatura ---------------------------------------------------------------------------


def _with_standfirst(blocks: list[Block], standfirst: str | None) -> list[Block]:
    """First, where it was not read: what it says may stand anywhere in the text already."""
    if standfirst is None or not blocks or any(_squeezed(standfirst) in _squeezed(block.text) for block in blocks):
        return blocks
    return [Block(kind=BlockKind.PARAGRAPH, text=standfirst), *blocks]


def _articlebody_blocks(text: str) -> list[Block]:
    """JSON-LD's text as paragraphs; publishers put markup, escaped markup and bare lines in it."""
    text = html.unescape(text) if "&" in text else text
    if _MARKUP.search(text):
        text = html.unescape(_MARKUP.sub("", _LINE_ENDING_TAG.sub("\n", text)))
    return [block for line in text.split("\n") for block in _made(BlockKind.PARAGRAPH, [line])]


def _as_text(blocks: list[Block], titles: Collection[str]) -> tuple[Block, ...]:
    """Without what is no text of the article. Where nothing else is said, that is what it says."""
    found = without_endings(without_lines(_without_headline(blocks, titles)))
    return tuple(found or without_endings(_without_headline(blocks, titles)))


def _without_headline(blocks: list[Block], titles: Iterable[str]) -> list[Block]:
    """The first block goes where it is a title, and headings before the text that are pieces of one."""
    known = {_squeezed(title) for title in titles}
    start = 0
    while start < len(blocks) and (found := _squeezed(blocks[start].text)):
        is_piece = blocks[start].kind is BlockKind.HEADING and any(found in title for title in known)
        if not is_piece and (start or found not in known):
            break
        start += 1
    return blocks[start:]


def _squeezed(text: str) -> str:
    return "".join(filter(str.isalnum, normalise(text).casefold()))


def _length(block: Block) -> int:
    return len(block.text)
