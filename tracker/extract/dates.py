"""A publisher's dates and times, in the forms that pages have them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

_OLDEST_YEAR: Final = 1980  # a date before the web is a default that nobody set
_ZONE_WITHOUT_COLON: Final = re.compile(r"\s*([+-]\d{2}):?(\d{2})$")
_SHORT_FRACTION: Final = re.compile(r"(:\d{2})[.,]\d+")


def read_date(text: str) -> datetime | None:
    """A publisher's date and time in UTC. One without a zone is taken as UTC: the page gives nothing better."""
    text = text.strip()
    if not text or len(text) > 64 or not any(character.isdigit() for character in text):
        return None
    found = _iso(text) or _mail_date(text)
    if found is None:
        return None
    try:
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (OverflowError, ValueError):
        return None
    return found.replace(microsecond=0) if found.year >= _OLDEST_YEAR else None


def _iso(text: str) -> datetime | None:
    text = _SHORT_FRACTION.sub(r"\1", _ZONE_WITHOUT_COLON.sub(r"\1:\2", text) if ":" in text else text).replace("/", "-")
    for form in (text, text.removesuffix(" UTC").removesuffix(" GMT"), text.replace(" Z", "Z")):
        try:
            return datetime.fromisoformat(form)
        except ValueError:
            continue
    return None


def _mail_date(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
