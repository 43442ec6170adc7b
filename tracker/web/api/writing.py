"""The operations that write: what the commands of the same names do. They exist only where there is a token for them (front.py)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from fastapi import APIRouter, Depends, Response
from fastapi.security import HTTPBearer

from tracker.model import TokenScope
from tracker.web.api import answers, asked, telling
from tracker.web.api.guard import guarded
from tracker.web.api.problems import may_answer
from tracker.web.api.reading import ArticleId, EventId, FurnitureNumber, SourceName
from tracker.web.operating import Operating

SCOPES = (TokenScope.WRITE, TokenScope.TAKEDOWN)
# The description names it; guard.py asks for it.
_TOKEN = Depends(HTTPBearer(auto_error=False, scheme_name="token", description="A token made with `tracker token create`."))


class Writing:
    def __init__(self, operating: Operating) -> None:
        self._operating = operating

    def routers(self, clock: Callable[[], datetime]) -> tuple[APIRouter, ...]:
        store = self._operating.store
        writing = APIRouter(route_class=guarded(store, TokenScope.WRITE, clock), dependencies=[_TOKEN])
        for path, operation, *further in (
            ("/sources/{source}/pause", self.pause, 404),
            ("/sources/{source}/resume", self.resume, 404),
            ("/sources/{source}/remove", self.remove, 404, 409),
            ("/sources/{source}/poll", self.poll_source, 404),
            ("/sources/{source}/furniture/{number}/keep", self.keep, 404),
            ("/sources/{source}/furniture/{number}/mask", self.mask, 404),
            ("/articles/{article}/poll", self.poll_article, 404, 409),
            ("/articles/{article}/watch", self.watch, 404, 409),
            ("/articles/{article}/merge", self.merge, 404, 409),
            ("/articles/{article}/unmerge", self.unmerge, 404, 409),
            ("/events/{event}/retract", self.retract, 404),
            ("/events/{event}/unretract", self.unretract, 404),
        ):
            responses = may_answer(400, 401, 403, *further, 413, 422, 429, 503)
            writing.add_api_route(
                path, operation, methods=["POST"], status_code=204, response_class=Response, responses=responses, tags=["writing"]
            )
        responses = may_answer(400, 401, 403, 409, 413, 422, 424, 429, 503)
        writing.add_api_route("/add", self.add, methods=["POST"], status_code=201, responses=responses, tags=["writing"])
        taking_down = APIRouter(route_class=guarded(store, TokenScope.TAKEDOWN, clock), dependencies=[_TOKEN])
        responses = may_answer(400, 401, 403, 404, 409, 413, 422, 429, 503)
        taking_down.add_api_route("/articles/{article}/hide", self.hide, methods=["POST"], responses=responses, tags=["writing"])
        return writing, taking_down

    async def add(self, asked: asked.Add) -> answers.Added:
        """Follows a feed, the feeds that a page announces, or one article. The address is asked while you wait."""
        added, article_id = await self._operating.add(asked.url, source=asked.source)
        return answers.Added(what=added.what, source=added.source, urls=list(added.urls), article_id=article_id)

    def pause(self, source: SourceName) -> None:
        """Stops polling a source."""
        self._operating.set_paused(source, True)

    def resume(self, source: SourceName) -> None:
        """Polls a paused source again; one that config.yaml no longer names stays paused."""
        self._operating.set_paused(source, False)

    def remove(self, source: SourceName) -> None:
        """Follows a source no longer that was added by command; what is kept of it stays."""
        self._operating.remove(source)

    def keep(self, source: SourceName, number: FurnitureNumber) -> None:
        """What was learned to be furniture is text, from the next look on."""
        self._operating.keep_in_text(source, number, kept=True)

    def mask(self, source: SourceName, number: FurnitureNumber) -> None:
        """It is furniture again."""
        self._operating.keep_in_text(source, number, kept=False)

    def poll_source(self, source: SourceName) -> None:
        """All of a source is due now; the program polls it as soon as its pace allows."""
        self._operating.poll_source(source)

    def poll_article(self, article: ArticleId) -> None:
        """An article is due now, also one that is no longer checked."""
        self._operating.poll_article(article)

    def watch(self, article: ArticleId, asked: asked.WatchAsked) -> None:
        """Looks closely at one article for a while."""
        self._operating.watch(article, every=timedelta(seconds=asked.every), lasts=timedelta(seconds=asked.lasts))

    def merge(self, article: ArticleId, asked: asked.Merge) -> None:
        """Makes this article part of another one, which goes on."""
        self._operating.merge(article, asked.into)

    def unmerge(self, article: ArticleId) -> None:
        """Gives an article back what a merge took."""
        self._operating.unmerge(article)

    async def retract(self, event: EventId, asked: asked.Retract) -> None:
        """Marks an event as an error of ours, on the pages and in the change feeds."""
        await self._operating.retract(event, reason=asked.reason)

    async def unretract(self, event: EventId) -> None:
        """It was no error after all."""
        await self._operating.retract(event, reason=None)

    async def hide(self, article: ArticleId, asked: asked.Hide) -> answers.Hidden:
        """Takes an article, one revision of it or words in it down for good. This cannot be undone."""
        hidden = await self._operating.hide(article, asked.revision, phrase=asked.phrase, reason=asked.reason)
        return telling.hidden(hidden, [str(path) for path in self._operating.store.takedowns.copies])
