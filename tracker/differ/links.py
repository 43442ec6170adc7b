"""Which links stand in which sentences, for comparing: their words, and where these lead. What a changed link is, says facets.py."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate

from tracker.model import Extract, Link, Sentence

Links = tuple[tuple[str, str], ...] | None
"""Words and the page that they lead to; None: not known."""


def links_of(extract: Extract, sentences: Sequence[Sentence]) -> Mapping[int, Links]:
    """By the sentence's index in the Extract's text, those that have none left out."""
    if not any(block.links is None or block.links for block in extract.blocks):
        return {}
    starts = [0, *accumulate(len(block.text) + 2 for block in extract.blocks)]  # blocks are joined by two line breaks
    found: dict[int, Links] = {}
    for sentence in sentences:
        number = bisect_right(starts, sentence.start) - 1
        links = extract.blocks[number].links
        if links is None:
            found[sentence.index] = None
        elif links and (inside := _inside(links, sentence, starts[number])):
            found[sentence.index] = inside
    return found


def joined(links: Mapping[int, Links], sentences: Sequence[Sentence]) -> Links:
    """The links of one side of an edit."""
    if len(sentences) == 1:
        return links.get(sentences[0].index, ())
    each = [links.get(sentence.index, ()) for sentence in sentences]
    return None if None in each else tuple(link for one in each for link in one or ())


def _inside(links: Sequence[Link], sentence: Sentence, offset: int) -> tuple[tuple[str, str], ...]:
    """A link over several sentences stands in each of them."""
    start, end = sentence.start - offset, sentence.end - offset
    cut = ((sentence.text[max(0, link.start - start) : max(0, min(link.end, end) - start)].strip(), link.url) for link in links)
    return tuple((words, _page(url)) for words, url in cut if words)


def _page(url: str) -> str:
    """Without what a publisher changes for all its links at once."""
    return url.partition("://")[2].removeprefix("www.")
