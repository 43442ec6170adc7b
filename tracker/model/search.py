"""What a person looks for, and how what was found is shown: as values, never as markup."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class Side(StrEnum):
    """Of a change: the words that were taken out, or those that were put in."""

    DELETED = "deleted"
    INSERTED = "inserted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """`typed` as a person wrote it, without the spaces around it. `wanted` are the words and phrases that must all be there,
    `unwanted` those that must not, each as its terms, see terms.py. `side` None: either side of a change."""

    typed: str
    wanted: tuple[tuple[str, ...], ...]
    unwanted: tuple[tuple[str, ...], ...] = ()
    side: Side | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundSpan:
    """A piece of an excerpt; `is_match`: what was looked for. `op` is as in WordSpan; "equal" in a text that is not compared."""

    text: str
    is_match: bool = False
    op: Literal["equal", "delete", "insert"] = "equal"
