"""What is particular to one source: its pace, which of its addresses are articles, how its pages are read."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.model import PageRules
from tracker.scheduler.cadence import Cadence


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRules:
    """`include` and `exclude` are patterns of paths, see urls.matches."""

    cadence: Cadence
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    page: PageRules = PageRules()
