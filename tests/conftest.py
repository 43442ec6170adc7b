"""What all tests share: a clock that only moves when told, a PostgreSQL server, and a guard that keeps every test on loopback."""

from __future__ import annotations

import gzip
import ipaddress
import shutil
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from postgres import Cluster, server
from sqlalchemy import Connection, select, text

from tracker.store import Store, contents, searched
from tracker.store.bodies import Packing
from tracker.store.schema import metadata
from tracker.store.schema_search import FULL_TEXT, searched_change

# How long an example takes says more of the machine than of the law it tests.
settings.register_profile("tracker", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tracker")


class FakeClock:
    """Calling it gives the time; `advance` moves it."""

    def __init__(self, at: datetime = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def advance(self, **duration: float) -> datetime:
        self.at += timedelta(**duration)
        return self.at


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def browser():
    """A real Chromium, for tests without a loop of their own: its driver runs one.

    No sandbox where this is root; no look-ups of the browser's own anywhere.
    """
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        pytest.fail("these tests need a Chromium on PATH: `make test` installs one where it runs as root")
    flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
    flags += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=flags)
        yield opened
        opened.close()


# --- takedowns -----------------------------------------------------------------------------------


def _stands_in(content: object, words: tuple[bytes, ...]) -> bool:
    folded = (content if isinstance(content, bytes) else str(content).encode("utf-8", "surrogatepass")).lower()
    return any(word in folded for word in words)


def _indexed(connection: Connection, table: str) -> list[str]:
    """Every term that a full-text table knows. SQLite's own bytes do not show them: terms that begin alike are written once."""
    if connection.dialect.name != "sqlite":
        return list(connection.execute(text(f"SELECT vector::text FROM {table}")).scalars())
    vocabulary = f"{table}_vocabulary"
    connection.exec_driver_sql(f"CREATE VIRTUAL TABLE IF NOT EXISTS temp.{vocabulary} USING fts5vocab(main, {table}, row)")
    return list(connection.exec_driver_sql(f"SELECT term FROM temp.{vocabulary}").scalars())


@pytest.fixture
def remains(tmp_path: Path) -> Callable[[Store, str], list[str]]:
    """Finds where any word of a phrase still stands, in capitals or not: in every file under the test's folder, in every table,
    in every text and page unpacked. What the words are packed into, a file's bytes do not show: see test_hiding.py for that."""

    def find(store: Store, phrase: str) -> list[str]:
        words = tuple(word.encode() for word in phrase.lower().split())
        found = [f"file {path.name}" for path in tmp_path.rglob("*") if path.is_file() and _stands_in(path.read_bytes(), words)]
        with store._database.reading() as connection:
            for name, table in metadata.tables.items():
                raw = select(*(column.label(f"c{number}") for number, column in enumerate(table.columns)))
                found += [f"table {name}" for row in connection.execute(raw) for value in row if _stands_in(value, words)]
            for one in connection.execute(select(metadata.tables["revision"].c.id)).scalars():
                found += [f"body {one}"] * _stands_in(contents.read_bodies(connection, [one])[one], words)
            is_there = metadata.tables["capture"].c.packing != Packing.DROPPED
            for one in connection.execute(select(metadata.tables["capture"].c.id).where(is_there)).scalars():
                capture = contents.read_capture(connection, one)
                body = gzip.decompress(capture.body) if capture.body.startswith(b"\x1f\x8b") else capture.body
                found += [f"capture {one}"] * (_stands_in(body, words) or _stands_in(repr(capture), words))
            for seq, packed in connection.execute(select(searched_change.c.seq, searched_change.c.sentences)):
                found += [f"sentences {seq}"] * _stands_in(repr(searched.unpack(packed)), words)
            for table in FULL_TEXT:
                found += [f"index {table}"] * any(_stands_in(term, words) for term in _indexed(connection, table))
        return sorted(set(found))

    return find


# --- loopback ------------------------------------------------------------------------------------


def _stays_home(address: object) -> bool:
    if not isinstance(address, tuple):
        return True  # a Unix socket's path
    try:
        return ipaddress.ip_address(str(address[0]).split("%")[0]).is_loopback
    except ValueError:
        return str(address[0]) == "localhost"


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A socket to anywhere but loopback fails the test that opens it."""
    for name in ("connect", "connect_ex", "sendto"):
        original = getattr(socket.socket, name)

        def guarded(self, *args, _original=original):
            if self.family in {socket.AF_INET, socket.AF_INET6} and not _stays_home(args[-1]):
                message = f"a test tried to reach {args[-1]!r}"
                raise AssertionError(message)
            return _original(self, *args)

        monkeypatch.setattr(socket.socket, name, guarded)


# --- PostgreSQL ----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A throw-away PostgreSQL server, one a test run, begun when a test first asks for it."""
    with server() as made:
        yield made
