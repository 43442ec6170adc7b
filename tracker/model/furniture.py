"""What is learned of a source's pages: which blocks are furniture, and what that was learned from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Mask:
    """The furniture of one source, as keys of texts and as places. Masked, never cut: a Revision keeps every block.

    `version` rises with what is learned. In a place of `leading`, only what leads elsewhere is masked. `body` are the places
    where articles have their text. `moving` are the
    articles that changed in a place within a day: many at once are a change of the template, not of the articles. `held_by`: how many
    of the `articles_count` articles that it was learned from have a place.
    """

    version: int = 0
    texts: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    leading: frozenset[str] = frozenset()
    body: frozenset[str] = frozenset()
    moving: Mapping[str, frozenset[int]] = field(default_factory=dict)
    held_by: Mapping[str, int] = field(default_factory=dict)
    articles_count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenBlock:
    """A block as it counts for learning. `is_linked`: nearly all of it leads elsewhere. `is_line`: a paragraph, heading or list item."""

    key: str
    place: str | None
    length: int
    is_linked: bool
    is_line: bool
    is_note: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenArticle:
    """The latest text of one article of a source, and since when it is known."""

    article_id: int
    first_seen_at: datetime
    blocks: tuple[SeenBlock, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceChange:
    """A place of an article had another text, of other words or other numbers, at one look than at the one before."""

    place: str
    article_id: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Furniture:
    """One thing that is masked: `key` is that of a text, or a place, of which all is masked or what leads elsewhere.

    `reason` is a sentence. `kept_at`: since when the operator keeps it in the text.
    """

    kind: Literal["text", "place", "leading"]
    key: str
    place: str | None
    reason: str
    learned_at: datetime
    id: int = 0
    kept_at: datetime | None = None
