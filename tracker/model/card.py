"""What a store holds, said in numbers for whoever studies an export of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceHolding:
    """`good_days` are the days (UTC) with at least one look that did not fail, in order."""

    name: str
    title: str
    feeds: tuple[str, ...]
    articles_count: int
    events_count: int
    good_days: tuple[date, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """`revisions` are counted by extractor and origin, `differs` are the versions that made the events; `cursor` is the last seq."""

    schema: str
    cursor: int
    revisions: Mapping[tuple[str, str], int]
    differs: Mapping[str, int]
    takedowns_count: int
    sources: tuple[SourceHolding, ...]
