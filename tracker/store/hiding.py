"""Takedowns: `hide` and `replay`, each one transaction, and what was taken down so far.

An article that is hidden keeps its row, its revisions' and events' times, and nothing that anybody wrote. What is left of a
takedown is in takedowns.py; what goes from the tables, in taking_out.py.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from tracker.errors import NotFound, TakedownError
from tracker.model import Article, ArticleStatus, Capture, DateMoved, EventKind, Hidden, Noted, Significance, Takedown, TakedownScope
from tracker.redaction import address_holds, folded, salted
from tracker.store import contents, counter, dictionaries, full_text, keys, merging, migrate, takedowns
from tracker.store.columns import hash64
from tracker.store.database import Database, chunks
from tracker.store.schema import (
    article,
    article_key,
    event,
    feed_entry,
    merge,
    merged_key,
    poll,
    revision,
    source,
)
from tracker.store.taking_out import TakenOut, captures_of, fence, take_out
from tracker.text import extract_fingerprint
from tracker.urls import article_keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be hidden: an article, one of its revisions, or a phrase in it or in one of its revisions."""

    article_id: int
    reason: str
    revision_id: int | None = None
    phrase: str | None = None

    @property
    def scope(self) -> TakedownScope:
        if self.phrase is None:
            return TakedownScope.ARTICLE if self.revision_id is None else TakedownScope.REVISION
        return TakedownScope.PHRASE if self.revision_id is None else TakedownScope.PHRASE_IN_REVISION


# Whether a captured page holds hidden words: reading pages is no matter of the store.
Holds = Callable[[Capture, Sequence[Takedown]], bool]


class _Judged:
    """What `holds` said of each captured page, asked before the transaction that writes: reading many pages takes seconds."""

    def __init__(self, made: Takedown, holds: Holds) -> None:
        self._made = made
        self._holds = holds
        self._known: dict[int, bool] = {}

    def ask(self, database: Database, article_ids: Collection[int]) -> None:
        if self._made.scope is not TakedownScope.PHRASE:
            return
        with database.reading() as connection:
            captures = captures_of(connection, article_ids)
        for one in sorted(captures):
            with database.reading() as connection, suppress(NotFound):
                self(connection, one)

    def __call__(self, connection: Connection, capture_id: int) -> bool:
        if self._made.scope is TakedownScope.ARTICLE:
            return True
        if capture_id not in self._known:
            self._known[capture_id] = self._holds(contents.read_capture(connection, capture_id), [self._made])
        return self._known[capture_id]


class Takedowns:

    def __init__(self, database: Database) -> None:
        self._database = database

    def hide(self, wanted: Wanted, now: datetime, holds: Holds) -> Hidden:
        """Of an article that is part of another by now, that one: it has the texts. Raises TakedownError where a phrase stands in no
        text, or has no words."""
        with self._database.reading() as connection:
            wanted = _in_whole(connection, wanted)
            family = _family(connection, [wanted.article_id])
            judged = _Judged(_made(connection, wanted, family, now), holds)
        judged.ask(self._database, family)
        with self._database.writing() as connection:
            keys.lock(connection)
            wanted = _in_whole(connection, wanted)  # it may have become part of one meanwhile
            family = _hold(connection, [wanted.article_id])
            made = _made(connection, wanted, family, now)
            known = _known(connection, wanted)
            taken = take_out(connection, family, [known or made], judged)
            was_read = any(row.revisions_count for row in family.values())
            if known is None and wanted.phrase is not None and was_read and not (taken.revision_ids or taken.captures_count):
                message = f"These words stand in no text of article {wanted.article_id}: nothing was hidden."
                raise TakedownError(message)
            hidden = _settle(connection, known or made, family, taken, now, is_new=known is None)
        dictionaries.renew(self._database, now)
        return hidden

    def replay(self, past: Sequence[Takedown], now: datetime, holds: Holds) -> tuple[Hidden, ...]:
        """Takedowns that were made since this store's backup, or in the store that it is a copy of; each is one transaction.

        Their articles are found by their keys; what is not there is refused when it comes.
        """
        with self._database.reading() as connection:
            ids = _articles_of(connection, past)
        hidden = tuple(self._replay(one, ids[one.id], now, holds) for one in past)
        dictionaries.renew(self._database, now)
        return hidden

    def _replay(self, past: Takedown, ids: Collection[int], now: datetime, holds: Holds) -> Hidden:
        judged = _Judged(past, holds)
        judged.ask(self._database, ids)
        with self._database.writing() as connection:
            keys.lock(connection)
            is_new = takedowns.get(connection, past.id) is None
            if not ids:
                if is_new:
                    takedowns.add(connection, replace(past, article_id=None, revision_id=None), counter.take(connection, 1))
                return Hidden(takedown=past)
            family = _hold(connection, ids)
            here = replace(past, article_id=min(ids), revision_id=_revision_of(connection, past, family))
            taken = take_out(connection, family, [here], judged)
            return _settle(connection, here, family, taken, now, is_new=is_new)

    def of(self, one: Article) -> tuple[Takedown, ...]:
        """What was taken down of an article, in order."""
        with self._database.reading() as connection:
            return takedowns.of_article(connection, [i for i in (one.id, one.merged_into) if i is not None], one.keys)

    def hides(self, named: Iterable[str], fingerprint: str | None = None) -> bool:
        """Whether what is known by one of these keys, or this text, was hidden."""
        with self._database.reading() as connection:
            hides_text = fingerprint is not None and takedowns.hides_text(connection, fingerprint)
            return hides_text or bool(takedowns.hidden_keys(connection, named))

    def mark(self) -> int:
        """Rises whenever texts are taken out: whoever keeps some in memory forgets them then."""
        with self._database.reading() as connection:
            return takedowns.mark(connection)

    def scrub(self) -> None:
        """So that the words are not left in the database's file either. Raises Busy, Unusable."""
        with self._database.writing() as connection:
            full_text.forget_removed(connection)
        self._database.scrub()

    @property
    def copies(self) -> tuple[Path, ...]:
        """What upgrades left beside the database: it still holds what was taken down later."""
        return migrate.copies(self._database)

    @property
    def needs_vacuum(self) -> bool:
        """Whether the database keeps deleted rows in files that only its own server may write."""
        return not self._database.is_sqlite


# --- what is hidden --------------------------------------------------------------------------------


def _in_whole(connection: Connection, wanted: Wanted) -> Wanted:
    return replace(wanted, article_id=merging.goes_on_as(connection, wanted.article_id))


def _hold(connection: Connection, article_ids: Collection[int]) -> dict[int, Row[Any]]:
    """A family's rows locked by id, see counter.py."""
    ids = _family(connection, article_ids)
    connection.execute(select(article.c.id).where(article.c.id.in_(ids)).order_by(article.c.id).with_for_update())
    return _family(connection, article_ids)


def _family(connection: Connection, article_ids: Collection[int]) -> dict[int, Row[Any]]:
    """The articles and those that are part of them."""
    ids = set(article_ids)
    while more := set(connection.execute(select(article.c.id).where(article.c.merged_into_id.in_(ids))).scalars()) - ids:
        ids |= more
    return {row.id: row for row in connection.execute(select(article).where(article.c.id.in_(ids)).order_by(article.c.id))}


def _made(connection: Connection, wanted: Wanted, family: dict[int, Row[Any]], now: datetime) -> Takedown:
    salt = takedowns.own_salt(connection)
    known = keys.of_articles(connection, family)
    named = {key for of_one in known.values() for key in of_one}
    named |= {key for row in family.values() if row.url for key in article_keys(row.url)}
    hashes = {salted(salt, "key", key) for key in named}
    c = revision.c
    texts = select(c.id, c.fingerprint).where(c.article_id.in_(family))
    if wanted.scope is not TakedownScope.ARTICLE:
        texts = texts.where(c.id == wanted.revision_id)
    prints = dict(connection.execute(texts).all())
    whole = contents.read_extracts(connection, prints)
    hashes |= {salted(salt, "text", one) for one in (*prints.values(), *map(extract_fingerprint, whole.values()))}
    words_count = None
    if wanted.phrase is not None:
        phrase, words_count = folded(wanted.phrase)
        hashes.add(salted(salt, "phrase", phrase))
        if not words_count:
            message = "A phrase to hide needs at least one word."
            raise TakedownError(message)
    return Takedown(
        id=str(uuid4()),
        at=now,
        scope=wanted.scope,
        reason=wanted.reason,
        salt=salt,
        hashes=frozenset(hashes),
        words_count=words_count,
        article_id=wanted.article_id,
        revision_id=wanted.revision_id,
    )


def _known(connection: Connection, wanted: Wanted) -> Takedown | None:
    """The same takedown, if it was made before: it is then only carried out again."""
    for before in takedowns.of_article(connection, [wanted.article_id], ()):
        same = before.scope is wanted.scope and before.revision_id == wanted.revision_id
        if same and (wanted.phrase is None or salted(before.salt, "phrase", folded(wanted.phrase)[0]) in before.hashes):
            return before
    return None


def _settle(
    connection: Connection, made: Takedown, family: dict[int, Row[Any]], taken: TakenOut, now: datetime, *, is_new: bool
) -> Hidden:
    """What a takedown changes beside the texts that were taken out, and the Takedown itself."""
    known = keys.of_articles(connection, family)
    is_whole = made.scope is TakedownScope.ARTICLE
    counted = [row for row in family.values() if row.merged_into_id is None and row.status != ArticleStatus.HIDDEN]
    if is_whole:
        _erase(connection, family, {key for of_one in known.values() for key in of_one})
    seq = counter.take(connection, len(family) + 2 if is_new else len(family))
    for number, article_id in enumerate(sorted(family), start=seq):
        fence(connection, [article_id], {"seq": number} | (_erased() if is_whole else {}))
    if is_new:
        takedowns.add(connection, made, seq + len(family))
        _announce(connection, made, family[made.article_id or min(family)], seq + len(family) + 1, now)
    else:
        takedowns.carried_out(connection, [made.id])
    if is_whole:
        for row in counted:
            fewer = source.c.articles_count - 1
            connection.execute(update(source).where(source.c.id == row.source_id).values(articles_count=fewer))
    left = () if is_whole or made.words_count is None else _addresses(family, known, made)
    return Hidden(
        takedown=made,
        articles_count=len(family),
        revisions_count=len(taken.revision_ids),
        captures_count=taken.captures_count,
        addresses=left,
    )


def _erased() -> dict[str, Any]:
    """What a hidden article's row says. Its times stay, and whose it was."""
    return {
        "url": "",
        "status": ArticleStatus.HIDDEN,
        "next_poll_at": None,
        **dict.fromkeys(("headline", "failure_poll_id", "missing_since", "moved_url", "moved_since", "moved_looks")),
    }


def _erase(connection: Connection, family: Collection[int], known: Collection[str]) -> None:
    """Addresses carry headlines: they go wherever they stand."""
    connection.execute(delete(article_key).where(article_key.c.article_id.in_(family)))
    connection.execute(update(poll).where(poll.c.article_id.in_(family)).values(url=None, reason=None))
    merges = select(merge.c.id).where(or_(merge.c.from_id.in_(family), merge.c.into_id.in_(family)))
    connection.execute(delete(merged_key).where(merged_key.c.merge_id.in_(merges)))
    connection.execute(update(merge).where(merge.c.id.in_(merges)).values(reason="", into_url=""))
    listed = {name for key in known for name in (key, key.split(":", 2)[-1])}  # by the key, or by the feed's guid in it
    for part in chunks([hash64(name) for name in sorted(listed)]):
        connection.execute(delete(feed_entry).where(feed_entry.c.entry_hash.in_(part)))


def _announce(connection: Connection, made: Takedown, row: Row[Any], seq: int, now: datetime) -> None:
    """The event *withdrawn*: when and why, without the words."""
    values = {
        "seq": seq,
        "kind": EventKind.WITHDRAWN,
        "source_id": row.source_id,
        "article_id": row.id,
        "at": now,
        "before_at": made.at,
        "significance": Significance.MAJOR,
        "reason": made.reason,
        "summary": _summary(connection, made),
        "facets": frozenset(),
        "counts": (),
        "differ": "",
        "noted": Noted.UNKNOWN,
        "date_moved": DateMoved.ABSENT,
    }
    connection.execute(insert(event).values(values))
    connection.execute(update(source).where(source.c.id == row.source_id).values(events_count=source.c.events_count + 1))


def _summary(connection: Connection, made: Takedown) -> str:
    number = connection.execute(select(revision.c.number).where(revision.c.id == made.revision_id)).scalar_one_or_none()
    match made.scope:
        case TakedownScope.ARTICLE:
            return "The article was withdrawn here."
        case TakedownScope.REVISION:
            return f"Version {number} was withdrawn here." if number else "A version was withdrawn here."
        case TakedownScope.PHRASE_IN_REVISION if number:
            return f"Some words of version {number} were withdrawn here."
        case _:
            return "Some of its words were withdrawn here."


def _addresses(family: dict[int, Row[Any]], known: dict[int, tuple[str, ...]], made: Takedown) -> tuple[str, ...]:
    addresses = [row.url for row in family.values()] + [key for of_one in known.values() for key in of_one if key.startswith("url:")]
    return tuple(dict.fromkeys(one for one in addresses if address_holds(one, made)))


# --- replaying -------------------------------------------------------------------------------------


def _articles_of(connection: Connection, past: Sequence[Takedown]) -> dict[str, set[int]]:
    """By every key there is, or by the id that a takedown was kept under here: hidden articles have no keys any more."""
    found: dict[str, set[int]] = {one.id: set() for one in past}
    for one in past:
        before = takedowns.get(connection, one.id)
        if before is not None and before.article_id is not None:
            found[one.id].add(before.article_id)
    wanted: dict[bytes, defaultdict[bytes, list[str]]] = {one.salt: defaultdict(list) for one in past}
    for one in past:
        for part in one.hashes:
            wanted[one.salt][part].append(one.id)
    c = article_key.c
    for key, article_id in connection.execute(select(c.key, c.article_id)).yield_per(1000):
        for salt, by_hash in wanted.items():
            for takedown_id in by_hash.get(salted(salt, "key", key), ()):
                found[takedown_id].add(article_id)
    return found


def _revision_of(connection: Connection, past: Takedown, family: Collection[int]) -> int | None:
    if past.scope not in {TakedownScope.REVISION, TakedownScope.PHRASE_IN_REVISION}:
        return None
    c = revision.c
    prints = select(c.id, c.fingerprint).where(c.article_id.in_(family)).order_by(c.number)
    return next((one for one, fingerprint in connection.execute(prints) if salted(past.salt, "text", fingerprint) in past.hashes), None)
