"""Follows an ageing site with the real program: its poller and SQLite over loopback HTTP. Gives what was told of each step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from aiohttp import web
from assembled import assembled, served

from ageing.site import AgeingSite, Step
from tracker.model import EventKind, Scope
from tracker.sandbox import Sandbox

# A look after each step, and one more when a text that was held is to be confirmed.
BETWEEN = timedelta(hours=7)
CONFIRM = timedelta(minutes=15)


@dataclass
class Tally:
    """Pages whose furniture alone changed, and edits; how many of each were told as a change. By kind: what went wrong."""

    furniture_count: int = 0
    false_count: int = 0
    edits_count: int = 0
    missed_count: int = 0
    false_kinds: Counter[str] = field(default_factory=Counter)
    missed_kinds: Counter[str] = field(default_factory=Counter)

    def count(self, step: Step, number: int, *, is_told: bool, has_changed: bool) -> None:
        if (kind := step.edits.get(number)) is not None:
            self.edits_count += 1
            self.missed_count += not is_told
            self.missed_kinds[kind] += not is_told
        else:
            # A change that was held and is told a day later is as false as one that is told at once.
            self.furniture_count += has_changed
            self.false_count += is_told
            self.false_kinds[str(step.furniture) if has_changed else "told late"] += is_told

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.furniture_count + other.furniture_count,
            self.false_count + other.false_count,
            self.edits_count + other.edits_count,
            self.missed_count + other.missed_count,
            self.false_kinds + other.false_kinds,
            self.missed_kinds + other.missed_kinds,
        )


class Clock:
    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


async def follow(
    site: AgeingSite,
    steps_count: int,
    *,
    folder: Path,
    clock: Clock,
    sandbox: Sandbox,
    after: Callable[[Step, int, str, str], None] | None = None,
) -> Tally:
    """`after` is told of each page of each step: the step, the story's number, the page before and the page now."""
    tally = Tally()
    async with _served(site) as base, assembled(base, folder, clock, sandbox) as program:
        store = program.store
        await program.poll(everything=True)
        pages = {number: site.page(number) for number in range(site.stories_count)}
        article_ids = {number: store.articles.find(f"{base}/news/story-{number}").id for number in pages}
        for _ in range(steps_count):
            step = site.step()
            before = store.version()
            for wait in (BETWEEN, CONFIRM):
                clock.at += wait
                await program.poll(everything=True)
            events = [one for one in store.revisions.events(Scope(), limit=4 * site.stories_count) if one.seq > before]
            told = {one.article_id for one in events if one.kind is EventKind.CHANGED}
            for number, page in pages.items():
                now, is_told = site.page(number), article_ids[number] in told
                tally.count(step, number, is_told=is_told, has_changed=now != page)
                if after is not None:
                    after(step, number, page, now)
                pages[number] = now
    return tally


def _served(site: AgeingSite) -> AbstractAsyncContextManager[str]:
    async def handle(request: web.Request) -> web.Response:
        if request.path == "/feed":
            base = f"{request.url.origin()}/news"
            items = "".join(f"<item><title>{one}</title><link>{base}/story-{one}</link></item>" for one in range(site.stories_count))
            feed = f"<rss version='2.0'><channel><title>News</title>{items}</channel></rss>"
            return web.Response(text=feed, content_type="application/rss+xml")
        number = request.path.removeprefix("/news/story-")
        if not number.isdecimal():
            return web.Response(status=404)
        return web.Response(text=site.page(int(number)), content_type="text/html")

    return served(handle)
