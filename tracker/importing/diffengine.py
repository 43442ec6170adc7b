"""The SQLite database of diffengine, a tracker of news articles: its entries with their versions. Read only; nothing is kept here.

Its times are UTC without saying so; a version's text is HTML of which only the paragraphs are left.
"""

from __future__ import annotations

import html
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

from tracker.errors import NotImported
from tracker.model import Block, BlockKind, Extract
from tracker.model.past import PastRevision

ORIGIN = "diffengine"
_TABLES = {"feed", "entry", "feedentry", "entryversion"}
_PARAGRAPH = re.compile(r"</?p(?:\s[^<>]*)?/?>", re.IGNORECASE)
# Versions of one entry together, each entry's feed the first that listed it.
_VERSIONS = """
    SELECT v.id, v.entry_id, e.url, f.url, f.name, v.url, v.title, v.summary, v.created
    FROM entryversion v JOIN entry e ON e.id = v.entry_id
    LEFT JOIN feed f ON f.url = (SELECT feed_id FROM feedentry WHERE entry_id = e.id ORDER BY id LIMIT 1)
    ORDER BY v.entry_id, v.created, v.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An article as diffengine knew it. `urls`: where it was listed, then where its versions were found, the newest last."""

    urls: tuple[str, ...]
    feed_url: str | None
    feed_name: str | None
    revisions: tuple[PastRevision, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Version:
    """A row of _VERSIONS."""

    id: int
    entry_id: int
    entry_url: str
    feed_url: str | None
    feed_name: str | None
    url: str
    title: str | None
    summary: str | None
    created: str


def count(path: Path) -> int:
    """How many versions there are. Raises NotImported."""
    with _reading(path) as connection:
        return int(connection.execute("SELECT count(*) FROM entryversion").fetchone()[0])


def read(path: Path) -> Iterator[Entry]:
    """Entry by entry. Raises NotImported for a version that cannot be understood, naming it."""
    with _reading(path) as connection:
        rows = (_Version(**dict(zip(_Version.__slots__, row, strict=True))) for row in connection.execute(_VERSIONS))
        for _, versions in groupby(rows, key=lambda one: one.entry_id):
            yield _entry(path, list(versions))


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Raises NotImported."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if missing := sorted(_TABLES - there):
                raise NotImported(str(path), f"it is a SQLite database, but not diffengine's: the table {missing[0]} is missing")
            yield connection
    except sqlite3.Error as error:
        raise NotImported(str(path), f"the database cannot be read ({error})") from error


def _entry(path: Path, versions: list[_Version]) -> Entry:
    first = versions[0]
    return Entry(
        urls=tuple(dict.fromkeys((first.entry_url, *(one.url for one in versions)))),
        feed_url=first.feed_url,
        feed_name=first.feed_name,
        revisions=tuple(sorted((_revision(path, one) for one in versions), key=lambda one: one.first_seen_at)),
    )


def _revision(path: Path, one: _Version) -> PastRevision:
    try:
        at = datetime.fromisoformat(one.created)
    except (ValueError, TypeError):
        raise NotImported(str(path), f"version {one.id} was created at {one.created!r}, which is no time") from None
    at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    parts = (" ".join(html.unescape(part).split()) for part in _PARAGRAPH.split(one.summary or ""))
    blocks = tuple(Block(kind=BlockKind.PARAGRAPH, text=part) for part in parts if part)
    headline = " ".join(html.unescape(one.title or "").split())
    return PastRevision(
        extract=Extract(url=one.url, headline=headline, blocks=blocks, extractor=ORIGIN, canonical_url=one.url),
        first_seen_at=at,
        origin=ORIGIN,
    )
