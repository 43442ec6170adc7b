"""What feeds of every dialect share: titles as plain text, dates that can be."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape

from selectolax.lexbor import LexborHTMLParser

# Characters; longer titles are cut.
_TITLE = 1000
# Read of a title before its HTML is taken out.
_TITLE_MARKUP = 8000
# Years that a date of a web page can have; others are slips of a template.
_YEARS = range(1990, 2101)
_SPACE = re.compile(r"\s+")


def from_rfc3339(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return plausible((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC))
    except (ValueError, OverflowError):
        return None


def plain_title(text: str | None, *, html: bool) -> str | None:
    """Plain text on one line. Escaped twice is common, so entities are undone in text as well."""
    if not text:
        return None
    text = text[:_TITLE_MARKUP]
    if html or re.search(r"</?[a-z][^<>]*>", text, re.IGNORECASE):
        text = _without_markup(text)
    text = unescape(text)
    printable = "".join(char for char in text if char.isprintable() or char.isspace())
    return _SPACE.sub(" ", printable).strip()[:_TITLE] or None


def _without_markup(text: str) -> str:
    tree = LexborHTMLParser(text)
    tree.strip_tags(["script", "style", "noscript", "template"])
    return tree.body.text(separator="") if tree.body else ""


def plausible(moment: datetime) -> datetime | None:
    return moment if moment.year in _YEARS else None
