"""What changed inside one edited pair: equal, deleted and inserted words.

What both texts begin and end with is set aside. The rest is compared in two steps, as an editor reads: what stands between spaces
first, then, only where that differs, words and marks apart, so that "Leeds," to "Hull," keeps its comma. Both by the longest common
subsequence (rapidfuzz); beyond a fixed amount of work all the rest is replaced. The limit counts words, not seconds, so that
the same pair always gives the same spans. Spans rebuild both texts byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise

from rapidfuzz.distance import LCSseq, Postfix, Prefix

from tracker.differ.quick import make_span
from tracker.model import WordSpan

SUBSEQUENCE_LIMIT = 16_000_000
"""Words times words up to which the longest common subsequence is computed (2 MB, some ms); beyond, replacement."""
ISLAND_SHARE, MARK_WEIGHT = 6, 3
"""An equal stretch goes with the changes around it when both are more than so many times as long; a mark is as long as so many letters.

Tuned on 800 pairs of sentences with the word marks of human readers: 5 to 7 times and 2 to 4 letters are a plateau in both halves
of them. Of those pairs 14 in a hundred are out of reach: their readers left moved or recased words unmarked.
"""

Block = tuple[int, int, int]        # so many tokens from here in old and from there in new are equal
Range = tuple[int, int]
Stretch = tuple[int, int, int, int]   # old[a:b] equals new[c:d], in characters, but for white space inside

_UNSPACED = "\u0e00-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_CHUNK, _LETTER = re.compile(r"\S+"), re.compile(r"\S")
_TOKEN = re.compile(
    r"[£$€¥₹₽]?\d+(?:[.,:/]\d+)*(?:%|[^\W\d_]{1,4}\b)?"   # a number with its decimals, currency, unit; a time
    rf"|[{_UNSPACED}]"                                     # scripts without spaces: letter by letter
    rf"|-*[^\W{_UNSPACED}]+(?:[-'’.&]+[^\W{_UNSPACED}]+)*-*"   # a word, "o'clock", "U.S", "well-known", "mid-"
    r"|[^\w\s]"                                            # one mark
)


def word_spans(old: str, new: str) -> tuple[WordSpan, ...]:
    """equal + delete rebuild `old`, equal + insert rebuild `new`; no two neighbours have the same op."""
    if old == new:
        return (make_span("equal", old),) if old else ()
    return _spans(old, new, _swallow(_stretches(old, new), old, new))


def _stretches(old: str, new: str) -> list[Stretch]:
    """What is equal, in rising order: the common ends, between them by chunks, and by tokens where the chunks differ."""
    head = old.rfind(" ", 0, Prefix.similarity(old, new)) + 1   # behind a space, and before one: between chunks in both
    space = old.find(" ", max(head, len(old) - Postfix.similarity(old[head:], new[head:])))
    end_old = len(old) if space < 0 else space
    end_new = len(new) - len(old) + end_old
    found = [(0, head, 0, head)] if head else []
    found += _by_chunks(old, new, (head, end_old), (head, end_new))
    if end_old < len(old):
        found.append((end_old, len(old), end_new, len(new)))
    return found


def _by_chunks(old: str, new: str, here: Range, there: Range) -> list[Stretch]:
    old_chunks, new_chunks = old[slice(*here)].split(), new[slice(*there)].split()
    if not old_chunks or not new_chunks:
        return []
    if set(old_chunks).isdisjoint(new_chunks):
        return _refined(old, new, here, there)
    old_shift, new_shift = _shifts(old, here, old_chunks), _shifts(new, there, new_chunks)
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


def _shifts(text: str, part: Range, chunks: Sequence[str]) -> list[int]:
    """Where each chunk of the part starts, less its number: so many letters, and so many spaces beyond single ones, stand before it."""
    shifts = list(accumulate(map(len, chunks), initial=part[0]))
    if shifts[-1] + len(chunks) - 1 == part[1]:   # single spaces, as almost always
        return shifts
    return [match.start() - at for at, match in enumerate(_CHUNK.finditer(text, *part))]


def _refined(old: str, new: str, here: Range, there: Range) -> list[Stretch]:
    """Words and marks in common between two stretches that no chunk joins."""
    if _bare(old[slice(*here)]) and _bare(new[slice(*there)]):
        return []
    places = [match.span() for match in _TOKEN.finditer(old, *here)], [match.span() for match in _TOKEN.finditer(new, *there)]
    blocks = _subsequence([old[a:b] for a, b in places[0]], [new[a:b] for a, b in places[1]])
    return [
        (places[0][a][0], places[0][a + size - 1][1], places[1][b][0], places[1][b + size - 1][1]) for a, b, size in blocks
    ]  # fmt: skip


def _bare(text: str) -> bool:
    """Words without marks, which are chunks: they have been compared."""
    return text.isascii() and text.replace(" ", "").isalnum()


def _common(old: Sequence[str], new: Sequence[str]) -> list[Block]:
    """Tokens in common; where a single one would stand alone, runs of two and more go first: they read better."""
    blocks = _subsequence(old, new)
    if len(blocks) < 2 or min([size for _, _, size in blocks]) > 1:
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
    if len(old) * len(new) > SUBSEQUENCE_LIMIT:
        return _ends(old, new)
    return [(block.a, block.b, block.size) for block in LCSseq.editops(old, new).as_matching_blocks() if block.size]


def _ends(old: Sequence[object], new: Sequence[object]) -> list[Block]:
    """The equal beginnings and ends alone."""
    shorter = min(len(old), len(new))
    head = next((at for at in range(shorter) if old[at] != new[at]), shorter)
    tail = next((at for at in range(shorter - head) if old[-1 - at] != new[-1 - at]), shorter - head)
    return [block for block in ((0, 0, head), (len(old) - tail, len(new) - tail, tail)) if block[2]]


def _swallow(stretches: list[Stretch], old: str, new: str) -> list[Stretch]:
    """Leave out what is short beside the changes on both its sides: such islands only break the reading."""
    if len(stretches) < 2:
        return stretches
    kept: list[Stretch] = []
    before_old = before_new = 0
    for stretch, behind in pairwise((*stretches, (len(old), 0, len(new), 0))):
        a, b, c, d = stretch
        changed = min(max(a - before_old, c - before_new), max(behind[0] - b, behind[2] - d))
        if changed <= ISLAND_SHARE * (b - a) or (changed <= ISLAND_SHARE * MARK_WEIGHT and not old[a:b].isalnum()):
            kept.append(stretch)
            before_old, before_new = b, d
    return kept


def _spans(old: str, new: str, stretches: Sequence[Stretch]) -> tuple[WordSpan, ...]:
    """The stretches and what lies between; white space is compared as it stands."""
    spans: list[WordSpan] = []
    equal = ""
    at_old = at_new = 0
    for a, b, c, d in (*_unbroken(old, new, stretches), (len(old), len(old), len(new), len(new))):
        gone, come, same = old[at_old:a], new[at_new:c], old[a:b]
        at_old, at_new = b, d
        if gone == come:
            equal += gone + same
            continue
        head, tail = _space(gone, come)
        equal += gone[:head]
        if tail:
            gone, come, same = gone[head:-tail], come[head:-tail], gone[-tail:] + same
        elif head:
            gone, come = gone[head:], come[head:]
        if not gone or not come:
            shift = _shift(gone + come, same)
            if shift:
                equal += same[:shift]
                gone, come = (gone + same)[shift : shift + len(gone)], (come + same)[shift : shift + len(come)]
                same = same[shift:]
        if equal:
            spans.append(make_span("equal", equal))
        if gone:
            spans.append(make_span("delete", gone))
        if come:
            spans.append(make_span("insert", come))
        equal = same
    if equal:
        spans.append(make_span("equal", equal))
    return tuple(spans)


def _shift(changed: str, behind: str) -> int:
    """How far words gone or come may slide to the right, over whole words: "to A, [or A,] and B", not "to A[, or A], and B"."""
    both = changed + behind
    alike = Prefix.similarity(both, behind)
    if alike == len(behind) and both[alike] == " ":
        return alike
    space = behind.rfind(" ", 0, alike)
    return max(space, 0) if changed[0] == " " else space + 1


def _unbroken(old: str, new: str, stretches: Sequence[Stretch]) -> Iterator[Stretch]:
    """Stretches that are equal to the letter: where white space inside differs, letter by letter."""
    for stretch in stretches:
        a, b, c, d = stretch
        if old[a:b] == new[c:d]:
            yield stretch
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
