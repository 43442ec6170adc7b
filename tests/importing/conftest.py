"""A store to take things in, and diffengine's database as that program makes it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tracker.store import Store

# As peewee writes the models of diffengine 0.2.
SCHEMA = """
    CREATE TABLE "feed" ("url" VARCHAR(255) NOT NULL PRIMARY KEY, "name" VARCHAR(255) NOT NULL, "created" DATETIME NOT NULL);
    CREATE TABLE "entry" ("id" INTEGER NOT NULL PRIMARY KEY, "url" VARCHAR(255) NOT NULL, "created" DATETIME NOT NULL,
        "checked" DATETIME NOT NULL);
    CREATE TABLE "feedentry" ("id" INTEGER NOT NULL PRIMARY KEY, "feed_id" VARCHAR(255) NOT NULL, "entry_id" INTEGER NOT NULL,
        "created" DATETIME NOT NULL);
    CREATE TABLE "entryversion" ("id" INTEGER NOT NULL PRIMARY KEY, "title" VARCHAR(255) NOT NULL, "url" VARCHAR(255) NOT NULL,
        "summary" VARCHAR(255) NOT NULL, "created" DATETIME NOT NULL, "archive_url" VARCHAR(255), "entry_id" INTEGER NOT NULL);
    CREATE TABLE "diff" ("id" INTEGER NOT NULL PRIMARY KEY, "old_id" INTEGER NOT NULL, "new_id" INTEGER NOT NULL,
        "created" DATETIME NOT NULL, "tweeted" DATETIME, "blogged" DATETIME);
"""
FEED = "https://news.example/feed"


class Diffengine:
    """Its database, filled by hand."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.executescript(SCHEMA)
            connection.execute("INSERT INTO feed VALUES (?, 'The News', '2016-01-01 00:00:00')", [FEED])

    def add(self, entry_id: int, *versions: tuple[str, str, str], url: str | None = None) -> None:
        """Versions are (time, title, text); the address is that of the entry's number, where none is given."""
        address = url or f"https://news.example/{entry_id}"
        with closing(sqlite3.connect(self.path)) as connection, connection:
            listed = [entry_id, f"{address}?utm_source=rss"]
            connection.execute("INSERT OR IGNORE INTO entry VALUES (?, ?, '2016-01-01', '2016-01-01')", listed)
            connection.execute("INSERT INTO feedentry (feed_id, entry_id, created) VALUES (?, ?, '2016-01-01')", [FEED, entry_id])
            rows = [(title, address, text, at, entry_id) for at, title, text in versions]
            connection.executemany("INSERT INTO entryversion (title, url, summary, created, entry_id) VALUES (?, ?, ?, ?, ?)", rows)


@pytest.fixture
def diffengine(tmp_path: Path) -> Diffengine:
    return Diffengine(tmp_path / "diffengine.db")


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'tracker.db'}"
    else:
        cluster = request.getfixturevalue("cluster")
        cluster.execute("DROP DATABASE IF EXISTS imported WITH (FORCE)", "CREATE DATABASE imported")
        url = cluster.url("imported")
    opened = Store.open(url)
    yield opened
    opened.close()
