"""The front door of the room: two texts in, a Diff out.

Puts sentences.py, align.py, edits.py, facets.py and summary.py together. Decides nothing itself.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import accumulate

from tracker.differ.align import align
from tracker.differ.edits import lay_out
from tracker.differ.facets import CAPTION, FIELDS, base_language, edit_facets
from tracker.differ.late import late_diff
from tracker.differ.links import Links, joined, links_of
from tracker.differ.quick import make_sentence
from tracker.differ.sentences import refuse_surrogates, segment
from tracker.differ.summary import judge
from tracker.differ.words import word_spans
from tracker.model import BlockKind, Diff, EditKind, Extract, FieldEdit, Sentence, SentenceEdit

DIFFER = "1.0"
"""Version of what a Diff says of two texts; an Event keeps it."""


def compare(old: str, new: str, *, language: str = "en") -> Diff:
    """Compare two body texts. Raises ValueError for texts with lone surrogates."""
    return _finish(segment(old, language), segment(new, language), (), language)


def compare_sentences(old: Sequence[str], new: Sequence[str]) -> Diff:
    """Compare texts already cut into sentences; offsets are those of the sentences joined by one line break.

    The language is not known here, so `facets` is None and nothing is judged.
    """
    old, new = tuple(old), tuple(new)
    refuse_surrogates("\n".join(old))
    refuse_surrogates("\n".join(new))
    pairs = align(old, new)
    return late_diff(lambda: lay_out(_numbered(old), _numbered(new), pairs), pairs=pairs, differ=DIFFER)


def compare_revisions(old: Extract, new: Extract) -> Diff:
    """Compare two Extracts: headline, byline and dates beside the body. Headings, list items and captions are lines of their own."""
    language = new.language or old.language
    base = base_language(language) or "en"
    sentences = segment(old.text, base), segment(new.text, base)
    return _finish(*sentences, _fields(old, new), language, (_beside(old, sentences[0]), _beside(new, sentences[1])))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Beside:
    """What the blocks of an Extract tell of its sentences beside their text: which stand in an image's caption, and their links."""

    captions: frozenset[int] = frozenset()
    links: Mapping[int, Links] = field(default_factory=dict)


def _beside(extract: Extract, sentences: Sequence[Sentence]) -> _Beside:
    return _Beside(captions=_in_captions(extract, sentences), links=links_of(extract, sentences))


def _in_captions(extract: Extract, sentences: Sequence[Sentence]) -> frozenset[int]:
    """Which sentences of the Extract's text stand in an image's caption."""
    ends = list(accumulate(len(block.text) + 2 for block in extract.blocks))   # blocks are joined by two line breaks
    kinds = [block.kind for block in extract.blocks]
    if BlockKind.CAPTION not in kinds:
        return frozenset()
    return frozenset(sentence.index for sentence in sentences if kinds[bisect_right(ends, sentence.start)] == BlockKind.CAPTION)


def _numbered(texts: Sequence[str]) -> tuple[Sentence, ...]:
    sentences: list[Sentence] = []
    at = 0
    for index, text in enumerate(texts):
        sentences.append(make_sentence(index, text, at))
        at += len(text) + 1
    return tuple(sentences)


def _fields(old: Extract, new: Extract) -> tuple[FieldEdit, ...]:
    found: list[FieldEdit] = []
    for name in ("headline", "byline", "published_at", "modified_at"):
        before, after = _text(getattr(old, name)), _text(getattr(new, name))
        if before != after:
            words = word_spans(before or "", after or "") if name in FIELDS else ()
            found.append(FieldEdit(name=name, old=before, new=after, words=words))
    return tuple(found)


def _text(value: str | datetime | None) -> str | None:
    return value.isoformat() if isinstance(value, datetime) else value


def _finish(
    old: Sequence[Sentence],
    new: Sequence[Sentence],
    fields: tuple[FieldEdit, ...],
    language: str | None,
    beside: tuple[_Beside, _Beside] = (_Beside(), _Beside()),
) -> Diff:
    pairs = align([sentence.text for sentence in old], [sentence.text for sentence in new])
    laid = lay_out(old, new, pairs)
    edits = tuple(_with_facets(edit, language, *beside) for edit in laid)
    significance, reason, summary = judge(edits, fields)
    named = {field.name for field in fields if field.name in FIELDS}
    return Diff(
        edits=edits,
        pairs=pairs,
        fields=fields,
        facets=frozenset(named).union(*(edit.facets for edit in edits)),
        significance=significance,
        reason=reason,
        summary=summary,
        differ=DIFFER,
    )


def _with_facets(edit: SentenceEdit, language: str | None, old: _Beside, new: _Beside) -> SentenceEdit:
    links = joined(old.links, edit.old), joined(new.links, edit.new)
    if edit.kind == EditKind.KEPT and links[0] == links[1]:
        return edit
    facets = edit_facets(edit, language, links)
    of_old, of_new = ({sentence.index for sentence in side} for side in (edit.old, edit.new))
    in_caption = of_old & old.captions or of_new & new.captions
    if in_caption and edit.kind not in {EditKind.KEPT, EditKind.MOVED}:
        facets |= {CAPTION}
    return replace(edit, facets=facets)
