"""The links in the body and the places of its blocks: which words of a block lead where, and in which boxes it stood.

trafilatura takes links out before it reads a page, and reads another text where it is told to keep them. So the blocks that
it found are looked for in the page again, by their text without white space. Which blocks there are is body.py's.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, chain, islice
from typing import Final
from urllib.parse import urljoin

from lxml.etree import _Element, tostring
from lxml.html import HtmlElement

from tracker.extract.page import LINK_BEGIN, LINK_END, PLACE
from tracker.model import Block, BlockKind, Link
from tracker.urls import canonical_url

_WORD: Final = re.compile(r"\S+")
# Of the 2,977 blocks of 145 real pages, all stand in order. Each that does not costs two searches of the page.
_MOST_LOST: Final = 50  # blocks
_MOST_LINKS: Final = 2000  # in the body; the most on these pages are 68
_BLOCKS: Final = (
    *("p", "li", "blockquote", "h2", "h3", "h4", "h5", "h6", "div", "section", "figure", "td", "th", "dd", "dt", "pre", "article", "main"),
    *("header", "footer", "ul", "ol"),
)
# Of a place: boxes from the innermost on, and names of each; a name with a number of its own is that of one page.
_LEVELS: Final = 4
_MOST_NAMES: Final = 3
_LONGEST_PLACE: Final = 200
_NUMBERED: Final = re.compile(r"\d{3}|[-_]\d+$")
_WHOLE: Final = frozenset({"article", "main", "body"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """The page's text without white space, and its links in order: where each begins and ends in it, and its href; and its boxes,
    with where each begins."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]
    hrefs: Sequence[str]
    boxes: Sequence[_Element]
    box_starts: Sequence[int]


def with_links(blocks: Sequence[Block], tree: HtmlElement, url: str) -> tuple[Block, ...]:
    """The blocks with the links in them; one that does not stand in the page as it reads has no links known.

    `tree` is the page as the blocks were read from it, after prepare.py; it is changed.
    """
    page = _read(tree)
    if page is None:
        return tuple(blocks)
    base = _base(tree, url)
    found: list[Block] = []
    at = lost_count = links_count = 0
    for block in blocks:
        shown = _shown(block)
        packed = "".join(shown.split())
        start = -1
        if lost_count < _MOST_LOST and links_count < _MOST_LINKS:
            start = page.text.find(packed, at)
            if start < 0:
                lost_count += 1
                start = page.text.find(packed)
        if start < 0:
            found.append(block)
            continue
        at = start + len(packed)
        links = tuple(islice(_links(page, shown, start, at, base), _MOST_LINKS - links_count))
        links_count += len(links)
        found.append(replace(block, links=links if links_count < _MOST_LINKS else None, place=_place(page, start)))
    return tuple(found)


def _read(tree: HtmlElement) -> _Page | None:
    """None where the page has our marks in it: they are not to be told from those that are set here."""
    hrefs: list[str] = []
    for link in tree.iter("a"):
        href = link.get("href")
        if href and href[0] != "#":
            hrefs.append(href)
            text, tail = link.text, link.tail
            link.text = LINK_BEGIN + text if text else LINK_BEGIN
            link.tail = LINK_END + tail if tail else LINK_END
    boxes: list[_Element] = list(tree.iter(*_BLOCKS))
    for box in boxes:
        text = box.text
        box.text = PLACE + text if text else PLACE
    placed = "".join(tostring(tree, method="text", encoding="unicode").split())
    box_starts = [*accumulate(len(piece) - piece.count(LINK_BEGIN) - piece.count(LINK_END) for piece in placed.split(PLACE))][:-1]
    marked = placed.replace(PLACE, "")
    first, *rest = marked.split(LINK_BEGIN)
    if len(rest) != len(hrefs):
        return None
    starts, ends = [], []
    at = len(first)
    for piece in rest:
        linked, _, after = piece.partition(LINK_END)
        starts.append(at)
        ends.append(at + len(linked))
        at += len(linked) + len(after) - after.count(LINK_END)
    text = marked.replace(LINK_BEGIN, "").replace(LINK_END, "")
    return _Page(text=text, starts=starts, ends=ends, hrefs=hrefs, boxes=boxes, box_starts=box_starts)


def _place(page: _Page, start: int) -> str | None:
    """The innermost boxes in which what stands there begins, as "div.body > p"."""
    number = bisect_right(page.box_starts, start) - 1
    if number < 0:
        return None
    path: list[str] = []
    for box in islice(chain([page.boxes[number]], page.boxes[number].iterancestors()), _LEVELS):
        if box.tag in _WHOLE:
            path.insert(0, str(box.tag))
            break
        names = [name for name in (box.get("class") or "").split() if not _NUMBERED.search(name)]
        path.insert(0, ".".join([str(box.tag), *names[:_MOST_NAMES]]))
    return " > ".join(path)[-_LONGEST_PLACE:]


def _shown(block: Block) -> str:
    """The block's text as the page has it, in as many characters: nothing stands between the cells of a table."""
    return block.text.replace(" | ", "   ") if block.kind is BlockKind.TABLE_ROW else block.text


def _links(page: _Page, shown: str, start: int, end: int, base: str) -> Iterator[Link]:
    """Those between two places of the page, cut there, where `shown` stands."""
    number = bisect_right(page.ends, start)
    if number == len(page.starts) or page.starts[number] >= end:
        return
    packed, places, at = [], [], 0  # where each word begins, without white space and as shown
    for word in _WORD.finditer(shown):
        packed.append(at)
        places.append(word.start())
        at += len(word[0])

    def place(offset: int) -> int:
        number = bisect_right(packed, offset) - 1
        return places[number] + offset - packed[number]

    while number < len(page.starts) and page.starts[number] < end:
        first, last = max(page.starts[number], start), min(page.ends[number], end)
        url = _absolute(base, page.hrefs[number]) if first < last else None
        if url is not None:
            yield Link(start=place(first - start), end=place(last - 1 - start) + 1, url=url)
        number += 1


def _base(tree: HtmlElement, url: str) -> str:
    given = next((element.get("href") for element in tree.iter("base")), None)
    try:
        return urljoin(url, given) if given else url
    except ValueError:
        return url


def _absolute(base: str, href: str) -> str | None:
    """None for what leads to no page: mailto:, javascript:, what is no address at all."""
    try:
        href = href.strip()
        return canonical_url(href if href.startswith(("http://", "https://")) else urljoin(base, href))
    except ValueError:
        return None
