"""Where each sentence stands when two texts are shown beside each other: both columns in their own text's order.

A row compares sentences, and some of them may come from elsewhere: a moved sentence, the far part of a merge or a split.
Such a sentence leaves a Ghost where its own text has it, so that either column reads as that text does.
Says nothing of HTML.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from tracker.model import EditKind, Sentence, SentenceEdit

Side = Literal["old", "new"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An edit, `number` its place in Diff.edits. `far` are its sentences that stand elsewhere, with whether that is further down."""

    number: int
    edit: SentenceEdit
    para: bool
    far: Mapping[tuple[Side, int], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ghost:
    """A sentence at its own place in its text whose comparison stands in row `number`: above here or below."""

    side: Side
    sentence: Sentence
    number: int
    edit: SentenceEdit
    para: bool
    above: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Unchanged sentences that are not shown."""

    count: int


Place = Row | Ghost


_Begins = dict[Side, set[int]]      # the sentences that begin a paragraph


@dataclass(frozen=True, slots=True, kw_only=True)
class _Far:
    side: Side
    sentence: Sentence
    number: int


@dataclass(slots=True)
class _Column:
    """One side while rows are placed: which sentences stand in their row, which must be ghosts, and where rows go on."""

    homes: list[range]  # for each row
    far: list[_Far]     # in the text's order

    @classmethod
    def of(cls, side: Side, edits: Sequence[SentenceEdit]) -> _Column:
        homes: list[range] = []
        far: list[_Far] = []
        last = -1
        for number, edit in enumerate(edits):
            sentences = edit.old if side == "old" else edit.new
            home = range(0)
            if sentences and not (side == "old" and edit.moved) and sentences[0].index > last:
                home = _run(sentences)
                last = home[-1]
            homes.append(home)
            far += [_Far(side=side, sentence=sentence, number=number) for sentence in sentences if sentence.index not in home]
        return cls(homes, sorted(far, key=lambda item: item.sentence.index))

    def ghosts(self) -> list[list[_Far]]:
        """The far sentences that stand before each row, and behind the last: as soon after what precedes them as can be."""
        following = [0] * len(self.homes)
        following.append(1 + max([item.sentence.index for item in self.far], default=0))
        for place in range(len(self.homes) - 1, -1, -1):
            following[place] = self.homes[place][0] if self.homes[place] else following[place + 1]
        out: list[list[_Far]] = []
        done = 0
        for limit in following:
            first = done
            while done < len(self.far) and self.far[done].sentence.index < limit:
                done += 1
            out.append(self.far[first:done])
        return out


def _run(sentences: Sequence[Sentence]) -> range:
    """The unbroken run that a row's sentences begin with; what follows behind a break stands elsewhere."""
    first = end = sentences[0].index
    for sentence in sentences:
        if sentence.index != end:
            break
        end += 1
    return range(first, end)


def places(edits: Sequence[SentenceEdit]) -> list[Place]:
    """Rows and ghosts in the order in which they are shown."""
    before = [_Column.of("old", edits).ghosts(), _Column.of("new", edits).ghosts()]
    order: list[int | _Far] = []
    for number in range(len(edits) + 1):
        for ghosts in before:
            order += ghosts[number]
        if number < len(edits):
            order.append(number)
    row_at = {item: at for at, item in enumerate(order) if isinstance(item, int)}
    ghost_at = [(item, at) for at, item in enumerate(order) if isinstance(item, _Far)]
    begins = _paragraph_starts(edits)
    far: dict[int, dict[tuple[Side, int], bool]] = {}
    for item, at in ghost_at:
        far.setdefault(item.number, {})[item.side, item.sentence.index] = at > row_at[item.number]
    return [
        _row(item, edits[item], begins, far) if isinstance(item, int)
        else _ghost(item, edits[item.number], begins, above=far[item.number][item.side, item.sentence.index])
        for item in order
    ]


def _row(number: int, edit: SentenceEdit, begins: _Begins, far: Mapping[int, Mapping[tuple[Side, int], bool]]) -> Row:
    para = edit.new[0].index in begins["new"] if edit.new else edit.old[0].index in begins["old"]
    return Row(number=number, edit=edit, para=para, far=far.get(number, {}))


def _ghost(far: _Far, edit: SentenceEdit, begins: _Begins, *, above: bool) -> Ghost:
    para = far.sentence.index in begins[far.side]
    return Ghost(side=far.side, sentence=far.sentence, number=far.number, edit=edit, para=para, above=above)


def _paragraph_starts(edits: Sequence[SentenceEdit]) -> _Begins:
    """The sentences of each text that begin a paragraph: a line break lies between them and the sentence before."""
    old = {sentence.index: sentence for edit in edits for sentence in edit.old}
    new = {sentence.index: sentence for edit in edits for sentence in edit.new}
    return {"old": _starts(old), "new": _starts(new)}


def _starts(side: dict[int, Sentence]) -> set[int]:
    return {at for at, sentence in side.items() if at - 1 not in side or sentence.start - side[at - 1].end > 1}


def is_quiet(place: Place | Gap) -> bool:
    """Whether there is nothing to tell of a row: its sentence stayed, and with it where its words lead."""
    return isinstance(place, Row) and place.edit.kind == EditKind.KEPT and not place.edit.facets


def near_changes(shown: Sequence[Place]) -> Iterator[Place | Gap]:
    """Changed sentences with one neighbour on each side; what lies between is a Gap."""
    quiet = [is_quiet(place) for place in shown]
    left_out = [all(quiet[max(0, at - 1) : at + 2]) for at in range(len(shown))]
    for hidden, run in groupby(range(len(shown)), key=left_out.__getitem__):
        if hidden:
            yield Gap(count=sum(1 for _ in run))
        else:
            yield from (shown[at] for at in run)
