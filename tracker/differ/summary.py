"""How much a change matters and why, and the change in one plain sentence, made of the facets of its edits.

Nothing here judges a publisher, and nothing looks at the texts themselves but to count.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tracker.differ.facets import CAPTION, FIELDS, RULES, changed_numbers, quotation
from tracker.model import EditKind, FieldEdit, SentenceEdit, Significance

MANY_SENTENCES, MANY_SHARE = 3, 0.1
"""So many sentences added or removed, and such a share of the longer text, are a major change; chosen by eye on the seeds, unmeasured."""
MOST_PARTS = 5
"""A longer sentence is not read; what is left out is said to be so."""

_COUNTED = {
    "note": ("a correction or update note was added", "{} correction or update notes were added"),
    "negation": ("a negation changed", "{} negations changed"),
    "names": ("a name changed", "names changed in {} sentences"),
    "dates": ("a date changed", "dates changed in {} sentences"),
    "attribution": ("an attribution changed", "attributions changed in {} sentences"),
    "hedging": ("a claim became more or less certain", "{} claims became more or less certain"),
    "links": ("a link changed", "links changed in {} sentences"),
    CAPTION: ("an image caption changed", "{} image captions changed"),
}
_STRUCTURE = {EditKind.SPLIT: "split", EditKind.MERGED: "merged", EditKind.REGROUPED: "regrouped"}
_WORDS = dict(enumerate(("two", "three", "four", "five", "six", "seven", "eight", "nine"), 2))


def judge(edits: Sequence[SentenceEdit], fields: Sequence[FieldEdit]) -> tuple[Significance, str, str]:
    """Significance, its reason, and the summary in one sentence."""
    changed = [edit for edit in edits if edit.kind != EditKind.KEPT]
    counts = Counter(edit.kind for edit in changed)
    facets = Counter(facet for edit in edits for facet in edit.facets)
    named = [field.name for field in fields if field.name in FIELDS]
    if not changed and not named and not facets["links"]:
        reason = "only the page's dates changed" if fields else "no change"
        return Significance.NONE, reason, _sentence([reason])
    summary = _sentence([FIELDS[name] for name in named] + _parts(changed, counts, facets))
    reasons = [FIELDS[name] for name in named if name == "headline"]
    reasons += [rule.phrase for rule in RULES if rule.major and facets[rule.name]]
    size = max(sum(len(edit.old) for edit in edits), sum(len(edit.new) for edit in edits))
    for kind, what in ((EditKind.ADDED, "added"), (EditKind.REMOVED, "removed")):
        if counts[kind] >= max(MANY_SENTENCES, MANY_SHARE * size):
            reasons.append(f"{_sentences(counts[kind])} {what}")
    if reasons:
        return Significance.MAJOR, "; ".join(reasons), summary
    if facets["cosmetic"] == len(changed) and not named and not facets["links"]:
        return Significance.NONE, "only spelling, punctuation or case changed", summary
    minor = [FIELDS[name] for name in named] + [rule.phrase for rule in RULES if facets[rule.name]]
    return Significance.MINOR, "; ".join(minor) or "wording or order changed, a few sentences at most", summary


def _parts(changed: Sequence[SentenceEdit], counts: Counter[EditKind], facets: Counter[str]) -> list[str]:
    """What a reader would want to know first stands first; an edit that one part tells of is not counted again as reworded."""
    numbers = sum(changed_numbers(edit) for edit in changed if "numbers" in edit.facets)
    quotes = Counter(quotation(edit) for edit in changed if "quotes" in edit.facets)
    parts = [_counted(name, facets[name]) for name in ("note", "negation") if facets[name]]
    if numbers:
        parts.append(f"{_WORDS.get(numbers, numbers)} numbers changed" if numbers > 1 else "a number changed")
    for what in ("removed", "changed", "added"):
        if quotes[what] == 1:
            parts.append(f"a quotation {_was(what, 1)}")
        elif quotes[what]:
            parts.append(f"{_WORDS.get(quotes[what], quotes[what])} quotations {_was(what, quotes[what])}")
    parts += [_counted(name, facets[name]) for name in ("names", "dates", "attribution", "hedging", "links", CAPTION) if facets[name]]
    notes = sum(edit.kind == EditKind.ADDED and bool(edit.facets & {"note", CAPTION}) for edit in changed)
    gone = sum(edit.kind == EditKind.REMOVED and CAPTION in edit.facets for edit in changed)
    structure = [(kind, what) for kind, what in _STRUCTURE.items() if counts[kind]]
    parts += [f"{_sentences(counts[kind])} {what}" for kind, what in structure]
    reworded = sum(edit.kind == EditKind.EDITED and edit.facets <= {"reordering", "links"} for edit in changed)
    moved = sum(edit.kind == EditKind.MOVED or edit.moved for edit in changed)
    removed, added = counts[EditKind.REMOVED] - gone, counts[EditKind.ADDED] - notes
    rest = ((removed, "removed"), (added, "added"), (moved, "moved"), (reworded, "reworded"))
    parts += [f"{_sentences(count)} {what}" for count, what in rest if count]
    if facets["cosmetic"]:
        parts.append("spelling or punctuation changed")
    return parts


def _counted(name: str, count: int) -> str:
    one, many = _COUNTED[name]
    return one if count == 1 else many.format(_WORDS.get(count, count))


def _was(what: str, count: int) -> str:
    return what if what == "changed" else f"{'was' if count == 1 else 'were'} {what}"


def _sentences(count: int) -> str:
    return f"{count} sentence{'s' if count != 1 else ''}"


def _sentence(parts: Sequence[str]) -> str:
    if len(parts) > MOST_PARTS:
        parts = [*parts[:MOST_PARTS], "and other edits"]
    text = "; ".join(parts) + "."
    return text[0].upper() + text[1:]
