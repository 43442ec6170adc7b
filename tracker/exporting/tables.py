"""The export as plain tables, one a type of line, with views for the questions that come first; opens in Datasette as it is.

Times are text as in the export, lists and edits JSON, yes and no 1 and 0. `documentation` says in the file itself what is what.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

# Table: what it holds, its key, and its columns with what they mean, by the export's own names.
_TABLES: dict[str, tuple[str, tuple[str, ...], dict[str, str]]] = {
    "source": (
        "a publisher that is followed",
        ("name",),
        {
            "name": "",
            "seq": "when this was last kept",
            "title": "",
            "kind": "feeds, or newsroom",
            "include": "JSON",
            "exclude": "JSON",
            "declared": "1: by config.yaml",
            "paused": "1: by command",
            "withdrawn": "1: config.yaml pauses it, or names it no longer",
            "publish_delay": "seconds",
        },
    ),
    "feed": (
        "an address that lists articles",
        ("id",),
        {
            "id": "",
            "seq": "when this was last kept",
            "source": "the source's name",
            "url": "",
            "declared": "1: by config.yaml",
            "withdrawn": "1: not followed any more",
        },
    ),
    "article": (
        "an article as it is now",
        ("id",),
        {
            "id": "",
            "seq": "when this was last kept",
            "source": "the source's name",
            "url": "where it is looked for",
            "keys": "all it is known by (JSON)",
            "first_seen_at": "",
            "last_seen_at": "",
            "last_changed_at": "",
            "next_poll_at": "",
            "status": "tracked, stopped, missing, removed or hidden",
            "revisions": "how many",
            "merged_into": "the article that it is part of",
        },
    ),
    "revision": (
        "a text of an article, as it was read",
        ("id",),
        {
            "id": "permanent",
            "seq": "",
            "article_id": "",
            "number": "its place by first_seen_at",
            "first_seen_at": "",
            "headline": "",
            "byline": "",
            "published_at": "by the publisher's word",
            "modified_at": "by the publisher's word",
            "language": "",
            "text": "paragraphs, a blank line between",
            "sentences": "JSON",
            "hash": "of headline, byline and text",
            "extractor": "what read it",
            "origin": "poll, reread, or the program that it was imported from",
            "capture": "whether the page as received is kept",
            "capture_dropped_at": "",
            "withdrawn": "1: taken down, so empty here",
        },
    ),
    "event": (
        "a change, removal, return or withdrawal",
        ("id",),
        {
            "id": "permanent",
            "seq": "",
            "kind": "changed, removed, restored or withdrawn",
            "article_id": "",
            "from": "revision before",
            "to": "revision after",
            "after": "it came to be after this",
            "before": "and before this",
            "significance": "none, minor or major",
            "reason": "",
            "facets": "JSON; null: not assessed in this language",
            "noted": "whether the text carries a note of it",
            "date_moved": "whether the publisher's date moved",
            "reverts_to": "the revision that it goes back to",
            "alternates_with": "the event that stands for this one",
            "summary": "",
            "retracted_at": "an error of ours since then",
            "differ": "what compared",
            "edits": "JSON, as tracker diff --format json has them",
        },
    ),
    "retraction": (
        "the newest word on an event that was an error of ours",
        ("event_id",),
        {"event_id": "", "seq": "", "at": "", "reason": "", "undone_at": "it was a change after all"},
    ),
    "merge": (
        "two articles that are one story",
        ("from", "into", "at"),
        {"from": "", "into": "revisions and events of from belong to it", "seq": "", "at": "", "reason": "", "undone_at": ""},
    ),
    "takedown": (
        "what was taken down, without its words",
        ("id",),
        {
            "id": "",
            "seq": "",
            "article_id": "",
            "revision_id": "",
            "scope": "article, revision, phrase, or phrase in revision",
            "at": "",
            "reason": "",
            "words_count": "",
            "salt": "",
            "hashes": "JSON",
        },
    ),
    "poll": (
        "a look (with --polls)",
        ("id",),
        {
            "id": "",
            "seq": "",
            "article_id": "",
            "feed_id": "",
            "at": "",
            "outcome": "",
            "because": "",
            "status": "of HTTP",
            "bytes": "",
            "ms": "",
            "url": "",
            "reason": "",
        },
    ),
    "polls": (
        "looks that retention took, by day (with --polls)",
        ("source", "day", "outcome"),
        {"source": "", "day": "", "outcome": "", "seq": "", "count": ""},
    ),
}
_LATEST = """
    SELECT a.id, a.source, a.url, a.status, r.headline, r.byline, r.published_at, r.first_seen_at AS read_at, r.text, r.id AS revision_id
    FROM article a JOIN revision r ON r.article_id = a.id
    AND r.first_seen_at = (SELECT max(first_seen_at) FROM revision WHERE article_id = a.id)
    WHERE a.merged_into IS NULL
"""
_CHANGES = """
    SELECT e.id, a.source, a.url, e."before" AS at, e.significance, e.summary, e.facets, e.noted,
        o.headline AS old_headline, n.headline AS new_headline, e.article_id, e."from", e."to"
    FROM event e JOIN article a ON a.id = e.article_id JOIN revision o ON o.id = e."from" JOIN revision n ON n.id = e."to"
    WHERE e.id NOT IN (SELECT event_id FROM retraction WHERE undone_at IS NULL)
    ORDER BY e.seq DESC
"""
_VIEWS = {
    "latest": ("each article with its newest text", _LATEST),
    "changes": ("changes, the newest first, with both headlines", _CHANGES),
}
_INDEXES = (
    "CREATE INDEX revision_by_article ON revision (article_id, first_seen_at)",
    "CREATE INDEX event_by_article ON event (article_id)",
)


def _columns(names: Mapping[str, str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _documented() -> str:
    """As one statement, so that a file has it from its first moment on."""
    rows = [(table, "", about) for table, (about, _, _) in _TABLES.items()]
    rows += [(table, name, meaning) for table, (_, _, columns) in _TABLES.items() for name, meaning in columns.items() if meaning]
    rows += [(view, "", about) for view, (about, _) in _VIEWS.items()]
    values = ", ".join("({})".format(", ".join(map(_quoted, row))) for row in rows)
    return f"INSERT INTO documentation VALUES {values}"  # noqa: S608 - our own words


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


SCHEMA = (
    'CREATE TABLE documentation ("table" TEXT, "column" TEXT, meaning TEXT, PRIMARY KEY ("table", "column"))',
    _documented(),
    *(
        f'CREATE TABLE "{table}" ({_columns(columns)}, PRIMARY KEY ({_columns(dict.fromkeys(key, ""))}))'
        for table, (_, key, columns) in _TABLES.items()
    ),
    *_INDEXES,
    *(f"CREATE VIEW {view} AS {statement}" for view, (_, statement) in _VIEWS.items()),
)
_INSERTS = {
    table: f'INSERT OR REPLACE INTO "{table}" ({_columns(columns)}) VALUES ({", ".join("?" * len(columns))})'  # noqa: S608 - the same
    for table, (_, _, columns) in _TABLES.items()
}


def add(connection: sqlite3.Connection, line: Mapping[str, Any]) -> None:
    """A line that is repeated takes the place of the one before."""
    _, _, columns = _TABLES[line["type"]]
    connection.execute(_INSERTS[line["type"]], [_cell(line[name]) for name in columns])
    if line["type"] == "merge" and line["undone_at"] is None:
        connection.execute("UPDATE event SET article_id = ? WHERE article_id = ?", [line["into"], line["from"]])
    if line["type"] == "article":
        _move(connection, line["id"], [revision_id for revision_id, _ in line["revisions_last_seen_at"]])


def _move(connection: sqlite3.Connection, article_id: int, revision_ids: Sequence[int]) -> None:
    """What an article's line says of its revisions, by number: after a merge, or after one was undone, it has others than before, under
    other numbers. A change goes where the text is that it led to, a removal of before the merge where the text was last seen."""
    for owner, revision_id in connection.execute(_MOVED, [json.dumps(revision_ids), article_id]).fetchall():
        connection.execute(_MOVE_EVENTS, {"to": article_id, "from": owner, "revision": revision_id})
    places = [(article_id, number, revision_id) for number, revision_id in enumerate(revision_ids, start=1)]
    placed = "UPDATE revision SET article_id = ?1, number = ?2 WHERE id = ?3 AND (article_id, number) IS NOT (?1, ?2)"
    connection.executemany(placed, places)


_MOVED = "SELECT r.article_id, r.id FROM json_each(?) AS here CROSS JOIN revision AS r ON r.id = here.value WHERE r.article_id <> ?"
# Without their Z, times with and without a fraction of a second are in order as texts.
_MOVE_EVENTS = """
    UPDATE event SET article_id = :to WHERE article_id = :from AND ("to" = :revision OR "to" IS NULL AND "from" = :revision AND coalesce(
        rtrim("before", 'Z') <= (SELECT max(rtrim(at, 'Z')) FROM merge WHERE "from" = :to AND "into" = :from), 1))
"""


def _cell(value: object) -> object:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value
