"""Who reads, where `web.access` is token: whoever gives one, as a bearer or as the password of HTTP Basic, and the operator logged in.

Browsers and feed readers ask for the latter by themselves.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from tracker.errors import StoreError
from tracker.model import TokenScope
from tracker.store.store import Store
from tracker.web.api.front import HEADERS, PATH
from tracker.web.api.guard import bearer
from tracker.web.api.problems import problem, unanswered
from tracker.web.look import Look
from tracker.web.session import Sessions

# What tells nothing of what is read: whether the program lives, its stylesheet, where hubs call and mails lead; and the operator's
# pages, which ask for a session themselves: a bookmark that leads to them from another site comes without its cookie at first.
_OPEN = frozenset({"/healthz", "/readyz", "/robots.txt", "/login", "/logout", "/operator", "/add"})
_OPEN_BELOW = ("/static/", "/websub/", "/unsubscribe/", "/operator/")
_SENTENCE = "This site is read with a token only. Give it as the password; the user name may be anything."


class Access:
    """`failed` makes the page for a store that cannot answer: it is asked here outside of what the pages' own errors reach."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        store: Store,
        sessions: Sessions,
        look: Look,
        failed: Callable[[Request, Exception], Response],
        clock: Callable[[], datetime],
    ) -> None:
        self._app = app
        self._store = store
        self._sessions = sessions
        self._look = look
        self._failed = failed
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._app
        if scope["type"] == "http":
            try:
                if not await self._lets_in(scope):
                    app = self._refusal(scope["path"])
            except StoreError as error:
                app = self._unanswered(Request(scope), error)
        await app(scope, receive, send)

    async def _lets_in(self, scope: Scope) -> bool:
        path: str = scope["path"]
        if path in _OPEN or path.startswith(_OPEN_BELOW) or scope["method"] == "OPTIONS":
            return True
        request = Request(scope)
        if words := words_of(request):
            token = await run_in_threadpool(self._store.tokens.used, words, self._clock())
        else:
            token = await self._sessions.token(await self._sessions.read(request))
        return token is not None and token.opens(TokenScope.READ)

    def _refusal(self, path: str) -> Response:
        if _is_api(path):
            told = {"www-authenticate": 'Bearer realm="tracker"', **HEADERS}
            return problem(401, "This is read with a token only.", headers=told)
        refusal = self._look.page("error.html", status=401, code=401, sentence=_SENTENCE)
        refusal.headers.update({"www-authenticate": 'Basic realm="tracker", charset="UTF-8"', "cache-control": "no-store"})
        return refusal

    def _unanswered(self, request: Request, error: StoreError) -> Response:
        if not _is_api(request.scope["path"]):
            return self._failed(request, error)
        response = unanswered(request, error)
        response.headers.update(HEADERS)
        return response


def _is_api(path: str) -> bool:
    return f"{path}/".startswith(f"{PATH}/")


def words_of(request: Request) -> str | None:
    """The token that a request carries."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return bearer(request)
    try:
        return base64.b64decode(given.strip(), validate=True).decode().partition(":")[2] or None
    except ValueError:  # no ASCII, no base64, or no UTF-8
        return None
