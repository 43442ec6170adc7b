"""Splits, merges and regroupings: a leftover that fills what a neighbour's partner left unexplained.

Each paired sentence has a rest: the words its partners do not have, in order. A sentence near its partner that
holds that rest is a further part.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
from rapidfuzz.distance import LCSseq

from tracker.differ import thresholds as t
from tracker.differ.similar import Leftovers

Pair = tuple[int, int]


def further_parts(left: Leftovers, found: Mapping[int, int]) -> list[Pair]:
    """Pairs beyond `found`, as places in `left`."""
    return _Parts(left, found).take()


class _Parts:
    """The rests of all sentences while parts are given out; rests are worked out when first asked for."""

    def __init__(self, left: Leftovers, found: Mapping[int, int]) -> None:
        self._left = left
        self._first = dict(found), {y: x for x, y in found.items()}
        self._partners = {x: [y] for x, y in found.items()}, {y: [x] for x, y in found.items()}
        self._place = {i: x for x, i in enumerate(left.old)}, {j: y for y, j in enumerate(left.new)}
        self._rests: tuple[dict[int, Counter[str]], dict[int, Counter[str]]] = ({}, {})
        self._whole: tuple[dict[int, float], dict[int, float]] = ({}, {})

    def take(self) -> list[Pair]:
        heap: list[tuple[float, Pair]] = []
        seen: set[Pair] = set()
        for x in self._partners[0]:
            self._push(heap, seen, self._near(x))
        self._push(heap, seen, self._far())
        taken: list[Pair] = []
        while heap:
            claimed, (x, y) = heapq.heappop(heap)
            if y in self._partners[0].get(x, ()):
                continue
            score = self._score(x, y)
            if score <= 0:
                continue
            if score < -claimed - 1e-9:
                heapq.heappush(heap, (-score, (x, y)))   # a rest has shrunk since: its turn may come later
                continue
            rest_old, rest_new = self._rest(0, x), self._rest(1, y)
            both = rest_old & rest_new
            self._rests[0][x], self._rests[1][y] = rest_old - both, rest_new - both
            self._partners[0].setdefault(x, []).append(y)
            self._partners[1].setdefault(y, []).append(x)
            taken.append((x, y))
            self._push(heap, seen, self._near(x))
        return taken

    def _push(self, heap: list[tuple[float, Pair]], seen: set[Pair], pairs: Iterable[Pair]) -> None:
        for pair in pairs:
            if pair not in seen:
                seen.add(pair)
                if self._hopeless(*pair):
                    continue
                score = self._score(*pair)
                if score > 0:
                    heapq.heappush(heap, (-score, pair))

    def _near(self, x: int) -> Iterator[Pair]:
        """New sentences near the partners of x, and old ones near x for each partner."""
        i = self._left.old[x]
        for y in tuple(self._partners[0][x]):
            j = self._left.new[y]
            for step in range(-t.NEAR, t.NEAR + 1):
                if step:
                    other_new, other_old = self._place[1].get(j + step), self._place[0].get(i + step)
                    if other_new is not None:
                        yield x, other_new
                    if other_old is not None:
                        yield other_old, y

    def _far(self) -> Iterator[Pair]:
        """Sentences without a partner, each with the paired one it shares most words with, wherever that stands."""
        paired = list(self._partners[0]), list(self._partners[1])
        shared = self._left.shared
        if not paired[0]:
            return
        free_old = [x for x in range(shared.shape[0]) if x not in self._partners[0]]
        free_new = [y for y in range(shared.shape[1]) if y not in self._partners[1]]
        if free_old:
            best = shared[np.array(free_old)[:, None], np.array(paired[1])].argmax(axis=1)
            yield from ((x, paired[1][at]) for x, at in zip(free_old, best.tolist(), strict=True))
        if free_new:
            best = shared[np.array(paired[0])[:, None], np.array(free_new)].argmax(axis=0)
            yield from ((paired[0][at], y) for y, at in zip(free_new, best.tolist(), strict=True))

    def _hopeless(self, x: int, y: int) -> bool:
        """A cheap bound, so that rests are worked out for few."""
        left = self._left
        shared = float(left.shared[x, y])
        if shared < t.LEAST:
            return True
        of_old, of_new = left.old_sums[x], left.new_sums[y]
        first_old, first_new = self._first[0].get(x), self._first[1].get(y)
        if first_old is not None and first_new is not None:
            return bool(left.alike[x, first_old] >= t.EXPLAINED or left.alike[first_new, y] >= t.EXPLAINED)
        whole, free = (of_old, of_new) if first_new is None else (of_new, of_old)
        return 2 * shared / (free + shared) + t.OWN * shared / whole < t.PART * 0.9

    def _is_near(self, x: int, y: int) -> bool:
        i, j = self._left.old[x], self._left.new[y]
        return any(abs(self._left.new[other] - j) <= t.NEAR for other in self._partners[0].get(x, ())) or any(
            abs(self._left.old[other] - i) <= t.NEAR for other in self._partners[1].get(y, ())
        )

    def _score(self, x: int, y: int) -> float:
        """Evidence that x and y share a part, less what is needed: above 0 is yes."""
        weight = self._left.weight
        rest_old, rest_new = self._rest(0, x), self._rest(1, y)
        small, large = (rest_old, rest_new) if len(rest_old) < len(rest_new) else (rest_new, rest_old)
        shared = sum(weight[word] * min(count, large[word]) for word, count in small.items() if word in large)
        if shared < t.LEAST:
            return 0
        unexplained = self._weigh(rest_old) + self._weigh(rest_new)
        free_old, free_new = x not in self._partners[0], y not in self._partners[1]
        shares = shared / self._weight_of(0, x), shared / self._weight_of(1, y)
        own = shares[0] if free_new else shares[1] if free_old else min(shares)
        needed = t.REGROUPED if not free_old and not free_new else t.PART if self._is_near(x, y) else t.FAR_PART
        score = 2 * shared / unexplained + t.OWN * own
        return score if score >= needed else 0

    def _rest(self, side: int, at: int) -> Counter[str]:
        rest = self._rests[side].get(at)
        if rest is None:
            other = self._first[side].get(at)
            words = (self._left.old_words, self._left.new_words)[side][at]
            if other is None:
                rest = self._rests[side][at] = Counter(words)
            else:
                self._explain(*((at, other) if side == 0 else (other, at)))
                rest = self._rests[side][at]
        return rest

    def _explain(self, x: int, y: int) -> None:
        """The rests of a first pair: what is left of each when the words in common, in order, are taken out."""
        old, new = self._left.old_words[x], self._left.new_words[y]
        rest_old, rest_new = Counter(old), Counter(new)
        if len(old) * len(new) > t.LCS_CELLS:
            both = rest_old & rest_new
        else:
            both = Counter()
            for op in LCSseq.opcodes(old, new):
                if op.tag == "equal":
                    both.update(old[op.src_start : op.src_end])
        self._rests[0][x], self._rests[1][y] = rest_old - both, rest_new - both

    def _weight_of(self, side: int, at: int) -> float:
        whole = self._whole[side].get(at)
        if whole is None:
            words = (self._left.old_words, self._left.new_words)[side][at]
            whole = self._whole[side][at] = sum(map(self._left.weight.__getitem__, words))
        return whole

    def _weigh(self, rest: Counter[str]) -> float:
        weight = self._left.weight
        return sum(weight[word] * count for word, count in rest.items())
