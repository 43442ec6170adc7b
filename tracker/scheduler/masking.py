"""A text without its source's furniture, and what differs beside it. Pure; what is furniture is learned in furniture.py."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import lru_cache

from tracker.differ.notes import WORDINGS, is_note
from tracker.extract.furniture import covers
from tracker.model import Extract, Latest, Mask
from tracker.text import extract_fingerprint, normalise

# A place whose words are mostly others has another text; one that was edited keeps most of them.
REPLACED_BELOW = 0.4
# So many other articles that changed in a place within a day: its template changed.
MOVING_FROM = 2
BYLINE = "byline"
_DIGITS = re.compile(r"\d+(?:[.,:]\d+)*")


@lru_cache(maxsize=10_000)
def says_note(text: str) -> bool:
    """In any language: a mask must never cover a note for want of a label."""
    return any(is_note(text, language) for language in WORDINGS)


def masked(extract: Extract, mask: Mask) -> Extract:
    """The same Extract where nothing in it is covered, or everything is."""
    if not mask.texts and not mask.places:
        return extract
    blocks = tuple(block for block in extract.blocks if not covers(mask, block, says_note))
    return replace(extract, blocks=blocks) if 0 < len(blocks) < len(extract.blocks) else extract


def masked_latest(latest: Latest, earlier: tuple[tuple[int, Extract], ...], mask: Mask) -> Latest:
    """What a new text is compared with; `earlier` are the last revisions, so that a text that comes back is known under other furniture."""
    extract = masked(latest.extract, mask)
    prints = tuple((extract_fingerprint(masked(old, mask)), revision_id) for revision_id, old in earlier)
    fingerprint = extract_fingerprint(extract)
    seen = (*latest.seen, *prints, (fingerprint, latest.revision.id))
    return replace(latest, revision=replace(latest.revision, fingerprint=fingerprint), extract=extract, seen=seen)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """The places in which two texts differ, and those of them that have another text, not an edited one. "" is a place not known."""

    places: frozenset[str]
    replaced: frozenset[str]


def moved(old: Extract, new: Extract) -> Moved:
    """Notes do not count: an article that gains one has changed, whatever its template does."""
    before, after = _by_place(old), _by_place(new)
    differing = {place for place in before.keys() | after.keys() if before.get(place, []) != after.get(place, [])}
    left = {place: [text for text in before.get(place, []) if text not in after.get(place, [])] for place in differing}
    came = {place: [text for text in after.get(place, []) if text not in before.get(place, [])] for place in differing}
    replaced = {place for place in differing if place and _is_replaced(" ".join(left[place]), " ".join(came[place]))}
    if (old.byline is None) != (new.byline is None):
        return Moved(places=frozenset(differing | {BYLINE}), replaced=frozenset(replaced | {BYLINE}))
    edited = {""} if normalise(old.headline) != normalise(new.headline) or old.byline != new.byline else set()
    return Moved(places=frozenset(differing | edited), replaced=frozenset(replaced))


def is_template_change(found: Moved, mask: Mask, article_id: int) -> bool:
    """Whether nothing changed but what other articles of the source changed in too, beside their text, within a day."""
    return bool(found.places) and all(
        place in found.replaced and place not in mask.body and len(mask.moving.get(place, frozenset()) - {article_id}) >= MOVING_FROM
        for place in found.places
    )


def _by_place(extract: Extract) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for block in extract.blocks:
        place = "" if block.place is None or says_note(block.text) else block.place
        found[place].append(normalise(block.text))
    return found


def _is_replaced(left: str, came: str) -> bool:
    if not left or not came or _DIGITS.sub("0", left) == _DIGITS.sub("0", came):
        return True
    before, after = set(left.casefold().split()), set(came.casefold().split())
    return len(before & after) < REPLACED_BELOW * len(before | after)
