"""What `tracker hide` names and does: the target found, the store told, the change feeds written anew.

The list of takedowns also lies beside the database, in a file without any hidden word, so that it can be replayed when an
older backup is restored.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tracker.errors import Busy, FetchError, NotFound, NotScrubbed, TakedownError, Unusable
from tracker.fetch.decode import decode_body
from tracker.fetch.headers import charset_of
from tracker.model import Article, Capture, Hidden, Revision, Takedown, TakedownScope
from tracker.redaction import folded, page_holds
from tracker.scheduler.emit import Emitter
from tracker.store.export import takedown_line
from tracker.store.hiding import Wanted
from tracker.store.store import Store

# Beside the database, so that it is there when an older backup of that is restored.
JOURNAL = "takedowns.jsonl"
# No cap of a look is larger: what was decoded once is decoded again.
_LARGEST_BODY = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """An article, or one of its revisions."""

    article: Article
    revision: Revision | None = None


def find_target(store: Store, name: str) -> Target:
    """By an article's id or any of its addresses, with @NUMBER after it for a revision. Raises NotFound."""
    try:
        return Target(article=store.articles.find(name))
    except NotFound:
        article, at, number = name.rpartition("@")
        if not at or not number.isdigit():
            raise
    found = store.articles.find(article)
    for revision in store.revisions.history(found.id):
        if revision.number == int(number):
            return Target(article=found, revision=revision)
    raise NotFound("revision", name)


def holds(capture: Capture, takedowns: Sequence[Takedown]) -> bool:
    """Whether a captured page may hold hidden words; one that cannot be read may."""
    headers = {name.lower(): value.decode("latin-1") for name, value in capture.headers}
    try:
        body = decode_body(capture.headers, capture.body, _LARGEST_BODY, url=capture.url)
    except FetchError:
        return True
    told = " ".join((capture.url, *capture.hops, *headers.values()))
    return page_holds(told.encode("utf-8", "replace"), takedowns) or page_holds(body, takedowns, charset_of(headers.get(b"content-type")))


class Hider:
    """`journal` is the file that lists the takedowns beside the database."""

    def __init__(self, *, store: Store, emitter: Emitter, journal: Path, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._emitter = emitter
        self._journal = journal
        self._clock = clock

    async def hide(self, target: Target, *, reason: str, phrase: str | None) -> Hidden:
        """Raises TakedownError, NotScrubbed."""
        if phrase is not None:
            _check_words(phrase, reason)
        revision_id = target.revision.id if target.revision else None
        wanted = Wanted(article_id=target.article.id, revision_id=revision_id, phrase=phrase, reason=reason)
        hidden = await asyncio.to_thread(self._store.takedowns.hide, wanted, self._clock(), holds)
        await self._finish([hidden.takedown])
        return hidden

    async def replay(self, path: Path) -> tuple[Hidden, ...]:
        """Carries out the takedowns that a file lists, an export or the list beside a database. Raises TakedownError, NotScrubbed."""
        past = list(read_takedowns(path))
        hidden = await asyncio.to_thread(self._store.takedowns.replay, past, self._clock(), holds)
        await self._finish(past)
        return hidden

    async def _finish(self, made: Sequence[Takedown]) -> None:
        """Each part is done though another one cannot be."""
        undone: list[str] = []
        try:
            await asyncio.to_thread(self._note, made)
        except TakedownError as error:
            undone.append(str(error))
        except OSError as error:
            undone.append(f"The list of takedowns {self._journal} cannot be written: {error.strerror}.")
        undone += [f"The change feed {path} cannot be written." for path in await self._emitter.emit_all()]
        try:
            await asyncio.to_thread(self._store.takedowns.scrub)
        except (Busy, Unusable) as error:
            undone.append(str(error))
        if undone:
            raise NotScrubbed(" ".join(undone))

    def _note(self, made: Sequence[Takedown]) -> None:
        known = {one.id for one in read_takedowns(self._journal)} if self._journal.exists() else set()
        lines = [json.dumps(takedown_line(one), ensure_ascii=False) + "\n" for one in made if one.id not in known]
        if lines:
            self._journal.parent.mkdir(parents=True, exist_ok=True)
            with self._journal.open("a", encoding="utf-8") as file:
                file.writelines(lines)


def _check_words(phrase: str, reason: str) -> None:
    words, words_count = folded(phrase)
    if not words_count:
        message = "A phrase to hide needs at least one word."
        raise TakedownError(message)
    if f" {words} " in f" {folded(reason)[0]} ":
        message = "The reason holds the very words that are to be hidden, and readers are told the reason: give another."
        raise TakedownError(message)


def read_takedowns(path: Path) -> Iterator[Takedown]:
    """The takedowns of a file of JSON lines; lines of any other type are passed over. Raises TakedownError."""
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                yield from _read_line(path, number, line)
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}."
        raise TakedownError(message) from None


def _read_line(path: Path, number: int, line: str) -> Iterator[Takedown]:
    if not line.strip():
        return
    try:
        told: dict[str, Any] = json.loads(line)
        if told["type"] != "takedown":
            return
        yield Takedown(
            id=str(told["id"]),
            at=datetime.fromisoformat(told["at"]),
            scope=TakedownScope(told["scope"]),
            reason=str(told["reason"]),
            salt=bytes.fromhex(told["salt"]),
            hashes=frozenset(bytes.fromhex(one) for one in told["hashes"]),
            words_count=told["words_count"],
            article_id=told["article_id"],
            revision_id=told["revision_id"],
        )
    except (ValueError, KeyError, TypeError):
        message = f"{path}:{number} is no line of an export or of a list of takedowns."
        raise TakedownError(message) from None
