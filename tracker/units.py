"""What values of a configuration are written as: durations, sizes, times of day, zones, networks. A wrong one is a ValueError
whose sentence says what would be allowed."""

from __future__ import annotations

import ipaddress
import re
from datetime import time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_SIZES = {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}


def read_duration(value: object) -> object:
    """'5m' -> timedelta; raises ValueError with what would be allowed."""
    if isinstance(value, timedelta):
        return value
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd])", str(value).strip())
    if found is None:
        message = f"{value!r} is not a duration: write a number and one of the units s, m, h, d, such as 5m"
        raise ValueError(message)
    try:
        return timedelta(**{_UNITS[found[2]]: float(found[1])})
    except OverflowError:
        message = f"{value!r} is longer than any time that can be told: write at most 999999999d"
        raise ValueError(message) from None


def read_retention(value: object) -> object:
    """'keep' -> None, for good; else a duration."""
    if value is None or value == "keep":
        return None
    try:
        return read_duration(value)
    except ValueError as error:
        message = f"{error}; or keep, for good"
        raise ValueError(message) from None


def read_size(value: object) -> object:
    """'10MiB' -> bytes; raises ValueError with what would be allowed."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value  # bytes, as the defaults below are given
    found = re.fullmatch(r"(\d+)(B|KiB|MiB|GiB)", str(value).strip())
    if found is None:
        message = f"{value!r} is not a size: write a whole number and one of the units B, KiB, MiB, GiB, such as 10MiB"
        raise ValueError(message)
    return int(found[1]) * _SIZES[found[2]]


def read_network(value: str) -> str:
    """'10.0.0.1' -> '10.0.0.1/32'; raises ValueError with what would be allowed."""
    try:
        return str(ipaddress.ip_network(value))
    except ValueError:
        message = f"{value!r} is no address and no network: write one such as 127.0.0.1 or 10.0.0.0/24"
        raise ValueError(message) from None


def read_time(value: object) -> time:
    """'07:30' -> time; raises ValueError with what would be allowed. YAML takes a bare 17:30 for a number of minutes."""
    if isinstance(value, time):
        return value
    text = f"{value // 60:02}:{value % 60:02}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
    if re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text, re.ASCII) is None:
        message = f'{value!r} is not a time of day: write hours and minutes, such as "07:00"'
        raise ValueError(message)
    return time.fromisoformat(text)


def read_zone(value: str) -> str:
    """Raises ValueError for a time zone that is none."""
    try:
        ZoneInfo(value)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        message = f"{value!r} is not a time zone: write its name, such as UTC or Europe/Amsterdam"
        raise ValueError(message) from None
    return value


Duration = Annotated[timedelta, BeforeValidator(read_duration)]
PositiveDuration = Annotated[Duration, Field(gt=timedelta(0))]
KeptFor = Annotated[PositiveDuration | None, BeforeValidator(read_retention)]
TimeOfDay = Annotated[time, BeforeValidator(read_time)]
Zone = Annotated[str, AfterValidator(read_zone)]
Network = Annotated[str, AfterValidator(read_network)]
Size = Annotated[int, BeforeValidator(read_size), Field(gt=0)]
