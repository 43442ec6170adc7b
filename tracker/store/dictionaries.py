"""Dictionaries: what the texts of this store have in common, trained on them once, so that keyframes need not repeat it.

A dictionary never changes, and each keyframe names its own (bodies.py), so any number of them can stand side by side.
Its bytes are pieces of the texts it was trained on, and nobody knows of which: where a text is taken down, all are retired
(`retire_all`), what needs them is packed anew, and they are emptied (`renew`).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import zstandard
from sqlalchemy import Connection, Row, func, insert, select, update

from tracker.errors import Corrupt
from tracker.store import bodies, counter, rows, takedowns
from tracker.store.bodies import Dictionary, Packed, Packing
from tracker.store.database import Database
from tracker.store.schema import body, dictionary, source

# Tuned on 184 press articles of 4.8 kB, a third of them held back: those pack in 2,194 bytes alone, in 1,828 with what 30
# others taught in 32 kB, in 1,620 with 122 others and 110 kB, the largest that zstd itself makes. More articles than that
# gain little (250 or 2,000 made-up ones: 0.3 %); a thousand, so that one busy day of one source does not decide.
LEAST = 1_000
SIZE = 112_640
# Bytes of each piece that is taken from a text: 50 do as well as 200 to 2,000 (1,620 against 1,597 to 1,628) and hold no
# whole sentence. Given rather than searched for: that packs all texts again and again, for 1 % and a minute of work.
PIECE = 50
# Repacked in one transaction when dictionaries are retired: others write in between.
BATCH = 200


def current(connection: Connection) -> Dictionary | None:
    """The one for new keyframes."""
    newest = select(func.max(dictionary.c.id)).where(dictionary.c.retired.is_(False))
    found = connection.execute(newest).scalar()
    return None if found is None else load(connection, found)


def load(connection: Connection, dictionary_id: int) -> Dictionary:
    """Read once for each connection to the database. Raises Corrupt."""
    known: dict[int, Dictionary] = connection.info.setdefault("dictionaries", {})
    if dictionary_id not in known:
        found = read(connection, dictionary_id)
        if found is None:
            raise Corrupt("dictionary", dictionary_id)
        known[dictionary_id] = found
    return known[dictionary_id]


def read(connection: Connection, dictionary_id: int) -> Dictionary | None:
    """None for one that is missing, was emptied, or does not match its hash."""
    row = connection.execute(select(dictionary).where(dictionary.c.id == dictionary_id)).one_or_none()
    if row is None or not row.data or bodies.digest(row.data) != row.hash:
        return None
    return Dictionary(id=row.id, data=row.data)


def of(connection: Connection, packed: Packed) -> Dictionary | None:
    """The one that a keyframe was packed with. Raises Corrupt."""
    named = bodies.dictionary_id(packed)
    return None if named is None else load(connection, named)


def is_retired(connection: Connection, packed: Packed) -> bool:
    """Whether a keyframe was packed with a dictionary that a takedown has emptied or is about to empty since."""
    if packed.packing != Packing.DICTIONARY:
        return False
    named = bodies.dictionary_id(packed)
    # Locked, so that on PostgreSQL too it is retired before or after this transaction.
    retired = select(dictionary.c.retired).where(dictionary.c.id == named).with_for_update(read=True)
    return connection.execute(retired).scalar_one()


def train(database: Database, now: datetime) -> bool:
    """Makes the dictionary if there is none and enough to learn from; whether it did. With no lock held.

    The same texts give the same dictionary.
    """
    with database.reading() as connection:
        if current(connection) is not None:
            return False
        # What is counted as it comes tells whether to look at all.
        if (connection.execute(select(func.sum(source.c.articles_count))).scalar() or 0) < LEAST:
            return False
        mark = takedowns.mark(connection)
        newest = select(body).where(body.c.keyframe_id.is_(None)).order_by(body.c.revision_id.desc()).limit(LEAST)
        texts: list[bytes | bytearray | memoryview] = [_text(connection, row) for row in connection.execute(newest).all()]
        dictionary_id = (connection.execute(select(func.max(dictionary.c.id))).scalar() or 0) + 1
    if len(texts) < LEAST:
        return False
    data = zstandard.train_dictionary(SIZE, texts, k=PIECE, d=8, level=bodies.BODY_LEVEL, dict_id=dictionary_id).as_bytes()
    with database.writing() as connection:
        counter.take(connection, 0)  # one process at a time
        is_late = connection.execute(select(dictionary.c.id).where(dictionary.c.id >= dictionary_id)).first() is not None
        if is_late or takedowns.mark(connection) != mark:
            return False  # another was made, or some of these texts were taken down
        values = {"id": dictionary_id, "made_at": now, "retired": False, "hash": bodies.digest(data), "data": data}
        connection.execute(insert(dictionary).values(values))
    return True


def retire_all(connection: Connection) -> None:
    """In the transaction that takes texts out. Looks under way that were packed with one are packed again when they are kept,
    see appending.py."""
    connection.execute(update(dictionary).where(dictionary.c.retired.is_(False)).values(retired=True))


def renew(database: Database, now: datetime) -> None:
    """Packs every keyframe that needs a retired dictionary with a new one, or with none, then empties those that are retired.

    Their ids are not given again. Takes 0.6 ms a keyframe; can be repeated after a crash. Raises Corrupt.
    """
    with database.reading() as connection:
        to_empty = dictionary.c.retired & (func.length(dictionary.c.data) > 0)
        ids = set(connection.execute(select(dictionary.c.id).where(to_empty)).scalars())
    if not ids:
        return
    train(database, now)
    after_id: int | None = 0
    while after_id is not None:
        with database.writing() as connection:
            after_id = _repack(connection, ids, after_id)
    with database.writing() as connection:
        connection.execute(update(dictionary).where(dictionary.c.id.in_(ids)).values(data=b"", hash=bodies.digest(b"")))


def _repack(connection: Connection, dictionary_ids: Collection[int], after_id: int) -> int | None:
    """One batch of keyframes by id; the last one's id, None at the end."""
    c = body.c
    batch = select(body).where(c.revision_id > after_id, c.packing == Packing.DICTIONARY).order_by(c.revision_id).limit(BATCH)
    found = connection.execute(batch.with_for_update()).all()
    anew = current(connection)
    for row in found:
        if bodies.dictionary_id(rows.packed_of(row)) in dictionary_ids:
            packed = bodies.pack(_text(connection, row), level=bodies.BODY_LEVEL, dictionary=anew)
            values = {"packing": packed.packing, "data": packed.data}
            connection.execute(update(body).where(c.revision_id == row.revision_id).values(values))
    return found[-1].revision_id if found else None


def _text(connection: Connection, row: Row[Any]) -> bytes:
    """A keyframe's content."""
    packed = rows.packed_of(row)
    return bodies.unpack(packed, of(connection, packed), noun="body", key=row.revision_id)
