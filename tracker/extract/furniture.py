"""Furniture that only many articles of one source show: blocks that they share, places whose text keeps changing.

Pure: gets what was seen, gives what is learned of it; and says of a block whether a Mask covers it. A mask lies over an Extract and
never cuts it. What is furniture on one page alone is boxes.py's and lines.py's. A block that one article has is never masked by its
text, and a place where articles have their text is never masked.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Final

from tracker.model import Block, BlockKind, Extract, Furniture, Mask, PlaceChange, SeenArticle, SeenBlock
from tracker.text import normalise

# Tuned on the ageing sites of bench/noise.py, guarded by tests/extract/test_furniture.py.
FEWEST_ARTICLES: Final = 5  # that share a text, or have a place
FEWEST_DAYS: Final = timedelta(days=3)  # between the first and the last of them, unless all have it in one place beside their text
FEWEST_CHANGED: Final = 3  # articles in which a place changed
_SHARE: Final = 0.8  # of a place's blocks that are shared, or lead elsewhere
_SHARE_CHANGED: Final = 0.5  # of the articles with a place in which it changed
_LINKED: Final = 0.9  # of a block that leads elsewhere
_BODY: Final = 0.3  # of an article's text, in a place that is no furniture
_BODY_OF: Final = 0.2  # of the articles that have the place; a box may be much of a few that are short
_MOST_COMMON: Final = 3  # blocks of an article in a place of furniture, on average
BYLINE: Final = "byline"  # which has a place of its own
_CHANGED_WITHIN: Final = timedelta(days=2)
_LINES: Final = frozenset({BlockKind.PARAGRAPH, BlockKind.HEADING, BlockKind.LIST_ITEM})


def text_key(text: str) -> str:
    return blake2b(normalise(text).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def covers(mask: Mask, block: Block, is_note: Callable[[str], bool]) -> bool:
    """Whether the mask covers the block. Correction and update notes are never masked."""
    in_place = block.place is not None and (block.place in mask.places or (block.place in mask.leading and leads_elsewhere(block)))
    return (in_place or (bool(mask.texts) and text_key(block.text) in mask.texts)) and not is_note(block.text)


def mask_of(furniture: Iterable[Furniture]) -> Mask:
    """What of it is masked: all but what the operator keeps."""
    keys: dict[str, set[str]] = {"text": set(), "place": set(), "leading": set()}
    known = list(furniture)
    for one in known:
        if one.kept_at is None:
            keys[one.kind].add(one.key)
    version = max((one.id for one in known), default=0)
    return Mask(version=version, texts=frozenset(keys["text"]), places=frozenset(keys["place"]), leading=frozenset(keys["leading"]))


def leads_elsewhere(block: Block) -> bool:
    return sum(link.end - link.start for link in block.links or ()) >= _LINKED * len(block.text)


def seen_blocks(extract: Extract, is_note: Callable[[str], bool]) -> tuple[SeenBlock, ...]:
    return tuple(
        SeenBlock(
            key=text_key(block.text),
            place=block.place,
            length=len(block.text),
            is_linked=leads_elsewhere(block),
            is_line=block.kind in _LINES,
            is_note=is_note(block.text),
        )
        for block in extract.blocks
    )


def body_places(seen: Iterable[SeenArticle]) -> frozenset[str]:
    """Where articles have their text: a good part of it in a good part of those that have the place."""
    having: Counter[str] = Counter()
    texts: Counter[str] = Counter()
    for one in seen:
        having.update({block.place or "" for block in one.blocks})
        texts.update(main_places((block.place, block.length) for block in one.blocks))
    return frozenset(place for place, count in texts.items() if count >= _BODY_OF * having[place])


def main_places(lengths: Iterable[tuple[str | None, int]]) -> frozenset[str]:
    """Where one article has a good part of its text, by the lengths of its blocks and their places."""
    whole: Counter[str] = Counter()
    for place, length in lengths:
        whole[place or ""] += length
    return frozenset(place for place, length in whole.items() if length >= _BODY * whole.total())


def learn(seen: Sequence[SeenArticle], changes: Iterable[PlaceChange], now: datetime) -> tuple[Furniture, ...]:
    """All that is furniture by what was seen: shared texts first, then places."""
    body = body_places(seen)
    shared = _shared(seen, body, now)
    keys = {one.key for one in shared}
    return (*shared, *_common_places(seen, body, keys, now), *_changing_places(seen, body, changes, now))


def _shared(seen: Sequence[SeenArticle], body: frozenset[str], now: datetime) -> list[Furniture]:
    holders: dict[str, list[tuple[SeenArticle, SeenBlock]]] = defaultdict(list)
    for one in seen:
        for key, block in {block.key: block for block in one.blocks}.items():
            if not block.is_note:
                holders[key].append((one, block))
    found = []
    for key, having in holders.items():
        if len(having) < FEWEST_ARTICLES:
            continue
        places = Counter(block.place for _, block in having if block.place is not None and block.place not in body)
        place, alike = places.most_common(1)[0] if places else (None, 0)
        first, last = (choose(one.first_seen_at for one, _ in having) for choose in (min, max))
        if alike < FEWEST_ARTICLES and last - first < FEWEST_DAYS:
            continue
        where = "in one place of the page" if alike >= FEWEST_ARTICLES else f"first seen over {(last - first).days} days"
        reason = f"The same text stands in {len(having)} articles, {where}."
        found.append(Furniture(kind="text", key=key, place=place, reason=reason, learned_at=now))
    return found


def _common_places(seen: Sequence[SeenArticle], body: frozenset[str], shared: set[str], now: datetime) -> Iterable[Furniture]:
    """Places whose blocks are nearly all shared by articles, or nearly all lead elsewhere: what stands there next is furniture too."""
    for place, (articles, blocks) in _places(seen, body).items():
        if len(articles) < FEWEST_ARTICLES or len(blocks) > _MOST_COMMON * len(articles) or any(block.is_note for block in blocks):
            continue
        if _is_named(place, body) and sum(block.key in shared for block in blocks) >= _SHARE * len(blocks):
            reason = f"What stands in this place in {len(articles)} articles is shared by several of them."
            yield Furniture(kind="place", key=place, place=place, reason=reason, learned_at=now)
        elif sum(block.is_linked for block in blocks) >= _SHARE * len(blocks):
            reason = f"What stands in this place in {len(articles)} articles leads to other pages."
            yield Furniture(kind="leading", key=place, place=place, reason=reason, learned_at=now)


def _is_named(place: str, body: frozenset[str]) -> bool:
    """Whether a box of the place has a name that no box of the text has. Without, any article's own list or quotation may stand there."""
    steps = {step for path in body for step in path.split(" > ")}
    return any("." in step and step not in steps for step in place.split(" > "))


def _changing_places(
    seen: Sequence[SeenArticle], body: frozenset[str], changes: Iterable[PlaceChange], now: datetime
) -> Iterable[Furniture]:
    """Places whose text keeps changing across articles while the place stays."""
    changed: dict[str, set[int]] = defaultdict(set)
    for change in changes:
        if (change.place == BYLINE or _is_named(change.place, body)) and now - change.at <= _CHANGED_WITHIN:
            changed[change.place].add(change.article_id)
    places = _places(seen, body)
    for place, article_ids in changed.items():
        having = {one.article_id for one in seen} if place == BYLINE else places[place][0] if place in places else set()
        whole = having | article_ids
        if len(article_ids) >= FEWEST_CHANGED and len(article_ids) >= _SHARE_CHANGED * len(whole):
            reason = f"The text in this place changed in {len(article_ids)} of {len(whole)} articles that have it."
            yield Furniture(kind="place", key=place, place=place, reason=reason, learned_at=now)


def _places(seen: Sequence[SeenArticle], body: frozenset[str]) -> dict[str, tuple[set[int], list[SeenBlock]]]:
    """Where lines stand beside the text: captions, quotations and rows are the articles' own."""
    found: dict[str, tuple[set[int], list[SeenBlock]]] = {}
    own = {block.place for one in seen for block in one.blocks if not block.is_line}
    for one in seen:
        for block in one.blocks:
            if block.place is not None and block.place not in body and block.place not in own:
                articles, blocks = found.setdefault(block.place, (set(), []))
                articles.add(one.article_id)
                blocks.append(block)
    return found
