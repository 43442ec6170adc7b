"""Sentences and which of them belong together, by the names that research on revisions of news uses (NewsEdits, 2022):
`split_sentences` and `matched_sentences`.

`entry_id` is an article, `version` a revision's permanent id, `sent_idx` counts from 0. A sentence that was added has no
`sent_idx_x`, one that was removed no `sent_idx_y`; one that was split or merged has a row for each pair. The distances are ours:
the share of a side's characters that are not in the other, 0 for a sentence that was kept.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

SCHEMA = (
    "CREATE TABLE entry (entry_id INTEGER PRIMARY KEY, source TEXT, url TEXT)",
    "CREATE TABLE version (version INTEGER PRIMARY KEY, entry_id INTEGER, number INTEGER, created TEXT, title TEXT, language TEXT)",
    "CREATE TABLE split_sentences (entry_id INTEGER, version INTEGER, sent_idx INTEGER, sentence TEXT, PRIMARY KEY (version, sent_idx))",
    """CREATE TABLE matched_sentences (entry_id INTEGER, version_x INTEGER, version_y INTEGER, sent_idx_x INTEGER, sent_idx_y INTEGER,
        avg_sentence_distance_x REAL, avg_sentence_distance_y REAL, kind TEXT, moved INTEGER)""",
    "CREATE INDEX matched_by_versions ON matched_sentences (version_x, version_y)",
)


def add(connection: sqlite3.Connection, line: Mapping[str, Any]) -> None:
    match line["type"]:
        case "article":
            connection.execute("INSERT OR REPLACE INTO entry VALUES (?, ?, ?)", [line["id"], line["source"], line["url"]])
            _move(connection, line["id"], [revision_id for revision_id, _ in line["revisions_last_seen_at"]])
        case "revision":
            _add_revision(connection, line)
        case "event" if line["from"] and line["to"]:
            rows = [row for edit in line["edits"] for row in _matched(edit)]
            pair = [line["article_id"], line["from"], line["to"]]
            connection.executemany("INSERT INTO matched_sentences VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", [(*pair, *row) for row in rows])


def _add_revision(connection: sqlite3.Connection, line: Mapping[str, Any]) -> None:
    about = [line["id"], line["article_id"], line["number"], line["first_seen_at"], line["headline"], line["language"]]
    connection.execute("INSERT OR REPLACE INTO version VALUES (?, ?, ?, ?, ?, ?)", about)
    rows = [(line["article_id"], line["id"], place, sentence) for place, sentence in enumerate(line["sentences"])]
    connection.executemany("INSERT OR REPLACE INTO split_sentences VALUES (?, ?, ?, ?)", rows)


def _move(connection: sqlite3.Connection, entry_id: int, versions: Sequence[int]) -> None:
    """After a merge, or after one was undone, an entry has other versions than before, under other numbers."""
    moved = [version for (version,) in connection.execute(_MOVED, [json.dumps(versions), entry_id])]
    if moved:
        for table, version in (("split_sentences", "version"), ("matched_sentences", "version_y")):
            which = f"UPDATE {table} SET entry_id = ? WHERE {version} IN (SELECT value FROM json_each(?))"  # noqa: S608 - our own words
            connection.execute(which, [entry_id, json.dumps(moved)])
    places = [(entry_id, number, version) for number, version in enumerate(versions, start=1)]
    placed = "UPDATE version SET entry_id = ?1, number = ?2 WHERE version = ?3 AND (entry_id, number) IS NOT (?1, ?2)"
    connection.executemany(placed, places)


_MOVED = "SELECT v.version FROM json_each(?) AS here CROSS JOIN version AS v ON v.version = here.value WHERE v.entry_id <> ?"


def _matched(edit: Mapping[str, Any]) -> list[tuple[object, ...]]:
    old: list[int | None] = [one["index"] for one in edit["old"]]
    new: list[int | None] = [one["index"] for one in edit["new"]]
    distances = _distance(edit["words"], "delete"), _distance(edit["words"], "insert")
    if edit["kind"] in {"kept", "moved"}:
        distances = 0.0, 0.0
    return [(x, y, *distances, edit["kind"], int(edit["moved"])) for x, y in product(old or [None], new or [None])]


def _distance(words: Sequence[Mapping[str, str]], op: str) -> float | None:
    """None where that side has no words."""
    own = sum(len(one["text"]) for one in words if one["op"] == op)
    whole = own + sum(len(one["text"]) for one in words if one["op"] == "equal")
    return own / whole if whole else None
