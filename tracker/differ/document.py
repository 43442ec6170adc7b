"""A Diff as plain data, for `tracker diff --format json`, exports and the API: schema tracker.diff/1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tracker.model import Diff, FieldEdit, Sentence, SentenceEdit, WordSpan

SCHEMA = "tracker.diff/1"


def diff_document(diff: Diff) -> Mapping[str, Any]:
    """JSON types only; sentences carry their 0-based index, `facets` null means not assessed in this language."""
    return {
        "schema": SCHEMA,
        "pairs": [list(pair) for pair in diff.pairs],
        "fields": [_field(field) for field in diff.fields],
        "edits": edits_document(diff),
        "facets": None if diff.facets is None else sorted(diff.facets),
        "significance": str(diff.significance),
        "reason": diff.reason,
        "summary": diff.summary,
        "differ": diff.differ,
    }


def edits_document(diff: Diff) -> list[dict[str, object]]:
    """The edits alone, as exports carry them beside what the event itself says."""
    return [dict(_edit(edit)) for edit in diff.edits]


def _field(field: FieldEdit) -> Mapping[str, Any]:
    return {"name": field.name, "old": field.old, "new": field.new, "words": _words(field.words)}


def _edit(edit: SentenceEdit) -> Mapping[str, Any]:
    return {
        "kind": str(edit.kind),
        "moved": edit.moved,
        "old": [_sentence(sentence) for sentence in edit.old],
        "new": [_sentence(sentence) for sentence in edit.new],
        "words": _words(edit.words),
        "facets": sorted(edit.facets),
    }


def _sentence(sentence: Sentence) -> Mapping[str, Any]:
    return {"index": sentence.index, "text": sentence.text}


def _words(words: tuple[WordSpan, ...]) -> list[Mapping[str, str]]:
    return [{"op": span.op, "text": span.text} for span in words]
