"""The operator in a browser: logging in and out, the overview, adding by an address, and the forms that act.

Without a good token of scope operator in the store none of these addresses exists. Every page is made anew for its reader and kept by
nobody; everything that changes something is a form that carries the word of its session (session.py).
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from tracker.errors import AlreadyTracked, Declared, FeedError, FetchError, NotMergeable, SandboxError, TakenDown
from tracker.model import Token, TokenScope
from tracker.scheduler.furniture import explained
from tracker.web.look import Look
from tracker.web.operating import Operating
from tracker.web.session import Lock, Session, Sessions, form_of, is_from_here
from tracker.web.site import Links

WAITING_SHOWN = 20
MERGES_SHOWN = 10
_NO_STORE = {"cache-control": "no-store"}
# Where a log-in may lead: to a page of the operator's own.
_LEADS_TO = ("/operator", "/add")

Show = Callable[[Request, Session, Token], Awaitable[Response]]
Act = Callable[[Request, Session, Token, dict[str, str]], Awaitable[Response]]


class OperatorPages:
    def __init__(
        self, *, operating: Operating, sessions: Sessions, look: Look, links: Links, clock: Callable[[], datetime]
    ) -> None:
        self._operating = operating
        self._store = operating.store
        self._sessions = sessions
        self._look = look
        self._links = links
        self._clock = clock
        self._lock = Lock(clock)
        # For a bookmark: opens our form with the address of the page that it is pressed on.
        self._bookmarklet = f"javascript:location.href={json.dumps(links.absolute(links.add()))}+'?url='+encodeURIComponent(location.href)"

    def routes(self) -> Sequence[BaseRoute]:
        return (
            Route("/login", self._exists(self.log_in), methods=["GET", "POST"]),
            Route("/logout", self._exists(self._form(self.log_out)), methods=["POST"]),
            Route("/operator", self._exists(self._page(self.overview))),
            Route("/operator/sources/{source:name}", self._exists(self._page(self.source))),
            Route("/operator/sources/{source:name}/{act}", self._exists(self._form(self.act_on_source)), methods=["POST"]),
            Route(
                "/operator/sources/{source:name}/furniture/{number:id}/{act}",
                self._exists(self._form(self.act_on_furniture)),
                methods=["POST"],
            ),
            Route("/operator/articles/merge", self._exists(self._form(self.merge)), methods=["POST"]),
            Route("/operator/articles/{article:id}/unmerge", self._exists(self._form(self.unmerge)), methods=["POST"]),
            Route("/add", self._exists(self.add), methods=["GET", "POST"]),
        )

    # --- who comes in

    def _exists(self, endpoint: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        async def handle(request: Request) -> Response:
            if not await run_in_threadpool(self._store.tokens.any_opens, [TokenScope.OPERATOR], self._clock()):
                raise HTTPException(404)
            response = await endpoint(request)
            response.headers.update(_NO_STORE)
            return response

        return handle

    def _page(self, show: Show) -> Callable[[Request], Awaitable[Response]]:
        """For whoever is logged in; others are led to the log-in and back."""

        async def handle(request: Request) -> Response:
            session = await self._sessions.read(request)
            token = await self._sessions.token(session)
            if session is None or token is None:
                return self._to_log_in(request)
            return await show(request, session, token)

        return handle

    def _form(self, act: Act) -> Callable[[Request], Awaitable[Response]]:
        async def handle(request: Request) -> Response:
            session = await self._sessions.read(request)
            token = await self._sessions.token(session)
            if session is None or token is None:
                raise HTTPException(401, "You are not logged in, or no longer.")
            return await act(request, session, token, await form_of(request, session))

        return handle

    def _to_log_in(self, request: Request) -> Response:
        """The cookie does not come with a request that another site brought about, so one that shows none is sent once more by a
        page of ours: then it comes, if there is one."""
        query = _query_of(request)
        if request.cookies or request.query_params.get("again"):
            return RedirectResponse(self._links.log_in(_path_of(request)), status_code=303)
        again = f"{query}&again=1" if query else "again=1"
        return self._look.page("again.html", leads_to=f"{self._links.home().rstrip('/')}{_route_path(request)}?{again}")

    async def log_in(self, request: Request) -> Response:
        """The form, and what it sends."""
        leads_to = _leads_to(request.query_params.get("next", ""))
        if request.method != "POST":
            return await self._asked_to_log_in(request, leads_to)
        session = await self._sessions.read(request)
        fields = await form_of(request, session)
        address = request.client.host if request.client else ""
        if seconds := self._lock.wait(address):
            response = await self._log_in_page(leads_to, session, status=429, sentence=f"Too many wrong tokens. Try again in {seconds} s.")
            response.headers["retry-after"] = str(seconds)
            return response
        token = await run_in_threadpool(self._store.tokens.used, fields.get("token", "").strip(), self._clock())
        if token is None or not token.opens(TokenScope.OPERATOR):
            self._lock.wrong(address)
            known = "opens no operator's pages" if token else "is unknown, expired or revoked"
            return await self._log_in_page(leads_to, session, status=403, sentence=f"This token {known}.")
        self._lock.right(address)
        response = self._to(leads_to)
        await self._sessions.give(response, await self._sessions.logged_in(token.id))
        return response

    def _to(self, leads_to: str) -> Response:
        return RedirectResponse(self._links.home().rstrip("/") + leads_to, status_code=303)

    async def _asked_to_log_in(self, request: Request, leads_to: str) -> Response:
        """Another site may lead here, but then the session does not come along: what looks like none must not be put in its place."""
        if not is_from_here(request):
            return self._look.page("again.html", leads_to=self._links.log_in(leads_to))
        session = await self._sessions.read(request)
        if await self._sessions.token(session) is not None:
            return self._to(leads_to)
        return await self._log_in_page(leads_to, session)

    async def _log_in_page(self, leads_to: str, known: Session | None, *, status: int = 200, sentence: str = "") -> Response:
        """Keeps the session that is known, so that the form in another tab stays good."""
        session = known or self._sessions.new()
        page = self._look.page("login.html", status=status, word=session.word, leads_to=leads_to, sentence=sentence)
        await self._sessions.give(page, session)
        return page

    async def log_out(self, request: Request, session: Session, token: Token, fields: dict[str, str]) -> Response:  # noqa: ARG002 - an Act
        await self._sessions.end_all(token.id)
        response = RedirectResponse(self._links.home(), status_code=303)
        self._sessions.take(response)
        return response

    # --- what is shown

    async def overview(self, request: Request, session: Session, token: Token) -> Response:  # noqa: ARG002 - a Show
        return await run_in_threadpool(self._overview, session, token)

    def _overview(self, session: Session, token: Token, *, status: int = 200, sentence: str = "") -> Response:
        overview = self._store.overview
        return self._operators_page(
            "operator.html",
            session,
            token,
            status=status,
            sentence=sentence,
            findings=self._operating.overview(),
            sources=self._store.articles.sources(),
            held=overview.held(limit=WAITING_SHOWN),
            moving=overview.moving(limit=WAITING_SHOWN),
            merges=overview.merges(limit=MERGES_SHOWN),
        )

    async def source(self, request: Request, session: Session, token: Token) -> Response:
        return await run_in_threadpool(self._source, request.path_params["source"], session, token)

    def _source(self, name: str, session: Session, token: Token) -> Response:
        health = self._store.articles.source(name)
        furniture = explained(self._store, name)
        return self._operators_page("operator_source.html", session, token, health=health, furniture=furniture)

    def _operators_page(self, template: str, session: Session, token: Token, *, status: int = 200, **values: Any) -> Response:  # noqa: ANN401 - as Look.page
        return self._look.page(template, status=status, word=session.word, token=token, bookmarklet=self._bookmarklet, **values)

    # --- what is done

    async def act_on_source(self, request: Request, session: Session, token: Token, fields: dict[str, str]) -> Response:  # noqa: ARG002 - an Act
        name = request.path_params["source"]
        acts: dict[str, Callable[[], object]] = {
            "pause": lambda: self._operating.set_paused(name, True),
            "resume": lambda: self._operating.set_paused(name, False),
            "remove": lambda: self._operating.remove(name),
            "poll": lambda: self._operating.poll_source(name),
        }
        act = acts.get(request.path_params["act"])
        if act is None:
            raise HTTPException(404)
        try:
            await run_in_threadpool(act)
        except Declared as error:
            return await run_in_threadpool(self._overview, session, token, status=409, sentence=str(error))
        return RedirectResponse(f"{self._links.operator()}#{name}", status_code=303)

    async def act_on_furniture(self, request: Request, session: Session, token: Token, fields: dict[str, str]) -> Response:  # noqa: ARG002 - an Act
        name, number, act = (request.path_params[part] for part in ("source", "number", "act"))
        if act not in {"keep", "mask"}:
            raise HTTPException(404)
        await run_in_threadpool(self._operating.keep_in_text, name, number, kept=act == "keep")
        return RedirectResponse(f"{self._links.operator(name)}#furniture-{number}", status_code=303)

    async def merge(self, request: Request, session: Session, token: Token, fields: dict[str, str]) -> Response:  # noqa: ARG002 - an Act
        ids = fields.get("from", ""), fields.get("into", "")
        if not all(one.isascii() and one.isdecimal() and len(one) < 18 for one in ids):
            raise HTTPException(400, "Name two articles by their numbers: those in the addresses of their pages.")
        return await self._judged(session, token, lambda: self._operating.merge(int(ids[0]), int(ids[1])))

    async def unmerge(self, request: Request, session: Session, token: Token, fields: dict[str, str]) -> Response:  # noqa: ARG002 - an Act
        return await self._judged(session, token, lambda: self._operating.unmerge(request.path_params["article"]))

    async def _judged(self, session: Session, token: Token, act: Callable[[], None]) -> Response:
        try:
            await run_in_threadpool(act)
        except NotMergeable as error:
            return await run_in_threadpool(self._overview, session, token, status=409, sentence=str(error))
        return RedirectResponse(f"{self._links.operator()}#merges", status_code=303)

    async def add(self, request: Request) -> Response:
        """The form, filled in where the address is given; nothing is asked of it before the operator sends it."""
        return await (self._form(self._add) if request.method == "POST" else self._page(self._adding))(request)

    async def _adding(self, request: Request, session: Session, token: Token) -> Response:
        return self._add_page(session, token, url=request.query_params.get("url", ""))

    def _add_page(self, session: Session, token: Token, *, status: int = 200, **values: Any) -> Response:  # noqa: ANN401 - as Look.page
        shown = {"url": "", "source": "", "sentence": "", "added": None, "article_id": None} | values
        return self._operators_page("add.html", session, token, status=status, **shown)

    async def _add(self, request: Request, session: Session, token: Token, fields: dict[str, str]) -> Response:  # noqa: ARG002 - an Act
        url, source = fields.get("url", "").strip(), fields.get("source", "").strip()
        try:
            added, article_id = await self._operating.add(url, source=source or None)
        except (FetchError, FeedError, SandboxError, AlreadyTracked, TakenDown) as error:
            return self._add_page(session, token, status=409, url=url, source=source, sentence=str(error))
        return self._add_page(session, token, added=added, article_id=article_id)


def _route_path(request: Request) -> str:
    """The path below the place where the application stands."""
    path: str = request.scope["path"]
    return path


def _query_of(request: Request) -> str:
    query: bytes = request.scope["query_string"]
    return query.decode("latin-1")


def _path_of(request: Request) -> str:
    query = "&".join(part for part in _query_of(request).split("&") if part and part != "again=1")
    return _route_path(request) + (f"?{query}" if query else "")


def _leads_to(given: str) -> str:
    """An address of the operator's own pages, or the first of them; never another site."""
    path = given.partition("?")[0]
    is_ours = path in _LEADS_TO or path.startswith("/operator/")
    return given if is_ours and "\\" not in given and given.isprintable() and ".." not in path else _LEADS_TO[0]
