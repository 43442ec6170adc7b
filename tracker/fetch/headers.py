"""What an answer's headers say: validators, dates, type and charset. Never trusted, never an error."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache

from tracker.model import Capture, Validators

# Longer validators are refused: they are stored with every article and sent with every request.
_VALIDATOR_LENGTH = 1024

# A wish beyond this is as good as this; the scheduler clamps further.
_RETRY_AT_MOST = timedelta(days=365)

_OLDEST = timedelta(days=1)

# Link headers of an answer that are read.
_LINKS = 20

# Codecs of Python that are no charset of the web, or that hide markup from whoever looks for it.
_NO_CHARSETS = frozenset({"utf7", "idna", "punycode", "unicodeescape", "rawunicodeescape", "undefined", "mbcs", "oem"})


_CLEAN = re.compile("[ -~\xa0-\xff]*")


def is_clean(value: str) -> bool:
    """Fit to be sent in a header: Latin-1 without control characters."""
    return _CLEAN.fullmatch(value) is not None


def clean_validators(validators: Validators) -> Validators:
    """The same without what no honest server gave: too long, or able to break out of its header line."""
    etag, last_modified = _clean(validators.etag), _clean(validators.last_modified)
    if (etag, last_modified) == (validators.etag, validators.last_modified):
        return validators
    return replace(validators, etag=etag, last_modified=last_modified)


def _clean(value: str | None) -> str | None:
    if not value or len(value) > _VALIDATOR_LENGTH or not is_clean(value):
        return None
    return value


def link_values(capture: Capture) -> tuple[str, ...]:
    return tuple(value.decode("latin-1") for name, value in capture.headers if name.lower() == b"link")[:_LINKS]


def content_type_of(value: str | None) -> str | None:
    """The media type in lower case, without parameters."""
    return (value or "").partition(";")[0].strip().lower()[:100] or None


def charset_of(value: str | None) -> str | None:
    """The charset that a Content-Type names, if it is one that text on the web may have."""
    for parameter in (value or "").split(";")[1:]:
        name, _, given = parameter.partition("=")
        charset = given.strip().strip("\"'").strip().lower()
        if name.strip().lower() == "charset" and charset:
            return charset if _is_charset(charset) else None
    return None


def _is_charset(name: str) -> bool:
    if len(name) > 40 or not name.isascii() or name.replace("-", "").replace("_", "") in _NO_CHARSETS:
        return False
    try:
        "x".encode(name)
    except (LookupError, ValueError):  # unknown, or no encoding of text at all
        return False
    return True


@lru_cache(maxsize=256)  # the servers of a second say the same
def moment_of(value: str | None) -> datetime | None:
    """An HTTP date as an aware datetime in UTC."""
    if not value or len(value) > 100:
        return None
    try:
        moment = parsedate_to_datetime(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def age_of(age: str | None, date: str | None, now: datetime) -> timedelta:
    """How old an answer may be that a cache gave (RFC 9111, 4.2.3): what was read may be no newer than that long ago.

    A date more than a day back is a wrong clock, and what claims to be older than that is no cached page of news.
    """
    text = (age or "").strip()
    told = timedelta(seconds=int(text)) if text.isascii() and text.isdigit() and len(text) <= 12 else timedelta()
    made_at = moment_of(date)
    apparent = max(now - made_at, timedelta()) if made_at is not None else timedelta()
    return max((one for one in (told, apparent) if one <= _OLDEST), default=timedelta())


def retry_after(value: str | None, now: datetime) -> timedelta | None:
    """The wait that a server asks for, in seconds or until a date; None for none or nonsense."""
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=int(text[:12])), _RETRY_AT_MOST) if len(text) <= 12 else _RETRY_AT_MOST
    moment = moment_of(text)
    if moment is None:
        return None
    return min(max(moment - now, timedelta()), _RETRY_AT_MOST)


def clock_ahead(capture: Capture) -> timedelta | None:
    """How far our clock was ahead of the server's when the answer came; None where it gives no date, or where a cache gave it."""
    given = {name.lower(): value.decode("latin-1") for name, value in capture.headers}
    return ahead_of(given.get(b"age"), given.get(b"date"), capture.fetched_at)


def ahead_of(age: str | None, date: str | None, now: datetime) -> timedelta | None:
    """The same by the two headers alone."""
    made_at = moment_of(date)
    return None if made_at is None or age is not None else now - made_at
