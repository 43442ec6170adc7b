"""The front door of the room: two texts in, a Diff out.

Puts sentences.py, align.py, words.py and facets.py together and orders the edits for reading. Decides nothing about pairing itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tracker.differ.align import align
from tracker.differ.anchors import longest_chain
from tracker.differ.facets import FIELDS, base_language, edit_facets, judge
from tracker.differ.late import late_diff
from tracker.differ.sentences import refuse_surrogates, segment
from tracker.differ.words import word_spans
from tracker.model import Diff, EditKind, Extract, FieldEdit, Sentence, SentenceEdit, WordSpan

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
    return late_diff(lambda: _edits(_numbered(old), _numbered(new), pairs), pairs=pairs, differ=DIFFER)


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


Pairs = tuple[tuple[int, int], ...]


def _finish(old: Sequence[Sentence], new: Sequence[Sentence], fields: tuple[FieldEdit, ...], language: str | None) -> Diff:
    pairs = align([sentence.text for sentence in old], [sentence.text for sentence in new])
    edits = tuple(edit if edit.kind == EditKind.KEPT else _with_facets(edit, language) for edit in _edits(old, new, pairs))
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


def _joined(sentences: Sequence[Sentence]) -> str:
    return sentences[0].text if len(sentences) == 1 else " ".join(sentence.text for sentence in sentences)


@dataclass(frozen=True, slots=True)
class _Group:
    """Sentences that hang together by pairs."""

    old: tuple[int, ...]
    new: tuple[int, ...]


def _edits(old: Sequence[Sentence], new: Sequence[Sentence], pairs: Pairs) -> tuple[SentenceEdit, ...]:
    groups = _groups(pairs)
    steady = set(longest_chain((group.old[0], group.new[0]) for group in groups))
    after = _removed_after(groups, steady, len(old))
    edits: list[SentenceEdit] = [_removed(old[i]) for i in after.pop(-1, ())]
    leads = {group.new[0]: group for group in groups}
    inner = {j for group in groups for j in group.new[1:]}
    for sentence in new:
        group = leads.get(sentence.index)
        if group is not None:
            moved = (group.old[0], group.new[0]) not in steady
            edits.append(_paired(tuple(old[i] for i in group.old), tuple(new[j] for j in group.new), moved))
            edits += [_removed(old[i]) for i in after.pop(sentence.index, ())]
        elif sentence.index not in inner:
            edits.append(SentenceEdit(kind=EditKind.ADDED, new=(sentence,), words=(WordSpan(op="insert", text=sentence.text),)))
    return tuple(edits)


def _removed(sentence: Sentence) -> SentenceEdit:
    return SentenceEdit(kind=EditKind.REMOVED, old=(sentence,), words=(WordSpan(op="delete", text=sentence.text),))


def _paired(old: tuple[Sentence, ...], new: tuple[Sentence, ...], moved: bool) -> SentenceEdit:
    if len(old) == 1 == len(new) and old[0].text == new[0].text:
        same = (WordSpan(op="equal", text=old[0].text),)
        return SentenceEdit(kind=EditKind.MOVED if moved else EditKind.KEPT, old=old, new=new, moved=moved, words=same)
    if len(old) > 1:
        kind = EditKind.REGROUPED if len(new) > 1 else EditKind.MERGED
    elif len(new) > 1:
        kind = EditKind.SPLIT
    else:
        kind = EditKind.EDITED
    return SentenceEdit(kind=kind, old=old, new=new, moved=moved, words=word_spans(_joined(old), _joined(new)))


def _groups(pairs: Sequence[tuple[int, int]]) -> list[_Group]:
    """Sentences joined by pairs, directly or through others, in the old text's order."""
    group_of: dict[int, int] = {}      # new sentence -> group
    members: list[tuple[list[int], list[int]]] = []
    at_old: dict[int, int] = {}        # old sentence -> group
    for i, j in pairs:
        here, there = at_old.get(i), group_of.get(j)
        if here is None and there is None:
            at_old[i] = group_of[j] = len(members)
            members.append(([i], [j]))
        elif here is None and there is not None:
            at_old[i] = there
            members[there][0].append(i)
        elif there is None and here is not None:
            group_of[j] = here
            members[here][1].append(j)
        elif here is not None and there is not None and here != there:
            into, gone = min(here, there), max(here, there)
            at_old.update(dict.fromkeys(members[gone][0], into))
            group_of.update(dict.fromkeys(members[gone][1], into))
            members[into][0].extend(members[gone][0])
            members[into][1].extend(members[gone][1])
            members[gone] = ([], [])
    return [_Group(tuple(sorted(old)), tuple(sorted(new))) for old, new in members if old]


def _removed_after(groups: Sequence[_Group], steady: set[tuple[int, int]], old_count: int) -> dict[int, list[int]]:
    """Removed sentences by the new sentence (its group's first) that they follow; -1: they stand before all."""
    paired = {i for group in groups for i in group.old}
    lead: dict[int, int] = {}
    for group in groups:
        if (group.old[0], group.new[0]) in steady:
            run = group.old[0]
            for i in group.old:   # a part merged from far away tells nothing of its old neighbours' place
                if i - run <= 1:
                    lead[i] = group.new[0]
                    run = i
    after: dict[int, list[int]] = {}
    place = -1
    for i in range(old_count):
        if i in paired:
            place = lead.get(i, place)
        else:
            after.setdefault(place, []).append(i)
    return after
