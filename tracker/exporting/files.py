"""An export as one SQLite file that grows: it knows how far it came, so the same command adds what is new, also after a break.

What the tables are is in tables.py and alignments.py. A file that was begun before something was taken down still holds it,
and is never added to: it has to be made anew. Of what was taken down before, no word came into it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias

from tracker.errors import NotExported
from tracker.exporting import alignments, tables

Line: TypeAlias = Mapping[str, Any]
# Lines in one transaction.
BATCH = 500


class Form(StrEnum):
    SQLITE = "sqlite"
    ALIGNMENTS = "alignments"


_ROOMS = {Form.SQLITE: tables, Form.ALIGNMENTS: alignments}


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """`cursor` is the last seq that is in the file now."""

    lines_count: int
    cursor: int


def write(path: Path, form: Form, lines: Callable[[int], Iterable[Line]], *, installation: str, newest: int, since: int = 0) -> Added:
    """`lines` gives what came after a seq, `newest` is the last one that there is; `since` is where a new file begins, and says nothing
    of one that is there. Raises NotExported."""
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            numbers = {"since": str(since), "cursor": str(since), "begun": str(newest)}
            begun = _begin(connection, path, {"format": str(form), "installation": installation, **numbers})
            return _fill(connection, path, form, lines(begun))
    except sqlite3.Error as error:
        raise NotExported(str(path), f"it cannot be written ({error})") from error


def _begin(connection: sqlite3.Connection, path: Path, about: dict[str, str]) -> int:
    """How far the file is."""
    begun = _begun(connection)
    if begun is None:
        connection.execute("BEGIN IMMEDIATE")
        for statement in (_ABOUT, *_ROOMS[Form(about["format"])].SCHEMA):
            connection.execute(statement)
        connection.executemany("INSERT INTO about (name, value) VALUES (?, ?)", about.items())
        connection.execute("COMMIT")
        begun = about
    if any(begun.get(name) != about[name] for name in ("format", "installation")):
        raise NotExported(str(path), "something else is in it, and nothing is overwritten; name another file")
    return int(begun["cursor"])


def _fill(connection: sqlite3.Connection, path: Path, form: Form, lines: Iterable[Line]) -> Added:
    cursor, lines_count = _number(connection, "cursor"), 0
    grows, begun = cursor > _number(connection, "since"), _number(connection, "begun")
    source = iter(lines)
    while part := list(islice(source, BATCH)):
        if grows and any(line["type"] == "takedown" and line["seq"] > begun for line in part):
            why = "something was taken down since it was begun, and it may still hold the words; delete it and export anew"
            raise NotExported(str(path), why)
        connection.execute("BEGIN IMMEDIATE")
        for line in part:
            _ROOMS[form].add(connection, line)
        cursor = int(part[-1]["seq"])
        connection.execute("UPDATE about SET value = ? WHERE name = 'cursor'", [str(cursor)])
        connection.execute("COMMIT")
        lines_count += len(part)
    return Added(lines_count=lines_count, cursor=cursor)


def _number(connection: sqlite3.Connection, name: str) -> int:
    """Of `about`: `cursor` is how far the file is, `since` where it began, `begun` what the newest was then (0 in older files)."""
    found = connection.execute("SELECT value FROM about WHERE name = ?", [name]).fetchone()
    return int(found[0]) if found else 0


_ABOUT = "CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL)"


def _begun(connection: sqlite3.Connection) -> dict[str, str] | None:
    """What a file says of itself; None for a new one."""
    there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    if not there:
        return None
    return dict(connection.execute("SELECT name, value FROM about")) if "about" in there else {}

