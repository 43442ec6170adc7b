"""A publisher's dates and times, in the forms that pages have them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

_OLDEST_YEAR: Final = 1980  # a date before the web is a default that nobody set
_ZONE_WITHOUT_COLON: Final = re.compile(r"\s*([+-]\d{2}):?(\d{2})$")
_EPOCH: Final = re.compile(r"1[0-9]{9}(?:[0-9]{3})?")  # seconds or milliseconds since 1970
# Zones that publishers write by name, as news means them: IST is India, CST is Chicago.
_ZONES: Final = {
    **dict.fromkeys(("UTC", "GMT", "WET"), " +0000"),
    **dict.fromkeys(("BST", "CET", "MEZ", "WEST"), " +0100"),
    **dict.fromkeys(("CEST", "MESZ", "EET", "SAST"), " +0200"),
    **dict.fromkeys(("EEST", "MSK"), " +0300"),
    "IST": " +0530",
    "SGT": " +0800",
    "HKT": " +0800",
    "JST": " +0900",
    "KST": " +0900",
    "AEST": " +1000",
    "AEDT": " +1100",
    "NZST": " +1200",
    "NZDT": " +1300",
    "BRT": " -0300",
    "EDT": " -0400",
    "EST": " -0500",
    "CDT": " -0500",
    "CST": " -0600",
    "MDT": " -0600",
    "MST": " -0700",
    "PDT": " -0700",
    "PST": " -0800",
}
_ZONE_NAME: Final = re.compile(r"(?<=[0-9])\s*\(?\b([A-Za-z]{3,4})\)?$")
_SHORT_FRACTION: Final = re.compile(r"(:\d{2})[.,]\d+")


def read_date(text: str) -> datetime | None:
    """A publisher's date and time in UTC. One without a zone is taken as UTC: the page gives nothing better."""
    text = text.strip()
    if not text or len(text) > 64 or not any(character.isdigit() for character in text):
        return None
    if _EPOCH.fullmatch(text):
        return datetime.fromtimestamp(int(text[:10]), UTC)
    text = _ZONE_NAME.sub(lambda match: _ZONES.get(match[1].upper(), match[0]), text)
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
    for form in (text, text.replace(" Z", "Z")):
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
