"""How alike sentences are by their words, and which of those left by the anchors pair one to one.

Words count by their first letters, rare ones more; where two sentences stand adds to or takes from the evidence.
Splits and merges are parts.py's business.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from tracker.differ import thresholds as t
from tracker.differ.anchors import Gaps

Matrix = NDArray[np.float32]

# Scripts without spaces between words count letter by letter: Thai to Burmese, kana, Han.
_UNSPACED = "\u0e00-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+")
_ASCII_WORD = re.compile(r"\w+", re.ASCII)


def stems(text: str) -> list[str]:
    found = _ASCII_WORD.findall(text) if text.isascii() else _WORD.findall(text)
    return [word[: t.STEM] for word in found]


@dataclass(slots=True, kw_only=True)
class Leftovers:
    """Sentences that no anchor holds: their positions, words, the weight of each word, and shared weights old x new."""

    old: list[int]
    new: list[int]
    old_words: list[list[str]]
    new_words: list[list[str]]
    weight: Mapping[str, float]
    old_sums: list[float]
    new_sums: list[float]
    shared: Matrix
    alike: Matrix


def leftovers(old: Mapping[int, str], new: Mapping[int, str], kept: Sequence[str]) -> Leftovers:
    """`kept` are the texts of the anchors: they tell which words are common in this article."""
    old_words, new_words = [stems(text) for text in old.values()], [stems(text) for text in new.values()]
    bags = [set(words) for words in old_words], [set(words) for words in new_words]
    counts = Counter(chain.from_iterable(chain(bags[0], bags[1], (set(stems(text)) for text in kept))))
    total = len(old) + len(new) + len(kept)
    by_count = [0.0, *(math.log(1 + total / count) for count in range(1, max(counts.values(), default=0) + 1))]
    weight = {
        word: by_count[count] * t.SHORT_WEIGHT if len(word) <= t.SHORT_LENGTH and not word.isdigit() else by_count[count]
        for word, count in counts.items()
    }
    shared = _shared(*bags, weight)
    sums = [[sum(map(weight.__getitem__, bag)) for bag in side] for side in bags]
    alike = np.array(sums[0], np.float32)[:, None] + np.array(sums[1], np.float32)
    alike += 1e-6
    np.divide(shared, alike, out=alike)
    alike *= 2
    return Leftovers(
        old=list(old),
        new=list(new),
        old_words=old_words,
        new_words=new_words,
        weight=weight,
        old_sums=sums[0],
        new_sums=sums[1],
        shared=shared,
        alike=alike,
    )


def _shared(old: Sequence[set[str]], new: Sequence[set[str]], weight: Mapping[str, float]) -> Matrix:
    """Weight of the words that old x new have in common."""
    both = set().union(*old) & set().union(*new)
    column = {word: at for at, word in enumerate(both)}
    if (len(old) + len(new)) * len(both) <= 200_000:
        left, right = _incidence(old, column), _incidence(new, column)
        return (left * np.array([weight[word] for word in both], np.float32)) @ right.T
    shared = np.zeros((len(old), len(new)), np.float32)
    rows: list[list[int]] = [[] for _ in both]
    columns: list[list[int]] = [[] for _ in both]
    for places, bags in ((rows, old), (columns, new)):
        for at, bag in enumerate(bags):
            for word in bag & both:
                places[column[word]].append(at)
    for word, at in column.items():
        shared[np.array(rows[at])[:, None], np.array(columns[at])] += weight[word]
    return shared


def _incidence(bags: Sequence[set[str]], column: Mapping[str, int]) -> Matrix:
    rows = [at for at, bag in enumerate(bags) for word in bag if word in column]
    columns = [column[word] for bag in bags for word in bag if word in column]
    matrix = np.zeros((len(bags), len(column)), np.float32)
    matrix[rows, columns] = 1
    return matrix


def pair_off(left: Leftovers, anchors: Mapping[int, int]) -> dict[int, int]:
    """Pairs of places in `left`, best evidence first: those alike anywhere, then, twice, by likeness and place."""
    found: dict[int, int] = {}
    taken: set[int] = set()
    # Among equals the one at the like place goes first, else a thousand alike lines would all want the same few.
    drift = np.abs(np.linspace(0, 1e-3, len(left.old), dtype=np.float32)[:, None] - np.linspace(0, 1e-3, len(left.new), dtype=np.float32))
    evidence = np.where(left.alike >= t.SURE + 1e-3, left.alike - drift, -1)
    _take(evidence, t.SURE, found, taken)
    for _ in range(2):
        if len(found) == len(left.old) or len(taken) == len(left.new):
            break
        before = len(found)
        evidence = _evidence(left, anchors, found, taken)
        _take(evidence, t.EVIDENCE, found, taken)
        if len(found) == before:
            break
    return found


def _take(evidence: Matrix, least: float, found: dict[int, int], taken: set[int]) -> None:
    rows, columns = np.nonzero(evidence >= least)
    if len(rows) > t.CANDIDATES * 2 * len(evidence):
        best = np.argpartition(-evidence, t.CANDIDATES, axis=1)[:, : t.CANDIDATES]
        rows, columns = np.repeat(np.arange(len(evidence)), best.shape[1]), best.ravel()
        good = evidence[rows, columns] >= least
        rows, columns = rows[good], columns[good]
    order = np.argsort(-evidence[rows, columns], kind="stable")
    for x, y in zip(rows[order].tolist(), columns[order].tolist(), strict=True):
        if x not in found and y not in taken:
            found[x] = y
            taken.add(y)


def _evidence(left: Leftovers, anchors: Mapping[int, int], found: Mapping[int, int], taken: set[int]) -> Matrix:
    """Likeness and place for every free (old, new); -1 where it is not to be."""
    free_old = np.array([x for x in range(len(left.old)) if x not in found])
    free_new = np.array([y for y in range(len(left.new)) if y not in taken])
    alike = left.alike[free_old[:, None], free_new]
    pairs = dict(anchors)
    pairs.update((left.old[x], left.new[y]) for x, y in found.items())
    old, new = [left.old[x] for x in free_old.tolist()], [left.new[y] for y in free_new.tolist()]
    gaps = Gaps(pairs.items())
    gap_old, gap_new = [gaps.of_old(i) for i in old], [gaps.of_new(j) for j in new]
    size_old, size_new = Counter(gap_old), Counter(gap_new)
    # Choices in the gap, as doublings: log2(1 + old x new) needs no matrix, both counts are known by gap.
    crowd = {gap: -t.INSIDE - t.CROWD * math.log2(1 + size * size_new[gap]) for gap, size in size_old.items()}
    inside = np.array(gap_old)[:, None] == np.array(gap_new)
    score = np.where(inside, np.array([crowd[gap] for gap in gap_old], np.float32)[:, None], np.float32(-t.CROWD * t.FAR))
    befores, afters = _neighbours(pairs, old, new)
    before = befores[0][:, None] == befores[1]
    after = afters[0][:, None] == afters[1]
    score += (before | after) * np.float32(t.BESIDE)
    score += (before & after) * np.float32(t.BETWEEN)
    score += alike
    score += t.MARGIN * _lead(alike)
    score += t.MARGIN * _lead(alike.T).T
    score[alike < t.FLOOR] = -1
    full = np.full(left.alike.shape, -1, np.float32)
    full[free_old[:, None], free_new] = score
    return full


def _neighbours(
    pairs: Mapping[int, int], old: Sequence[int], new: Sequence[int]
) -> tuple[tuple[NDArray[np.int64], NDArray[np.int64]], tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """For each free sentence the nearest paired one before and after it, told by its place in the new text."""
    held = sorted(pairs)
    partner = np.array([-1, *(pairs[i] for i in held), 1 << 40])
    reached = np.array([-1, *sorted(pairs.values()), 1 << 40])
    place_old, place_new = np.searchsorted(held, old), np.searchsorted(reached[1:-1], new)
    return (partner[place_old], reached[place_new]), (partner[place_old + 1], reached[place_new + 1])


def _lead(alike: Matrix) -> Matrix:
    """How far each cell stands above the best other cell of its row."""
    if alike.shape[1] == 1:
        return alike
    two = np.partition(alike, -2, axis=1)[:, -2:]
    rival = np.where(alike == two[:, 1:], two[:, :1], two[:, 1:])
    return np.asarray(alike - rival, np.float32)
