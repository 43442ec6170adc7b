"""Serving change feeds: the emitted files as they are, and what is not emitted built on demand.

What a feed says is decided elsewhere (scheduler.emit, tracker.feeds); here it gets its strong ETag and its 304.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tracker.errors import NotFound
from tracker.feeds import FORMATS
from tracker.model import ArticleStatus, Filter, Scope
from tracker.scheduler.emit import Emitter
from tracker.store.store import Store
from tracker.web import filters
from tracker.web.conditional import Validator, digest, is_fresh, not_modified
from tracker.web.site import Links

# Feeds kept ready in memory; the busiest ones of an installation are few.
FEEDS_KEPT = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyFeed:
    """`state` is what the bytes were made from: the identity of the file at `path`, or the store's version."""

    state: tuple[int, ...]
    path: Path | None
    body: bytes
    validator: Validator
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which feed: of what, filtered how, in which format."""

    scope: Scope
    only: Filter
    form: str


def _state_of(path: Path) -> tuple[int, ...] | None:
    """The identity of a file's present content. One stat of a local file: cheaper than handing it to a thread."""
    try:
        found = os.stat(path)  # noqa: PTH116 - the same call without a method's detour; this is the hottest line of the room
    except (OSError, ValueError):  # no such file; an address that can be no file's name
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


class ChangeFeeds:
    def __init__(self, *, store: Store, emitter: Emitter, links: Links) -> None:
        self._store = store
        self._links = links
        self._emitter = emitter
        self._ready: OrderedDict[Wanted, ReadyFeed] = OrderedDict()

    async def serve(self, request: Request) -> Response:
        form = str(request.path_params["form"])
        if form not in FORMATS:
            raise HTTPException(404, "Change feeds come as .atom, .rss and .json.")
        scope = Scope(source=request.path_params.get("source"), article_id=request.path_params.get("article"))
        if (into := await run_in_threadpool(self._merged_into, scope)) is not None:
            return RedirectResponse(self._links.feed(Scope(article_id=into), form), status_code=302)
        wanted = Wanted(scope=scope, only=filters.lasting(filters.asked(request.query_params)), form=form)
        ready = (await self._emitted(wanted) if wanted.only == Filter() else None) or await self._built(wanted)
        if is_fresh(request.headers, ready.validator):
            return not_modified(ready.validator)
        return Response(ready.body, headers=ready.headers)

    async def _emitted(self, wanted: Wanted) -> ReadyFeed | None:
        known = self._ready.get(wanted)
        path = (known.path if known else None) or self._emitter.path(wanted.scope, wanted.form)
        state = _state_of(path) if path is not None else None
        if path is None or state is None:
            return None
        ready = self._kept(wanted, state)
        if ready is None:
            body = await run_in_threadpool(path.read_bytes)
            modified_at = datetime.fromtimestamp(state[1] // 10**9, UTC)
            ready = self._keep(wanted, state, body=body, modified_at=modified_at, path=path)
        return ready

    async def _built(self, wanted: Wanted) -> ReadyFeed:
        state = (await run_in_threadpool(self._store.version),)
        ready = self._kept(wanted, state)
        if ready is None:
            await run_in_threadpool(self._must_exist, wanted.scope)
            feed = await self._emitter.build(wanted.scope, wanted.only, filters.query_of(wanted.only))
            body = await run_in_threadpool(FORMATS[wanted.form].write, feed)
            ready = self._keep(wanted, state, body=body, modified_at=feed.updated_at)
        return ready

    def _merged_into(self, scope: Scope) -> int | None:
        return None if scope.article_id is None else self._store.articles.get(scope.article_id).merged_into

    def _must_exist(self, scope: Scope) -> None:
        """NotFound becomes the 404 page."""
        if scope.source is not None and scope.source not in self._store.articles.titles():
            raise NotFound("source", scope.source)
        if scope.article_id is not None and self._store.articles.get(scope.article_id).status is ArticleStatus.HIDDEN:
            raise HTTPException(410, "This article was withdrawn here.")

    def _kept(self, wanted: Wanted, state: tuple[int, ...]) -> ReadyFeed | None:
        ready = self._ready.get(wanted)
        if ready is None or ready.state != state:
            return None
        self._ready.move_to_end(wanted)
        return ready

    def _keep(self, wanted: Wanted, state: tuple[int, ...], *, body: bytes, modified_at: datetime, path: Path | None = None) -> ReadyFeed:
        validator = Validator(etag=f'"{digest(body)}"', modified_at=modified_at.replace(microsecond=0))
        headers = validator.headers | {"content-type": FORMATS[wanted.form].content_type, "x-robots-tag": "noindex, noarchive"}
        ready = ReadyFeed(state=state, path=path, body=body, validator=validator, headers=headers)
        self._ready[wanted] = ready
        self._ready.move_to_end(wanted)
        if len(self._ready) > FEEDS_KEPT:
            self._ready.popitem(last=False)
        return ready
