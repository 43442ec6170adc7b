"""The two lists of changes: of everything and of one source, filtered, by day and article, with the most telling sentence of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from tracker.model import Article, ArticleStatus, Change, Edited, Filter, Scope
from tracker.sandbox import Sandbox
from tracker.store.store import Store
from tracker.web import filters, times
from tracker.web.look import Look
from tracker.web.pages import POLLS_READ, number, recent_checks
from tracker.web.site import Links
from tracker.web.tellings import Tellings, Told

CHANGES_A_PAGE = 40
ARTICLES_A_PAGE = 40
MOST_EDITED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """An article's changes of one day, newest first."""

    article: Article
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    at: datetime
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One page of changes. `older` is the number that the page of older ones starts below; `latest` are the revisions that
    their articles stand at, `mark` is Takedowns.mark() from before any text was read."""

    mark: int
    scope: Scope
    only: Filter
    before: int | None
    changes: tuple[Change, ...]
    older: int | None
    latest: Mapping[int, int]
    most_edited: tuple[Edited, ...]
    titles: Mapping[str, str]

    @property
    def is_filtered(self) -> bool:
        return self.only != Filter()


def by_day(changes: Iterable[Change]) -> tuple[Day, ...]:
    """Newest day first, in it the articles by their newest change."""
    days = []
    for _, of_day in groupby(changes, key=lambda change: times.day(change.event.at)):
        articles: dict[int, list[Change]] = {}
        for change in of_day:
            articles.setdefault(change.article.id, []).append(change)
        groups = tuple(Group(article=of_one[0].article, changes=tuple(of_one)) for of_one in articles.values())
        days.append(Day(at=groups[0].changes[0].event.at, groups=groups))
    return tuple(days)


class Lists:
    def __init__(self, *, store: Store, sandbox: Sandbox, look: Look, links: Links) -> None:
        self._store = store
        self._look = look
        self._links = links
        self._tellings = Tellings(store, sandbox)

    async def home(self, request: Request) -> Response:
        scope = Scope(source=request.query_params.get("source") or None)
        listed = await run_in_threadpool(self._listed, scope, request)
        return await run_in_threadpool(self._home, listed, await self._tellings.of(listed.mark, listed.changes, listed.latest))

    async def source(self, request: Request) -> Response:
        scope = Scope(source=str(request.path_params["source"]))
        after = number(request, "after") or 0
        listed = await run_in_threadpool(self._listed, scope, request)
        return await run_in_threadpool(self._source, listed, after, await self._tellings.of(listed.mark, listed.changes, listed.latest))

    def _listed(self, scope: Scope, request: Request) -> Listed:
        only, before = filters.asked(request.query_params), number(request, "before")
        mark = self._store.takedowns.mark()
        changes, older = self._store.page_of_changes(scope, only, before, CHANGES_A_PAGE)
        most_edited = self._store.figures.most_edited(scope, limit=MOST_EDITED) if before is None and only == Filter() else ()
        return Listed(
            mark=mark,
            scope=scope,
            only=only,
            before=before,
            changes=changes,
            older=older,
            latest=self._store.revisions.latest_ids({change.article.id for change in changes}),
            most_edited=most_edited,
            titles=self._store.articles.titles(),
        )

    def _home(self, listed: Listed, told: Told) -> Response:
        empty = not listed.changes and listed.before is None and not listed.is_filtered
        response = self._page(
            "home.html",
            listed,
            told,
            here=self._links.home(),
            choices={"source": listed.scope.source} if listed.scope.source else {},
            sources=self._store.articles.sources() if empty else (),
            next_due_at=self._store.articles.next_due_at() if empty else None,
        )
        if empty:
            response.headers["cache-control"] = "no-store"  # it says when the next look is due, which every look moves
        return response

    def _source(self, listed: Listed, after: int, told: Told) -> Response:
        name = listed.scope.source or ""
        articles = self._store.articles.listed(source=name, after_id=after, limit=ARTICLES_A_PAGE + 1)
        return self._page(
            "source.html",
            listed,
            told,
            here=self._links.source(name),
            choices={},
            health=self._store.articles.source(name),
            figures=self._store.figures.of(name),
            after=after,
            articles=_shown(articles[:ARTICLES_A_PAGE]),
            more_articles=articles[ARTICLES_A_PAGE - 1].id if len(articles) > ARTICLES_A_PAGE else None,
            checks=recent_checks([stored.poll for stored in self._store.revisions.polls(source=name, limit=POLLS_READ)]),
        )

    def _page(self, template: str, listed: Listed, told: Told, *, here: str, choices: Mapping[str, str], **values: Any) -> Response:  # noqa: ANN401 - as Look.page
        only = listed.only
        response = self._look.page(
            template,
            republished=True,
            listed=listed,
            days=by_day(listed.changes),
            tellings=told.tellings,
            here=here,
            facets_known=filters.FACETS,
            filtered=filters.said(only),
            feed_query=filters.query_of(filters.lasting(only)),
            newest_url=here + filters.query_of(only, **choices) if listed.before is not None else None,
            older_url=here + filters.query_of(only, **choices, before=listed.older) if listed.older is not None else None,
            **values,
        )
        if not told.complete:
            response.headers["cache-control"] = "no-store"
        return response


def _shown(articles: Sequence[Article]) -> list[Article]:
    return [article for article in articles if article.status is not ArticleStatus.HIDDEN]
