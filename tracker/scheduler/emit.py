"""The change feeds, written as files after each commit.

Everything and each source have files under storage/feeds/, laid out as their addresses are, fit for static hosting;
an article's feed is built when it is asked for. A crash between commit and emit loses nothing: emit_all at the next
start writes what the store says.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TextIO
from uuid import UUID, uuid5

from tracker.differ import compare_revisions
from tracker.differ.html import render_feed
from tracker.errors import SandboxError
from tracker.feeds import FORMATS
from tracker.feeds.change_feed import ChangeEntry, ChangeFeed
from tracker.model import Change, Event, EventKind, Extract, Filter, Retraction, Scope
from tracker.sandbox import Sandbox
from tracker.store.store import Store

logger = logging.getLogger(__name__)

# Newest entries a feed carries. A reader that polls daily follows a source with fifty changes a day.
ENTRIES = 50
# Characters of one rendered entry: a book that was rewritten is told by its summary and its link, or fifty such entries
# would make a feed that no reader takes.
ENTRY_LENGTH = 200_000
# Rendered diffs kept in memory: an emitted entry is rendered once, not at every commit.
RENDERED_KEPT = 1_000


def entry_html(old: Extract, new: Extract) -> str:
    """A change as a feed entry shows it. Runs in the sandbox."""
    return render_feed(compare_revisions(old, new))


class Emitter:
    """`store` as readers see it. `base_url` without a trailing slash; `folder` is storage/feeds/. `hub_url` is the hub that the
    emitted feeds name; `announce` gets the addresses of those that were written anew."""

    def __init__(
        self,
        *,
        store: Store,
        sandbox: Sandbox,
        base_url: str,
        folder: Path,
        author: str,
        generator: str,
        timeout: timedelta,
        hub_url: str | None = None,
        announce: Callable[[Sequence[str]], None] | None = None,
    ) -> None:
        self._store = store
        self._sandbox = sandbox
        self._base_url = base_url
        self._folder = folder
        self._author = author
        self._generator = generator
        self._timeout = timeout
        self._hub_url = hub_url
        self._announce = announce
        self._rendered: OrderedDict[int, str] = OrderedDict()
        self._writing = asyncio.Lock()

    async def emit(self, events: Iterable[Event]) -> None:
        """Writes the feeds that these new events belong to."""
        await self.emit_sources({event.source for event in events})

    async def emit_sources(self, names: Iterable[str]) -> None:
        """Writes the feeds of these sources, and that of everything."""
        await self._write([Scope(), *(Scope(source=name) for name in sorted(set(names)))])

    async def emit_all(self) -> None:
        """Writes every feed anew, as the store has it."""
        known = await asyncio.to_thread(self._store.articles.sources)
        await self._write([Scope(), *(Scope(source=health.source.name) for health in known)])

    def path(self, scope: Scope, form: str) -> Path | None:
        """The emitted file of a scope, if it is one that is emitted."""
        if scope.article_id is not None:
            return None
        return emitted_file(self._folder, scope, form)

    async def build(self, scope: Scope, only: Filter = Filter(), query: str = "", before: int | None = None) -> ChangeFeed:
        """The change feed of any scope as it stands now, or of those of its changes that a filter lets through; `query` is the
        part of its address that says so. `before`: its page of older entries that begins below this number of the sequence.
        NotFound for an unknown article or source."""
        found = await asyncio.to_thread(self._store.revisions.changes, scope, only=only, before=before, limit=ENTRIES + 1)
        changes, older = found[:ENTRIES], None
        if len(found) > ENTRIES:
            older = changes[-1].event.seq
        elif only != Filter():
            older = await asyncio.to_thread(self._store.figures.looked_through, scope, only, before)
        titles = await asyncio.to_thread(self._store.figures.titles)
        entries = [await self._entry(change, titles) for change in changes]
        title, home = await asyncio.to_thread(self._heading, scope)
        is_emitted = scope.article_id is None and only == Filter() and before is None
        return ChangeFeed(
            id=f"urn:uuid:{self._uuid('feed:' + _place(scope) + query)}",
            title=title,
            query=query if before is None else _older(query, before),
            older=None if older is None else _older(query, older),
            newest=None if before is None else query,
            hub_url=self._hub_url if is_emitted else None,
            subtitle="What changed in published articles, sentence by sentence.",
            home_url=self._base_url + home,
            self_urls=self._base_url + _place(scope),
            updated_at=max((entry.updated_at for entry in entries), default=self._store.created_at),
            author=self._author,
            generator=self._generator,
            entries=tuple(entries),
        )

    def _uuid(self, name: str) -> UUID:
        return uuid5(self._store.installation_id, name)

    def _heading(self, scope: Scope) -> tuple[str, str]:
        if scope.article_id is not None:
            article = self._store.articles.get(scope.article_id)
            return f"Changes: {article.headline or article.url}", f"/articles/{article.id}"
        if scope.source is not None:
            return f"Changes: {self._store.articles.source(scope.source).source.title}", f"/sources/{scope.source}"
        return "Changes in tracked articles", "/"

    async def _entry(self, change: Change, titles: Mapping[str, str]) -> ChangeEntry:
        event, article = change.event, change.article
        headline = (change.new[1].headline if change.new else article.headline) or article.url
        url = f"{self._base_url}/articles/{article.id}"
        if event.from_revision_id and event.to_revision_id:
            url = f"{self._base_url}/diff/{event.from_revision_id}..{event.to_revision_id}"
        return ChangeEntry(
            id=entry_id(self._store.installation_id, event.id),
            title=f"Retracted: {headline}" if event.retracted else headline,
            url=url,
            source=titles[event.source],
            article_url=f"{self._base_url}/articles/{article.id}",
            original_url=article.url,
            published_at=event.at,
            updated_at=change.updated_at,
            summary=_retracted(event.retracted) if event.retracted else _summary(change),
            html="" if event.retracted else await self._html(change),
            categories=("retracted",) if event.retracted else (str(event.diff.significance), *sorted(event.diff.facets or ())),
        )

    async def _html(self, change: Change) -> str:
        if change.old is None or change.new is None:
            return ""
        known = self._rendered.get(change.event.id)
        if known is None:
            try:
                known = await self._sandbox.run(entry_html, change.old[1], change.new[1], timeout=self._timeout)
            except SandboxError:
                return ""  # the summary and the link stand; rendered at the next emit, if it can be
            known = known if len(known) <= ENTRY_LENGTH else ""
            self._rendered[change.event.id] = known
        self._rendered.move_to_end(change.event.id)
        while len(self._rendered) > RENDERED_KEPT:
            self._rendered.popitem(last=False)
        return known

    async def _write(self, scopes: Sequence[Scope]) -> None:
        # One writer at a time, other processes' too, each reading the store anew: whoever writes last has the newest.
        async with self._writing:
            try:
                lock = await asyncio.to_thread(_locked, self._folder.with_suffix(".lock"))
            except OSError as error:
                logger.error("The change feeds in %s cannot be written: %s.", self._folder, error.strerror)  # noqa: TRY400 - as below
                return
            with lock:
                written: list[str] = []
                for scope in scopes:
                    feed = await self.build(scope)
                    written += await asyncio.to_thread(self._write_files, scope, feed)
        if written and self._announce is not None:
            self._announce(written)

    def _write_files(self, scope: Scope, feed: ChangeFeed) -> list[str]:
        """Gives the addresses of the feeds that are other than they were."""
        written: list[str] = []
        for form, writer in FORMATS.items():
            path = self.path(scope, form)
            assert path is not None
            try:
                if _replace_file(path, writer.write(feed)):
                    written.append(feed.self_url(form))
            except OSError as error:
                # The store has it all: the pages build what has no file, and the next emit writes it.
                logger.error("The change feed %s cannot be written: %s.", path, error.strerror)  # noqa: TRY400 - no mistake of ours
        return written


def entry_id(installation_id: UUID, event_id: int) -> str:
    """An entry's id in every form of every change feed, for good."""
    return f"urn:uuid:{uuid5(installation_id, f'event:{event_id}')}"


def emitted_file(folder: Path, scope: Scope, form: str) -> Path:
    return folder.joinpath(*_place(scope).strip("/").split("/")).with_suffix(f".{form}")


def _place(scope: Scope) -> str:
    """The path part of a scope's addresses, without the format's ending."""
    if scope.article_id is not None:
        return f"/articles/{scope.article_id}/changes"
    return f"/sources/{scope.source}/changes" if scope.source is not None else "/changes"


def _older(query: str, before: int) -> str:
    return f"{query}{'&' if query else '?'}before={before}"


def _retracted(made: Retraction) -> str:
    return f"Retracted {_moment(made.at)}: this entry is an error of this tracker, no change of the publisher's. {made.reason}"


def _summary(change: Change) -> str:
    """The plain sentence, and the interval in which it came to be."""
    event = change.event
    before_at, after_at = _moment(event.before_at), _moment(event.after_at) if event.after_at else None
    match event.kind:
        case EventKind.REMOVED:
            interval = f"Not found since {before_at}" + (f", last seen {after_at}." if after_at else ".")
        case EventKind.RESTORED:
            interval = f"Found again {before_at}" + (f", not found when last looked for, {after_at}." if after_at else ".")
        case _:
            interval = f"Changed between {after_at} and {before_at}." if after_at else f"Changed by {before_at}."
    back = " It went back to an earlier text." if event.reverts_to_id else ""
    again = {0: "", 1: " It has gone back and forth once more since."}
    since = again.get(change.alternations_count, f" It has gone back and forth {change.alternations_count} more times since.")
    return f"{event.diff.summary}{back} {interval}{since}"


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def _locked(path: Path) -> TextIO:
    """Locked until it is closed; the system lets go of it with the process, however that ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = path.open("w", encoding="utf-8")
    fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def _replace_file(path: Path, content: bytes) -> bool:
    """Readers see the old file or the new one, never half of one; an equal file keeps its time, so its ETag too.

    Under the lock the new one always has the same name: what a crash leaves of it is written over or removed. Says whether
    the file is another one now.
    """
    new = path.with_name(f"{path.name}.new")
    try:
        if path.exists() and path.read_bytes() == content:
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        with new.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        new.chmod(0o644)
        new.replace(path)
        return True
    finally:
        new.unlink(missing_ok=True)
