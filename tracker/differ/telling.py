"""The one changed sentence that tells most of a change, short enough for a list or a picture.

What a publisher took back is not put on show: no pair with a name that the article's text does not have any more, no
sentence that was removed, no quotation that was. In doubt, none: software cannot tell a name from another word with a
capital, nor at all in scripts without capitals.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from tracker.differ.compare import compare_revisions
from tracker.differ.facets import quotation
from tracker.model import Diff, EditKind, Extract, FieldEdit, SentenceEdit, Telling, WordSpan

# What readers of lists of changes want to see first. Set by judgement, on the seeds; unmeasured.
WEIGHTS = {"note": 9, "negation": 8, "numbers": 7, "quotes": 6, "names": 5, "dates": 4, "attribution": 3, "hedging": 3, "caption": 1}
HEADLINE = 8.5
MANY = 0.25
LENGTH = 280
"""Characters of a pair in a list: three lines of a page, and what a picture holds."""
AROUND = 48
"""Characters of unchanged words that stay on each side of a change."""

_WORD = re.compile(r"[^\W\d_]+")


def telling(old: Extract, new: Extract, latest: Extract) -> Telling | None:
    """`latest` is the article's text now. None where nothing may be put on show, or nothing tells more than the summary."""
    return most_telling(compare_revisions(old, new), latest)


def most_telling(diff: Diff, latest: Extract) -> Telling | None:
    there = {word.casefold() for text in (latest.headline, latest.byline or "", latest.text) for word in _WORD.findall(text)}
    best = max((one for one in _candidates(diff) if _may_be_shown(one[2], there)), key=lambda one: one[0], default=None)
    if best is None:
        return None
    _, number, words = best
    return Telling(number=number, words=shortened(words))


Candidate = tuple[float, int | None, Sequence[WordSpan]]


def _candidates(diff: Diff) -> Iterable[Candidate]:
    """With their weight and their place in Diff.edits; None for the headline."""
    for field in diff.fields:
        if field.name == "headline" and field.old and field.new:
            yield HEADLINE, None, _whole(field)
    for number, edit in enumerate(diff.edits):
        if edit.kind in {EditKind.KEPT, EditKind.MOVED, EditKind.REMOVED} or edit.facets >= {"cosmetic"}:
            continue
        if "quotes" in edit.facets and quotation(edit) == "removed":
            continue
        yield _weight(edit), number, edit.words


def _weight(edit: SentenceEdit) -> float:
    """Of two with the same facets the one with fewer changed words is easier to see; several sentences at once are hard to."""
    changed = sum(len(span.text) for span in edit.words if span.op != "equal")
    heaviest = max([WEIGHTS.get(facet, 0) for facet in edit.facets], default=0) + (0.5 if edit.kind == EditKind.ADDED else 1.0)
    return heaviest * (MANY if len(edit.old) + len(edit.new) > 2 else 1.0) - min(changed, 1000) / 2000


def _whole(field: FieldEdit) -> Sequence[WordSpan]:
    return field.words or (WordSpan(op="delete", text=field.old or ""), WordSpan(op="insert", text=field.new or ""))


def _may_be_shown(words: Iterable[WordSpan], there: set[str]) -> bool:
    return all(word.casefold() in there for span in words for word in _WORD.findall(span.text) if _may_be_a_name(word))


def _may_be_a_name(word: str) -> bool:
    """With a capital, or of a script that has none."""
    return word[0].isupper() or not (word[0].islower() or word[0].isupper())


def shortened(words: Sequence[WordSpan]) -> tuple[WordSpan, ...]:
    """Changed words with a little of what stands around them; whitespace is one space."""
    out: list[WordSpan] = []
    left = LENGTH
    for place, span in enumerate(words):
        text = re.sub(r"\s+", " ", span.text)
        if span.op == "equal":
            text = _between(text, first=place == 0, last=place == len(words) - 1)
        if len(text) > left:
            text = text[: max(left - 1, 0)].rstrip() + "…"
        out.append(WordSpan(op=span.op, text=text))
        left -= len(text)
        if left <= 0:
            break
    return tuple(out)


def _between(text: str, *, first: bool, last: bool) -> str:
    """What stands before the first change, after the last one, or between two."""
    head, tail = ("" if first else text[:AROUND]), ("" if last else text[-AROUND:])
    if len(text) <= len(head) + len(tail) + 1 or (first and last):
        return text
    return (head.rpartition(" ")[0] or head) + (" … " if head and tail else " …" if head else "… ") + (tail.partition(" ")[2] or tail)
