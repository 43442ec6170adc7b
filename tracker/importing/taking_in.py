"""`take_in`: what kind of file it is, and what becomes of it: feeds are followed, histories kept.

Of another tracker's history an article is one transaction: broken off, the same file given again goes on, and nothing comes
twice. An export of our own is one altogether.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from tracker.discovery import Outline, read_opml
from tracker.errors import AlreadyTracked, NotFound, NotImported
from tracker.importing import diffengine, own_export
from tracker.model import Source
from tracker.model.past import PastArticle
from tracker.scheduler.add import source_name
from tracker.store.facts import Advance
from tracker.store.store import Store
from tracker.urls import address_of, article_keys, host_of

# A list of 10,000 feeds takes 3 MB.
_LARGEST_LIST = 64 * 1024 * 1024
_SQLITE = b"SQLite format 3\0"


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenIn:
    """`feeds_count` and `revisions_count` came, `known_count` were here before; `left_out` says in sentences what was not taken."""

    feeds_count: int = 0
    articles_count: int = 0
    revisions_count: int = 0
    known_count: int = 0
    left_out: tuple[str, ...] = ()


def take_in(store: Store, path: Path, now: datetime, advance: Advance) -> TakenIn:
    """Raises NotImported."""
    try:
        with path.open("rb") as file:
            begin = file.read(len(_SQLITE))
            if begin.startswith(own_export.BEGIN):
                return _take_export(store, path, now, advance)
            if begin != _SQLITE:
                return _take_list(store, path, begin + file.read(_LARGEST_LIST), now)
    except OSError as error:
        raise NotImported(str(path), f"it cannot be read ({error.strerror})") from None
    return _take_history(store, path, now, advance)


# --- lists of feeds --------------------------------------------------------------------------------


def _take_list(store: Store, path: Path, body: bytes, now: datetime) -> TakenIn:
    try:
        outlines = read_opml(body)
    except ValueError as error:
        why = f"it is neither a list of feeds (OPML), an export of tracker (jsonl) nor diffengine's database. {error}".rstrip(".")
        raise NotImported(str(path), why) from None
    listed: list[Outline] = []
    left_out: list[str] = []
    for one in outlines:
        try:
            listed.append(replace(one, feed_url=address_of(one.feed_url)))
        except ValueError as error:
            left_out.append(f"{one.feed_url} is not followed: {error}")
    titles = _titles(listed)
    feeds_count = known_count = 0
    for one in listed:
        name, url = source_name(one.feed_url), one.feed_url
        try:
            _follow(store, Source(name=name, title=titles[name], feeds=(url,), declared=False), now)
            feeds_count += 1
        except AlreadyTracked:
            known_count += 1
    return TakenIn(feeds_count=feeds_count, known_count=known_count, left_out=tuple(left_out))


def _titles(outlines: Sequence[Outline]) -> dict[str, str]:
    """What each source is called: as the folder that holds its feeds and no other's, as its only feed, or as its host."""
    by_folder: dict[str | None, set[str]] = {}
    by_source: dict[str, list[Outline]] = {}
    for one in outlines:
        name = source_name(one.feed_url)
        by_folder.setdefault(one.folder, set()).add(name)
        by_source.setdefault(name, []).append(one)
    titles: dict[str, str] = {}
    for name, feeds in by_source.items():
        folder = feeds[0].folder
        own_folder = folder is not None and by_folder[folder] == {name} and {one.folder for one in feeds} == {folder}
        if own_folder and folder is not None:
            titles[name] = folder.rpartition("/")[2]
        else:
            titles[name] = feeds[0].title if len(feeds) == 1 else host_of(feeds[0].feed_url)
    return titles


def _follow(store: Store, one: Source, now: datetime) -> None:
    """Its feed; it is made with it where it is not there, so none is left without a feed. Raises AlreadyTracked."""
    try:
        store.articles.add_feed(one.name, one.feeds[0], now)
    except NotFound:
        store.articles.add_source(one, now)


# --- histories -------------------------------------------------------------------------------------


def _take_export(store: Store, path: Path, now: datetime, advance: Advance) -> TakenIn:
    came = own_export.restore(store, path, now, advance)
    return TakenIn(feeds_count=came.feeds_count, articles_count=came.articles_count, revisions_count=came.revisions_count)


def _take_history(store: Store, path: Path, now: datetime, advance: Advance) -> TakenIn:
    total = diffengine.count(path)
    done = articles_count = revisions_count = left_out_count = 0
    left_out: list[str] = []
    for entry in diffengine.read(path):
        done += len(entry.revisions)
        try:
            past = _past(entry)
        except ValueError as error:
            left_out.append(f"{entry.urls[0]} is left out: {error}")
            left_out_count += len(entry.revisions)
            continue
        try:
            came = store.keep_past(past, now)
        except NotFound:
            store.articles.add_source(Source(name=past.source, title=entry.feed_name or host_of(past.url), declared=False), now)
            came = store.keep_past(past, now)
        if came is None:
            left_out.append(f"{past.url} is left out: it was taken down here.")
            left_out_count += len(past.revisions)
        else:
            articles_count += came > 0
            revisions_count += came
        advance("versions", done, total)
    known_count = total - revisions_count - left_out_count
    return TakenIn(
        articles_count=articles_count, revisions_count=revisions_count, known_count=known_count, left_out=tuple(left_out)
    )


def _past(entry: diffengine.Entry) -> PastArticle:
    """Raises ValueError where no address of it is one."""
    urls = [address_of(url) for url in entry.urls]
    named = [key for url in reversed(urls) for key in article_keys(url)]
    source = source_name(entry.feed_url or urls[0])
    return PastArticle(source=source, url=urls[-1], keys=tuple(dict.fromkeys(named)), revisions=entry.revisions)
