"""Since which of an article's versions each sentence of the last one stands, and how it was worded before.

Made of the same pairs as a Diff, version by version. Only the body: a headline is one line, and its versions can be listed.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from tracker.differ.align import align
from tracker.differ.edits import lay_out
from tracker.differ.facets import base_language
from tracker.differ.sentences import segment
from tracker.model import EditKind, Extract, Sentence, SentenceBlame

_STANDS = frozenset({EditKind.KEPT, EditKind.MOVED})  # the same words, here or elsewhere


def blame(versions: Sequence[Extract]) -> tuple[SentenceBlame, ...]:
    """`versions` oldest first, at least one. A text that came back counts from when it did: that is when it was put there."""
    language = base_language(versions[-1].language) or "en"
    texts = [segment(version.text, language) for version in versions]
    known = [SentenceBlame(sentence=sentence, since=0) for sentence in texts[0]]
    for place, (old, new) in enumerate(pairwise(texts), start=1):
        known = _next(known, old, new, place)
    return tuple(known)


def _next(known: Sequence[SentenceBlame], old: Sequence[Sentence], new: Sequence[Sentence], place: int) -> list[SentenceBlame]:
    found: dict[int, SentenceBlame] = {}
    for edit in lay_out(old, new, align([one.text for one in old], [one.text for one in new])):
        before = " ".join(sentence.text for sentence in edit.old) or None
        for sentence in edit.new:
            if edit.kind in _STANDS:
                stood = known[edit.old[0].index]
                found[sentence.index] = SentenceBlame(sentence=sentence, since=stood.since, before=stood.before)
            else:
                found[sentence.index] = SentenceBlame(sentence=sentence, since=place, before=before)
    return [found[sentence.index] for sentence in new]
