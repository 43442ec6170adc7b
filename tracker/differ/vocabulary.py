"""The words of many sentences at once, as numbers, for comparing: equal numbers, equal first letters.

Knows nothing of weights or pairs. All texts are read as one array of Latin-1 bytes; letters that Latin-1 has not are
first turned into some that it has.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from tracker.differ import thresholds as t

Ids = NDArray[np.intp]

_LETTERS = bytes(code if chr(code).isalnum() or chr(code) in "_\n" else 0 for code in range(256))
_FIRST = np.array([(1 << 8 * count) - 1 for count in range(t.STEM + 1)], np.uint64)
"""Masks that keep a word's first letters, by how many it has; eight letters fit into a number."""
_SHORT = np.uint64(1 << 8 * t.SHORT_LENGTH)
_BREAK = ord("\n")
_BYTE, _ZERO, _NINE = np.uint64(255), np.uint64(ord("0")), np.uint64(9)

_FOREIGN = re.compile(r"[^\x00-\xff]+")
# Scripts without spaces between words count letter by letter: Thai to Burmese, kana, Han.
_UNSPACED = re.compile("[\u0e00-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_SPARE = "ABCDEFGHIJKLMNOPQRSTUVWXYZÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞ"
"""Letters that no text has once its case is levelled. An alphabet is a run of fewer letters, so that none of it falls on another."""


@dataclass(slots=True, kw_only=True)
class Vocabulary:
    """`ids` and `rows` in reading order: which word, in which sentence. `short` is true for words that are mostly grammar."""

    size: int
    ids: Ids
    rows: Ids
    bounds: list[int]
    short: NDArray[np.bool_]

    def row(self, at: int) -> list[int]:
        """The words of one sentence in order."""
        words: list[int] = self.ids[self.bounds[at] : self.bounds[at + 1]].tolist()
        return words

    def once(self) -> tuple[Ids, Ids]:
        """Rows and words without repetitions inside a row."""
        both = np.unique(self.rows * self.size + self.ids)
        return both // max(1, self.size), both % max(1, self.size)


def read(texts: Sequence[str]) -> Vocabulary:
    """`texts` are in lower case and each on one line, as anchors.plain gives them."""
    text = "\n".join(("", *texts, ""))
    try:
        raw = text.encode("latin-1")
    except UnicodeEncodeError:
        raw = _FOREIGN.sub(lambda run: "".join(map(_spare, run.group())), text).encode("latin-1")
    raw = raw.translate(_LETTERS)
    codes = np.frombuffer(raw, np.uint8)
    letter = codes > _BREAK
    edges = (letter[1:] != letter[:-1]).nonzero()[0] + 1
    starts, ends = edges[::2], edges[1::2]
    eight: NDArray[np.uint64] = np.ndarray((len(raw),), "<u8", raw + bytes(8), strides=(1,))
    keys = eight[starts] & _FIRST[np.minimum(ends - starts, t.STEM)]
    order = keys.argsort()
    ordered = keys[order]
    first = np.ones(len(keys), np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    ids = np.empty(len(keys), np.intp)
    ids[order] = first.cumsum() - 1
    known = ordered[first]
    short = (known < _SHORT) & (((known & _BYTE) - _ZERO) > _NINE)   # what begins with a digit is a number
    bounds = starts.searchsorted((codes == _BREAK).nonzero()[0])
    rows = np.arange(len(texts)).repeat(bounds[1:] - bounds[:-1])
    return Vocabulary(size=len(known), ids=ids, rows=rows, bounds=bounds.tolist(), short=short)


@cache
def _spare(letter: str) -> str:
    if _UNSPACED.match(letter):
        code, size = ord(letter), len(_SPARE)
        return f" {_SPARE[code % size]}{_SPARE[code // size % size]}{_SPARE[code // size // size % size]} "
    return _SPARE[ord(letter) % len(_SPARE)] if letter.isalnum() else " "
