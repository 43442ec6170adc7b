"""Column types: how the values of tracker.model lie in narrow columns, alike on SQLite and PostgreSQL.

Only the two-way translation of one value; the tables are in schema.py.
The order of members in the lists below is stored: append, never reorder or remove.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from sqlalchemy import BigInteger, Dialect, Integer, LargeBinary, SmallInteger, Text, TypeDecorator

from tracker.model import AlarmKind, ArticleStatus, Because, DateMoved, EditKind, EventKind, Noted, Outcome, Significance, TakedownScope

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
TAKEDOWN_SCOPES = (TakedownScope.ARTICLE, TakedownScope.REVISION, TakedownScope.PHRASE, TakedownScope.PHRASE_IN_REVISION)
SIGNIFICANCES = (Significance.NONE, Significance.MINOR, Significance.MAJOR)
EDITS = {
    EditKind.KEPT: "k",
    EditKind.EDITED: "e",
    EditKind.MOVED: "m",
    EditKind.SPLIT: "s",
    EditKind.MERGED: "j",
    EditKind.REGROUPED: "g",
    EditKind.ADDED: "a",
    EditKind.REMOVED: "r",
}
_KINDS = {str(kind): kind for kind in EditKind} | {code: kind for kind, code in EDITS.items()}
_COUNT = re.compile(r"([a-z]+):?(\d+)")
ALARM_KINDS = (AlarmKind.SILENT, AlarmKind.UNREAD, AlarmKind.CLOCK, AlarmKind.TEMPLATE, AlarmKind.UNDELIVERED)
NOTED = (Noted.YES, Noted.NO, Noted.UNKNOWN)
DATES_MOVED = (DateMoved.YES, DateMoved.NO, DateMoved.ABSENT)

FACETS = (
    *("attribution", "byline", "caption", "cosmetic", "dates", "headline", "hedging", "links", "names", "negation", "note", "numbers"),
    *("quotes", "reordering"),
)
# What Phrased shortens; at most 27. Of those that begin alike the longer one comes first.
PHRASES = (
    "wording or order changed, a few sentences at most",
    "only spelling, punctuation or case changed",
    "spelling or punctuation changed",
    "he headline changed",
    "umbers changed",
    " number changed",
    "names changed",
    "dates changed",
    "quoted words changed",
    " quotation was ",
    " quotation changed",
    " sentences added",
    " sentence added",
    " sentences removed",
    " sentence removed",
    " sentences reworded",
    " sentence reworded",
    " sentences moved",
    " sentence moved",
    " sentences ",
    " changed",
    " was added",
    "; ",
)
# Control characters but tab, line feed and return, which strangers' words may have; the last one says that none is a code.
_SIGNS = "".join(chr(code) for code in range(1, 31) if chr(code) not in "\t\n\r")
_VERBATIM = "\x1f"
_CODES = dict(zip(PHRASES, _SIGNS, strict=False))
_MEANINGS = dict(zip(_SIGNS, PHRASES, strict=False))
_PHRASE = re.compile("|".join(re.escape(phrase) for phrase in PHRASES))
_SIGN = re.compile(f"[{_SIGNS}{_VERBATIM}]")
_FACET_SIGNS = dict(zip(FACETS, _SIGNS, strict=False))
_FACETS_BY_SIGN = dict(zip(_SIGNS, FACETS, strict=False))

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

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[int | None], datetime | None]:  # noqa: ARG002 (the same)
        """Instead of process_result_value, which costs a second call: most of what a list reads are times."""
        return _time


def _time(value: int | None) -> datetime | None:
    return None if value is None else EPOCH + timedelta(microseconds=value)


class Span(TypeDecorator[timedelta]):
    """A duration in microseconds."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: timedelta | None, dialect: Dialect) -> int | None:  # noqa: ARG002 (the same)
        return None if value is None else value // MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> timedelta | None:  # noqa: ARG002 (the same)
        return None if value is None else timedelta(microseconds=value)


class Coded(TypeDecorator[E]):
    """An enumeration as a small number: its place in `members`, from 1."""

    impl = SmallInteger
    cache_ok = True

    def __init__(self, members: tuple[E, ...]) -> None:
        super().__init__()
        self.members = members
        self._codes = {member: code for code, member in enumerate(members, start=1)}
        self._meanings: dict[int | None, E | None] = {None: None} | dict(enumerate(members, start=1))

    def process_bind_param(self, value: E | None, dialect: Dialect) -> int | None:  # noqa: ARG002 (the same)
        return None if value is None else self._codes[value]

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[int | None], E | None]:  # noqa: ARG002 (the same)
        return self._meanings.__getitem__


class Plain(TypeDecorator[str]):
    """Strangers' words: what no database can hold in a text (NUL, half a surrogate pair) becomes U+FFFD."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 (the same)
        return None if value is None else plain(value)


class Phrased(Plain):
    """Our own sentences, with the phrases that most of them are made of as one control character each: half of an event's row."""

    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        value = super().process_bind_param(value, dialect)
        if value is None or _SIGN.search(value):
            return None if value is None else _VERBATIM + value
        return _PHRASE.sub(lambda found: _CODES[found[0]], value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 (the same)
        if value is None or value.startswith(_VERBATIM):
            return None if value is None else value[1:]
        return _SIGN.sub(lambda found: _MEANINGS.get(found[0], found[0]), value)


class Texts(TypeDecorator[tuple[str, ...]]):
    """Several short texts as one JSON list."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Sequence[str] | None, dialect: Dialect) -> str | None:  # noqa: ARG002 (the same)
        return None if value is None else json.dumps(list(value), ensure_ascii=False)

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...] | None:  # noqa: ARG002 (the same)
        return None if value is None else tuple(json.loads(value))


class Facets(TypeDecorator[frozenset[str]]):
    """A set of one-word names: a sign for each of FACETS, then others as " a b ". NULL and the empty set stay distinct."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: frozenset[str] | None, dialect: Dialect) -> str | None:  # noqa: ARG002 (the same)
        if value is None:
            return None
        if any(len(name.split()) != 1 for name in value):
            message = f"names are single words: {sorted(value)}"
            raise ValueError(message)
        return "".join(sorted(facet_sign(name) for name in value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> frozenset[str] | None:  # noqa: ARG002 (the same)
        if value is None:
            return None
        signs, *others = value.split(" ")
        return frozenset([*(_FACETS_BY_SIGN[sign] for sign in signs), *(name for name in others if name)])


def facet_sign(name: str) -> str:
    """What stands in a column of Facets where this facet is among them."""
    return _FACET_SIGNS.get(name, f" {name} ")


class Counts(TypeDecorator[tuple[tuple[EditKind, int], ...]]):
    """How many edits of each kind, as "e3 k20"; as "edited:3 kept:20" in older rows."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[tuple[EditKind, int], ...] | None, dialect: Dialect) -> str | None:  # noqa: ARG002 (the same)
        return None if value is None else " ".join(f"{EDITS[kind]}{count}" for kind, count in value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[tuple[EditKind, int], ...] | None:  # noqa: ARG002 (the same)
        if value is None:
            return None
        parts = (_COUNT.fullmatch(part) for part in value.split())
        return tuple((_KINDS[part[1]], int(part[2])) for part in parts if part)


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
