"""A change feed as a person sees it whose browser is sent to its address: what it is, how to follow it, what it carries now.

Browsers do not show the formats of feeds, and are giving up the style sheets (XSLT) that could make pages of them.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from tracker.errors import NotFound
from tracker.model import Filter, Scope
from tracker.scheduler.emit import ENTRIES
from tracker.store.store import Store
from tracker.web import filters, searches
from tracker.web.lists import by_day
from tracker.web.look import FORMAT_NAMES, Look
from tracker.web.pages import number
from tracker.web.site import Links
from tracker.web.withdrawn import shown


class FeedPage:
    def __init__(self, *, store: Store, look: Look, links: Links) -> None:
        self._store = store
        self._look = look
        self._links = links

    def show(self, request: Request) -> Response:
        form = str(request.path_params["form"])
        scope = searches.scope_of(request)
        only = filters.lasting(filters.asked(request.query_params))
        what, home = self._about(scope)
        query = searches.query_of(scope, only)
        changes = self._store.revisions.changes(scope, only=only, before=number(request, "before"), limit=ENTRIES)
        return self._look.page(
            "feed.html",
            republished=True,
            scope=scope,
            what=what,
            home=home,
            format_name=FORMAT_NAMES[form],
            address=self._links.absolute(self._links.feed(scope, form, query)),
            query=query,
            filtered=(*searches.said(scope), *filters.said(only)),
            days=by_day(changes),
            titles=self._store.articles.titles(),
        )

    def _about(self, scope: Scope) -> tuple[str, str]:
        """What the feed is about in a few words, and the page of the same. Raises NotFound, Withdrawn."""
        if scope.search is not None:
            if scope.source is not None and scope.source not in self._store.articles.titles():
                raise NotFound("source", scope.source)
            return f"Search: {scope.search.typed}", self._links.search(searches.query_of(scope, Filter()))
        if scope.article_id is not None:
            article = self._store.articles.get(scope.article_id)
            shown(self._store, article)
            return article.headline or article.url, self._links.article(article.id)
        if scope.source is not None:
            titles = self._store.articles.titles()
            if scope.source not in titles:
                raise NotFound("source", scope.source)
            return titles[scope.source], self._links.source(scope.source)
        return "All changes", self._links.home()
