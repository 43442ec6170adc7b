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
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TextIO
from uuid import UUID, uuid5

from tracker.differ import compare_revisions
from tracker.differ.html import render_feed
from tracker.errors import NotFound, SandboxError
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
# Rendered diffs kept in memory: an emitted entry's texts are read and rendered once, not at every commit.
SHOWN_KEPT = 1_000


def entry_html(old: Extract, new: Extract) -> str:
    """A change as a feed entry shows it. Runs in the sandbox."""
    return render_feed(compare_revisions(old, new))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """What an entry takes from its texts; revisions never change. `headline` is None where it leads to no text."""

    headline: str | None
    html: str


class Emitter:
    """`store` as readers see it. `base_url` without a trailing slash; `folder` is storage/feeds/, or None: then feeds are only
    built, and another process writes them. `hub_url` is the hub that the emitted feeds name; `announce` gets the addresses of
    those that were written anew."""

    def __init__(
        self,
        *,
        store: Store,
        sandbox: Sandbox,
        base_url: str,
        folder: Path | None,
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
        self._shown: OrderedDict[tuple[int, int], _Shown] = OrderedDict()
        self._mark = 0
        self._written_mark: int | None = 0
        self._emitting = asyncio.Lock()
        self._touched: dict[Scope, None] = {}
        self._unwritable: set[Path] = set()

    async def emit(self, events: Iterable[Event]) -> None:
        """Writes the feeds that these new events belong to."""
        await self.emit_sources({event.source for event in events})

    async def emit_sources(self, names: Iterable[str]) -> None:
        """Writes the feeds of these sources and of everything. What comes while they are written is written together."""
        self._touched |= dict.fromkeys([Scope(), *(Scope(source=name) for name in sorted(set(names)))])
        await self.emit_rest()

    async def emit_rest(self) -> None:
        """Writes the feeds that are still to be written, those too that could not be before; all, where something was taken down since
        all were written."""
        async with self._emitting:
            is_withdrawn = await self._forget_withdrawn() != self._written_mark
            touched, self._touched = self._touched, {}
            if is_withdrawn:
                await self._emit_all()
            elif touched:
                await self._write(tuple(touched))

    async def emit_all(self) -> tuple[Path, ...]:
        """Writes every feed anew, as the store has it. Gives the files that could not be written."""
        async with self._emitting:
            return await self._emit_all()

    async def _emit_all(self) -> tuple[Path, ...]:
        self._written_mark = None  # until it is done: where this breaks off, emit_rest writes all
        mark = await self._forget_withdrawn()
        known = await asyncio.to_thread(self._store.articles.titles)
        unwritten = await self._write([Scope(), *(Scope(source=name) for name in sorted(known))])
        self._written_mark = mark
        return unwritten

    async def finish(self, within: timedelta) -> None:
        """Before the process ends: waits so long for feeds that are being written, so that none says less than another."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within.total_seconds()), self._emitting:
                pass

    def path(self, scope: Scope, form: str) -> Path | None:
        """The emitted file of a scope, if it is one that is emitted."""
        if scope.article_id is not None or scope.search is not None or self._folder is None:
            return None
        return emitted_file(self._folder, scope, form)

    async def build(self, scope: Scope, only: Filter = Filter(), query: str = "", before: int | None = None) -> ChangeFeed:
        """The change feed of any scope as it stands now, or of those of its changes that a filter lets through; `query` is the
        part of its address that says so. `before`: its page of older entries that begins below this number of the sequence.
        NotFound for an unknown article or source."""
        mark = await self._forget_withdrawn()
        changes, older = await asyncio.to_thread(self._store.page_of_changes, scope, only, before, ENTRIES)
        entries = await self._entries(changes, mark)
        title, home = await asyncio.to_thread(self._heading, scope, query)
        is_emitted = scope.article_id is None and scope.search is None and only == Filter() and before is None
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
            entries=entries,
        )

    async def entries(self, changes: Sequence[Change], mark: int) -> tuple[ChangeEntry, ...] | None:
        """As change feeds carry them. `mark` is that of the takedowns from before the changes were read; None where there was
        one since: what was read may say what is hidden now."""
        if await self._forget_withdrawn() != mark:
            return None
        entries = await self._entries(changes, mark)
        return entries if await self._forget_withdrawn() == mark else None

    async def _entries(self, changes: Sequence[Change], mark: int) -> tuple[ChangeEntry, ...]:
        titles = await asyncio.to_thread(self._store.articles.titles)
        known = [self._known(change, mark) for change in changes]
        texts = await asyncio.to_thread(self._texts, [change for change, shown in zip(changes, known, strict=True) if shown is None])
        return tuple([
            self._entry(change, shown or await self._show(change, mark, texts), titles)
            for change, shown in zip(changes, known, strict=True)
        ])

    async def _forget_withdrawn(self) -> int:
        """What was rendered before a takedown is not kept in memory either."""
        mark = await asyncio.to_thread(self._store.takedowns.mark)
        if mark != self._mark:
            self._shown.clear()
            self._mark = mark
        return mark

    def _uuid(self, name: str) -> UUID:
        return uuid5(self._store.installation_id, name)

    def _heading(self, scope: Scope, query: str) -> tuple[str, str]:
        if scope.search is not None:
            return f"Changes: {scope.search.typed}", f"/search{query}"
        if scope.article_id is not None:
            article = self._store.articles.get(scope.article_id)
            return f"Changes: {article.headline or article.url}", f"/articles/{article.id}"
        if scope.source is not None:
            titles = self._store.articles.titles()
            if scope.source not in titles:
                raise NotFound("source", scope.source)
            return f"Changes: {titles[scope.source]}", f"/sources/{scope.source}"
        return "Changes in tracked articles", "/"

    def _texts(self, changes: Sequence[Change]) -> dict[int, Extract]:
        """What changes that were not shown yet are shown by."""
        return self._store.revisions.extracts(one.id for change in changes for one in (change.old, change.new) if one)

    def _entry(self, change: Change, shown: _Shown, titles: Mapping[str, str]) -> ChangeEntry:
        event, article, retracted = change.event, change.article, change.event.retracted
        headline = shown.headline or article.headline or article.url or f"Article {article.id}"
        url = f"{self._base_url}/articles/{article.id}"
        if event.from_revision_id and event.to_revision_id and not change.is_withdrawn:
            url = f"{self._base_url}/diff/{event.from_revision_id}..{event.to_revision_id}"
        return ChangeEntry(
            id=entry_id(self._store.installation_id, event.id),
            title=f"Retracted: {headline}" if retracted else headline,
            url=url,
            source=titles[event.source],
            article_url=f"{self._base_url}/articles/{article.id}",
            original_url=article.url,
            published_at=event.at,
            updated_at=change.updated_at,
            summary=_retracted(retracted) if retracted else _summary(change),
            html="" if retracted else shown.html,
            categories=("retracted",) if retracted else (str(event.diff.significance), *sorted(event.diff.facets or ())),
        )

    def _known(self, change: Change, mark: int) -> _Shown | None:
        key = mark, change.event.id
        if key in self._shown:
            self._shown.move_to_end(key)
        return self._shown.get(key)

    async def _show(self, change: Change, mark: int, texts: Mapping[int, Extract]) -> _Shown:
        """`mark` is from before the texts of the change were read: after a takedown they are others."""
        new = texts[change.new.id] if change.new else None
        headline = new.headline if new else None
        html = ""
        if change.old is not None and new is not None and not change.is_withdrawn:
            try:
                html = await self._sandbox.run(entry_html, texts[change.old.id], new, timeout=self._timeout)
            except SandboxError:
                # the summary and the link stand; rendered at the next emit, if it can be
                return _Shown(headline=headline, html="")
        shown = self._shown[mark, change.event.id] = _Shown(headline=headline, html=html if len(html) <= ENTRY_LENGTH else "")
        while len(self._shown) > SHOWN_KEPT:
            self._shown.popitem(last=False)
        return shown

    async def _write(self, scopes: Sequence[Scope]) -> tuple[Path, ...]:
        if self._folder is None:
            return ()
        rest, new, unwritten = dict.fromkeys(scopes), dict[str, None](), list[Path]()
        try:
            # One writer at a time, other processes' too, each reading the store anew: whoever writes last has the newest.
            lock = await self._lock(self._folder)
            if lock is None:
                return tuple(emitted_file(self._folder, scope, form) for scope in scopes for form in FORMATS)
            with lock:
                for scope in scopes:
                    late = await self._write_scope(scope, new)
                    unwritten += late
                    if not late:
                        del rest[scope]
        finally:
            self._touched = rest | self._touched
            if new and self._announce is not None:
                self._announce(tuple(new))
        return tuple(unwritten)

    async def _lock(self, folder: Path) -> TextIO | None:
        """None where it cannot be made."""
        try:
            lock = await asyncio.to_thread(_locked, folder.with_suffix(".lock"))
        except OSError as error:
            self._tell_unwritable(folder, error)
            return None
        self._unwritable.discard(folder)
        return lock

    async def _write_scope(self, scope: Scope, new: dict[str, None]) -> list[Path]:
        """Gives the files that could not be written; `new` gets the addresses of those that are other than they were."""
        while True:
            mark = await self._forget_withdrawn()
            unwritten = await asyncio.to_thread(self._write_files, scope, await self.build(scope), new)
            # Another process may have taken down meanwhile what was just written, and be killed before it writes.
            if await self._forget_withdrawn() == mark:
                return unwritten

    def _write_files(self, scope: Scope, feed: ChangeFeed, new: dict[str, None]) -> list[Path]:
        unwritten = []
        for form, writer in FORMATS.items():
            path = self.path(scope, form)
            assert path is not None
            try:
                if _replace_file(path, writer.write(feed)):
                    new[feed.self_url(form)] = None
                self._unwritable.discard(path)
            except OSError as error:
                self._tell_unwritable(path, error)
                unwritten.append(path)
        return unwritten

    def _tell_unwritable(self, path: Path, error: OSError) -> None:
        """Once, not at each try: the store has it all, and emit_rest writes it when it can."""
        if path not in self._unwritable:
            logger.error("The change feeds at %s cannot be written: %s.", path, error.strerror)
        self._unwritable.add(path)


def entry_id(installation_id: UUID, event_id: int) -> str:
    """An entry's id in every form of every change feed, for good."""
    return f"urn:uuid:{uuid5(installation_id, f'event:{event_id}')}"


def emitted_file(folder: Path, scope: Scope, form: str) -> Path:
    return folder.joinpath(*_place(scope).strip("/").split("/")).with_suffix(f".{form}")


def _place(scope: Scope) -> str:
    """The path part of a scope's addresses, without the format's ending. What a search looks for stands in the query."""
    if scope.search is not None:
        return "/search/changes"
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
        case EventKind.WITHDRAWN:
            interval = f"Withdrawn {before_at}: {event.diff.reason}"
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
