"""Splits, merges and regroupings: a leftover that fills what a neighbour's partner left unexplained.

Each paired sentence has a rest: the words its partners do not have, in order. A sentence near its partner that
holds that rest is a further part.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import LCSseq

from tracker.differ import thresholds as t
from tracker.differ.similar import Leftovers

Pair = tuple[int, int]
Rest = set[int]
Places = NDArray[np.intp]
Mask = NDArray[np.bool_]

NOTHING = np.float32(1e-6)
"""Keeps a division by the weight of no words from failing."""
_OWN, _SHARE, _MORE = np.float32(t.OWN), np.float32(t.SHARE * 0.999), np.float32((t.REGROUPED - t.PART) * t.SLACK)


def further_parts(left: Leftovers, found: Mapping[int, int]) -> list[Pair]:
    """Pairs beyond `found`, as places in `left`."""
    if not found or len(found) == len(left.old) == len(left.new) == 1:
        return []
    return _Parts(left, found).take()


class _Parts:
    """The rests of all sentences while parts are given out; rests are worked out when first asked for."""

    def __init__(self, left: Leftovers, found: Mapping[int, int]) -> None:
        self._left = left
        self._first = dict(found), {y: x for x, y in found.items()}
        self._partners = {x: [y] for x, y in found.items()}, {y: [x] for x, y in found.items()}
        self._place = {i: x for x, i in enumerate(left.old)}, {j: y for y, j in enumerate(left.new)}
        self._rests: tuple[dict[int, Rest], dict[int, Rest]] = ({}, {})
        self._whole: tuple[dict[int, float], dict[int, float]] = ({}, {})
        self._weight: list[float] = []

    def take(self) -> list[Pair]:
        rows, columns = np.array([*self._first[0]]), np.array([*self._first[1]])
        promising = self._promising(rows, columns)
        if not promising.any():
            return []
        self._weight = self._left.weight.tolist()
        heap: list[tuple[float, Pair]] = []
        seen = set(self._candidates(promising, rows, columns))
        self._push(heap, seen)
        taken: list[Pair] = []
        while heap:
            claimed, (x, y) = heapq.heappop(heap)
            score = self._score(x, y)
            if score <= 0:
                continue
            if score < -claimed - 1e-9:
                heapq.heappush(heap, (-score, (x, y)))   # a rest has shrunk since: its turn may come later
                continue
            rest_old, rest_new = self._rest(0, x), self._rest(1, y)
            self._rests[0][x], self._rests[1][y] = rest_old - rest_new, rest_new - rest_old
            self._partners[0].setdefault(x, []).append(y)
            self._partners[1].setdefault(y, []).append(x)
            taken.append((x, y))
            further = [pair for pair in self._near(x) if promising[pair] and pair not in seen]
            seen.update(further)
            self._push(heap, further)
        return taken

    def _promising(self, rows: Places, columns: Places) -> Mask:
        """A bound on what _score may say, by different words and whatever their order, so that rests are worked out for few."""
        left, shared = self._left, self._left.shared
        explained = shared[rows, columns]
        rest_old, rest_new = left.old_sums.copy(), left.new_sums.copy()
        rest_old[rows] -= explained
        rest_new[columns] -= explained
        # 0 without a partner, 1 with one, 2 so like its first partner that nothing is left to regroup.
        likeness = (left.alike[rows, columns] >= t.EXPLAINED) + np.float32(1)
        held_old, held_new = np.zeros_like(rest_old), np.zeros_like(rest_new)
        held_old[rows], held_new[columns] = likeness, likeness
        held = held_old[:, None] * held_new
        weights = np.maximum(rest_old[:, None], shared)
        weights += np.maximum(rest_new, shared)
        weights += NOTHING
        score = (shared + shared) / weights
        # The free one of a pair is the part, the other the whole; between two with partners a bound too many is no harm.
        score += shared * _OWN / (np.where(held_new, left.new_sums, left.old_sums[:, None]) + NOTHING)
        score -= (held > 0) * _MORE
        promising: Mask = score >= t.PART * t.SLACK
        least_old, least_new = left.old_sums * _SHARE, left.new_sums * _SHARE
        least_old[rows], least_new[columns] = t.LEAST, t.LEAST
        promising &= shared >= np.maximum(least_old[:, None], least_new)
        promising &= held < 2
        promising[rows, columns] = False
        return promising

    def _candidates(self, promising: Mask, rows: Places, columns: Places) -> Iterator[Pair]:
        """Those beside a pair, and each sentence without a partner with the paired one it shares most words with."""
        left = self._left
        old, new = np.array(left.old, np.int32), np.array(left.new, np.int32)
        partner_old, partner_new = np.full(len(new), -t.NEAR - 1, np.int32), np.full(len(old), -t.NEAR - 1, np.int32)
        partner_old[columns], partner_new[rows] = old[rows], new[columns]
        near = np.abs(partner_new[:, None] - new) <= t.NEAR
        near |= np.abs(old[:, None] - partner_old) <= t.NEAR
        if len(rows) < len(old):
            free = np.flatnonzero(partner_new < 0)
            near[free, columns[left.shared[free[:, None], columns].argmax(axis=1)]] = True
        if len(rows) < len(new):
            free = np.flatnonzero(partner_old < 0)
            near[rows[left.shared[rows[:, None], free].argmax(axis=0)], free] = True
        near &= promising
        yield from zip(*(places.tolist() for places in near.nonzero()), strict=True)

    def _push(self, heap: list[tuple[float, Pair]], pairs: Iterable[Pair]) -> None:
        for pair in pairs:
            score = self._score(*pair)
            if score > 0:
                heapq.heappush(heap, (-score, pair))

    def _near(self, x: int) -> Iterator[Pair]:
        """New sentences near the partners of x, and old ones near x for each partner."""
        i = self._left.old[x]
        for y in self._partners[0][x]:
            j = self._left.new[y]
            for step in range(-t.NEAR, t.NEAR + 1):
                if step:
                    other_new, other_old = self._place[1].get(j + step), self._place[0].get(i + step)
                    if other_new is not None:
                        yield x, other_new
                    if other_old is not None:
                        yield other_old, y

    def _is_near(self, x: int, y: int) -> bool:
        i, j = self._left.old[x], self._left.new[y]
        return any(abs(self._left.new[other] - j) <= t.NEAR for other in self._partners[0].get(x, ())) or any(
            abs(self._left.old[other] - i) <= t.NEAR for other in self._partners[1].get(y, ())
        )

    def _score(self, x: int, y: int) -> float:
        """Evidence that x and y share a part, less what is needed: above 0 is yes."""
        rests_old, rests_new = self._rests
        rest_old = rests_old[x] if x in rests_old else self._rest(0, x)
        rest_new = rests_new[y] if y in rests_new else self._rest(1, y)
        shared = self._weigh(rest_old & rest_new)
        if shared < t.LEAST:
            return 0
        weight_old, weight_new = self._weigh(rest_old), self._weigh(rest_new)
        free_old, free_new = x not in self._partners[0], y not in self._partners[1]
        if shared < t.SHARE * (weight_new if free_new else weight_old if free_old else 0):
            return 0
        shares = shared / self._weight_of(0, x), shared / self._weight_of(1, y)
        own = shares[0] if free_new else shares[1] if free_old else min(shares)
        needed = t.REGROUPED if not free_old and not free_new else t.PART if self._is_near(x, y) else t.FAR_PART
        score = 2 * shared / (weight_old + weight_new) + t.OWN * own
        return score if score >= needed else 0

    def _words(self, side: int, at: int) -> list[int]:
        return self._left.new_words(at) if side else self._left.old_words(at)

    def _rest(self, side: int, at: int) -> Rest:
        rest = self._rests[side].get(at)
        if rest is None:
            other = self._first[side].get(at)
            if other is None:
                rest = self._rests[side][at] = set(self._words(side, at))
            else:
                self._explain(*((at, other) if side == 0 else (other, at)))
                rest = self._rests[side][at]
        return rest

    def _explain(self, x: int, y: int) -> None:
        """The rests of a first pair: what is left of each when the words in common, in order, are taken out."""
        old, new = self._words(0, x), self._words(1, y)
        if len(old) * len(new) > t.LCS_CELLS:
            rest_old, rest_new = set(old), set(new)
            self._rests[0][x], self._rests[1][y] = rest_old - rest_new, rest_new - rest_old
            return
        gone: list[int] = []
        come: list[int] = []
        at_old = at_new = 0
        for block in LCSseq.editops(old, new).as_matching_blocks():
            gone += old[at_old : block.a]
            come += new[at_new : block.b]
            at_old, at_new = block.a + block.size, block.b + block.size
        self._rests[0][x], self._rests[1][y] = set(gone), set(come)

    def _weight_of(self, side: int, at: int) -> float:
        whole = self._whole[side].get(at)
        if whole is None:
            whole = self._whole[side][at] = sum(map(self._weight.__getitem__, self._words(side, at)))
        return whole

    def _weigh(self, rest: Rest) -> float:
        return sum(map(self._weight.__getitem__, rest))
