"""Who may write: a bearer token is asked for before anything else of a request is read."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any

from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from tracker.model import TokenScope
from tracker.store.store import Store

# The largest body that is sent with good reason is a few thousand characters.
LARGEST_BODY = 64 * 1024
_REALM = 'Bearer realm="tracker"'


def bearer(request: Request) -> str | None:
    """The words of the token that a request carries."""
    scheme, _, words = request.headers.get("authorization", "").partition(" ")
    return words.strip() if scheme.lower() == "bearer" and words.strip() else None


async def admit(request: Request, store: Store, scope: TokenScope, now: datetime) -> None:
    """Raises HTTPException 401 or 403, as RFC 6750 says it."""
    words = bearer(request)
    if words is None:
        sentence = f"This needs a token of scope {scope}: the operator makes one with `tracker token create`."
        raise HTTPException(401, sentence, headers={"www-authenticate": _REALM})
    token = await run_in_threadpool(store.tokens.used, words, now)
    if token is None:
        told = {"www-authenticate": f'{_REALM}, error="invalid_token"'}
        raise HTTPException(401, "This token is unknown, expired or revoked.", headers=told)
    if not token.opens(scope):
        told = {"www-authenticate": f'{_REALM}, error="insufficient_scope", scope="{scope}"'}
        raise HTTPException(403, f"This token does not open this: one of scope {scope} would.", headers=told)


def guarded(store: Store, scope: TokenScope, clock: Callable[[], datetime]) -> type[APIRoute]:
    """The class of routes that a token of this scope opens: whatever is added to a router of them is closed from the start."""

    class Guarded(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handle = super().get_route_handler()

            async def admitted(request: Request) -> Response:
                await admit(request, store, scope, clock())
                length = request.headers.get("content-length", "0")
                if not (length.isascii() and length.isdecimal() and int(length) <= LARGEST_BODY) or "transfer-encoding" in request.headers:
                    raise HTTPException(413, f"A body here has a told length of at most {LARGEST_BODY} bytes.")
                return await handle(request)

            return admitted

    return Guarded
