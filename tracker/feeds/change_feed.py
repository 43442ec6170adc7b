"""What a change feed says, in no format yet, and the rules of text that all formats share.

One ChangeEntry carries one Event. The writers beside this file turn a ChangeFeed into bytes: equal
values give equal bytes, so that an ETag made of them holds. Nothing here chooses or orders entries;
they are written as given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape

# XML 1.0 allows no C0 controls but tab, line feed and carriage return, no surrogates, no U+FFFE and U+FFFF.
# DEL and the C1 controls are allowed but mean nothing in news text, and some readers choke on them.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

# Embeddings, overrides and isolates can turn round the reader's own words that stand after a title.
# The marks that right-to-left text itself needs (U+200E, U+200F, U+061C) stay.
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")


# Ten times a long headline. feedparser, which many readers are built on, takes 24 s for an author of 100,000 characters
# and no time for one of this length; the tests of hostile words guard it.
LONGEST_LINE = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeEntry:
    """One Event. `url` is its diff page, `article_url` our page of the article, `original_url` the publisher's.

    `id` is a URN that never changes. `title` and `summary` are plain text, `html` is a safe fragment
    (differ.html makes it). `updated_at` moves only when the entry itself does; `published_at` None: the same time.
    """

    id: str
    title: str
    url: str
    source: str
    article_url: str
    original_url: str
    updated_at: datetime
    summary: str
    html: str
    categories: tuple[str, ...] = ()
    published_at: datetime | None = None

    @property
    def first_published_at(self) -> datetime:
        return self.published_at or self.updated_at

    @property
    def content(self) -> str:
        """What a reader is shown: the diff, or the summary where there is no diff (a removal, a comparison that failed)."""
        return clean(self.html) or f"<p>{escape(one_line(self.summary))}</p>"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFeed:
    """`self_urls` is the address of the feed without its ending: each format appends its own (".atom", ...), then `query`.

    Older entries stand on pages of their own (RFC 5005, 3): `older` is the query of the next page's address, None where there
    are none; `newest` is that of the first page, None where this is it. `hub_url` is the WebSub hub that tells of new entries.
    """

    id: str
    title: str
    subtitle: str
    home_url: str
    self_urls: str
    updated_at: datetime
    author: str
    generator: str
    entries: tuple[ChangeEntry, ...] = ()
    query: str = ""
    older: str | None = None
    newest: str | None = None
    hub_url: str | None = None

    def self_url(self, ending: str) -> str:
        return self._url(ending, self.query)

    def links(self, ending: str) -> Iterator[tuple[str, str]]:
        """The feed's addresses in this format, by their relation to it."""
        yield "self", self.self_url(ending)
        if self.newest is not None:
            yield "first", self._url(ending, self.newest)
        if self.older is not None:
            yield "next", self._url(ending, self.older)

    def _url(self, ending: str, query: str) -> str:
        return f"{self.self_urls}.{ending}{query}"


def clean(text: str) -> str:
    """Text without the characters that no feed can carry."""
    return _FORBIDDEN.sub("", text)


def one_line(text: str) -> str:
    """A title, name or summary: one line, harmless to the words around it, cut where no reader would show it whole."""
    line = " ".join(clean(_BIDI.sub("", " ".join(text.split()))).split())
    return line if len(line) <= LONGEST_LINE else line[: LONGEST_LINE - 1].rstrip() + "…"


def web_link(url: str) -> str | None:
    """The address, if a reader may follow it: http or https, nothing else."""
    link = clean(url).strip()
    return link if link.lower().startswith(("http://", "https://")) else None


def rfc3339(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
