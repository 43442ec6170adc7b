"""An article over several pages: the address of its next page, and the pages' Extracts as one.

A next page is one only by its address: the first page's, with a page number. What is merely next, as blogs link their next
post, is another article. Fetching pages is the scheduler's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Final
from urllib.parse import urljoin, urlsplit

from lxml.etree import _Element

from tracker.extract.page import decode, parse, text_of
from tracker.model import Block, BlockKind, Extract
from tracker.text import normalise
from tracker.urls import address_of, host_of

MOST_PAGES: Final = 10

_BOX_LEVELS: Final = 5  # elements around a link that may be the box of page numbers
# One of these stands in every page that has a next one: the others need not be parsed for it.
_SIGNS: Final = tuple(b"rel=\"next|rel='next|rel=next| next\"| next'|pagin|pager|page-n|page-l|pagen|pagel|seiten|pages-".split(b"|"))
_PAGINATION: Final = re.compile(r"pagin|pager|page-?(?:numbers?|links?|nav|list)|pages-(?:nav|links?|list)|seiten", re.IGNORECASE)
_COMMENTS: Final = re.compile(r"comment|kommentar|disqus|forum|replies|related", re.IGNORECASE)

_WORD: Final = r"(?:page|pag|pagina|p[aá]gina|seite|sida|side|strona|sivu)"
_NUMBER: Final = r"(?P<number>[0-9]{1,2})"
_PARAMETER: Final = re.compile(rf"(?:page|p|pg|paged|pageno|pagenumber|{_WORD})", re.IGNORECASE)
_EXTENSION: Final = re.compile(r"\.(?:html?|shtml|php|aspx?|jsp|ece|cms)$", re.IGNORECASE)
_AFTER_FOLDER: Final = re.compile(rf"/(?:{_WORD}[-_/]?|p)?{_NUMBER}/?", re.IGNORECASE)
_AFTER_SLUG: Final = re.compile(rf"[-_]{_WORD}[-_]?{_NUMBER}/?", re.IGNORECASE)
# "-2" alone may be the second article of its name; before an extension it is a page.
_BEFORE_EXTENSION: Final = re.compile(rf"(?:[-_,./]|[-_,/]{_WORD}[-_/]?|[-_]p){_NUMBER}", re.IGNORECASE)
_DIGITS: Final = re.compile(r"[0-9]+")
_FIRST: Final = re.compile(rf"/{_WORD}[-_/]?1$", re.IGNORECASE)

_FIRST_NUMBERS: Final = frozenset({"0", "1"})

_REPEATED: Final = frozenset({BlockKind.PARAGRAPH, BlockKind.CAPTION, BlockKind.QUOTE})


def next_page(html: bytes, url: str, *, first_url: str, number: int, charset: str | None = None) -> str | None:
    """The address of page `number` of the article that begins at `first_url`, as the page at `url` links it."""
    lowered = html.lower()
    if number > MOST_PAGES or not any(sign in lowered for sign in _SIGNS):
        return None
    tree = parse(decode(html, charset))
    for href in _candidates(tree, number):
        try:
            found = address_of(urljoin(url, href.strip()))
            if page_number(found, first_url) in _numbers(found, number) and found != address_of(url):
                return found
        except ValueError:
            continue  # no address that could be asked
    return None


def join_pages(pages: Sequence[Extract]) -> Extract:
    """The first page with all others' blocks, without what each page repeats: headline, standfirst, captions."""
    first = pages[0]
    blocks = list(first.blocks)
    for page in pages[1:]:
        seen = {normalise(text) for text in (first.headline, *(block.text for block in blocks))}
        blocks += _new(page.blocks, seen)
    return replace(first, blocks=tuple(blocks))


def _new(blocks: Sequence[Block], seen: set[str]) -> Iterator[Block]:
    """Short blocks, as "Pros" over each list, repeat by right; at a page's beginning everything seen is a repetition."""
    is_beginning = True
    for block in blocks:
        is_seen = normalise(block.text) in seen
        is_beginning = is_beginning and is_seen
        if not is_seen or (block.kind not in _REPEATED and not is_beginning):
            yield block


# --- links ---------------------------------------------------------------------------------------


def _candidates(tree: _Element, number: int) -> Iterator[str]:
    """Addresses that the page calls its next, then those among its page numbers that say the number, or none, as "next" does."""
    could_be = re.compile(rf"(?<![0-9])(?:{number}|{number - 1})(?![0-9])")
    links = [link for link in tree.iter("link", "a") if could_be.search(link.get("href") or "")]
    for link in links:
        if "next" in (link.get("rel") or "").lower().split() and not _is_in(link, _COMMENTS):
            yield link.get("href") or ""
    for link in links:
        if link.tag != "a" or not _is_in(link, _PAGINATION) or _is_in(link, _COMMENTS):
            continue
        if _DIGITS.findall(text_of(link)) in ([], [str(number)]):
            yield link.get("href") or ""


def _is_in(link: _Element, pattern: re.Pattern[str]) -> bool:
    boxes = (link, *islice(link.iterancestors(), _BOX_LEVELS))
    names = (box.get(name) for box in boxes if box.tag not in {"body", "html"} for name in ("class", "id", "aria-label"))
    return any(name and pattern.search(name) for name in names)


# --- addresses -----------------------------------------------------------------------------------


def page_number(url: str, first_url: str) -> int | None:
    """Which page of the article at `first_url` the address is, by itself; None for any other address. Raises like canonical_url."""
    if host_of(url) != host_of(first_url):
        return None
    here, first = urlsplit(address_of(url)), urlsplit(address_of(first_url))
    asked, numbers = _without_number(here.query)
    first_asked, first_numbers = _without_number(first.query)
    path = _FIRST.sub("", first.path.rstrip("/"))
    if asked != first_asked or not set(first_numbers) <= _FIRST_NUMBERS or not path:
        return None
    if here.path.rstrip("/") in {path, first.path.rstrip("/")}:
        return int(numbers[0]) if len(numbers) == 1 else None
    marker = None if numbers else _marker(here.path, path)
    return int(marker["number"]) if marker else None


def _without_number(query: str) -> tuple[list[str], list[str]]:
    """The parameters but for page numbers, which come apart; a long number is an id."""
    pieces = [piece.partition("=") for piece in query.split("&") if piece]
    numbers = [value for name, _, value in pieces if _is_number(name, value)]
    return ["=".join((name, value)) for name, _, value in pieces if not _is_number(name, value)], numbers


def _is_number(name: str, value: str) -> bool:
    return _PARAMETER.fullmatch(name) is not None and value.isascii() and value.isdecimal() and len(value) <= 2


def _marker(path: str, first: str) -> re.Match[str] | None:
    extension = _EXTENSION.search(first)
    stem = first[: extension.start()] if extension else first
    if not stem:
        return None
    if extension and path.startswith(stem) and path.endswith(extension[0]):
        return _BEFORE_EXTENSION.fullmatch(path, len(stem), len(path) - len(extension[0]))
    if not path.startswith(first):
        return None
    return _AFTER_FOLDER.fullmatch(path, len(first)) or (None if extension else _AFTER_SLUG.fullmatch(path, len(first)))


def _numbers(url: str, number: int) -> set[int]:
    """What page `number` may call itself: some count from 0, but only in parameters."""
    return {number, number - 1} if urlsplit(url).query else {number}
