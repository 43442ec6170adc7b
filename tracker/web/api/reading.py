"""The operations that read: everything that a page shows, for programs.

They read through the store as readers see it, and keep to what the pages may show: nothing that was taken down, no whole text where
only changes are published. The answers are conditional, as those of pages are (conditional.py).
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from tracker.errors import NotFound
from tracker.model import Article, ArticleStatus
from tracker.scheduler.cadence import Cadence
from tracker.scheduler.furniture import explained as explained_furniture
from tracker.store.store import Store
from tracker.web.api import answers, asked, documents, telling
from tracker.web.api.problems import may_answer
from tracker.web.comparisons import Comparisons
from tracker.web.conditional import By, Pages
from tracker.web.diff_page import pair_of
from tracker.web.furniture import furniture_in
from tracker.web.operating import explained
from tracker.web.site import Site
from tracker.web.withdrawn import shown

ArticleId = Annotated[documents.Id, Path(description="An article's id.")]
RevisionId = Annotated[documents.Id, Path(description="A revision's id.")]
EventId = Annotated[documents.Id, Path(description="An event's id.")]
FurnitureNumber = Annotated[documents.Id, Path(description="The number of one thing in a source's list of furniture.")]
SourceName = Annotated[str, Path(pattern=asked.NAME, max_length=64, description="A source's name.")]

_NO_STORE = {"cache-control": "no-store"}


def conditional(pages: Pages, by: By) -> type[APIRoute]:
    """Routes whose answers carry an ETag, and are 304 for whoever has them."""

    class Conditional(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            endpoint = pages(super().get_route_handler(), by=by)

            async def handle(request: Request) -> Response:
                return await endpoint(request)

            return handle

    return Conditional


class Reading:
    def __init__(
        self, *, store: Store, comparisons: Comparisons, site: Site, cadence_of: Callable[[str], Cadence], clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._comparisons = comparisons
        self._site = site
        self._cadence_of = cadence_of
        self._clock = clock

    def routers(self, pages: Pages) -> tuple[APIRouter, ...]:
        standing = (
            ("/sources", self.sources),
            ("/sources/{source}", self.source, 404),
            ("/sources/{source}/polls", self.source_polls, 404),
            ("/sources/{source}/furniture", self.furniture, 404),
            ("/articles", self.articles, 404),
            ("/articles/{article}", self.article, 404, 410),
            ("/articles/{article}/revisions", self.revisions, 404, 410),
            ("/articles/{article}/polls", self.article_polls, 404, 410),
            ("/articles/{article}/explanation", self.explanation, 404, 410),
            ("/revisions/{revision}", self.revision, 404, 410),
        )
        # None of these says when was looked.
        lasting = (
            ("/events", self.events, 404),
            ("/events/{event}", self.event, 404),
            ("/retractions", self.retractions),
            ("/diffs/{old}..{new}", self.diff, 404, 410),
        )
        return reading_router(conditional(pages, "everything"), standing), reading_router(conditional(pages, "news"), lasting)

    # --- sources

    def sources(self) -> answers.Sources:
        """The sources, by name, each with how following it goes; of what fails now, the newest look."""
        return answers.Sources(sources=[telling.source(health) for health in self._store.articles.sources()])

    def source(self, source: SourceName) -> documents.SourceWithFigures:
        """One source, with what its changes come to."""
        told = telling.source(self._store.articles.source(source))
        figures = telling.figures(self._store.figures.of(source))
        return documents.SourceWithFigures(**told.model_dump(), figures=figures)

    def source_polls(self, source: SourceName, asked: Annotated[asked.PollsAsked, Query()]) -> answers.Polls:
        """The looks at a source's feeds and articles, newest first."""
        return _polls(self._store.revisions.polls(source=source, before=asked.before, limit=asked.limit), asked.limit)

    def furniture(self, source: SourceName) -> answers.FurnitureList:
        """What was learned to be furniture of a source's pages, with what it was learned from."""
        found = explained_furniture(self._store, source, self._site.shows_whole)
        return answers.FurnitureList(furniture=[telling.furniture(one, sample) for one, sample in found])

    # --- articles

    def articles(self, asked: Annotated[asked.ArticlesAsked, Query()]) -> answers.Articles:
        """Articles by id, or the one that an address leads to. Those that were taken down or merged are left out."""
        if asked.url is not None:
            found = self._known_by(asked.url, asked.source)
            return answers.Articles(articles=self._told(found), next=None)
        listed = self._store.articles.listed(source=asked.source, after_id=asked.after, limit=asked.limit)
        return answers.Articles(articles=self._told(listed), next=listed[-1].id if len(listed) == asked.limit else None)

    def _known_by(self, url: str, source: str | None) -> tuple[Article, ...]:
        try:
            found = self._store.articles.find(url)
        except NotFound:
            return ()
        return (found,) if found.status is not ArticleStatus.HIDDEN and source in {None, found.source} else ()

    def _told(self, articles: tuple[Article, ...]) -> list[documents.Article]:
        latest = self._store.revisions.latest_ids(one.id for one in articles)
        return [telling.article(one, latest.get(one.id)) for one in articles]

    def article(self, article: ArticleId) -> documents.Article:
        """One article as it stands. One that was merged names the article that its history is part of now."""
        return self._told((self._shown(article),))[0]

    def _shown(self, article_id: int) -> Article:
        found = self._store.articles.get(article_id)
        shown(self._store, found)
        return found

    def revisions(self, article: ArticleId, asked: Annotated[asked.RevisionsAsked, Query()]) -> answers.Revisions:
        """An article's revisions by number, without their texts."""
        history = [one for one in self._store.revisions.history(self._shown(article).id) if one.number > asked.after]
        page = history[: asked.limit]
        following = page[-1].number if len(history) > len(page) else None
        return answers.Revisions(revisions=[telling.revision_summary(one) for one in page], next=following)

    def article_polls(self, article: ArticleId, asked: Annotated[asked.PollsAsked, Query()]) -> answers.Polls:
        """The looks at an article, newest first."""
        found = self._store.revisions.polls(article_id=self._shown(article).id, before=asked.before, limit=asked.limit)
        return _polls(found, asked.limit)

    def explanation(self, article: ArticleId, response: Response) -> documents.Explanation:
        """Why an article's next look is when it is. It speaks of now, so it is not kept."""
        response.headers.update(_NO_STORE)
        found = self._shown(article)
        sentences = explained(self._store, found, self._cadence_of, self._clock())
        paused = self._store.articles.source(found.source).source.paused
        due_at = None if paused else found.next_poll_at
        return documents.Explanation(article_id=found.id, next_poll_at=due_at, because=found.because, sentences=list(sentences))

    def revision(self, revision: RevisionId) -> documents.Revision:
        """One text as read; whole where whole texts are shown."""
        found = self._store.revisions.get(revision)
        article = self._store.articles.get(found.article_id)
        shown(self._store, article, found)
        extract = self._store.revisions.extract(revision)
        whole = self._site.shows_whole(extract)
        masked = furniture_in(self._store, article.source, extract) if whole else {}
        return telling.revision(found, extract, masked, whole=whole)

    # --- events

    def events(self, asked: Annotated[asked.EventsAsked, Query()]) -> answers.Events:
        """Events in commit order. Whoever goes on with `after` = the last `next` misses none and gets none twice; what readers do not
        see yet holds back what was kept after it in the same list. Filtered, an answer may be empty though `more` follow. An article that
        was merged is followed where its history goes on."""
        scope = asked.scope
        if asked.article is not None:
            scope = replace(scope, article_id=self._store.articles.find(str(asked.article)).id)
        found = self._store.following.events(scope, asked.only, after=asked.after, limit=asked.limit)
        return answers.Events(events=[telling.event(one) for one in found.events], next=found.last, more=found.goes_on)

    def event(self, event: EventId) -> documents.Event:
        """One event."""
        return telling.event(self._store.revisions.event(event))

    def retractions(self, asked: Annotated[asked.FollowAsked, Query()]) -> answers.Retractions:
        """Events that are errors of ours, by when that was said or undone: for those who have them already."""
        found = self._store.following.retractions(after=asked.after, limit=asked.limit)
        return answers.Retractions(retractions=[telling.retraction(one) for one in found.retractions], next=found.last, more=found.goes_on)

    async def diff(self, old: RevisionId, new: RevisionId) -> documents.Diff:
        """Any two revisions of one article, compared sentence by sentence."""
        pair = await run_in_threadpool(pair_of, self._store, old, new)
        compared = await self._comparisons.compare(pair.mark, old, new, pair.old_extract, pair.new_extract)
        if compared.value is None:
            raise HTTPException(503, compared.failure, headers=_NO_STORE)
        whole = self._site.shows_whole(pair.old_extract, pair.new_extract)
        return await run_in_threadpool(telling.diff, compared.value, whole=whole)


def reading_router(route_class: type[APIRoute], operations: Iterable[tuple[Any, ...]]) -> APIRouter:
    """`operations`: address, function, and the errors that not all have."""
    router = APIRouter(route_class=route_class)
    for path, operation, *further in operations:
        responses = may_answer(*further, 422, 429, 503) | {304: {"description": "You have it."}}
        router.add_api_route(path, operation, methods=["GET"], responses=responses, tags=["reading"])
    return router


def _polls(found: tuple[Any, ...], limit: int) -> answers.Polls:
    return answers.Polls(polls=[telling.poll(one) for one in found], next=found[-1].id if len(found) == limit else None)
