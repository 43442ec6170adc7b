"""One look at an article: how the request went, and what was found. Values only; decide.py says what they mean."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from tracker.model import Capture, Continued, Extract, Gates, LastLooks, Outcome, Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One request as it went: `url` is the address that answered, `at` when it was asked. What was read may be as old as `age`.

    `hops` are the addresses whose redirects led there; `moved_url` is `url` if all of them are permanent.
    """

    at: datetime
    url: str
    hops: tuple[str, ...] = ()
    moved_url: str | None = None
    age: timedelta = timedelta()
    status: int | None = None
    bytes: int | None = None
    ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Same:
    """A gate said that nothing changed, before anything was extracted."""

    outcome: Literal[Outcome.NOT_MODIFIED, Outcome.UNCHANGED]
    gates: Gates


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """The page holds the article; `further` are the Captures of its later pages, in order. `id_pattern` is its source's.

    `bare` is the text without its source's furniture. `template`: what changed is that of the pages, for all that is known, or may be.
    `capture` None: the page holds what was taken down, so it is not kept.
    `as_live`: the page by its headline and summary, where it is no live page and the latest text is a live page's.
    """

    extract: Extract
    capture: Capture | None
    gates: Gates
    further: tuple[Capture, ...] = ()
    id_pattern: str | None = None
    as_live: Extract | None = None
    bare: Extract | None = None
    template: Literal["changed", "doubtful"] | None = None

    @property
    def text(self) -> Extract:
        """What is compared."""
        return self.bare or self.extract


@dataclass(frozen=True, slots=True, kw_only=True)
class NotThere:
    """The site says that there is no such page, and `capture` is how; None where that may hold what was taken down. `reason` in words.

    `last_looks` tell how it goes with the other articles of its source.
    """

    reason: str
    capture: Capture | None
    last_looks: LastLooks


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """No answer that means anything; `reason` in words. The host wants to be left alone until `not_before`."""

    reason: str
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """This is the story of another tracked article; `continued` says which, and where it is looked for."""

    continued: Continued


Found = Same | Read | Refusal | NotThere | Failed | Elsewhere
