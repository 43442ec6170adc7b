"""What was seen elsewhere, before: by another tracker, or by this one in another store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tracker.model.found import Extract


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRevision:
    """`origin` names the program that saw it."""

    extract: Extract
    first_seen_at: datetime
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PastArticle:
    """`keys` are what it may be known by here, the surest first; `revisions` lie in the order of time."""

    source: str
    url: str
    keys: tuple[str, ...]
    revisions: tuple[PastRevision, ...]
