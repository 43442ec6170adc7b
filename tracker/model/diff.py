"""What changed between two texts. Values, computed from any two Revisions and never stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tracker.model.kinds import EditKind, Significance


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """`text == whole[start:end]`, offsets in characters of the text it was cut from."""

    index: int
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WordSpan:
    op: Literal["equal", "delete", "insert"]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedSentence:
    """What of a Diff is searched: one changed sentence, headline or byline, from its old words to its new ones."""

    words: tuple[WordSpan, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceEdit:
    """One unit of a Diff. `moved` is also true of a moved sentence that was edited."""

    kind: EditKind
    old: tuple[Sentence, ...] = ()
    new: tuple[Sentence, ...] = ()
    moved: bool = False
    words: tuple[WordSpan, ...] = ()
    facets: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceBlame:
    """Since which of several versions a sentence of the last one stands: its place among them, 0 for the first.

    `before` is what stood in its place in the version before that one; None where nothing did.
    """

    sentence: Sentence
    since: int
    before: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldEdit:
    """A change beside the body; `name` is a field of Extract: headline, byline, published_at, modified_at."""

    name: str
    old: str | None
    new: str | None
    words: tuple[WordSpan, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """The changed words that tell most of a change, shortened. `number` is the edit's place in Diff.edits; None: the headline."""

    number: int | None
    words: tuple[WordSpan, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffSummary:
    """The part of a Diff that an Event keeps. `facets` None: not assessed in this language."""

    significance: Significance
    reason: str
    summary: str
    facets: frozenset[str] | None
    counts: tuple[tuple[EditKind, int], ...]
    differ: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff:
    """What changed between two texts: a value, computed from any two Revisions and never stored.

    `edits` stand in the new text's order; a removed sentence stands where it stood among its
    neighbours. `pairs` are all aligned (old, new) body sentences, 0-based, unchanged ones included.
    """

    edits: tuple[SentenceEdit, ...]
    pairs: tuple[tuple[int, int], ...]
    fields: tuple[FieldEdit, ...] = ()
    facets: frozenset[str] | None = None
    significance: Significance = Significance.NONE
    reason: str = ""
    summary: str = ""
    differ: str = ""

    def condensed(self) -> DiffSummary:
        counts: dict[EditKind, int] = {}
        for edit in self.edits:
            counts[edit.kind] = counts.get(edit.kind, 0) + 1
        return DiffSummary(
            significance=self.significance,
            reason=self.reason,
            summary=self.summary,
            facets=self.facets,
            counts=tuple(sorted(counts.items())),
            differ=self.differ,
        )
