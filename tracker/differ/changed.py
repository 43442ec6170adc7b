"""What of a Diff is searched: its changed sentences, with the headline's and the byline's.

How they are kept and found is the store's; which words make a term, terms.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tracker.differ.compare import compare_revisions
from tracker.model import ChangedSentence, Diff, EditKind, Extract, WordSpan

# Characters of one change that are kept for it: twelve long articles. A book that was rewritten is found by its first chapters.
LONGEST = 60_000
_FIELDS = ("headline", "byline")
_UNCHANGED = frozenset({EditKind.KEPT, EditKind.MOVED})


def changed_sentences(diff: Diff) -> tuple[ChangedSentence, ...]:
    """A sentence that only moved has no word that changed."""
    found: list[ChangedSentence] = []
    room = LONGEST
    for words in _changed(diff):
        room -= sum(len(span.text) for span in words)
        if room < 0:
            break
        found.append(ChangedSentence(words=tuple(words)))
    return tuple(found)


def changed_between(old: Extract, new: Extract) -> tuple[ChangedSentence, ...]:
    """Nothing where one of them was taken down."""
    if old.withdrawn is not None or new.withdrawn is not None:
        return ()
    return changed_sentences(compare_revisions(old, new))


def _changed(diff: Diff) -> Iterator[Sequence[WordSpan]]:
    for field in diff.fields:
        if field.name in _FIELDS:
            sides: tuple[WordSpan, ...] = ()
            if field.old:
                sides += (WordSpan(op="delete", text=field.old),)
            if field.new:
                sides += (WordSpan(op="insert", text=field.new),)
            yield field.words or sides
    for edit in diff.edits:
        if edit.kind not in _UNCHANGED and any(span.op != "equal" for span in edit.words):
            yield edit.words
