"""How many looks at articles are still allowed within the hour, in all and for each source. Keeps what this process began."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """Looks an hour: `in_all` None: as many as are due; a source that is not named has no cap of its own."""

    in_all: int | None = None
    by_source: Mapping[str, int] = field(default_factory=dict)


NO_CAPS = Caps()


class Allowance:
    def __init__(self, caps: Caps) -> None:
        self._caps = caps
        self._begun: deque[datetime] = deque()
        self._begun_by_source: dict[str, deque[datetime]] = {name: deque() for name in caps.by_source}

    def spent(self, now: datetime) -> frozenset[str]:
        """The sources that may not be looked at now."""
        return frozenset(name for name, cap in self._caps.by_source.items() if self._left(self._begun_by_source[name], cap, now) <= 0)

    def at_most(self, now: datetime) -> float:
        """How many may be begun together, whichever of the sources that are not spent they are of."""
        caps = [(self._begun_by_source[name], cap) for name, cap in self._caps.by_source.items() if name not in self.spent(now)]
        if self._caps.in_all is not None:
            caps.append((self._begun, self._caps.in_all))
        return min((max(self._left(begun, cap, now), 0) for begun, cap in caps), default=math.inf)

    def take(self, sources: Iterable[str], now: datetime) -> None:
        for name in sources:
            if self._caps.in_all is not None:
                self._begun.append(now)
            if name in self._begun_by_source:
                self._begun_by_source[name].append(now)

    @staticmethod
    def _left(begun: deque[datetime], cap: int, now: datetime) -> int:
        # What lies in the future was begun before the clock was set back.
        while begun and not timedelta(0) <= now - begun[0] < HOUR:
            begun.popleft()
        return cap - len(begun)
