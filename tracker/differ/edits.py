"""Pairs of sentences as edits in reading order: what is kept, edited, moved, split, merged, added and removed.

Decides nothing about pairing: align.py has done that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tracker.differ.anchors import longest_chain
from tracker.differ.quick import make_edit, make_span
from tracker.differ.words import word_spans
from tracker.model import EditKind, Sentence, SentenceEdit

Pairs = Sequence[tuple[int, int]]
Group = tuple[tuple[int, ...], tuple[int, ...]]   # old and new sentences that hang together by pairs


def lay_out(old: Sequence[Sentence], new: Sequence[Sentence], pairs: Pairs) -> tuple[SentenceEdit, ...]:
    """The new text's order; a removed sentence stands where it stood among its neighbours. `pairs` are sorted."""
    groups = _groups(pairs)
    leads = {there[0]: (here, there) for here, there in groups}
    inner = {j for _, there in groups if len(there) > 1 for j in there[1:]}
    steady = {j for _, j in longest_chain([(here[0], there[0]) for here, there in groups])}
    after = _removed_after(groups, steady, len(old))
    edits: list[SentenceEdit] = [_removed(old[i]) for i in after.get(-1, ())]
    for j, sentence in enumerate(new):
        group = leads.get(j)
        if group is not None:
            here, there = group
            olds = (old[here[0]],) if len(here) == 1 else tuple([old[i] for i in here])
            news = (sentence,) if len(there) == 1 else tuple([new[n] for n in there])
            edits.append(_paired(olds, news, j not in steady))
            if j in after:
                edits += [_removed(old[i]) for i in after[j]]
        elif j not in inner:
            edits.append(make_edit(EditKind.ADDED, (), (sentence,), (make_span("insert", sentence.text),)))
    return tuple(edits)


def _removed(sentence: Sentence) -> SentenceEdit:
    return make_edit(EditKind.REMOVED, (sentence,), (), (make_span("delete", sentence.text),))


def _paired(old: tuple[Sentence, ...], new: tuple[Sentence, ...], moved: bool) -> SentenceEdit:
    if len(old) == 1 == len(new):
        before, after = old[0].text, new[0].text
        if before == after:
            return make_edit(EditKind.MOVED if moved else EditKind.KEPT, old, new, (make_span("equal", after),), moved)
        return make_edit(EditKind.EDITED, old, new, word_spans(before, after), moved)
    kind = EditKind.SPLIT if len(old) == 1 else EditKind.MERGED if len(new) == 1 else EditKind.REGROUPED
    return make_edit(kind, old, new, word_spans(_joined(old), _joined(new)), moved)


def _joined(sentences: Sequence[Sentence]) -> str:
    return " ".join([sentence.text for sentence in sentences])


def _groups(pairs: Pairs) -> list[Group]:
    """Sentences joined by pairs, directly or through others, in the old text's order."""
    if len({i for i, _ in pairs}) == len(pairs) == len({j for _, j in pairs}):
        return [((i,), (j,)) for i, j in pairs]
    of_old: dict[int, int] = {}      # sentence -> group
    of_new: dict[int, int] = {}
    members: list[tuple[list[int], list[int]]] = []
    for i, j in pairs:
        here, there = of_old.get(i), of_new.get(j)
        if here is None and there is None:
            of_old[i] = of_new[j] = len(members)
            members.append(([i], [j]))
        elif here is None and there is not None:
            of_old[i] = there
            members[there][0].append(i)
        elif there is None and here is not None:
            of_new[j] = here
            members[here][1].append(j)
        elif here is not None and there is not None and here != there:
            into, gone = min(here, there), max(here, there)
            of_old.update(dict.fromkeys(members[gone][0], into))
            of_new.update(dict.fromkeys(members[gone][1], into))
            members[into][0].extend(members[gone][0])
            members[into][1].extend(members[gone][1])
            members[gone] = ([], [])
    return [(tuple(sorted(old)), tuple(sorted(new))) for old, new in members if old]


def _removed_after(groups: Sequence[Group], steady: set[int], old_count: int) -> Mapping[int, Sequence[int]]:
    """Removed sentences by the new sentence (its group's first) that they follow; -1: they stand before all."""
    paired = {i for here, _ in groups for i in here}
    if len(paired) == old_count:
        return {}
    lead: dict[int, int] = {}
    for here, there in groups:
        if there[0] in steady:
            run = here[0]
            for i in here:   # a part merged from far away tells nothing of its old neighbours' place
                if i - run <= 1:
                    lead[i] = there[0]
                    run = i
    after: dict[int, list[int]] = {}
    place = -1
    for i in range(old_count):
        if i in paired:
            place = lead.get(i, place)
        else:
            after.setdefault(place, []).append(i)
    return after
