"""A text without its source's furniture, and what differs beside it. Pure; what is furniture is learned in furniture.py."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import lru_cache

from tracker.differ.notes import WORDINGS, is_note
from tracker.extract.furniture import BYLINE, covers, main_places
from tracker.model import BlockKind, Extract, Latest, Mask
from tracker.text import extract_fingerprint, normalise

# A place whose words are mostly others has another text; one that was edited keeps most of them.
REPLACED_BELOW = 0.4
# So many other articles that changed in a place within a day: its template changed.
MOVING_FROM = 2
# What is new in a place that nearly every article has, or that none had, may be the template's: a second look tells.
_FEWEST_ARTICLES = 5
_NEARLY_EVERY = 0.8
_LINES = frozenset({BlockKind.PARAGRAPH, BlockKind.HEADING, BlockKind.LIST_ITEM})
_DIGITS = re.compile(r"\d+(?:[.,:]\d+)*")


@lru_cache(maxsize=10_000)
def says_note(text: str) -> bool:
    """In any language: a mask must never cover a note for want of a label."""
    return any(is_note(text, language) for language in WORDINGS)


def masked(extract: Extract, mask: Mask) -> Extract:
    """The same Extract where nothing in it is covered, or most of it: then the mask is of another template."""
    if not mask.texts and not mask.places and not mask.leading:
        return extract
    blocks = tuple(block for block in extract.blocks if not covers(mask, block, says_note))
    is_most = 2 * sum(len(block.text) for block in blocks) < sum(len(block.text) for block in extract.blocks)
    return extract if is_most or len(blocks) == len(extract.blocks) else replace(extract, blocks=blocks)


def masked_latest(latest: Latest, new: Extract, earlier: tuple[tuple[int, Extract], ...], mask: Mask) -> Latest:
    """What a `new` text is compared with; `earlier` are the last revisions: a text that comes back is known under other furniture."""
    extract = without_lost_byline(masked(latest.extract, mask), new, mask)
    prints = tuple((extract_fingerprint(masked(old, mask)), revision_id) for revision_id, old in earlier)
    fingerprint = extract_fingerprint(extract)
    seen = (*latest.seen, *prints, (fingerprint, latest.revision.id))
    return replace(latest, revision=replace(latest.revision, fingerprint=fingerprint), extract=extract, seen=seen)


def without_lost_byline(one: Extract, other: Extract, mask: Mask) -> Extract:
    """Where many pages of the source lost or gained a byline at once, it is no edit that the other has one and this has none."""
    is_lost = BYLINE in mask.places and (one.byline is None) != (other.byline is None)
    return replace(one, byline=None) if is_lost else one


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """The places in which two texts differ, those of them that have another text, not an edited one, or other numbers only, and those
    in which whole paragraphs are others. "" is a place not known."""

    places: frozenset[str]
    replaced: frozenset[str]
    renewed: frozenset[str]


def moved(old: Extract, new: Extract) -> Moved:
    """By what stands on one side only. Notes have no place: an article that gains one has changed, whatever its template does."""
    left, came = _only(old, new), _only(new, old)
    places = left.keys() | came.keys()
    both = {place: (" ".join(left.get(place, ())), " ".join(came.get(place, ()))) for place in places if place}
    other = {place for place, (gone, new_text) in both.items() if _is_other(gone, new_text)}
    replaced = other | {place for place, (gone, new_text) in both.items() if _DIGITS.sub("0", gone) == _DIGITS.sub("0", new_text)}
    blocks = (*old.blocks, *new.blocks)
    other_kinds = {block.place for block in blocks if block.kind is not BlockKind.PARAGRAPH}
    # An article's text is no furniture, under whatever new name its template has it.
    own = frozenset().union(*(main_places((block.place, len(block.text)) for block in one.blocks) for one in (old, new)))
    other, replaced = other - own, replaced - own
    replaced -= {block.place for block in blocks if block.kind not in _LINES}
    if (old.byline is None) != (new.byline is None):
        places, replaced = places | {BYLINE}, replaced | {BYLINE}
    elif old.byline != new.byline or normalise(old.headline) != normalise(new.headline):
        places |= {""}
    return Moved(places=frozenset(places), replaced=frozenset(replaced), renewed=frozenset(other - other_kinds))


def may_be_template(found: Moved, mask: Mask) -> bool:
    """Whether all that changed may be the template's, by its place alone: as a reason to look again, not to be silent."""
    if not found.places or found.places != found.renewed or mask.articles_count < _FEWEST_ARTICLES:
        return False
    counts = [mask.held_by.get(place, 0) for place in found.places - mask.body]
    return len(counts) == len(found.places) and all(count == 0 or count >= _NEARLY_EVERY * mask.articles_count for count in counts)


def _only(one: Extract, other: Extract) -> dict[str, list[str]]:
    """The texts that the other has not, by place."""
    beside = {normalise(block.text) for block in other.blocks}
    found: dict[str, list[str]] = defaultdict(list)
    for block in one.blocks:
        if (text := normalise(block.text)) not in beside:
            found["" if block.place is None or says_note(block.text) else block.place].append(text)
    return found


def is_template_change(found: Moved, mask: Mask, article_id: int) -> bool:
    """Whether nothing changed but what other articles of the source changed in too, beside their text, within a day."""
    return bool(found.places) and all(
        place in found.replaced and place not in mask.body and len(mask.moving.get(place, frozenset()) - {article_id}) >= MOVING_FROM
        for place in found.places
    )


def _is_other(left: str, came: str) -> bool:
    before, after = set(left.casefold().split()), set(came.casefold().split())
    return len(before & after) < REPLACED_BELOW * len(before | after)
