"""ETag, Last-Modified and 304: what a client already has is not sent again.

Whatever is visible moves store.version(), and what most pages show moves the slower of its kind (store.version_of_news and
the others). A page's ETag is that version with the installation, the edition of program and templates, and the address.
Finding out that nothing changed costs one query.
"""

from __future__ import annotations

import inspect
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import cached_property
from hashlib import blake2b
from typing import Literal, cast

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response

from tracker.store.store import Store

# Bytes of pages kept ready in memory: some hundred usual ones, or a dozen very long.
PAGES_KEPT = 16 * 2**20
# What a page takes beside its text: some of them are very short.
PLACE_BYTES = 1024

Endpoint = Callable[[Request], Awaitable[Response]]
# By what a page changes: all that a reader could see; all but looks that found things as they were; that and the looks at one
# article, or at a revision's, as the path names them.
By = Literal["everything", "news", "article", "revision"]
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


def _address_of(request: Request) -> str:
    """All that the page is made of. Not of request.url, which ends at a "#": its query does not, so that whoever sent one had
    a page of his kept as another's."""
    path, query = request.scope["path"], request.scope["query_string"].decode("latin-1")
    return f"{path}?{query}"


class Kept:
    """A page as it was made of one version, which this process first saw in `second`."""

    __slots__ = ("response", "second", "told_apart", "version")

    def __init__(self, version: Hashable, second: datetime, *, told_apart: bool) -> None:
        self.version = version
        self.second = second
        self.told_apart = told_apart
        self.response: Response | None = None

    @property
    def modified_at(self) -> datetime | None:
        """None if another version was seen in the same second, which a date cannot tell apart."""
        return self.second if self.told_apart else None


def _room_of(place: str, response: Response) -> int:
    """With the address: whoever sends long ones would fill the memory with short pages."""
    return len(response.body) + len(place) + PLACE_BYTES


class Pages:
    """Makes conditional endpoints of page functions. Remembers when it first saw the version that a page is made of, and the
    page: one that many open at once is made once."""

    def __init__(self, store: Store, *, edition: str, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._edition = edition
        self._clock = clock
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._room = PAGES_KEPT
        self._forgotten: datetime | None = None  # the last second in which a page that was let go was first seen

    def __call__(self, page: PageFunction, *, by: By = "everything") -> Endpoint:
        async def endpoint(request: Request) -> Response:
            place = _address_of(request)
            kept = self._at(place, await run_in_threadpool(self._version, by, request))
            validator = Validator(etag=self._etag(place, kept.version), modified_at=kept.modified_at)
            if _was_given(request.headers, validator):
                return not_modified(validator)
            if kept.response is not None:
                return kept.response
            made = await page(request) if inspect.iscoroutinefunction(page) else await run_in_threadpool(page, request)
            response = cast("Response", made)  # iscoroutinefunction tells it, but not to a type checker
            if response.status_code != 200 or "cache-control" in response.headers:
                return response
            response.headers.update(validator.headers)
            self._keep(place, kept, response)
            return response if not is_fresh(request.headers, validator) else not_modified(validator)

        return endpoint

    def _version(self, by: By, request: Request) -> Hashable:
        names = request.path_params
        match by:
            case "everything":
                return self._store.version()
            case "news":
                return self._store.version_of_news()
            case "article":
                return self._store.version_of_article(names["article"])
            case "revision":
                return self._store.version_of_revision(names["revision"] if "revision" in names else names["old"])

    def _at(self, place: str, version: Hashable) -> Kept:
        kept = self._kept.get(place)
        if kept is not None and kept.version == version:
            self._kept.move_to_end(place)
            return kept
        second = self._clock().replace(microsecond=0)
        return Kept(version, second, told_apart=second not in {kept.second if kept else None, self._forgotten})

    def _keep(self, place: str, kept: Kept, response: Response) -> None:
        """The pages that were asked for last, as many as there is room for."""
        self._let_go(place)
        if _room_of(place, response) > PAGES_KEPT:
            return
        kept.response = response
        self._kept[place] = kept
        self._room -= _room_of(place, response)
        while self._room < 0:
            oldest = next(iter(self._kept))
            self._forgotten = max(self._kept[oldest].second, self._forgotten or self._kept[oldest].second)
            self._let_go(oldest)

    def _let_go(self, place: str) -> None:
        gone = self._kept.pop(place, None)
        if gone is not None and gone.response is not None:
            self._room += _room_of(place, gone.response)

    def _etag(self, place: str, version: Hashable) -> str:
        return f'W/"{digest(self._store.installation_id.bytes, self._edition.encode(), repr(version).encode(), place.encode())}"'
