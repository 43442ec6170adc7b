"""What changed inside one edited pair: equal, deleted and inserted words.

The words in common are found in order, longest runs first (difflib) in ordinary sentences, by longest common subsequence
(rapidfuzz) in long ones; beyond a fixed amount of work all between the common ends is replaced. The limits count words, not
seconds, so that the same pair always gives the same spans. Spans rebuild both texts byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Literal

from rapidfuzz.distance import LCSseq

from tracker.model import WordSpan

RUNS_LIMIT = 40_000
"""Words times words up to which longest runs are looked for; they read better, but their worst case is slow."""
SUBSEQUENCE_LIMIT = 16_000_000
"""Words times words up to which the longest common subsequence is computed (2 MB, some ms); beyond, replacement."""

Op = Literal["equal", "delete", "insert"]
Block = tuple[int, int, int, int]   # old[a:b] equals new[c:d], in tokens
Places = list[tuple[int, int]]

_UNSPACED = "\u0e00-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_TOKEN = re.compile(
    r"[£$€¥₹₽]?\d+(?:[.,:/]\d+)*(?:%|[^\W\d_]{1,4}\b)?"   # a number with its decimals, currency, unit; a time
    rf"|[{_UNSPACED}]"                                     # scripts without spaces: letter by letter
    rf"|[^\W{_UNSPACED}]+(?:[-'’.&][^\W{_UNSPACED}]+)*"    # a word, "o'clock", "U.S", "well-known"
    r"|[^\w\s]"                                            # one mark
)


def word_spans(old: str, new: str) -> tuple[WordSpan, ...]:
    """equal + delete rebuild `old`, equal + insert rebuild `new`; no two neighbours have the same op."""
    if old == new:
        return (WordSpan(op="equal", text=old),) if old else ()
    places = [match.span() for match in _TOKEN.finditer(old)], [match.span() for match in _TOKEN.finditer(new)]
    words = [old[a:b] for a, b in places[0]], [new[a:b] for a, b in places[1]]
    blocks = _joined(_swallow(_blocks(*words), *words))
    return tuple(_spans(_pieces(old, new, places, blocks)))


def _blocks(old: Sequence[str], new: Sequence[str]) -> list[Block]:
    """Runs of equal tokens in rising order."""
    head = 0
    shorter = min(len(old), len(new))
    while head < shorter and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < shorter - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    middle = old[head : len(old) - tail], new[head : len(new) - tail]
    size = len(middle[0]) * len(middle[1])
    blocks: list[Block] = [(0, head, 0, head)] if head else []
    if 0 < size <= RUNS_LIMIT:
        matches = SequenceMatcher(None, *middle, autojunk=False).get_matching_blocks()
        blocks += [(head + a, head + a + n, head + b, head + b + n) for a, b, n in matches if n]
    elif 0 < size <= SUBSEQUENCE_LIMIT:
        ops = LCSseq.opcodes(*middle)
        blocks += [(head + o.src_start, head + o.src_end, head + o.dest_start, head + o.dest_end) for o in ops if o.tag == "equal"]
    if tail:
        blocks.append((len(old) - tail, len(old), len(new) - tail, len(new)))
    return blocks


def _swallow(blocks: list[Block], old: Sequence[str], new: Sequence[str]) -> list[Block]:
    """Leave out one or two little words or marks that stand equal between two replacements: they only break the reading."""
    kept: list[Block] = []
    before_old = before_new = 0
    for at, (a, b, c, d) in enumerate(blocks):
        after_old, after_new = blocks[at + 1][0::2] if at + 1 < len(blocks) else (len(old), len(new))
        replaced = a > before_old and c > before_new and after_old > b and after_new > d
        if replaced and b - a <= 2 and all(len(word) <= 3 and not word[0].isdigit() for word in old[a:b]):
            continue
        kept.append((a, b, c, d))
        before_old, before_new = b, d
    return kept


def _joined(blocks: list[Block]) -> list[Block]:
    joined: list[Block] = []
    for block in blocks:
        if joined and joined[-1][1] == block[0] and joined[-1][3] == block[2]:
            joined[-1] = (joined[-1][0], block[1], joined[-1][2], block[3])
        else:
            joined.append(block)
    return joined


def _pieces(old: str, new: str, places: tuple[Places, Places], blocks: list[Block]) -> Iterator[tuple[Op, str]]:
    """The texts of the blocks and of what lies between; white space is compared as it stands."""
    at_old = at_new = 0
    for a, b, c, d in blocks:
        start_old, start_new = places[0][a][0], places[1][c][0]
        end_old, end_new = places[0][b - 1][1], places[1][d - 1][1]
        yield from _replaced(old[at_old:start_old], new[at_new:start_new])
        at_old, at_new = end_old, end_new
        if old[start_old:end_old] == new[start_new:end_new]:
            yield "equal", old[start_old:end_old]
            continue
        here_old, here_new = start_old, start_new   # same words, other white space between them
        for one, other in zip(places[0][a:b], places[1][c:d], strict=True):
            yield from _replaced(old[here_old : one[0]], new[here_new : other[0]])
            yield "equal", old[one[0] : one[1]]
            here_old, here_new = one[1], other[1]
    yield from _replaced(old[at_old:], new[at_new:])


def _replaced(old: str, new: str) -> Iterator[tuple[Op, str]]:
    """An edit between two equal runs; white space that both have at its ends is equal."""
    if not old or not new:
        yield ("delete", old) if old else ("insert", new)
        return
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head] and old[head].isspace():
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail] and old[-1 - tail].isspace():
        tail += 1
    yield "equal", old[:head]
    yield "delete", old[head : len(old) - tail]
    yield "insert", new[head : len(new) - tail]
    yield "equal", old[len(old) - tail :]


def _spans(pieces: Iterator[tuple[Op, str]]) -> Iterator[WordSpan]:
    op: Op | None = None
    texts: list[str] = []
    for here, text in pieces:
        if not text:
            continue
        if here != op and op is not None:
            yield WordSpan(op=op, text="".join(texts))
            texts = []
        op = here
        texts.append(text)
    if op is not None:
        yield WordSpan(op=op, text="".join(texts))
