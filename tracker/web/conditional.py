"""ETag, Last-Modified and 304: what a client already has is not sent again.

Pages share one validator: whatever is visible moves store.version(), so a page's ETag is that number with the
installation, the edition of program and templates, and the address. Finding out that nothing changed costs one query.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import cached_property
from hashlib import blake2b
from typing import cast

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response

from tracker.store.store import Store

# Bytes of pages kept ready in memory: some hundred usual ones, or a dozen very long.
PAGES_KEPT = 16 * 2**20

Endpoint = Callable[[Request], Awaitable[Response]]
PageFunction = Callable[[Request], Response | Awaitable[Response]]

_TAGS = re.compile(r'(?:W/)?("[^"]*")')
CACHE_CONTROL = "no-cache"  # keep it, but ask each time whether it is still good


@dataclass(frozen=True, kw_only=True)  # no slots: cached_property needs a place
class Validator:
    """`etag` with its quotes; `modified_at` in whole seconds, None where it could not tell two states apart."""

    etag: str
    modified_at: datetime | None

    @cached_property
    def headers(self) -> dict[str, str]:
        headers = {"etag": self.etag, "cache-control": CACHE_CONTROL}
        if self.modified_at is not None:
            headers["last-modified"] = format_datetime(self.modified_at.astimezone(UTC), usegmt=True)
        return headers


def digest(*parts: bytes) -> str:
    hashed = blake2b(digest_size=12)
    for part in parts:
        hashed.update(len(part).to_bytes(8))
        hashed.update(part)
    return hashed.hexdigest()


def _asked_since(headers: Headers) -> datetime | None:
    try:
        since = parsedate_to_datetime(headers.get("if-modified-since", ""))
    except ValueError:
        return None
    return since if since.tzinfo else since.replace(tzinfo=UTC)


def is_fresh(headers: Headers, validator: Validator) -> bool:
    """Whether the client has what it would get (RFC 9110, 13.1: If-None-Match wins over If-Modified-Since)."""
    asked = headers.get("if-none-match")
    if asked is not None:
        return asked.strip() == "*" or validator.etag.removeprefix("W/") in _TAGS.findall(asked)
    since = _asked_since(headers)
    return since is not None and validator.modified_at is not None and validator.modified_at <= since


def answer(request: Request, response: Response, validator: Validator) -> Response:
    """The response with its validators, or the 304 that stands for it."""
    if is_fresh(request.headers, validator):
        return not_modified(validator)
    response.headers.update(validator.headers)
    return response


def not_modified(validator: Validator) -> Response:
    return Response(status_code=304, headers=validator.headers)


def _was_given(headers: Headers, validator: Validator) -> bool:
    """Whether the client names exactly this answer, so that the page must exist and need not be made to find out."""
    asked = headers.get("if-none-match")
    if asked is not None:
        return validator.etag in asked
    return validator.modified_at is not None and _asked_since(headers) == validator.modified_at


class Pages:
    """Makes conditional endpoints of page functions. Remembers when it first saw the store's present version, and the pages that
    it has made of it: a page that many open at once is made once."""

    def __init__(self, store: Store, *, edition: str, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._edition = edition
        self._clock = clock
        self._version: int | None = None
        self._second: datetime | None = None
        self._told_apart = True
        self._kept: dict[str, Response] = {}
        self._room = PAGES_KEPT

    def __call__(self, page: PageFunction) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            version = await run_in_threadpool(self._store.version)
            validator = Validator(etag=self._etag(version, request), modified_at=self._modified_at(version))
            if _was_given(request.headers, validator):
                return not_modified(validator)
            if (kept := self._kept.get(validator.etag)) is not None:
                return kept
            made = await page(request) if inspect.iscoroutinefunction(page) else await run_in_threadpool(page, request)
            response = cast("Response", made)  # iscoroutinefunction tells it, but not to a type checker
            if response.status_code != 200 or "cache-control" in response.headers:
                return response
            response.headers.update(validator.headers)
            self._keep(version, validator.etag, response)
            return response if not is_fresh(request.headers, validator) else not_modified(validator)

        return endpoint

    def _keep(self, version: int, etag: str, response: Response) -> None:
        """While the store stays as it is, and there is room."""
        if version == self._version and len(response.body) <= self._room and etag not in self._kept:
            self._kept[etag] = response
            self._room -= len(response.body)

    def _etag(self, version: int, request: Request) -> str:
        place = f"{request.url.path}?{request.url.query}".encode()
        return f'W/"{digest(self._store.installation_id.bytes, self._edition.encode(), str(version).encode(), place)}"'

    def _modified_at(self, version: int) -> datetime | None:
        """When this process first saw this version; None if it saw another in the same second, which a date cannot tell apart."""
        if version != self._version:
            second = self._clock().replace(microsecond=0)
            self._told_apart = second != self._second
            self._version, self._second = version, second
            self._kept, self._room = {}, PAGES_KEPT
        return self._second if self._told_apart else None
