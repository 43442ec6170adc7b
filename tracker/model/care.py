"""Looking after the store: what verifying finds, what retention takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something in the store that is not as it must be; `key` is the id, or other name, of the `noun`."""

    noun: str
    key: int | str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long polls and captures are kept. None: for good. Revisions always are."""

    polls: timedelta | None = None
    captures: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """What retention took: polls that were counted into days, and revisions whose captures were dropped."""

    polls_count: int = 0
    revisions_count: int = 0

    def __add__(self, other: Pruned) -> Pruned:
        return Pruned(polls_count=self.polls_count + other.polls_count, revisions_count=self.revisions_count + other.revisions_count)
