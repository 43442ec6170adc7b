"""What one line of an export says, field by field: of the kind that is asked for, or `Unfit` with a sentence about it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")

# What both databases hold as a number, with room above for whatever comes later.
LARGEST = 2**62
_YEAR = 366 * 86_400


class Unfit(Exception):
    """The line is none that an export has."""


class Fields:
    def __init__(self, line: Mapping[str, object]) -> None:
        self._line = line

    def text(self, name: str) -> str:
        return self._of(name, str)

    def text_or_none(self, name: str) -> str | None:
        return None if self._value(name) is None else self.text(name)

    def number(self, name: str, *, least: int = 1) -> int:
        found = self._of(name, int)
        if isinstance(found, bool) or not least <= found < LARGEST:
            raise self._unfit(name)
        return found

    def number_or_none(self, name: str, *, least: int = 1) -> int | None:
        return None if self._value(name) is None else self.number(name, least=least)

    def seconds(self, name: str) -> float:
        """Of a duration, as far as a year goes."""
        found = self._value(name)
        if isinstance(found, bool) or not isinstance(found, int | float) or not 0 <= found < _YEAR:
            raise self._unfit(name)
        return found

    def is_none(self, name: str) -> bool:
        return self._value(name) is None

    def flag(self, name: str) -> bool:
        return self._of(name, bool)

    def time(self, name: str) -> datetime:
        try:
            found = datetime.fromisoformat(self.text(name))
            if found.tzinfo is None:
                raise self._unfit(name)
            return found.astimezone(UTC)
        except (ValueError, OverflowError):
            raise self._unfit(name) from None

    def time_or_none(self, name: str) -> datetime | None:
        return None if self._value(name) is None else self.time(name)

    def one_of(self, kinds: type[E], name: str) -> E:
        try:
            return kinds(self.text(name))
        except ValueError:
            raise self._unfit(name) from None

    def digest(self, name: str) -> bytes:
        try:
            return bytes.fromhex(self.text(name))
        except ValueError:
            raise self._unfit(name) from None

    def items(self, name: str) -> list[object]:
        return self._of(name, list)

    def texts(self, name: str) -> tuple[str, ...]:
        return tuple(Fields({name: one}).text(name) for one in self.items(name))

    def numbers(self, name: str) -> tuple[int, ...]:
        return tuple(Fields({name: one}).number(name) for one in self.items(name))

    def digests(self, name: str) -> frozenset[bytes]:
        return frozenset(Fields({name: one}).digest(name) for one in self.items(name))

    def mapping(self, name: str) -> dict[str, object]:
        return self._of(name, dict)

    def parts(self, name: str) -> tuple[Fields, ...]:
        """A list of objects."""
        return tuple(Fields(Fields({name: one}).mapping(name)) for one in self.items(name))

    def part_or_none(self, name: str) -> Fields | None:
        return None if self._value(name) is None else Fields(self.mapping(name))

    def _value(self, name: str) -> object:
        try:
            return self._line[name]
        except KeyError:
            message = f"it has no `{name}`; a line of an older tracker may lack it: export anew with this one"
            raise Unfit(message) from None

    def _of(self, name: str, kind: type[T]) -> T:
        found = self._value(name)
        if not isinstance(found, kind):
            raise self._unfit(name)
        return found

    def _unfit(self, name: str) -> Unfit:
        return Unfit(f"its `{name}` cannot be understood: {self._line[name]!r:.100}")
