"""Everything that is kept, read and held against what must be true of it: here the file, the texts and the captures.

What rows say of each other is in facts.py. Each batch is a short reading transaction of its own, by keyset: it runs beside
a program that goes on keeping, holds up nobody, and needs little more memory for a million revisions than for one.
What is wrong comes out as values; nothing is mended here.
"""

from __future__ import annotations

import os
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TypeAlias

from sqlalchemy import ColumnElement, Connection, Row, Select, func, select, text

from tracker.errors import StoreError
from tracker.model import Fault
from tracker.store import bodies, dictionaries, facts
from tracker.store.bodies import Packed, Packing, Unpacker
from tracker.store.database import Database, chunks
from tracker.store.facts import Advance
from tracker.store.schema import body, capture, dictionary, event, further_page, revision
from tracker.store.verifying_search import verify_search

# A window's rows are in memory together, packed.
ARTICLES_AT_ONCE = 100
EVENTS_AT_ONCE = 5_000
THREADS = min(4, os.cpu_count() or 1)

# A packed row of either table, by the same names.
_CAPTURES = select(capture.c.id, capture.c.base_id, capture.c.packing, capture.c.hash, capture.c.data)
_BODIES = select(body.c.revision_id.label("id"), body.c.keyframe_id.label("base_id"), body.c.packing, body.c.hash, body.c.data)
_ALONE = frozenset({Packing.PLAIN, Packing.ZSTD, Packing.DICTIONARY})

Statement: TypeAlias = Select[int, int | None, int, bytes, bytes]
Kept: TypeAlias = Row[int, int | None, int, bytes, bytes]
Rows: TypeAlias = dict[int, Kept]
Tell: TypeAlias = Callable[[int, int], None]
Check: TypeAlias = Callable[[Connection, int, int], list[Fault]]


def verify(database: Database, advance: Advance) -> Iterator[Fault]:
    """A stage that cannot be read at all is itself a fault, and the next one begins."""
    stages: list[tuple[str, Iterator[Fault]]] = [
        ("file", _file(database, advance)),
        ("dictionaries", _dictionaries(database, advance)),
        ("contents", _side_by_side(database, revision.c.article_id, ARTICLES_AT_ONCE, _contents, partial(advance, "contents"))),
        ("evidence", _side_by_side(database, event.c.id, EVENTS_AT_ONCE, _evidence, partial(advance, "evidence"))),
        *((stage, check(database, advance)) for stage, check in facts.STAGES),
        ("search", verify_search(database, advance)),
    ]
    for stage, faults in stages:
        try:
            yield from faults
        except StoreError as error:
            yield Fault(noun="stage", key=stage, sentence=f"The {stage} could not all be read: {error}")


def _file(database: Database, advance: Advance) -> Iterator[Fault]:
    """SQLite reads its own pages, indexes and references; a PostgreSQL server looks after them itself."""
    if database.is_sqlite:
        with database.reading() as connection:
            said = [str(one) for one in connection.execute(text("PRAGMA integrity_check(100)")).scalars()]
            references = connection.execute(text("PRAGMA foreign_key_check")).all()
        yield from (Fault(noun="file", key=str(database.file), sentence=f"The file is damaged: {one}.") for one in said if one != "ok")
        for table, rowid, parent, _ in references:
            sentence = f"The {table} {rowid or '(without an id)'} names something in the table {parent} that is not there."
            yield Fault(noun=table, key=rowid or 0, sentence=sentence)
    advance("file", 1, 1)


def _dictionaries(database: Database, advance: Advance) -> Iterator[Fault]:
    """Few, and read whole. A text that names one that is wrong is told of below."""
    with database.reading() as connection:
        rows = connection.execute(select(dictionary).order_by(dictionary.c.id)).all()
    for row in rows:
        if bodies.digest(row.data) != row.hash:
            yield Fault(noun="dictionary", key=row.id, sentence=f"The dictionary {row.id} does not match its hash.")
        if row.retired and row.data:
            sentence = f"The dictionary {row.id} was retired, but is still there: what retired it did not come to its end."
            yield Fault(noun="dictionary", key=row.id, sentence=sentence)
        advance("dictionaries", row.id, rows[-1].id)


# --- contents --------------------------------------------------------------------------------------


def _contents(connection: Connection, after: int, last: int) -> list[Fault]:
    """By article, so that a keyframe is read once for all its patches."""
    c = revision.c
    between = c.article_id > after, c.article_id <= last
    revisions = connection.execute(select(c.id, c.capture_id, c.capture_dropped_at).where(*between)).all()
    texts = _read(connection, _BODIES.join(revision, c.id == body.c.revision_id).where(*between))
    faults = [Fault(noun="body", key=one.id, sentence=f"The revision {one.id} has no text.") for one in revisions if one.id not in texts]
    later = select(further_page.c.capture_id).join_from(further_page, revision).where(*between)
    capture_ids = {one.capture_id for one in revisions if one.capture_id is not None} | set(connection.execute(later).scalars())
    captures = _read_some(connection, _CAPTURES, capture.c.id, capture_ids)
    for one in revisions:
        found = captures.get(one.capture_id)
        if found is not None and (found.packing == Packing.DROPPED) != (one.capture_dropped_at is not None):
            said, true = ("dropped", "there") if one.capture_dropped_at else ("kept", "dropped")
            sentence = f"The revision {one.id} says that its capture was {said}, but capture {one.capture_id} is {true}."
            faults.append(Fault(noun="revision", key=one.id, sentence=sentence))
    keyframes = _with_keyframes(connection, _BODIES, body.c.revision_id, texts)
    faults += _content_faults(connection, texts, keyframes, "body", "The text of revision")
    return faults + _capture_faults(connection, captures)


def _evidence(connection: Connection, after: int, last: int) -> list[Fault]:
    """The captures that belong to events: to removals."""
    named = select(event.c.capture_id).where(event.c.id > after, event.c.id <= last, event.c.capture_id.is_not(None))
    ids = {one for one in connection.execute(named).scalars() if one is not None}
    return _capture_faults(connection, _read_some(connection, _CAPTURES, capture.c.id, ids))


def _capture_faults(connection: Connection, captures: Rows) -> list[Fault]:
    kept = {one: row for one, row in captures.items() if row.packing != Packing.DROPPED}
    faults = list(_content_faults(connection, kept, _with_keyframes(connection, _CAPTURES, capture.c.id, kept), "capture", "The capture"))
    for row in captures.values():
        if row.packing == Packing.DROPPED and (row.data or row.base_id is not None):
            sentence = f"The capture {row.id} was dropped, but something of it is still there."
            faults.append(Fault(noun="capture", key=row.id, sentence=sentence))
    return faults


def _read(connection: Connection, statement: Statement) -> Rows:
    return {row.id: row for row in connection.execute(statement)}


def _read_some(connection: Connection, statement: Statement, key: ColumnElement[int], ids: Iterable[int]) -> Rows:
    found: Rows = {}
    for part in chunks(sorted(ids)):
        found |= _read(connection, statement.where(key.in_(part)))
    return found


def _with_keyframes(connection: Connection, statement: Statement, key: ColumnElement[int], rows: Rows) -> Rows:
    """These rows, and the keyframes of theirs that are not among them: a merge that was undone leaves such."""
    return rows | _read_some(connection, statement, key, {row.base_id for row in rows.values() if row.base_id is not None} - rows.keys())


def _content_faults(connection: Connection, rows: Rows, keyframes: Rows, noun: str, named: str) -> Iterator[Fault]:
    """Patches against the same keyframe one after the other, so that only one is unpacked at a time."""
    keyframe = _Keyframe(connection)
    by_base: defaultdict[int | None, list[Kept]] = defaultdict(list)
    for row in rows.values():
        by_base[row.base_id].append(row)
    for base_id, packed in by_base.items():
        base = keyframe.content(keyframes.get(base_id)) if base_id is not None else None
        patches = Unpacker(base)
        for row in packed:
            if why := _wrong_base(row, base) or keyframe.unreadable(row):
                yield Fault(noun=noun, key=row.id, sentence=f"{named} {row.id} cannot be read: {why}.")
            elif (keyframe.content(row) if base is None else patches.unpack(_packed(row))) is None:
                yield Fault(noun=noun, key=row.id, sentence=f"{named} {row.id} does not match its hash.")


class _Keyframe:
    """Unpacks what is no patch. Each dictionary is read anew, and once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._unpackers: dict[int | None, Unpacker | None] = {None: Unpacker()}

    def content(self, row: Kept | None) -> bytes | None:
        """None for one that is missing, is a patch itself or was dropped, or does not match its hash."""
        if row is None or row.packing not in _ALONE:
            return None
        packed = _packed(row)
        unpacker = self._unpacker(bodies.dictionary_id(packed))
        return unpacker.unpack(packed) if unpacker is not None else None

    def unreadable(self, row: Kept) -> str | None:
        named = bodies.dictionary_id(_packed(row))
        return f"its dictionary, {named}, is missing or damaged" if self._unpacker(named) is None else None

    def _unpacker(self, dictionary_id: int | None) -> Unpacker | None:
        if dictionary_id is not None and dictionary_id not in self._unpackers:
            found = dictionaries.read(self._connection, dictionary_id)
            self._unpackers[dictionary_id] = Unpacker(found) if found is not None else None
        return self._unpackers[dictionary_id]


def _wrong_base(row: Kept, base: bytes | None) -> str | None:
    if (row.packing == Packing.PATCH) != (row.base_id is not None):
        return "it is a patch against nothing" if row.base_id is None else f"it names a keyframe, {row.base_id}, and is no patch"
    return f"its keyframe, {row.base_id}, is missing, damaged, or none" if row.base_id is not None and base is None else None


def _packed(row: Kept) -> Packed:
    return Packed(packing=row.packing, hash=row.hash, data=row.data)


# --- two and more at a time ------------------------------------------------------------------------


def _side_by_side(database: Database, key: ColumnElement[int], size: int, check: Check, tell: Tell) -> Iterator[Fault]:
    """Windows over `key`, in order, each checked in its own thread and transaction: unpacking and hashing leave Python's lock to others."""
    with database.reading() as connection:
        until = connection.execute(select(func.max(key))).scalar_one() or 0

    def work(after: int) -> list[Fault]:
        with database.reading() as connection:
            return check(connection, after, min(after + size, until))

    waiting: deque[tuple[int, Future[list[Fault]]]] = deque()
    with ThreadPoolExecutor(THREADS) as pool:
        for after in range(0, until, size):
            waiting.append((min(after + size, until), pool.submit(work, after)))
            while waiting and (len(waiting) > 2 * THREADS or waiting[-1][0] == until):
                last, checked = waiting.popleft()
                yield from checked.result()
                tell(last, until)
