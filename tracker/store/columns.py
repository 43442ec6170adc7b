"""Column types: how the values of tracker.model lie in narrow columns, alike on SQLite and PostgreSQL.

Only the two-way translation of one value; the tables are in schema.py.
The order of members in the lists below is stored: append, never reorder or remove.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from sqlalchemy import BigInteger, Dialect, Integer, LargeBinary, SmallInteger, Text, TypeDecorator

from tracker.model import ArticleStatus, Because, DateMoved, EditKind, EventKind, Noted, Outcome, Significance

E = TypeVar("E", bound=StrEnum)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
_UNTELLABLE = re.compile("[\0\ud800-\udfff]")

OUTCOMES = (
    Outcome.FIRST,
    Outcome.CHANGED,
    Outcome.REVERTED,
    Outcome.UNCHANGED,
    Outcome.NOT_MODIFIED,
    Outcome.HELD,
    Outcome.REFUSED,
    Outcome.MISSING,
    Outcome.FAILED,
)
BECAUSES = (Because.CADENCE, Because.HINT, Because.MANUAL, Because.CONFIRM, Because.WATCH, Because.FIXED)
STATUSES = (ArticleStatus.TRACKED, ArticleStatus.STOPPED, ArticleStatus.MISSING, ArticleStatus.REMOVED, ArticleStatus.HIDDEN)
EVENT_KINDS = (EventKind.CHANGED, EventKind.REMOVED, EventKind.RESTORED, EventKind.WITHDRAWN)
SIGNIFICANCES = (Significance.NONE, Significance.MINOR, Significance.MAJOR)
NOTED = (Noted.YES, Noted.NO, Noted.UNKNOWN)
DATES_MOVED = (DateMoved.YES, DateMoved.NO, DateMoved.ABSENT)

# SQLite gives rowids, and so AUTOINCREMENT, only to the very type INTEGER.
Id = BigInteger().with_variant(Integer(), "sqlite")


def hash64(text: str) -> int:
    """A signed 64-bit hash: what a bigint column holds on both databases."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big", signed=True)


def plain(text: str) -> str:
    """The text as the column type Plain keeps it."""
    return _UNTELLABLE.sub("\ufffd", text)


class Utc(TypeDecorator[datetime]):
    """An aware UTC datetime as microseconds since 1970: exact, sortable, the same on every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002 (SQLAlchemy's signature)
        return None if value is None else (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 (the same)
        return None if value is None else EPOCH + timedelta(microseconds=value)


class Coded(TypeDecorator[E]):
    """An enumeration as a small number: its place in `members`, from 1."""

    impl = SmallInteger
    cache_ok = True

    def __init__(self, members: tuple[E, ...]) -> None:
        super().__init__()
        self.members = members
        self._codes = {member: code for code, member in enumerate(members, start=1)}

    def process_bind_param(self, value: E | None, dialect: Dialect) -> int | None:  # noqa: ARG002 (the same)
        return None if value is None else self._codes[value]

    def process_result_value(self, value: int | None, dialect: Dialect) -> E | None:  # noqa: ARG002 (the same)
        return None if value is None else self.members[value - 1]


class Plain(TypeDecorator[str]):
    """Strangers' words: what no database can hold in a text (NUL, half a surrogate pair) becomes U+FFFD."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 (the same)
        return None if value is None else plain(value)


class Texts(TypeDecorator[tuple[str, ...]]):
    """Several short texts as one JSON list."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Sequence[str] | None, dialect: Dialect) -> str | None:  # noqa: ARG002 (the same)
        return None if value is None else json.dumps(list(value), ensure_ascii=False)

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...] | None:  # noqa: ARG002 (the same)
        return None if value is None else tuple(json.loads(value))


class Names(TypeDecorator[frozenset[str]]):
    """A set of one-word names as " a b ": a search for " a " finds it. NULL and the empty set stay distinct."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: frozenset[str] | None, dialect: Dialect) -> str | None:  # noqa: ARG002 (the same)
        if value is None:
            return None
        if any(len(name.split()) != 1 for name in value):
            message = f"names are single words: {sorted(value)}"
            raise ValueError(message)
        return f" {' '.join(sorted(value))} "

    def process_result_value(self, value: str | None, dialect: Dialect) -> frozenset[str] | None:  # noqa: ARG002 (the same)
        return None if value is None else frozenset(value.split())


class Counts(TypeDecorator[tuple[tuple[EditKind, int], ...]]):
    """How many edits of each kind, as "edited:3 kept:20"."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[tuple[EditKind, int], ...] | None, dialect: Dialect) -> str | None:  # noqa: ARG002 (the same)
        return None if value is None else " ".join(f"{kind}:{count}" for kind, count in value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[tuple[EditKind, int], ...] | None:  # noqa: ARG002 (the same)
        if value is None:
            return None
        parts = (part.split(":") for part in value.split())
        return tuple((EditKind(kind), int(count)) for kind, count in parts)


class Fingerprint(TypeDecorator[str]):
    """A fingerprint "1-0f2a..." in half its length: the version's byte and the digits' bytes; any other text as it is."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002 (the same)
        if value is None:
            return None
        version, dash, digits = value.partition("-")
        if dash and version.isascii() and version.isdigit() and 0 < int(version) < 256:
            with_bytes = _from_hex(digits)
            if with_bytes is not None and str(int(version)) == version:
                return bytes([int(version)]) + with_bytes
        return b"\0" + value.encode()

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:  # noqa: ARG002 (the same)
        if value is None:
            return None
        return f"{value[0]}-{value[1:].hex()}" if value[0] else value[1:].decode()


def _from_hex(digits: str) -> bytes | None:
    """None where the digits would not come back as they were."""
    try:
        found = bytes.fromhex(digits)
    except ValueError:
        return None
    return found if found.hex() == digits else None
