"""Serving change feeds: the emitted files as they are, and what is not emitted built on demand.

What a feed says is decided elsewhere (scheduler.emit, tracker.feeds); here it gets its strong ETag, its 304, and gzip.
A browser that is sent to a feed's address gets a page instead (feed_page.py): browsers show these formats as raw text.
"""

from __future__ import annotations

import gzip
import os
import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tracker.errors import NotFound
from tracker.feeds import FORMATS
from tracker.model import ArticleStatus, Filter, Scope
from tracker.scheduler.emit import Emitter
from tracker.store.store import Store
from tracker.web import filters, searches
from tracker.web.conditional import Endpoint, Validator, digest, is_fresh
from tracker.web.pages import number
from tracker.web.site import Links, Site

# Feeds kept ready in memory; the busiest ones of an installation are few.
FEEDS_KEPT = 256
# What the answer depends on beside its address.
VARY = "Accept-Encoding, Sec-Fetch-Dest"
_GZIP = re.compile(r"(?:^|,)\s*(?:gzip|x-gzip|\*)\s*(?!;\s*q=0(?:\.0*)?\s*(?:,|$))(?:;[^,]*)?(?=,|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coded:
    """A feed as it is sent, plain or packed; each has a strong ETag of its own. The answers are made once and sent many times:
    writing their headers costs more than finding the feed."""

    validator: Validator
    whole: Response
    unchanged: Response


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyFeed:
    """`state` is what it was made from: the identity of the file at `path`, or the store's version."""

    state: tuple[int, ...]
    path: Path | None
    plain: Coded
    packed: Coded


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which feed: of what, filtered how, its page of what is older than `before`, in which format; `query` is the part of its own
    `address` that says so, but for the page."""

    scope: Scope
    only: Filter
    before: int | None
    form: str
    query: str
    address: str

    @property
    def is_whole(self) -> bool:
        return self.only == Filter() and self.before is None


def takes_gzip(headers: Headers) -> bool:
    accepted = headers.get("accept-encoding")
    return accepted is not None and _GZIP.search(accepted) is not None


def is_for_eyes(headers: Headers) -> bool:
    """Whether a browser asks in order to show it to a person; feed readers never say so."""
    return headers.get("sec-fetch-dest") == "document"


def _state_of(path: Path) -> tuple[int, ...] | None:
    """The identity of a file's present content. One stat of a local file: cheaper than handing it to a thread."""
    try:
        found = os.stat(path)  # noqa: PTH116 - the same call without a method's detour; this is the hottest line of the room
    except (OSError, ValueError):  # no such file; an address that can be no file's name
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


class ChangeFeeds:
    """`page` shows a feed to people."""

    def __init__(self, *, store: Store, emitter: Emitter, links: Links, site: Site, page: Endpoint, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._links = links
        self._site = site
        self._emitter = emitter
        self._page = page
        self._clock = clock
        self._ready: OrderedDict[str, ReadyFeed] = OrderedDict()

    async def serve(self, request: Request) -> Response:
        headers = request.headers
        for_eyes = is_for_eyes(headers)
        ready = None if for_eyes else self._at_hand(request)
        if ready is None:
            form = str(request.path_params["form"])
            if form not in FORMATS:
                raise HTTPException(404, "Change feeds come as .atom, .rss and .json.")
            scope = searches.scope_of(request)
            if scope.article_id is not None and (into := await run_in_threadpool(self._merged_into, scope.article_id)) is not None:
                return RedirectResponse(self._links.feed(Scope(article_id=into), form), status_code=302)
            if for_eyes:
                return await self._shown(request)
            wanted = _wanted(request, scope, form)
            ready = (await self._emitted(wanted) if wanted.is_whole else None) or await self._built(wanted)
        coded = ready.packed if takes_gzip(headers) else ready.plain
        return coded.unchanged if is_fresh(headers, coded.validator) else coded.whole

    async def _shown(self, request: Request) -> Response:
        response = await self._page(request)
        response.headers["vary"] = VARY
        return response

    def _at_hand(self, request: Request) -> ReadyFeed | None:
        """An emitted feed that was asked for before, if its file is still the same: found by its address alone."""
        known = None if request.scope["query_string"] else self._ready.get(request.scope["path"])
        return known if known is not None and known.path is not None and _state_of(known.path) == known.state else None

    async def _emitted(self, wanted: Wanted) -> ReadyFeed | None:
        path = self._emitter.path(wanted.scope, wanted.form)
        state = _state_of(path) if path is not None else None
        if path is None or state is None:
            return None
        ready = self._kept(wanted, state)
        if ready is None:
            body = await run_in_threadpool(path.read_bytes)
            modified_at = datetime.fromtimestamp(state[1] // 10**9, UTC)
            ready = await self._keep(wanted, state, body=body, modified_at=modified_at, path=path)
        return ready

    async def _built(self, wanted: Wanted) -> ReadyFeed:
        state = (await run_in_threadpool(self._store.version_of_news),)
        ready = self._kept(wanted, state)
        if ready is None:
            await run_in_threadpool(self._must_exist, wanted.scope)
            feed = await self._emitter.build(wanted.scope, wanted.only, wanted.query, wanted.before)
            body = await run_in_threadpool(FORMATS[wanted.form].write, feed)
            ready = await self._keep(wanted, state, body=body, modified_at=self._modified_at(wanted, body))
        return ready

    def _modified_at(self, wanted: Wanted, body: bytes) -> datetime | None:
        """When these bytes were first made here: entries may go as well as come, so theirs are not the times. None where
        others were made in the same second, which a date cannot tell apart."""
        known, now = self._ready.get(wanted.address), self._clock().replace(microsecond=0)
        if known is not None and known.plain.whole.body == body:
            return known.plain.validator.modified_at
        return None if known is not None and known.plain.validator.modified_at in {now, None} else now

    def _merged_into(self, article_id: int) -> int | None:
        return self._store.articles.get(article_id).merged_into

    def _must_exist(self, scope: Scope) -> None:
        """NotFound becomes the 404 page."""
        if scope.source is not None and scope.source not in self._store.articles.titles():
            raise NotFound("source", scope.source)
        if scope.article_id is not None and self._store.articles.get(scope.article_id).status is ArticleStatus.HIDDEN:
            raise HTTPException(410, "This article was withdrawn here.")

    def _kept(self, wanted: Wanted, state: tuple[int, ...]) -> ReadyFeed | None:
        ready = self._ready.get(wanted.address)
        if ready is None or ready.state != state:
            return None
        self._ready.move_to_end(wanted.address)
        return ready

    async def _keep(
        self, wanted: Wanted, state: tuple[int, ...], *, body: bytes, modified_at: datetime | None, path: Path | None = None
    ) -> ReadyFeed:
        tag, packed = digest(body), await run_in_threadpool(gzip.compress, body, mtime=0)
        told = {"content-type": FORMATS[wanted.form].content_type, "x-robots-tag": "noindex, noarchive"}
        if self._site.hub_url and path is not None:  # WebSub: a header too, for JSON has no other place that hubs look at
            self_url = self._links.absolute(self._links.feed(wanted.scope, wanted.form))
            told["link"] = f'<{self_url}>; rel="self", <{self._site.hub_url}>; rel="hub"'
        ready = ReadyFeed(
            state=state,
            path=path,
            plain=_coded(body, Validator(etag=f'"{tag}"', modified_at=modified_at), told),
            packed=_coded(packed, Validator(etag=f'"{tag}-gzip"', modified_at=modified_at), told | {"content-encoding": "gzip"}),
        )
        self._ready[wanted.address] = ready
        self._ready.move_to_end(wanted.address)
        if len(self._ready) > FEEDS_KEPT:
            self._ready.popitem(last=False)
        return ready


def _wanted(request: Request, scope: Scope, form: str) -> Wanted:
    only, before = filters.lasting(filters.asked(request.query_params)), number(request, "before")
    address = request.scope["path"] + searches.query_of(scope, only, before=before)
    return Wanted(scope=scope, only=only, before=before, form=form, query=searches.query_of(scope, only), address=address)


def _coded(body: bytes, validator: Validator, headers: dict[str, str]) -> Coded:
    found = validator.headers | {"vary": VARY}
    return Coded(validator=validator, whole=Response(body, headers=headers | found), unchanged=Response(status_code=304, headers=found))
