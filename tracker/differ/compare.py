"""The front door of the room: two texts in, a Diff out.

Puts sentences.py, align.py, edits.py and facets.py together. Decides nothing itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from tracker.differ.align import align
from tracker.differ.edits import lay_out
from tracker.differ.facets import FIELDS, base_language, edit_facets, judge
from tracker.differ.late import late_diff
from tracker.differ.sentences import refuse_surrogates, segment
from tracker.differ.words import word_spans
from tracker.model import Diff, EditKind, Extract, FieldEdit, Sentence, SentenceEdit

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
    return _finish(segment(old.text, base), segment(new.text, base), _fields(old, new), language)


def _numbered(texts: Sequence[str]) -> tuple[Sentence, ...]:
    sentences: list[Sentence] = []
    at = 0
    for index, text in enumerate(texts):
        sentences.append(Sentence(index=index, text=text, start=at, end=at + len(text)))
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


def _finish(old: Sequence[Sentence], new: Sequence[Sentence], fields: tuple[FieldEdit, ...], language: str | None) -> Diff:
    pairs = align([sentence.text for sentence in old], [sentence.text for sentence in new])
    edits = tuple(edit if edit.kind == EditKind.KEPT else _with_facets(edit, language) for edit in lay_out(old, new, pairs))
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


def _with_facets(edit: SentenceEdit, language: str | None) -> SentenceEdit:
    return replace(edit, facets=edit_facets(edit, language))
