"""What changed inside one edited pair: equal, deleted and inserted words.

Two steps, as an editor reads: what stands between spaces first, then, only where that differs, words and marks apart, so that
"Leeds," to "Hull," keeps its comma. Both by the longest common subsequence (rapidfuzz); beyond a fixed amount of work all between
the common ends is replaced. The limits count words, not seconds, so that the same pair always gives the same spans. Spans rebuild
both texts byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise

from rapidfuzz.distance import LCSseq

from tracker.model import WordSpan

SUBSEQUENCE_LIMIT = 16_000_000
"""Words times words up to which the longest common subsequence is computed (2 MB, some ms); beyond, replacement."""
ISLAND, ISLAND_SHARE = 15, 4
"""An equal stretch of so few characters goes with the replacements around it when both are so many times as long.

Tuned on 800 pairs of sentences with the word marks of human readers: from 3 to 6 times is a plateau.
"""

Block = tuple[int, int, int]        # so many tokens from here in old and from there in new are equal
Stretch = tuple[int, int, int, int]   # old[a:b] equals new[c:d], in characters, but for white space inside

_UNSPACED = "\u0e00-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_CHUNK, _LETTER = re.compile(r"\S+"), re.compile(r"\S")
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
    return _spans(old, new, _swallow(_stretches(old, new), old, new))


def _stretches(old: str, new: str) -> list[Stretch]:
    """What is equal, in rising order: by chunks between spaces, then by tokens where the chunks differ."""
    old_chunks, new_chunks = old.split(), new.split()
    old_shift, new_shift = _shifts(old, old_chunks), _shifts(new, new_chunks)
    found: list[Stretch] = []
    at_old = at_new = 0
    for a, b, size in (*_common(old_chunks, new_chunks), (len(old_chunks), len(new_chunks), 0)):
        if a > at_old and b > at_new:
            here = old_shift[at_old] + at_old, old_shift[a - 1] + a - 1 + len(old_chunks[a - 1])
            there = new_shift[at_new] + at_new, new_shift[b - 1] + b - 1 + len(new_chunks[b - 1])
            found += _refined(old, new, here, there)
        at_old, at_new = a + size, b + size
        if size:
            end = len(old_chunks[at_old - 1]) - 1   # of the last chunk, which both have
            found.append((old_shift[a] + a, old_shift[at_old - 1] + at_old + end, new_shift[b] + b, new_shift[at_new - 1] + at_new + end))
    return found


def _shifts(text: str, chunks: Sequence[str]) -> list[int]:
    """Where each chunk starts, less its number: so many letters, and so many spaces beyond single ones, stand before it."""
    if " ".join(chunks) == text:   # as almost always
        return list(accumulate(map(len, chunks), initial=0))
    return [match.start() - at for at, match in enumerate(_CHUNK.finditer(text))]


def _refined(old: str, new: str, here: tuple[int, int], there: tuple[int, int]) -> list[Stretch]:
    """Words and marks in common between two stretches that no chunk joins."""
    if _bare(old[slice(*here)]) and _bare(new[slice(*there)]):
        return []
    places = [match.span() for match in _TOKEN.finditer(old, *here)], [match.span() for match in _TOKEN.finditer(new, *there)]
    blocks = _common([old[a:b] for a, b in places[0]], [new[a:b] for a, b in places[1]])
    return [
        (places[0][a][0], places[0][a + size - 1][1], places[1][b][0], places[1][b + size - 1][1]) for a, b, size in blocks
    ]  # fmt: skip


def _bare(text: str) -> bool:
    """Words without marks, which are chunks: they have been compared."""
    return text.isascii() and text.replace(" ", "").isalnum()


def _common(old: Sequence[str], new: Sequence[str]) -> list[Block]:
    """Tokens in common; where a single one would stand alone, runs of two and more go first: they read better."""
    if len(old) * len(new) > SUBSEQUENCE_LIMIT:
        return _ends(old, new)
    blocks = _subsequence(old, new)
    if len(blocks) < 3 or min([size for _, _, size in blocks]) > 1:
        return blocks
    runs: list[Block] = []
    at_old = at_new = 0
    pairs = _subsequence(list(pairwise(("", *old, ""))), list(pairwise(("", *new, ""))))
    for a, b, size in (*pairs, (len(old) + 2, len(new) + 2, 0)):
        # Pairs overlap by one token and begin with an empty one before the first.
        start_old, start_new = max(a - 1, at_old), max(b - 1, at_new)
        start = max(start_old - a, start_new - b)
        start_old, start_new = min(a + start, len(old)), min(b + start, len(new))
        between = _subsequence(old[at_old:start_old], new[at_new:start_new])
        runs += [(at_old + c, at_new + d, count) for c, d, count in between]
        count = min(size - start, len(old) - start_old, len(new) - start_new)
        if count > 0:
            runs.append((start_old, start_new, count))
            at_old, at_new = start_old + count, start_new + count
    return runs


def _subsequence(old: Sequence[object], new: Sequence[object]) -> list[Block]:
    if not old or not new:
        return []
    return [(block.a, block.b, block.size) for block in LCSseq.editops(old, new).as_matching_blocks() if block.size]


def _ends(old: Sequence[str], new: Sequence[str]) -> list[Block]:
    """The equal beginnings and ends alone."""
    shorter = min(len(old), len(new))
    head = next((at for at in range(shorter) if old[at] != new[at]), shorter)
    tail = next((at for at in range(shorter - head) if old[-1 - at] != new[-1 - at]), shorter - head)
    return [block for block in ((0, 0, head), (len(old) - tail, len(new) - tail, tail)) if block[2]]


def _swallow(stretches: list[Stretch], old: str, new: str) -> list[Stretch]:
    """Leave out what is short beside the replacements on both its sides: such islands only break the reading."""
    if len(stretches) < 2:
        return stretches
    kept: list[Stretch] = []
    before_old = before_new = 0
    last = len(stretches) - 1
    for at, (a, b, c, d) in enumerate(stretches):
        if b - a <= ISLAND and a > before_old and c > before_new:
            after_old, after_new = stretches[at + 1][::2] if at < last else (len(old), len(new))
            before, after = (a - before_old, c - before_new), (after_old - b, after_new - d)
            if min(max(before), max(after)) > ISLAND_SHARE * (b - a) and min(*before, *after) > 1:
                continue
        kept.append((a, b, c, d))
        before_old, before_new = b, d
    return kept


def _spans(old: str, new: str, stretches: Sequence[Stretch]) -> tuple[WordSpan, ...]:
    """The stretches and what lies between; white space is compared as it stands."""
    spans: list[WordSpan] = []
    equal = ""
    at_old = at_new = 0
    for a, b, c, d in (*_unbroken(old, new, stretches), (len(old), len(old), len(new), len(new))):
        gone, come = old[at_old:a], new[at_new:c]
        if gone == come:
            equal += gone
        else:
            head, tail = _space(gone, come)
            equal += gone[:head]
            if equal:
                spans.append(WordSpan(op="equal", text=equal))
            equal = gone[len(gone) - tail :]
            gone, come = gone[head : len(gone) - tail], come[head : len(come) - tail]
            if gone:
                spans.append(WordSpan(op="delete", text=gone))
            if come:
                spans.append(WordSpan(op="insert", text=come))
        equal += old[a:b]
        at_old, at_new = b, d
    if equal:
        spans.append(WordSpan(op="equal", text=equal))
    return tuple(spans)


def _unbroken(old: str, new: str, stretches: Sequence[Stretch]) -> Iterator[Stretch]:
    """Stretches that are equal to the letter: where white space inside differs, letter by letter."""
    for a, b, c, d in stretches:
        if old[a:b] == new[c:d]:
            yield a, b, c, d
        else:
            for one, other in zip(_LETTER.finditer(old, a, b), _LETTER.finditer(new, c, d), strict=True):
                yield *one.span(), *other.span()


def _space(gone: str, come: str) -> tuple[int, int]:
    """How much white space both have at their beginnings and ends: that is equal."""
    shorter = min(len(gone), len(come))
    head = 0
    while head < shorter and gone[head] == come[head] and gone[head].isspace():
        head += 1
    tail = 0
    while tail < shorter - head and gone[-1 - tail] == come[-1 - tail] and gone[-1 - tail].isspace():
        tail += 1
    return head, tail
