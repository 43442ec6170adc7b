"""Exact anchors: sentences that both texts have, wherever they stand; and the longest chain of pairs in order.

Unique sentences anchor first, moved ones too; then repeated ones, from their anchored neighbours outwards and in order.
What is alike but not equal is similar.py's business.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence

Pair = tuple[int, int]

_STYLE = (
    ("“", '"'), ("”", '"'), ("„", '"'), ("«", '"'), ("»", '"'), ("‘", "'"), ("’", "'"), ("–", "-"), ("—", "-"), ("…", "..."), ("•", "*"),
    ("\u00a0", " "), ("\u00ad", ""), ("\u200b", ""),
)  # fmt: skip


def plain(texts: Sequence[str]) -> list[str]:
    """The texts for comparing: case, quotes, dashes and odd spaces levelled, each on one line. Looser and cheaper than text.normalise."""
    levelled = _level("\n".join(texts)).split("\n")   # all at once, which is cheaper
    return levelled if len(levelled) == len(texts) else [_level(text).replace("\n", " ") for text in texts]


def _level(text: str) -> str:
    if not text.isascii():
        for one, other in _STYLE:   # many times faster than str.translate, which asks for every character
            text = text.replace(one, other)
    return text.lower()


def exact_pairs(old: Mapping[int, str], new: Mapping[int, str]) -> dict[int, int]:
    """Pair equal texts; keys are positions in the article, in rising order."""
    there_new = dict(zip(new.values(), new, strict=True))
    if len(there_new) == len(new) and len(set(old.values())) == len(old):   # nothing repeated
        return {i: there_new[text] for i, text in old.items() if text in there_new}
    places_old, places_new = _places(old), _places(new)
    pairs: dict[int, int] = {}
    repeated: list[tuple[list[int], list[int]]] = []
    for text, here in places_old.items():
        there = places_new.get(text)
        if there is None:
            continue
        if len(here) == 1 == len(there):
            pairs[here[0]] = there[0]
        else:
            repeated.append((here, there))
    if repeated:
        taken = set(pairs.values())
        _grow(pairs, taken, old, new)
        _in_order(pairs, taken, repeated)
    return pairs


def _places(texts: Mapping[int, str]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for at, text in texts.items():
        places.setdefault(text, []).append(at)
    return places


def _grow(pairs: dict[int, int], taken: set[int], old: Mapping[int, str], new: Mapping[int, str]) -> None:
    """From each anchor outwards while the neighbours are equal too: a repeated sentence belongs to what it stands beside."""
    for step in (1, -1):
        for i, j in sorted(pairs.items(), reverse=step < 0):
            a, b = i + step, j + step
            while a in old and b in new and a not in pairs and b not in taken and old[a] == new[b]:
                pairs[a] = b
                taken.add(b)
                a, b = a + step, b + step


def _in_order(pairs: dict[int, int], taken: set[int], repeated: Iterable[tuple[list[int], list[int]]]) -> None:
    """Repeated sentences left: first those of the same gap in order, then the rest in order."""
    gaps = Gaps(pairs.items())
    for here, there in repeated:
        left, right = [i for i in here if i not in pairs], [j for j in there if j not in taken]
        if len(left) != len(right):
            waiting: dict[int, list[int]] = {}
            for j in reversed(right):
                waiting.setdefault(gaps.of_new(j), []).append(j)
            for i in left:
                same = waiting.get(gaps.of_old(i))
                if same:
                    pairs[i] = same.pop()
                    taken.add(pairs[i])
            left, right = [i for i in left if i not in pairs], [j for j in right if j not in taken]
        for i, j in zip(left, right, strict=False):   # the longer side keeps its last ones unpaired
            pairs[i] = j
            taken.add(j)


def longest_chain(pairs: Iterable[Pair]) -> list[Pair]:
    """A longest run of pairs in which both sides rise. Pairs are one to one. O(n log n)."""
    ordered = sorted(pairs)
    reached = [j for _, j in ordered]
    if reached == sorted(reached):   # nothing moved
        return ordered
    tails: list[int] = []
    ends: list[int] = []
    back: list[int] = []
    for at, (_, j) in enumerate(ordered):
        place = bisect_left(tails, j)
        if place == len(tails):
            tails.append(j)
            ends.append(at)
        else:
            tails[place] = j
            ends[place] = at
        back.append(ends[place - 1] if place else -1)
    chain: list[Pair] = []
    at = ends[-1] if ends else -1
    while at >= 0:
        chain.append(ordered[at])
        at = back[at]
    chain.reverse()
    return chain


class Gaps:
    """The stretches between the links of the chain, numbered from 0: equal numbers, same gap."""

    def __init__(self, pairs: Iterable[Pair]) -> None:
        chain = longest_chain(pairs)
        self._old: Sequence[int] = [i for i, _ in chain]
        self._new: Sequence[int] = [j for _, j in chain]

    def of_old(self, i: int) -> int:
        return bisect_left(self._old, i)

    def of_new(self, j: int) -> int:
        return bisect_left(self._new, j)
