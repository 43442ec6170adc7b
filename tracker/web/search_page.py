"""The page of search: what was typed, looked for in the articles' latest texts and in what changed.

What cannot be looked for is answered with a sentence and the same form. Which texts may be quoted is said in site.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import Response

from tracker.errors import NotFound, SearchError
from tracker.model import Change, Filter, Scope
from tracker.store.search import FoundArticles, FoundIn
from tracker.store.store import Store
from tracker.web import filters, searches
from tracker.web.look import Look
from tracker.web.pages import number
from tracker.web.site import Links, Site

A_PAGE = 20
# Articles that stand above the changes, where both are asked for.
FEW_ARTICLES = 5
# What one list of the two shows alone, by its name in the address.
ALONE = ("articles", "changes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One page of what was found. `older_url` is where the changes go on, `more_url` where the articles do."""

    articles: FoundArticles
    changes: tuple[Change, ...]
    found_in: Mapping[int, FoundIn]
    older_url: str | None
    more_url: str | None

    @property
    def is_empty(self) -> bool:
        return not self.articles.articles and not self.changes


_NO_ARTICLES = FoundArticles(articles=(), older=None)


class SearchPage:
    def __init__(self, *, store: Store, look: Look, links: Links, site: Site) -> None:
        self._store = store
        self._look = look
        self._links = links
        self._site = site

    def show(self, request: Request) -> Response:
        """Of a search that cannot be made, a page all the same: a person typed it."""
        query = request.query_params
        only, side, before = filters.asked(query), searches.side(query), number(request, "before")
        alone = query.get("in") if query.get("in") in ALONE else None
        if side is not None or replace(only, since_at=None, before_at=None) != Filter():
            alone = "changes"  # a text that did not change has none of these
        typed, source = query.get("q", ""), query.get("source") or None
        titles = self._store.articles.titles()
        if source is not None and source not in titles:
            raise NotFound("source", source)
        scope, found, sentence = Scope(source=source), None, None
        if typed.strip():
            try:
                scope = searches.asked(query)
                found = self._found(scope, only, alone, before)
            except SearchError as error:
                sentence = str(error)
        return self._look.page(
            "search.html",
            republished=True,
            typed=typed,
            scope=scope,
            only=only,
            side=side,
            alone=alone,
            sentence=sentence,
            found=found,
            titles=titles,
            complete=self._store.search.is_complete(),
            may_quote=self._site.may_quote,
            facets_known=filters.FACETS,
            filtered=(*searches.said(scope), *filters.said(only)),
            feed_query=searches.query_of(scope, filters.lasting(only)),
            both_url=self._links.search(searches.query_of(scope, only)),
            newest_url=self._links.search(searches.query_of(scope, only, **{"in": alone})) if before is not None else None,
        )

    def _found(self, scope: Scope, only: Filter, alone: str | None, before: int | None) -> Found:
        query = scope.search
        assert query is not None
        articles, older = _NO_ARTICLES, None
        changes: tuple[Change, ...] = ()
        if alone != "changes":
            limit = A_PAGE if alone else FEW_ARTICLES
            articles = self._store.search.articles(query, source=scope.source, only=only, before=before if alone else None, limit=limit)
        if alone != "articles":
            changes, older = self._store.page_of_changes(scope, only, before, A_PAGE)
        return Found(
            articles=articles,
            changes=changes,
            found_in=self._store.search.found_in(query, [change.event for change in changes]),
            older_url=self._page(scope, only, "changes", older),
            more_url=self._page(scope, only, "articles", articles.older),
        )

    def _page(self, scope: Scope, only: Filter, alone: str, before: int | None) -> str | None:
        """The next page of one of the lists, if there is one."""
        if before is None:
            return None
        return self._links.search(searches.query_of(scope, only, **{"in": alone}, before=before))
