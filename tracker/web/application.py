"""Routes and wiring of the pages and the change feeds.

What a page says is pages.py, lists.py, article_page.py and diff_page.py; what it looks like, look.py and templates/.
Read-only: GET and HEAD, but for what WebSub hubs say (websub.py) and what tokens open (api/).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from starlette.applications import Starlette
from starlette.convertors import Convertor, StringConvertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Message, Receive, Send
from starlette.types import Scope as Connection

from tracker.discovery.opml import Outline, write_opml
from tracker.errors import Busy, NotFound, StoreError, Unusable
from tracker.model import Article, Scope
from tracker.sandbox import Sandbox
from tracker.scheduler.emit import Emitter
from tracker.scheduler.health import Health
from tracker.store.store import Store
from tracker.web.access import Access
from tracker.web.api import front
from tracker.web.article_page import ArticlePage
from tracker.web.change_feeds import ChangeFeeds
from tracker.web.comparisons import Comparisons
from tracker.web.conditional import Pages, Validator, answer, digest
from tracker.web.diff_page import DiffPage
from tracker.web.feed_page import FeedPage
from tracker.web.lists import Lists
from tracker.web.look import Look
from tracker.web.metrics import Metrics
from tracker.web.operating import Operating
from tracker.web.operator_pages import OperatorPages
from tracker.web.pages import ReadingPages
from tracker.web.picture_page import PicturePage
from tracker.web.search_page import SearchPage
from tracker.web.session import Sessions
from tracker.web.site import Links, Site
from tracker.web.sub_path import SubPath
from tracker.web.unsubscribe import Unsubscribing
from tracker.web.websub import Callbacks
from tracker.web.withdrawn import Withdrawn

logger = logging.getLogger(__name__)

SECURITY_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}


_RAW_SECURITY_HEADERS = [(name.encode(), value.encode()) for name, value in SECURITY_HEADERS.items()]


class IdConvertor(Convertor[int]):
    """An id of the store: a positive number that fits its column. Anything else is an unknown address."""

    regex = "[1-9][0-9]{0,17}"

    def convert(self, value: str) -> int:
        return int(value)

    def to_string(self, value: int) -> str:
        return str(value)


class NameConvertor(StringConvertor):
    """A source's name as config.yaml and `tracker add` allow it: it is also a folder's name under storage/feeds/."""

    regex = "[a-z0-9]+(?:-[a-z0-9]+)*"


register_url_convertor("id", IdConvertor())
register_url_convertor("name", NameConvertor())


class SecurityHeaders:
    """Puts the security headers on every answer, errors included."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Connection, receive: Receive, send: Send) -> None:
        async def secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_RAW_SECURITY_HEADERS]  # no answer of ours sets them itself
            await send(message)

        await self._app(scope, receive, secured)


# For what Starlette says by itself.
_SENTENCES = {
    "Not Found": "Nothing stands at this address. Perhaps it was cut short or mistyped.",
    "Method Not Allowed": "This address is only read from.",
}


class Errors:
    """Errors as pages with a way on."""

    def __init__(self, look: Look) -> None:
        self._look = look

    def handlers(self) -> dict[type[Exception] | int, Callable[[Request, Exception], Response]]:
        return {
            Withdrawn: self.withdrawn,
            HTTPException: self.http,
            NotFound: self.not_found,
            StoreError: self.store,
            Exception: self.unforeseen,
        }

    def http(self, _request: Request, error: Exception) -> Response:
        if not isinstance(error, HTTPException):
            raise error
        response = self._page(error.status_code, _SENTENCES.get(error.detail, error.detail))
        response.headers.update(error.headers or {})
        return response

    def withdrawn(self, _request: Request, error: Exception) -> Response:
        assert isinstance(error, Withdrawn)
        return self._look.page("withdrawn.html", status=410, article=error.article, takedowns=error.takedowns, what=error.what)

    def not_found(self, _request: Request, error: Exception) -> Response:
        return self._page(404, str(error))

    def store(self, _request: Request, error: Exception) -> Response:
        response = self._page(503 if isinstance(error, Busy | Unusable) else 500, "The store cannot answer at the moment.")
        response.headers["retry-after"] = "10"
        return response

    def unforeseen(self, _request: Request, _error: Exception) -> Response:
        """Starlette sends this one from outside the middleware, so it carries the headers itself."""
        response = self._page(500, "The program met an error that it did not expect. The operator finds it in the log.")
        response.headers.update(SECURITY_HEADERS)
        return response

    def _page(self, status: int, sentence: str) -> Response:
        return self._look.page("error.html", status=status, code=status, sentence=sentence)


class Plain:
    """Answers that are no pages: the stylesheet and its like, robots.txt, OPML, the two health checks."""

    def __init__(self, *, store: Store, look: Look, links: Links, metrics: Metrics, polls: bool) -> None:
        self._store = store
        self._links = links
        self._metrics = metrics
        self._polls = polls
        self._files = {
            "style.css": (look.style, "text/css"),
            "page.js": (look.script, "text/javascript"),
            "icon.svg": (look.icon, "image/svg+xml"),
        }

    async def static(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in self._files:
            raise HTTPException(404)
        body, media_type = self._files[name]
        response = Response(body, media_type=media_type)
        response = answer(request, response, Validator(etag=f'"{digest(body)}"', modified_at=None))
        if request.query_params.get("v"):  # the address changes with the content
            response.headers["cache-control"] = "public, max-age=31536000, immutable"
        return response

    async def robots(self, _request: Request) -> Response:
        """Any two versions have a diff: endless pages, and each new one costs a comparison."""
        home = self._links.home()
        return PlainTextResponse(f"User-agent: *\nDisallow: {home}diff\nDisallow: {home}revisions/\nDisallow: {home}search\n")

    def opml(self, _request: Request) -> Response:
        outlines = [self._outline("All changes", Scope())]
        titles = self._store.articles.titles()
        outlines += [self._outline(titles[name], Scope(source=name)) for name in sorted(titles)]
        return Response(write_opml("Change feeds of tracker", outlines), media_type="text/x-opml; charset=utf-8")

    def _outline(self, title: str, scope: Scope) -> Outline:
        return Outline(title=title, feed_url=self._links.absolute(self._links.feed(scope, "atom")), folder=None)

    async def alive(self, _request: Request) -> Response:
        return PlainTextResponse("ok\n", headers={"cache-control": "no-store"})

    def ready(self, _request: Request) -> Response:
        try:
            self._store.version()
            late = round(self._metrics.due_late_seconds())
        except StoreError as error:
            # Anybody may ask; where the database stands, and who we are there, is the operator's.
            logger.warning("not ready: %s", error)
            return PlainTextResponse("not ready: the store cannot answer\n", status_code=503, headers={"cache-control": "no-store"})
        told = f"The look that waits longest has been due for {late} s." if late else "No look is late."
        apart = "" if self._polls else "This process only serves: others poll.\n"
        return PlainTextResponse(f"ready\n{apart}{told}\n", headers={"cache-control": "no-store"})


def _by_token(store: Store, look: Look, clock: Callable[[], datetime]) -> tuple[Route, ...]:
    """Addresses that are a permission: whoever knows them may write there."""
    ends = Unsubscribing(store=store, look=look, clock=clock).serve
    pushes = Callbacks(store=store, clock=clock).serve
    return (
        Route("/unsubscribe/{secret}", ends, methods=["GET", "POST"]),
        Route("/websub/{token}", pushes, methods=["GET", "POST"]),
    )


def application(
    *,
    store: Store,
    sandbox: Sandbox,
    emitter: Emitter,
    health: Health,
    site: Site,
    checked_until: Callable[[Article], datetime],
    operating: Operating,
    clock: Callable[[], datetime],
) -> Starlette:
    """`store` as readers see it. `checked_until` says when the checks of an article end if nothing changes until then."""
    links = Links(site.base_url)
    look = Look(site, links)
    page = Pages(store, edition=f"{site} {look.edition}", clock=clock)
    lists = Lists(store=store, sandbox=sandbox, look=look, links=links)
    reading = ReadingPages(store=store, look=look, links=links)
    article = ArticlePage(store=store, sandbox=sandbox, look=look, links=links, site=site, checked_until=checked_until)
    comparisons = Comparisons(sandbox)
    diff = DiffPage(store=store, comparisons=comparisons, look=look, links=links, site=site)
    feed_page = page(FeedPage(store=store, look=look, links=links).show, by="news")
    feeds = ChangeFeeds(store=store, emitter=emitter, links=links, site=site, page=feed_page, clock=clock)
    metrics = Metrics(store=store, health=health, version=site.version, clock=clock)
    plain = Plain(store=store, look=look, links=links, metrics=metrics, polls=site.polls)
    api = front.api(store=store, operating=operating, comparisons=comparisons, pages=page, site=site, links=links, clock=clock)
    sessions = Sessions(store=operating.store, site=site, links=links, clock=clock)
    operator = OperatorPages(operating=operating, sessions=sessions, look=look, links=links, clock=clock)
    routes: Sequence[BaseRoute] = [
        Route("/", page(lists.home, by="news")),
        Route("/changes.{form}", feeds.serve),
        Route("/search", page(SearchPage(store=store, look=look, links=links, site=site).show, by="news")),
        Route("/search/changes.{form}", feeds.serve),
        Route("/sources", page(reading.sources)),
        Route("/sources/{source:name}", page(lists.source)),
        Route("/sources/{source:name}/changes.{form}", feeds.serve),
        Route("/articles/{article:id}", page(article.show, by="article")),
        Route("/articles/{article:id}/changes.{form}", feeds.serve),
        Route("/diff", reading.compare),
        Route("/diff/{old:id}..{new:id}", page(diff.show, by="revision")),
        Route("/diff/{old:id}..{new:id}/picture.png", page(PicturePage(store=store, sandbox=sandbox).show, by="revision")),
        Route("/revisions/{revision:id}", page(reading.revision, by="revision")),
        Route("/about", page(reading.about, by="news")),
        Route("/opml", page(plain.opml, by="news")),
        Route("/static/{name}", plain.static),
        Route("/robots.txt", plain.robots),
        Route("/healthz", plain.alive),
        Route("/readyz", plain.ready),
        Route("/metrics", metrics.show),
        Mount(front.PATH, api),
        Route(front.PATH, api),
        *operator.routes(),
        *_by_token(store, look, clock),
    ]
    errors = Errors(look)
    access = Middleware(Access, store=store, sessions=sessions, look=look, failed=errors.store, clock=clock)
    closed = [access] if site.access == "token" else []
    return _application(routes, [Middleware(SubPath, base_url=site.base_url), *closed], errors)


def _application(routes: Sequence[BaseRoute], inner: Sequence[Middleware], errors: Errors) -> Starlette:
    pages = Starlette(
        routes=routes,
        middleware=[Middleware(SecurityHeaders), *inner],
        exception_handlers=errors.handlers(),
    )
    # Starlette would build the address from the Host header, which is the asker's word.
    pages.router.redirect_slashes = False
    return pages
