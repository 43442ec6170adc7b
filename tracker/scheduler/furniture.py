"""Learns the furniture of sources as their articles are read, and gives the mask for the next look.

What is learned lies in the store; what it is learned from is read there once, and then followed.
"""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Lock

from tracker.extract.furniture import body_places, covers, learn, mask_of, seen_blocks
from tracker.model import AlarmKind, Article, Decision, Extract, Furniture, Mask, PlaceChange, SeenArticle
from tracker.scheduler.judge import Known
from tracker.scheduler.masking import MOVING_FROM, says_note
from tracker.store.store import Store

logger = logging.getLogger(__name__)

SEEN_ARTICLES = 100
"""Of a source, the newest: enough for what most of them share, and read again in 30 ms after a start."""
MOVING_FOR = timedelta(days=1)
LEARNED_FOR = timedelta(hours=1)
# Learning takes a millisecond or two: while a source is read for the first time, only with every so many articles.
_LEARN_AGAIN = 0.2


@dataclass(slots=True, kw_only=True)
class _Learned:
    """One source. `seen` by article, the newest last; `new_count` articles came since it was learned from."""

    mask: Mask = field(default_factory=Mask)
    seen: dict[int, SeenArticle] = field(default_factory=dict)
    new_count: int = 0
    overruled: frozenset[int] = frozenset()
    learned_at: datetime | None = None

    def is_stale(self, now: datetime) -> bool:
        return self.learned_at is None or now - self.learned_at >= LEARNED_FOR or self.new_count > _LEARN_AGAIN * len(self.seen)


def explained(
    store: Store, source: str, may_quote: Callable[[Extract], bool] = lambda _: True
) -> tuple[tuple[Furniture, str | None], ...]:
    """All that was learned of a source's furniture, each with a text that it covers in one of its newest articles that may be quoted,
    if one still does."""
    furniture = store.furniture.of(source)
    texts = [extract for _, _, extract in store.furniture.newest_texts(source, limit=SEEN_ARTICLES) if may_quote(extract)]
    blocks = [block for extract in texts for block in reversed(extract.blocks)]
    masks = [(one, mask_of([replace(one, kept_at=None)])) for one in furniture]
    return tuple((one, next((block.text for block in reversed(blocks) if covers(mask, block, says_note)), None)) for one, mask in masks)


class Furnishings:
    """The masks of all sources, for any thread."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock
        self._sources: dict[str, _Learned] = {}
        self._lock = Lock()

    def laid_over(self, known: Known, article: Article) -> Known:
        """With the mask; and with what the article had before, so that a text that comes back is known whatever stands around it."""
        mask = self.mask(article.source)
        earlier = self._store.revisions.earlier(article.id) if mask.version and article.changes_count else ()
        return replace(known, mask=mask, earlier=earlier)

    def mask(self, source: str) -> Mask:
        with self._lock:
            known = self._sources.get(source)
            if known is None:
                known = self._sources[source] = _Learned()
                for article_id, first_seen_at, extract in self._store.furniture.newest_texts(source, limit=SEEN_ARTICLES):
                    known.seen[article_id] = _seen(article_id, first_seen_at, extract)
            overruled = self._store.furniture.overruled(source)
            if overruled != known.overruled or known.is_stale(self._clock()):
                known.overruled = overruled
                self._learn(source, known)
            return known.mask

    def note(self, source: str, decision: Decision) -> None:
        """What was just kept of a source."""
        with self._lock:
            known = self._sources.get(source)
            if known is None:
                return
            if decision.places:
                known.learned_at = None
            if decision.revision is not None:
                before = known.seen.pop(decision.article_id, None)
                first_seen_at = before.first_seen_at if before else decision.poll.at
                known.seen[decision.article_id] = _seen(decision.article_id, first_seen_at, decision.revision.extract)
                known.new_count += 1
                for article_id in list(known.seen)[:-SEEN_ARTICLES]:
                    del known.seen[article_id]

    def _learn(self, source: str, known: _Learned) -> None:
        now = self._clock()
        seen = list(known.seen.values())
        changes = self._store.furniture.changes(source)
        known.new_count, known.learned_at = 0, now
        furniture = self._store.furniture.learned(source, learn(seen, changes, now))
        moving = _moving(changes, now)
        known.mask = replace(
            mask_of(furniture),
            body=body_places(seen),
            moving=moving,
            held_by=Counter(place for one in seen for place in {block.place for block in one.blocks} if place is not None),
            articles_count=len(seen),
        )
        self._alarm(source, moving, known.mask)

    def _alarm(self, source: str, moving: Mapping[str, frozenset[int]], mask: Mask) -> None:
        """Many articles that change in one place are one thing to tell the operator, until the place is learned or the day over."""
        places = {place: ids for place, ids in moving.items() if len(ids) > MOVING_FROM and place not in mask.places | mask.body}
        place = max(places, key=lambda place: len(places[place]), default=None)
        told = None
        if place is not None:
            many = f"{len(places[place])} articles changed in one place within a day, {place}"
            told = f"{many}: their template changed. They are held until it is learned, for a day at most."
        new, ended = self._store.alarms.settle(source, {AlarmKind.TEMPLATE: told}, self._clock())
        for alarm in new:
            logger.warning("%s: %s", source, alarm.sentence)
        for alarm in ended:
            logger.info("%s: this is over: %s", source, alarm.sentence)


def _seen(article_id: int, first_seen_at: datetime, extract: Extract) -> SeenArticle:
    return SeenArticle(article_id=article_id, first_seen_at=first_seen_at, blocks=seen_blocks(extract, says_note))


def _moving(changes: Sequence[PlaceChange], now: datetime) -> dict[str, frozenset[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    for change in changes:
        if now - change.at <= MOVING_FOR:
            found[change.place].add(change.article_id)
    return {place: frozenset(ids) for place, ids in found.items()}
