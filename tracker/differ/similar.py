"""How alike sentences are by their words, and which of those left by the anchors pair one to one.

Words count by their first letters, rare ones more; where two sentences stand adds to or takes from the evidence.
Splits and merges are parts.py's business; vocabulary.py cuts the words.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tracker.differ import thresholds as t
from tracker.differ.anchors import Gaps
from tracker.differ.vocabulary import Vocabulary, read

Matrix = NDArray[np.float32]


@dataclass(slots=True, kw_only=True)
class Leftovers:
    """Sentences that no anchor holds: positions in the article, words and their weights, and shared weights old x new."""

    old: list[int]
    new: list[int]
    words: Vocabulary          # rows: the old ones, then the new ones, then some that anchors hold
    weight: NDArray[np.float32]
    old_sums: NDArray[np.float32]
    new_sums: NDArray[np.float32]
    shared: Matrix
    alike: Matrix

    def old_words(self, x: int) -> list[int]:
        return self.words.row(x)

    def new_words(self, y: int) -> list[int]:
        return self.words.row(len(self.old) + y)


def leftovers(old: Mapping[int, str], new: Mapping[int, str], kept: Sequence[str]) -> Leftovers:
    """All texts as anchors.plain gives them. `kept` are texts of the anchors: they tell which words are common in this article."""
    words = read([*old.values(), *new.values(), *kept])
    a, b, size = len(old), len(old) + len(new), words.size
    total = b + len(kept)
    if total * size <= t.DENSE:
        present = np.zeros((total, size), np.float32)
        present[words.rows, words.ids] = 1
        weight = np.log1p(total / present.sum(axis=0))
        weight[words.short] *= t.SHORT_WEIGHT
        mine = present[:a] * weight
        theirs = present[a:b]
        old_sums, new_sums, shared = mine.sum(axis=1), theirs @ weight, mine @ theirs.T
    else:
        rows, ids = words.once()
        weight = np.log1p(total / np.bincount(ids, minlength=size)).astype(np.float32)
        weight[words.short] *= t.SHORT_WEIGHT
        sums = np.bincount(rows, weights=weight[ids], minlength=total).astype(np.float32)
        old_sums, new_sums, shared = sums[:a], sums[a:b], _shared(rows, ids, weight, a, b)
    alike = shared / (old_sums[:, None] + (new_sums + np.float32(1e-6)))
    alike *= 2
    return Leftovers(
        old=list(old), new=list(new), words=words, weight=weight, old_sums=old_sums, new_sums=new_sums, shared=shared, alike=alike
    )  # fmt: skip


def _shared(rows: NDArray[np.intp], ids: NDArray[np.intp], weight: NDArray[np.float32], a: int, b: int) -> Matrix:
    """Weight of the words in common, word by word: for texts whose table of words would be too large to multiply."""
    shared = np.zeros((a, b - a), np.float32)
    order = np.lexsort((rows, ids))
    rows, ids = rows[order], ids[order]
    edges = np.flatnonzero(np.diff(ids, prepend=-1, append=-1)).tolist()
    for start, end in pairwise(edges):
        here = rows[start:end]
        left, right = np.searchsorted(here, (a, b))
        if left and right > left:
            shared[here[:left, None], here[left:right] - a] += weight[ids[start]]
    return shared


def pair_off(left: Leftovers, anchors: Mapping[int, int]) -> dict[int, int]:
    """Pairs of places in `left`, best evidence first: those alike anywhere, then, twice, by likeness and place."""
    found: dict[int, int] = {}
    taken: set[int] = set()
    count_old, count_new = left.alike.shape
    _take(left.alike, t.SURE, found, taken)
    for _ in range(2):
        if len(found) == count_old or len(taken) == count_new:
            break
        free_old, free_new = [x for x in range(count_old) if x not in found], [y for y in range(count_new) if y not in taken]
        now: dict[int, int] = {}
        _take(_evidence(left, anchors, found, free_old, free_new), t.EVIDENCE, now, set())
        if not now:
            break
        found.update((free_old[x], free_new[y]) for x, y in now.items())
        taken.update(free_new[y] for y in now.values())
    return found


def _take(evidence: Matrix, least: float, found: dict[int, int], taken: set[int]) -> None:
    """Best first; among equals those at the like place."""
    rows, columns = (evidence >= least).nonzero()
    if not len(rows):
        return
    if len(rows) > t.CANDIDATES * 2 * len(evidence):
        rows, columns = _best(evidence, least)
    drift = np.abs(rows * (t.DRIFT / evidence.shape[0]) - columns * (t.DRIFT / evidence.shape[1]))
    order = (drift - evidence[rows, columns]).argsort(kind="stable")
    for x, y in zip(rows[order].tolist(), columns[order].tolist(), strict=True):
        if x not in found and y not in taken:
            found[x] = y
            taken.add(y)


def _best(evidence: Matrix, least: float) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """A few best places of each row; among equals those at the like place, else a thousand alike lines would all want the same few."""
    count_old, count_new = evidence.shape
    drift = np.abs(np.arange(count_old)[:, None] / count_old - np.arange(count_new) / count_new)
    best = np.argpartition(drift * t.DRIFT - evidence, t.CANDIDATES, axis=1)[:, : t.CANDIDATES]
    rows, columns = np.arange(count_old).repeat(best.shape[1]), best.ravel()
    good = evidence[rows, columns] >= least
    return rows[good], columns[good]


def _evidence(left: Leftovers, anchors: Mapping[int, int], found: Mapping[int, int], free_old: list[int], free_new: list[int]) -> Matrix:
    """Likeness and place for every free (old, new); -1 where it is not to be."""
    alike = left.alike[np.array(free_old)[:, None], free_new]
    pairs = dict(anchors)
    pairs.update((left.old[x], left.new[y]) for x, y in found.items())
    old, new = _placed(pairs, [left.old[x] for x in free_old], [left.new[y] for y in free_new])
    size_old, size_new = Counter(old[0]), Counter(new[0])
    # Choices in the gap, as doublings: log2(1 + old x new) needs no matrix, both counts are known by gap.
    crowd = {gap: t.CROWD * t.FAR - t.INSIDE - t.CROWD * math.log2(1 + size * size_new[gap]) for gap, size in size_old.items()}
    gap, before, after = np.array(old)[:, :, None] == np.array(new)[:, None]
    score: Matrix = gap * np.array([crowd[gap] for gap in old[0]], np.float32)[:, None]
    score += _PLACED.take(np.add(before, after, dtype=np.int8))
    score += alike
    score += np.float32(t.MARGIN) * (_lead(alike) + _lead(alike.T).T)
    score[alike < t.FLOOR] = -1
    return score


_PLACED = np.array([0, t.BESIDE, t.BESIDE + t.BETWEEN], np.float32) - np.float32(t.CROWD * t.FAR)
"""By how many of the nearest paired neighbours are each other's partners; less what a pair across gaps has against it."""

Placed = tuple[list[int], list[int], list[int]]


def _placed(pairs: Mapping[int, int], old: Sequence[int], new: Sequence[int]) -> tuple[Placed, Placed]:
    """For each free sentence its gap, and the nearest paired ones before and after it, told by their places in the new text."""
    held = sorted(pairs)
    reached = [pairs[i] for i in held]
    partner, reached = [-1, *reached, END], sorted(reached)
    at_old, at_new = [bisect_left(held, i) for i in old], [bisect_left(reached, j) for j in new]
    gap_old, gap_new = at_old, at_new
    reached = [-1, *reached, END]
    if partner != reached:   # something moved: not every pair bounds a gap
        gaps = Gaps(pairs.items())
        gap_old, gap_new = [gaps.of_old(i) for i in old], [gaps.of_new(j) for j in new]
    return (
        (gap_old, [partner[at] for at in at_old], [partner[at + 1] for at in at_old]),
        (gap_new, [reached[at] for at in at_new], [reached[at + 1] for at in at_new]),
    )


END = 1 << 40
"""A place behind any text."""


def _lead(alike: Matrix) -> Matrix:
    """How far each cell stands above the best other cell of its row."""
    if alike.shape[1] == 1:
        return alike
    two = np.partition(alike, -2, axis=1)[:, -2:]
    rival = np.where(alike == two[:, 1:], two[:, :1], two[:, 1:])
    return np.asarray(alike - rival, np.float32)
