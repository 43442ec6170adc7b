"""What stands before the operations: the pace of each address, reading from other sites (CORS), HEAD, and whether writing exists.

Writing exists while the store holds a good token for it: that is asked with each request, so the first token opens it, and the end of
the last one closes it, without a restart and in every process.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from functools import cache
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import Message, Receive, Scope, Send

from tracker.errors import StoreError
from tracker.store.store import Store
from tracker.web.api.problems import HANDLERS, named, problem, unanswered
from tracker.web.api.rate import Rate
from tracker.web.api.reading import Reading
from tracker.web.api.searching import Searching
from tracker.web.api.writing import SCOPES, Writing
from tracker.web.comparisons import Comparisons
from tracker.web.conditional import Pages, Validator, answer, digest
from tracker.web.operating import Operating
from tracker.web.site import Links, Site

PATH = "/api/v1"
READING = "GET, HEAD, OPTIONS"
# On every answer. Credentials are not allowed, so no site can read what only a cookie opens.
HEADERS = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "etag, last-modified, retry-after, www-authenticate",
    "x-robots-tag": "noindex, noarchive",
}
_PREFLIGHT = {
    "access-control-allow-methods": READING,
    "access-control-allow-headers": "authorization, if-none-match, if-modified-since",
    "access-control-max-age": "86400",
}


def described(*routers: APIRouter, version: str, url: str) -> FastAPI:
    """An application of these operations, with its description at /openapi.json, where its root leads; no page of it asks
    anybody else for anything."""
    app = FastAPI(
        title="tracker",
        version=version,
        summary="News articles change; every revision is kept.",
        servers=[{"url": url}],
        root_path_in_servers=False,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=_name,
    )
    for kind, handle in HANDLERS.items():
        app.add_exception_handler(kind, handle)
    for router in routers:
        app.include_router(router, dependencies=[Depends(_refuse_unknown)])

    @cache
    def description() -> tuple[bytes, Validator]:
        """When it is first asked for: it takes longer to make than all the rest of the program's start."""
        body = json.dumps(named(app), ensure_ascii=False).encode()
        return body, Validator(etag=f'"{digest(body)}"', modified_at=None)

    async def openapi(request: Request) -> Response:
        body, validator = await run_in_threadpool(description)
        return answer(request, Response(body, media_type="application/json"), validator)

    async def root(_request: Request) -> Response:
        return RedirectResponse(f"{urlsplit(url).path}/openapi.json", status_code=303)

    app.add_route("/", root, methods=["GET"])
    app.add_route("/openapi.json", openapi, methods=["GET"])
    return app


def _name(route: APIRoute) -> str:
    return route.name


async def _refuse_unknown(request: Request) -> None:
    """Where nothing may be asked, too: an operation that takes a query refuses by itself what it does not know (asked.py)."""
    if request.query_params and not request.scope["route"].dependant.query_params:
        unknown = {"type": "extra_forbidden", "msg": "Extra inputs are not permitted"}
        raise RequestValidationError([{**unknown, "loc": ("query", name)} for name in request.query_params])


class Api:
    """`reading` has no operation that writes, `whole` has all. `store` is asked for tokens."""

    def __init__(self, *, reading: FastAPI, whole: FastAPI, store: Store, rate: Rate, clock: Callable[[], datetime]) -> None:
        self._reading = reading
        self._whole = whole
        self._store = store
        self._rate = rate
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._reading(scope, receive, send)
            return
        if scope["path"] == PATH:  # the root without its slash, which a mount does not take
            scope = {**scope, "root_path": PATH, "path": f"{PATH}/"}
        method: str = scope["method"]

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            elif method == "HEAD":
                message = {**message, "body": b""}
            await send(message)

        client = scope.get("client")
        if seconds := self._rate.wait(client[0] if client else ""):
            sentence = f"Too many requests from your address: go on in {seconds} s."
            refusal = problem(429, sentence, headers={"retry-after": str(seconds)})
            await refusal(scope, receive, told)
        elif method == "OPTIONS":
            await Response(status_code=204, headers=_PREFLIGHT)(scope, receive, told)
        else:
            try:
                writes = await run_in_threadpool(self._store.tokens.any_opens, SCOPES, self._clock())
            except StoreError as error:  # asked outside of the applications, which would make the same of it
                await unanswered(Request(scope), error)(scope, receive, told)
                return
            app = self._whole if writes else self._reading
            await app({**scope, "method": "GET"} if method == "HEAD" else scope, receive, told)


def api(
    *, store: Store, operating: Operating, comparisons: Comparisons, pages: Pages, site: Site, links: Links, clock: Callable[[], datetime]
) -> Api:
    """`store` as readers see it."""
    shown = Reading(store=store, comparisons=comparisons, site=site, cadence_of=operating.cadence_of, clock=clock).routers(pages)
    reading = (*shown, *Searching(store=store, site=site).routers(pages))
    writing, url = Writing(operating).routers(clock), links.absolute(links.home()) + PATH.removeprefix("/")
    return Api(
        reading=described(*reading, version=site.version, url=url),
        whole=described(*reading, *writing, version=site.version, url=url),
        store=store,
        rate=Rate(site.api_rate, clock),
        clock=clock,
    )
