"""A loopback news site that a test writes as it likes, and the program's rooms around a real SQLite store."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web
from assembled import Program, assembled, served

from tracker.sandbox import Sandbox
from tracker.scheduler.cadence import Cadence
from tracker.scheduler.rules import SourceRules

FLOOR = timedelta(minutes=5)

Answer = Callable[[web.Request], web.StreamResponse]


@dataclass
class NewsSite:
    """Paths to answers, every request that came, and the forms that were sent."""

    base: str = ""
    answers: dict[str, Answer] = field(default_factory=dict)
    requests: list[web.Request] = field(default_factory=list)
    forms: list[dict[str, object]] = field(default_factory=list)

    def url(self, path: str) -> str:
        return self.base + path

    def asked(self, path: str) -> list[web.Request]:
        return [request for request in self.requests if request.path == path]

    def page(self, path: str, *paragraphs: str, headline: str = "Council agrees the plan", etag: str | None = None) -> None:
        """An article; with `etag`, one that answers conditional requests."""
        body = "".join(f"<p>{text}</p>" for text in paragraphs)
        html = (
            f"<!doctype html><html lang=en><head><title>{headline}</title><meta property='og:title' content='{headline}'></head>"
            f"<body><nav><a href='/'>Home</a></nav><main><article><h1>{headline}</h1>{body}</article></main>"
            "<footer>All rights reserved by nobody at all</footer></body></html>"
        )
        self.answers[path] = conditional(html, "text/html", etag)

    def feed(self, path: str, *entries: tuple[str, str], updated: str = "2026-03-01T10:00:00Z", etag: str | None = None) -> None:
        items = "".join(
            f"<entry><id>{self.url(link)}</id><title>{title}</title><link href='{self.url(link)}'/><updated>{updated}</updated></entry>"
            for link, title in entries
        )
        atom = f"<feed xmlns='http://www.w3.org/2005/Atom'><title>News</title><id>x</id><updated>{updated}</updated>{items}</feed>"
        self.answers[path] = conditional(atom, "application/atom+xml", etag)

    def status(self, path: str, status: int, **headers: str) -> None:
        self.answers[path] = lambda _: web.Response(status=status, headers=headers)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        if request.method == "POST":
            self.forms.append(dict(await request.post()))
        answer = self.answers.get(request.path)
        return answer(request) if answer else web.Response(status=404)


def conditional(text: str, content_type: str, etag: str | None) -> Answer:
    def answer(request: web.Request) -> web.StreamResponse:
        headers = {"ETag": etag} if etag else {}
        if etag and request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers=headers)
        return web.Response(text=text, content_type=content_type, headers=headers)

    return answer


@pytest.fixture
async def site() -> AsyncIterator[NewsSite]:
    news = NewsSite()
    async with served(news.handle) as news.base:
        yield news


@pytest.fixture(scope="session")
def sandbox():
    workers = Sandbox(workers=1)
    yield workers
    workers.close()


@pytest.fixture
async def program(tmp_path: Path, site: NewsSite, clock, sandbox: Sandbox) -> AsyncIterator[Program]:
    rules = {"news": SourceRules(cadence=Cadence(floor=FLOOR), exclude=("/sport/",))}
    async with assembled(site.base, tmp_path, clock, sandbox, rules) as rooms:
        yield rooms
