"""Pair the sentences of two texts as a careful reader would.

Exact anchors first (anchors.py), moved ones too. Only what they leave is compared by its words: one to one (similar.py),
then splits, merges and regroupings (parts.py). Returns pairs of positions; compare.py makes edits of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tracker.differ import thresholds as t
from tracker.differ.anchors import Pair, exact_pairs, plain
from tracker.differ.parts import further_parts
from tracker.differ.similar import leftovers, pair_off


def align(old: Sequence[str], new: Sequence[str]) -> tuple[Pair, ...]:
    """All (old, new) pairs, 0-based and sorted; a sentence may have several partners."""
    free_old, free_new = dict(enumerate(old)), dict(enumerate(new))
    anchors = exact_pairs(free_old, free_new)
    _drop(free_old, free_new, anchors)
    if not free_old or not free_new:
        return tuple(sorted(anchors.items()))
    texts = plain([*free_old.values(), *free_new.values(), *[old[i] for i in [*anchors][:: t.SAMPLE]]])
    middle, end = len(free_old), len(free_old) + len(free_new)
    free_old, free_new, kept = dict(zip(free_old, texts, strict=False)), dict(zip(free_new, texts[middle:], strict=False)), texts[end:]
    nearly = exact_pairs(free_old, free_new)
    _drop(free_old, free_new, nearly)
    anchors |= nearly
    pairs = list(anchors.items())
    for some_old, some_new in _stretches(free_old, free_new):
        left = leftovers(some_old, some_new, kept)
        found = pair_off(left, anchors)
        pairs += [(left.old[x], left.new[y]) for x, y in (*found.items(), *further_parts(left, found))]
    return tuple(sorted(pairs))


def _drop(old: dict[int, str], new: dict[int, str], pairs: Mapping[int, int]) -> None:
    for i, j in pairs.items():
        del old[i], new[j]


def _stretches(old: dict[int, str], new: dict[int, str]) -> list[tuple[dict[int, str], dict[int, str]]]:
    """The leftovers in one piece, or, where that would cost too much, cut into stretches at like places of both."""
    if not old or not new:
        return []
    if len(old) * len(new) <= t.CELLS:
        return [(old, new)]
    halves = []
    for texts in (old, new):
        keys = list(texts)
        middle = len(keys) // 2
        halves.append(({key: texts[key] for key in keys[:middle]}, {key: texts[key] for key in keys[middle:]}))
    return _stretches(halves[0][0], halves[1][0]) + _stretches(halves[0][1], halves[1][1])
