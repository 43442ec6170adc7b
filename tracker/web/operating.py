"""What an operator may do over the web: what the commands of the same names do, by the same functions.

Who may is not decided here: see tokens in the JSON API, sessions on the operator's pages.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from tracker.errors import NotFound
from tracker.model import NO_HABITS, Article, Hidden, Watch
from tracker.scheduler.add import Added, Adder
from tracker.scheduler.cadence import Cadence
from tracker.scheduler.checkup import Finding
from tracker.scheduler.emit import Emitter
from tracker.scheduler.explain import explain
from tracker.scheduler.hide import Hider, Target
from tracker.scheduler.overview import overview
from tracker.store.store import Store
from tracker.web.words import sentence

SAID_ONE_STORY = "The operator said that they are one story."
# As long as the checks of an article that does not change.
LONGEST_WATCH = timedelta(days=400)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operating:
    """`store` is all there is, not as readers see it; `folder` is where the program writes."""

    store: Store
    adder: Adder
    hider: Hider
    emitter: Emitter
    cadence_of: Callable[[str], Cadence]
    folder: Path
    clock: Callable[[], datetime]

    async def add(self, url: str, *, source: str | None) -> tuple[Added, int | None]:
        """With the article's id, if it is one. Raises as Adder.add does."""
        added = await self.adder.add(url, source=source)
        if added.what == "feed":
            return added, None
        return added, (await asyncio.to_thread(self.store.articles.find, added.urls[0])).id

    def set_paused(self, source: str, paused: bool) -> None:
        """Raises NotFound."""
        self.store.articles.set_paused(source, paused, self.clock())

    def remove(self, source: str) -> None:
        """Raises NotFound, Declared."""
        self.store.articles.remove(source, self.clock())

    def keep_in_text(self, source: str, number: int, *, kept: bool) -> None:
        """What was learned to be furniture is text, or furniture again. Raises NotFound."""
        self.store.furniture.overrule(source, number, self.clock() if kept else None)

    def overview(self) -> tuple[Finding, ...]:
        """How the installation goes, as `tracker check` says it."""
        return overview(self.store, self.folder, self.clock())

    def poll_source(self, source: str) -> int:
        """All of it is due now; gives how many feeds and articles. Raises NotFound."""
        return self.store.articles.make_due(now=self.clock(), source=source)

    def poll_article(self, article_id: int) -> None:
        """Raises NotFound, TakenDown."""
        self.store.articles.poll_now(article_id, self.clock())

    def watch(self, article_id: int, *, every: timedelta, lasts: timedelta) -> None:
        """Raises NotFound, TakenDown."""
        now = self.clock()
        self.store.articles.watch(article_id, Watch(every=every, until_at=now + lasts), now)

    async def hide(self, article_id: int, revision_id: int | None, *, phrase: str | None, reason: str) -> Hidden:
        """Raises NotFound, TakedownError, NotScrubbed."""
        target = await asyncio.to_thread(self._target, article_id, revision_id)
        return await self.hider.hide(target, reason=reason, phrase=phrase)

    def _target(self, article_id: int, revision_id: int | None) -> Target:
        article = self.store.articles.find(str(article_id))  # or the one that it is part of
        if revision_id is None:
            return Target(article=article)
        revision = self.store.revisions.get(revision_id)
        if revision.article_id != article.id:
            raise NotFound(f"revision of article {article_id}", revision_id)
        return Target(article=article, revision=revision)

    def merge(self, from_id: int, into_id: int) -> None:
        """Raises NotFound, NotMergeable."""
        self.store.articles.merge(from_id, into_id, reason=SAID_ONE_STORY, now=self.clock())

    def unmerge(self, from_id: int) -> None:
        """Raises NotFound, NotMergeable."""
        self.store.articles.unmerge(from_id, self.clock())

    async def retract(self, event_id: int, *, reason: str | None) -> None:
        """Without a reason, the retraction is undone. Raises NotFound."""
        found = await asyncio.to_thread(self.store.revisions.event, event_id)
        if reason is None:
            await asyncio.to_thread(self.store.undo_retraction, event_id, now=self.clock())
        else:
            await asyncio.to_thread(self.store.retract, event_id, reason=sentence(reason), now=self.clock())
        await self.emitter.emit_sources([found.source])


def explained(store: Store, article: Article, cadence_of: Callable[[str], Cadence], now: datetime) -> tuple[str, ...]:
    """Why its next look is when it is, the answer first."""
    habits = store.habits.all().get(article.source, NO_HABITS)
    paused = store.articles.source(article.source).source.paused
    return explain(replace(article, habits=habits), cadence_of(article.source), now, paused=paused)
