"""How many requests one address may make: a bucket of tokens for each, filled again as time goes by."""

from __future__ import annotations

import ipaddress
import math
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta

# Addresses that are remembered; the longest unseen is forgotten first, which can only do it a favour.
ADDRESSES_KEPT = 10_000
_MINUTE = timedelta(minutes=1)


class Rate:
    """`per_minute` requests at once, and as many in every minute that follows. None: no limit."""

    def __init__(self, per_minute: int | None, clock: Callable[[], datetime]) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, datetime]] = OrderedDict()

    def wait(self, address: str) -> int:
        """Takes one; 0, or in how many seconds there will be one."""
        if self._per_minute is None:
            return 0
        key, now = address_key(address), self._clock()
        left, at = self._buckets.pop(key, (float(self._per_minute), now))
        left = min(left + max(now - at, timedelta(0)) / _MINUTE * self._per_minute, self._per_minute)
        taken = left >= 1
        self._buckets[key] = left - 1 if taken else left, now
        if len(self._buckets) > ADDRESSES_KEPT:
            self._buckets.popitem(last=False)
        return 0 if taken else math.ceil((1 - left) * 60 / self._per_minute)


def address_key(address: str) -> str:
    """A whole /64 of IPv6: one customer has as many addresses in it as he likes."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else address
