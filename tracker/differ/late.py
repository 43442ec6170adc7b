"""A Diff that lays out its edits when they are first read: whoever asks for pairs alone does not pay for words.

In all else it is the Diff it stands for: equal to it, hashed like it, frozen, and pickled or copied as a plain one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

from tracker.model import Diff, SentenceEdit

Make = Callable[[], tuple[SentenceEdit, ...]]


class _LateDiff(Diff):
    __slots__ = ("_make",)
    _make: Make

    def __getattr__(self, name: str) -> tuple[SentenceEdit, ...]:
        """Called by Python for a slot that is not filled yet. Two readers at once lay out the same edits twice, no more."""
        if name != "edits":
            raise AttributeError(f"A Diff has no {name!r}.")
        edits = self._make()
        object.__setattr__(self, "edits", edits)
        return edits

    def __eq__(self, other: object) -> bool:
        return _values(self) == _values(other) if isinstance(other, Diff) else NotImplemented

    __hash__ = Diff.__hash__

    def __repr__(self) -> str:
        return repr(_plain(_values(self)))

    def __reduce__(self) -> tuple[object, ...]:
        return _plain, (_values(self),)


def late_diff(make: Make, *, pairs: tuple[tuple[int, int], ...], differ: str) -> Diff:
    """A Diff of sentences that nobody has judged, whose edits `make` lays out."""
    diff = _LateDiff(edits=(), pairs=pairs, differ=differ)
    object.__delattr__(diff, "edits")
    object.__setattr__(diff, "_make", make)
    return diff


def _values(diff: Diff) -> tuple[object, ...]:
    return tuple(getattr(diff, field.name) for field in fields(diff))


def _plain(values: tuple[Any, ...]) -> Diff:
    return Diff(**dict(zip((field.name for field in fields(Diff)), values, strict=True)))
