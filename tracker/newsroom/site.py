"""The seed newsroom as a site on loopback: routes, conditional answers, the port."""

from __future__ import annotations

import errno
import hashlib
import os
import socket
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import aiohttp
from aiohttp import web

from tracker.errors import NewsroomError
from tracker.model import Source
from tracker.newsroom.pages import ROBOTS, Pages, Section, sections
from tracker.newsroom.state import Edition, State
from tracker.newsroom.stories import Story, load

HOST = "127.0.0.1"
PORT = 8765
BANNER = "X-Tracker-Newsroom"
_SECURITY = "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def sources(seeds: Path, port: int = PORT) -> tuple[Source, ...]:
    """One Source for each source name of the seed articles, with its feed on the loopback site. Raises NewsroomError."""
    names = {story.source: story.source_title for story in load(seeds)}
    return tuple(
        Source(name=name, title=title, kind="newsroom", feeds=(f"http://{HOST}:{port}{Section(name=name, title=title).feed_path}",))
        for name, title in names.items()
    )


class Newsroom:
    """`state` is the JSON file that carries on over a restart. With port 0 the system picks one; `port` says which after start."""

    def __init__(
        self, *, seeds: Path, state: Path, port: int = PORT, clock: Callable[[], datetime], change_after: timedelta = timedelta(seconds=5)
    ) -> None:
        self.port = port
        self._seeds = seeds
        self._file = state
        self._clock = clock
        self._change_after = change_after
        self._runner: web.AppRunner | None = None

    @property
    def base_url(self) -> str:
        return f"http://{HOST}:{self.port}"

    async def start(self) -> bool:
        """False: another tracker's newsroom already answers on the port, and serves as well. Raises NewsroomError."""
        stories = load(self._seeds)
        listener = _bind(self.port)
        if listener is None:
            if await _is_a_newsroom(self.base_url):
                return False
            message = (
                f"Port {self.port} on {HOST} is held by another program, so the seed newsroom cannot open: "
                "stop that program, or give the newsroom another port in config.yaml (newsroom: port)."
            )
            raise NewsroomError(message)
        self.port = int(listener.getsockname()[1])
        try:
            # The state is touched only by the one that holds the port.
            state = State(self._file, now=self._clock(), change_after=self._change_after)
            desk = _Desk(stories, state, Pages(self.base_url), self._clock)
            self._runner = web.AppRunner(desk.application(), access_log=None, shutdown_timeout=1)
            await self._runner.setup()
            await web.SockSite(self._runner, listener).start()
        except BaseException:
            listener.close()
            await self.stop()
            raise
        return True

    async def stop(self) -> None:
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()


def _bind(port: int) -> socket.socket | None:
    """None: somebody else listens there."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # elsewhere this option lets two programs share a port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen()
        listener.setblocking(False)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            return None
        message = f"The seed newsroom cannot listen on {HOST}:{port}: {error.strerror}."
        raise NewsroomError(message) from error
    return listener


async def _is_a_newsroom(base_url: str) -> bool:
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=3)) as session,
            session.head(f"{base_url}/robots.txt", allow_redirects=False) as answer,
        ):
            return BANNER in answer.headers
    except (aiohttp.ClientError, TimeoutError):
        return False


class _Desk:
    """Answers each request from the editions of the moment."""

    def __init__(self, stories: Sequence[Story], state: State, pages: Pages, clock: Callable[[], datetime]) -> None:
        self._stories = {story.path: story for story in stories}
        self._state = state
        self._pages = pages
        self._clock = clock

    def application(self) -> web.Application:
        application = web.Application(middlewares=[_say_what_failed])
        application.on_response_prepare.append(_sign)
        application.add_routes(
            [
                web.get("/", self.index),
                web.get("/robots.txt", self.robots),
                web.get("/style.css", self.style),
                web.get("/{source}/", self.section),
                web.get("/{source}/feed.xml", self.feed),
                web.get("/{source}/{slug}", self.article),
                web.get("/{path:.*}", self.missing),
            ]
        )
        return application

    async def index(self, request: web.Request) -> web.Response:
        editions = self._editions()
        return _answer(request, self._pages.index(editions), "text/html", _newest(editions))

    async def section(self, request: web.Request) -> web.Response:
        editions = self._editions()
        section = _find(request, editions)
        if section is None:
            return await self.missing(request)
        return _answer(request, self._pages.section(section, editions), "text/html", _newest(editions))

    async def feed(self, request: web.Request) -> web.Response:
        editions = self._editions()
        section = _find(request, editions)
        if section is None:
            return await self.missing(request)
        return _answer(request, self._pages.feed(section, editions), "application/atom+xml", _newest(editions))

    async def article(self, request: web.Request) -> web.Response:
        story = self._stories.get(request.path)
        if story is None:
            return await self.missing(request)
        now = self._clock()
        if request.method == "GET":
            self._state.note_reading(story, now)
        edition = self._state.edition(story, now)
        return _answer(request, self._pages.article(edition, self._editions()), "text/html", edition.modified_at)

    async def robots(self, request: web.Request) -> web.Response:
        return _answer(request, ROBOTS, "text/plain", self._state.opened_at)

    async def style(self, request: web.Request) -> web.Response:
        return _answer(request, self._pages.style(), "text/css", self._state.opened_at)

    async def missing(self, request: web.Request) -> web.Response:  # noqa: ARG002  the shape of a handler
        return web.Response(status=404, body=self._pages.missing(self._editions()), content_type="text/html", charset="utf-8")

    def _editions(self) -> list[Edition]:
        now = self._clock()
        return [self._state.edition(story, now) for story in self._stories.values()]


def _find(request: web.Request, editions: Sequence[Edition]) -> Section | None:
    return next((section for section in sections(editions) if section.name == request.match_info["source"]), None)


def _newest(editions: Sequence[Edition]) -> datetime:
    return max(edition.modified_at for edition in editions)


def _answer(request: web.Request, body: bytes, content_type: str, modified_at: datetime) -> web.Response:
    """200 with validators, or 304 when the reader's own still hold; If-None-Match decides alone where it is sent (RFC 9110)."""
    etag = hashlib.blake2b(body, digest_size=12).hexdigest()
    headers = {"ETag": f'"{etag}"', "Last-Modified": format_datetime(modified_at, usegmt=True), "Cache-Control": "no-cache"}
    if request.if_none_match is not None:
        same = any(known.value in {etag, "*"} for known in request.if_none_match)
    else:
        same = request.if_modified_since is not None and modified_at <= request.if_modified_since
    if same:
        return web.Response(status=304, headers=headers)
    return web.Response(body=body, content_type=content_type, charset="utf-8", headers=headers)


async def _sign(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers[BANNER] = "1"
    response.headers["Content-Security-Policy"] = _SECURITY
    response.headers["X-Content-Type-Options"] = "nosniff"


@web.middleware
async def _say_what_failed(request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> web.StreamResponse:
    try:
        return await handler(request)
    except NewsroomError as error:
        return web.Response(status=503, text=f"{error}\n")
