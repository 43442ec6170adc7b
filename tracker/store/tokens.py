"""Tokens: made, found by their words, listed, revoked; and the secrets that the installation signs with.

A token is 256 bits of chance, so its plain SHA-256 is kept: nobody can try that many, and no two are alike, so neither a salt nor a
slow hash would add anything but work for each request. Nor does finding it by its hash tell its words: whoever asks cannot choose
how a hash begins.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import UTC, datetime, time
from hashlib import sha256
from typing import Any

from sqlalchemy import Row, insert, or_, select, update

from tracker.errors import NotFound
from tracker.model import Token, TokenScope
from tracker.store import counter
from tracker.store.columns import plain
from tracker.store.database import Database
from tracker.store.schema_tokens import secret, token

# Tells people, and programs that look for secrets in the wrong places, what it is.
PREFIX = "tracker_"
_BYTES = 32
# Longer words were given to nobody.
_LONGEST = 100

_GOOD = select(token.c.scopes).where(token.c.revoked_at.is_(None))


class TokensStore:
    """Each method is one short transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, name: str, scopes: Collection[TokenScope], *, expires_at: datetime, now: datetime) -> tuple[Token, str]:
        """The token and its words, which are told this once."""
        words = PREFIX + secrets.token_urlsafe(_BYTES)
        values = {
            "name": plain(name),
            "hash": _hash(words),
            "scopes": tuple(sorted(scopes)),
            "created_at": now,
            "expires_at": expires_at,
        }
        with self._database.writing() as connection:
            made = connection.execute(insert(token).values(values).returning(token.c.id)).scalar_one()
            row = connection.execute(select(token).where(token.c.id == made)).one()
            return _token(row), words

    def all(self) -> tuple[Token, ...]:
        """In the order in which they were made."""
        with self._database.reading() as connection:
            return tuple(map(_token, connection.execute(select(token).order_by(token.c.id))))

    def revoke(self, token_id: int, now: datetime) -> Token:
        """Raises NotFound."""
        c = token.c
        with self._database.writing() as connection:
            connection.execute(update(token).where(c.id == token_id, c.revoked_at.is_(None)).values(revoked_at=now))
            row = connection.execute(select(token).where(c.id == token_id)).one_or_none()
            if row is None:
                raise NotFound("token", token_id)
            return _token(row)

    def used(self, words: str, now: datetime) -> Token | None:
        """The good token of these words; the day of its use is noted. None: unknown, expired or revoked."""
        if not words.startswith(PREFIX) or len(words) > _LONGEST:
            return None
        c = token.c
        with self._database.reading() as connection:
            row = connection.execute(select(token).where(c.hash == _hash(words))).one_or_none()
        if row is None or not (found := _token(row)).is_good(now):
            return None
        if found.used_on != now.date():
            today = datetime.combine(now.date(), time(), UTC)
            earlier = or_(c.used_on.is_(None), c.used_on < today)
            with self._database.writing() as connection:
                connection.execute(update(token).where(c.id == found.id, earlier).values(used_on=today))
        return found

    def get(self, token_id: int) -> Token | None:
        with self._database.reading() as connection:
            row = connection.execute(select(token).where(token.c.id == token_id)).one_or_none()
            return None if row is None else _token(row)

    def any_opens(self, scopes: Collection[TokenScope], now: datetime) -> bool:
        """Whether there is a good token for any of these."""
        with self._database.reading() as connection:
            found = connection.execute(_GOOD.where(token.c.expires_at > now)).scalars()
            return any(TokenScope.OPERATOR in held or not set(scopes).isdisjoint(held) for held in found)

    def secret(self, name: str) -> bytes:
        """Of this name, made where there is none yet. Whoever has a copy of the database has it too."""
        wanted = select(secret.c.value).where(secret.c.name == name)
        with self._database.reading() as connection:
            found = connection.execute(wanted).scalar_one_or_none()
        if found is not None:
            return found
        with self._database.writing() as connection:
            counter.take(connection, 0)  # of two that need it first, one makes it
            found = connection.execute(wanted).scalar_one_or_none()
            if found is None:
                found = secrets.token_bytes(_BYTES)
                connection.execute(insert(secret).values(name=name, value=found))
            return found

    def change_secret(self, name: str) -> None:
        """There is another one of this name from now on, if there was one."""
        with self._database.writing() as connection:
            connection.execute(update(secret).where(secret.c.name == name).values(value=secrets.token_bytes(_BYTES)))


def _hash(words: str) -> bytes:
    return sha256(words.encode("utf-8", "surrogatepass")).digest()


def _token(row: Row[Any]) -> Token:
    return Token(
        id=row.id,
        name=row.name,
        scopes=frozenset(map(TokenScope, row.scopes)),
        created_at=row.created_at,
        expires_at=row.expires_at,
        used_on=row.used_on.date() if row.used_on else None,
        revoked_at=row.revoked_at,
    )
