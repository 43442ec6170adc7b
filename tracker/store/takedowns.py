"""What was taken down, as it is kept: rows of salted hashes, found by keys and texts that come again.

Taking the words themselves out of the tables is hiding.py's, telling words by hashes redaction.py's.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, insert, or_, select, update

from tracker.model import Takedown, TakedownScope
from tracker.redaction import salted
from tracker.store import counter
from tracker.store.database import chunks
from tracker.store.schema import takedown, takedown_hash

_SALT_BYTES = 32
# Scopes whose texts are not shown wherever they come again.
_WHOLE_TEXTS = (TakedownScope.ARTICLE, TakedownScope.REVISION)


def salts(connection: Connection) -> tuple[bytes, ...]:
    """One for all takedowns that were made here, one more for each store that some were replayed from."""
    return tuple(connection.execute(select(takedown.c.salt).distinct()).scalars())


def own_salt(connection: Connection) -> bytes:
    """That of the last takedown, or a new one: one salt for all, so that a key is looked for by one hash."""
    last = select(takedown.c.salt).order_by(takedown.c.seq.desc()).limit(1)
    return connection.execute(last).scalar_one_or_none() or secrets.token_bytes(_SALT_BYTES)


def add(connection: Connection, made: Takedown, seq: int) -> None:
    values = {
        "seq": seq,
        "uuid": made.id,
        "at": made.at,
        "scope": made.scope,
        "reason": made.reason,
        "salt": made.salt,
        "words_count": made.words_count,
        "article_id": made.article_id,
        "revision_id": made.revision_id,
    }
    row_id = connection.execute(insert(takedown).values(values).returning(takedown.c.id)).scalar_one()
    connection.execute(insert(takedown_hash), [{"hash": one, "takedown_id": row_id} for one in sorted(made.hashes)])


def carried_out(connection: Connection, uuids: Collection[str]) -> None:
    """Again, on other texts than before: readers of the list, and who keeps texts in memory, learn of it by a new seq."""
    seq = counter.take(connection, len(uuids))
    for number, uuid in enumerate(uuids, start=seq):
        connection.execute(update(takedown).where(takedown.c.uuid == uuid).values(seq=number))


def of_article(connection: Connection, ids: Iterable[int], keys: Iterable[str]) -> tuple[Takedown, ...]:
    """What was taken down of the article with one of these ids or keys, in the order in which it was made."""
    known = salts(connection)
    if not known:
        return ()
    hashes = [salted(salt, "key", key) for salt in known for key in keys]
    row_ids = {row_id for part in chunks(hashes) for row_id in connection.execute(_having(part)).scalars()}
    return _read(connection, or_(takedown.c.id.in_(row_ids), takedown.c.article_id.in_(list(ids))))


def get(connection: Connection, uuid: str) -> Takedown | None:
    return next(iter(_read(connection, takedown.c.uuid == uuid)), None)


def since(connection: Connection, after: int, until: int, limit: int) -> list[tuple[int, Takedown]]:
    """With their seq, for the export."""
    c = takedown.c
    found = connection.execute(select(takedown).where(c.seq > after, c.seq <= until).order_by(c.seq).limit(limit)).all()
    return list(zip([row.seq for row in found], _with_hashes(connection, found), strict=True))


def mark(connection: Connection) -> int:
    """Rises whenever texts are taken out."""
    return connection.execute(select(func.max(takedown.c.seq))).scalar_one() or 0


def hidden_keys(connection: Connection, keys: Iterable[str]) -> dict[str, int | None]:
    """Those of these keys that a hidden article had, and its id."""
    by_hash = {salted(salt, "key", key): key for salt in salts(connection) for key in set(keys)}
    statement = select(takedown_hash.c.hash, takedown.c.article_id).join_from(takedown_hash, takedown)
    statement = statement.where(takedown.c.scope == TakedownScope.ARTICLE)
    found: dict[str, int | None] = {}
    for part in chunks(list(by_hash)):
        for one, article_id in connection.execute(statement.where(takedown_hash.c.hash.in_(part))):
            found[by_hash[one]] = article_id
    return found


def hides_text(connection: Connection, fingerprint: str) -> bool:
    """Whether the text was hidden, with its article or by itself."""
    hashes = [salted(salt, "text", fingerprint) for salt in salts(connection)]
    statement = _having(hashes).join(takedown).where(takedown.c.scope.in_(_WHOLE_TEXTS))
    return bool(hashes) and connection.execute(statement.limit(1)).first() is not None


def _having(hashes: Sequence[bytes]) -> Any:  # noqa: ANN401 - SQLAlchemy has no short name for it
    return select(takedown_hash.c.takedown_id).where(takedown_hash.c.hash.in_(hashes))


def _read(connection: Connection, which: ColumnElement[bool]) -> tuple[Takedown, ...]:
    return _with_hashes(connection, connection.execute(select(takedown).where(which).order_by(takedown.c.at, takedown.c.id)).all())


def _with_hashes(connection: Connection, found: Sequence[Row[Any]]) -> tuple[Takedown, ...]:
    hashes: defaultdict[int, set[bytes]] = defaultdict(set)
    for part in chunks([row.id for row in found]):
        statement = select(takedown_hash.c.takedown_id, takedown_hash.c.hash).where(takedown_hash.c.takedown_id.in_(part))
        for row_id, one in connection.execute(statement):
            hashes[row_id].add(one)
    return tuple(
        Takedown(
            id=row.uuid,
            at=row.at,
            scope=row.scope,
            reason=row.reason,
            salt=row.salt,
            hashes=frozenset(hashes[row.id]),
            words_count=row.words_count,
            article_id=row.article_id,
            revision_id=row.revision_id,
        )
        for row in found
    )
