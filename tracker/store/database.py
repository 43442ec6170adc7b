"""The connection to SQLite or PostgreSQL: engine, pragmas, transactions, and its errors in our words.

What is asked of it is in the modules beside; the tables are in schema.py, their versions in migrate.py.
"""

from __future__ import annotations

import re
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    IntegrityError,
    NoSuchModuleError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import QueuePool

from tracker.errors import Busy, StoreError, Unusable

T = TypeVar("T")

# How long a writer waits for another one: far longer than any transaction of ours, short enough to be told.
BUSY_AFTER = timedelta(seconds=15)
# A writer that says nothing for so long in the middle of a transaction was cut off from the server, which then lets go of
# what it locked: before others who wait for it give up, and far longer than any pause of ours within a transaction.
SILENT_WRITER_AFTER = timedelta(seconds=10)
# Between several statements that are sent at once it counts as busy, however silent: there the server asks its machine for a word.
END_SILENT_WRITER = (
    f"-c idle_in_transaction_session_timeout={SILENT_WRITER_AFTER // timedelta(milliseconds=1)}"
    f" -c tcp_user_timeout={SILENT_WRITER_AFTER // timedelta(milliseconds=1)}"
    " -c tcp_keepalives_idle=4 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3"
)
# A connection whose other end was unplugged is given up within half a minute (the system's own word for it is hours).
UNPLUGGED = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 4, "tcp_user_timeout": 30_000}
# A keyframe takes half of SQLite's usual page of 4,096 bytes, and the next one has no room beside it: bodies took 1,131
# bytes a revision in those, 799 in these, 793 in twice as large ones, of which each commit writes twice as much.
PAGE_SIZE = 8192
# SQLite's and PostgreSQL's names for "somebody else holds it".
_BUSY_NAMES = ("SQLITE_BUSY", "SQLITE_LOCKED")
_BUSY_STATES = {"40001", "40P01", "55P03"}
_DAMAGE_NAMES = ("SQLITE_CORRUPT", "SQLITE_NOTADB")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Begin:
    """What a transaction begins with."""

    sqlite: tuple[str, ...]
    postgresql: tuple[str, ...] = ()


# A writer takes SQLite's lock first: upgrading later would fail at once where another one wrote meanwhile.
_READING = _Begin(sqlite=("BEGIN",))
_WRITING = _Begin(sqlite=("PRAGMA synchronous = FULL", "BEGIN IMMEDIATE"))
_COPYING = _Begin(
    sqlite=("PRAGMA synchronous = NORMAL", "PRAGMA foreign_keys = OFF", "BEGIN IMMEDIATE"),
    postgresql=("SET LOCAL synchronous_commit = off",),
)
_LEASING = _Begin(sqlite=("PRAGMA synchronous = NORMAL", "BEGIN IMMEDIATE"), postgresql=("SET LOCAL synchronous_commit = off",))


class _Cursor(Protocol):
    def execute(self, statement: str) -> object: ...
    def close(self) -> None: ...


class _RawSqlite(Protocol):
    isolation_level: str | None

    def cursor(self) -> _Cursor: ...


class Database:
    """Thread-safe. `reading` sees one moment of the database, `writing` is one transaction, at most one at a time on SQLite."""

    def __init__(self, url: str) -> None:
        self.parsed = _parse(url)
        self.url = self.parsed.render_as_string(hide_password=True)
        self.is_sqlite = self.parsed.get_backend_name() == "sqlite"
        # The SQLite file; None for PostgreSQL.
        self.file = Path(self.parsed.database) if self.is_sqlite and self.parsed.database else None
        self._identity: tuple[int, int] | None = None
        self._our_writer = threading.Lock()
        if self.is_sqlite:
            self._readers = self._make_sqlite_engine()
            event.listen(self._readers, "connect", self._know_file)
            self._writers = self._readers
        else:
            self._readers = self._make_postgresql_engine().execution_options(isolation_level="REPEATABLE READ")
            self._writers = self._make_postgresql_engine(END_SILENT_WRITER).execution_options(isolation_level="READ COMMITTED")

    def _make_sqlite_engine(self) -> Engine:
        return _sqlite_engine(self.parsed)

    def _make_postgresql_engine(self, options: str = "") -> Engine:
        return _postgresql_engine(self.parsed, options)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        self._check_file()
        with self._told(), self._readers.begin() as connection:
            self._run(connection, _READING)
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        self._check_file()
        with self._alone(), self._told(), self._writers.begin() as connection:
            self._run(connection, _WRITING)
            yield connection
        self._check_file()  # what was committed into a deleted file is not kept

    @contextmanager
    def leasing(self) -> Iterator[Connection]:
        """The same, but it does not wait for the disk: a power cut may take it back, which is nothing to what is done again then."""
        self._check_file()
        with self._alone(), self._told(), self._writers.begin() as connection:
            self._run(connection, _LEASING)
            yield connection

    @contextmanager
    def copying(self) -> Iterator[Connection]:
        """The same, and SQLite does not hold references against what is not there yet; on PostgreSQL, moving.py takes them away."""
        with self._alone(), self._told(), self._writers.begin() as connection:
            self._run(connection, _COPYING)
            yield connection

    def _run(self, connection: Connection, begin: _Begin) -> None:
        """Not by a listener to SQLAlchemy's events: where there is one for any of them, each statement costs a tenth more."""
        for statement in begin.sqlite if self.is_sqlite else begin.postgresql:
            connection.exec_driver_sql(statement)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """SQLite lets whoever waits for a writer sleep, and longer each time: this process's own threads wake each other."""
        if not self.is_sqlite:
            yield
            return
        if not self._our_writer.acquire(timeout=BUSY_AFTER.total_seconds()):
            raise Busy(self.url)
        try:
            yield
        finally:
            self._our_writer.release()

    def _know_file(self, *_: object) -> None:
        """After SQLite opened it for writing: some file systems give it another number only then."""
        if self._identity is None and self.file is not None:
            self._identity = _identity(self.file)

    def _check_file(self) -> None:
        """A deleted file goes on taking what open connections write, and all of it is gone at the end. Raises Unusable."""
        if self._identity is not None and self.file is not None and self._identity != _identity(self.file):
            what = "replaced" if self.file.exists() else "deleted or moved away"
            raise Unusable(self.url, f"its file was {what} while the program runs: put it back, or restart the program")

    def make_folder(self) -> None:
        """Of a SQLite file. Raises Unusable."""
        if self.file is None:
            return
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Unusable(self.url, f"its folder cannot be made ({error.strerror})") from error

    def scrub(self) -> None:
        """Writes the SQLite file anew, so that what was deleted lies neither in its free pages nor in its log. Raises Busy.

        Needs as much room as the file has. PostgreSQL keeps its files itself: docs/use.md says what to do there.
        """
        if not self.is_sqlite:
            return
        with self._told(), self._readers.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM")
            blocked, _, _ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
        if blocked:
            raise Busy(self.url)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (IntegrityError, ProgrammingError, DataError):
            raise  # a mistake of ours, not of the database
        except DBAPIError as error:
            raise self._explained(error) from error
        except PoolTimeout as error:
            raise Busy(self.url) from error

    def _explained(self, error: DBAPIError) -> StoreError:
        name = str(getattr(error.orig, "sqlite_errorname", ""))
        state = getattr(error.orig, "sqlstate", None)
        if name.startswith(_BUSY_NAMES) or state in _BUSY_STATES:
            return Busy(self.url)
        lines = str(error.orig).strip().splitlines() or [type(error.orig).__name__]
        damaged = "; the file is cut off or damaged, restore a backup" if name.startswith(_DAMAGE_NAMES) else ""
        return Unusable(self.url, lines[0].rstrip(". ") + damaged)

    def time(self) -> datetime | None:
        """The database server's; None for SQLite, whose readers are all on this machine."""
        if self.is_sqlite:
            return None
        with self.reading() as connection:
            found: datetime = connection.exec_driver_sql("SELECT clock_timestamp()").scalar_one()
            return found.astimezone(UTC)

    def close(self) -> None:
        self._readers.dispose()
        self._writers.dispose()


class ReadOnly(Database):
    """A database of which not a byte is written, so that not even its log goes into its file. It must be there."""

    def _make_sqlite_engine(self) -> Engine:
        assert self.file is not None
        address = f"{self.file.absolute().as_uri()}?mode=ro"
        return create_engine("sqlite://", creator=lambda: _plain_sqlite(address), poolclass=QueuePool)

    def _make_postgresql_engine(self, options: str = "") -> Engine:
        return _postgresql_engine(self.parsed, options).execution_options(postgresql_readonly=True)


def _identity(file: Path) -> tuple[int, int] | None:
    """What tells this file from another in its place; None where there is none."""
    try:
        found = file.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        # What cannot be read may have a password in it all the same.
        shown = re.sub(r"//.*@", "//***@", url)
        raise Unusable(shown, "it is no address of a database, such as sqlite:///storage/tracker.db") from error
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in {"sqlite", "sqlite+pysqlite", "postgresql+psycopg"}:
        raise Unusable(parsed.render_as_string(), "only sqlite:/// and postgresql+psycopg:// addresses are known")
    if parsed.get_backend_name() == "sqlite" and (not parsed.database or parsed.database == ":memory:"):
        raise Unusable(parsed.render_as_string(), "a database in memory is lost at the end: name a file, such as sqlite:///storage/tracker.db")
    return parsed


def _sqlite_engine(url: URL) -> Engine:
    engine = create_engine(url, pool_size=8, max_overflow=32, pool_timeout=BUSY_AFTER.total_seconds())

    @event.listens_for(engine, "connect")
    def prepare(raw: _RawSqlite, _record: object) -> None:
        # The driver would begin transactions by itself, late and deferred; Database does it at once.
        raw.isolation_level = None
        cursor = raw.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {_milliseconds(BUSY_AFTER)}")
        cursor.execute(f"PRAGMA page_size = {PAGE_SIZE}")  # only a new file takes it
        _use_wal(cursor)
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    return engine


def _plain_sqlite(address: str) -> sqlite3.Connection:
    return sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False, timeout=BUSY_AFTER.total_seconds())


def _use_wal(cursor: _Cursor) -> None:
    """SQLite does not wait where two processes do this to a new file at once: then we do."""
    give_up_at = time.monotonic() + BUSY_AFTER.total_seconds()
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if not error.sqlite_errorname.startswith(_BUSY_NAMES) or time.monotonic() > give_up_at:
                raise
            time.sleep(0.01)
        else:
            return


def _milliseconds(duration: timedelta) -> int:
    return duration // timedelta(milliseconds=1)


def _postgresql_engine(url: URL, options: str = "") -> Engine:
    try:
        return create_engine(
            url,
            pool_size=8,
            max_overflow=32,
            pool_timeout=BUSY_AFTER.total_seconds(),
            pool_pre_ping=True,  # the server may have been restarted since
            connect_args={"connect_timeout": 10, **UNPLUGGED, "options": f"-c lock_timeout={_milliseconds(BUSY_AFTER)} {options}"},
        )
    except (ImportError, NoSuchModuleError) as error:
        # Not the extra by name: the public registry knows another package as "tracker".
        why = "the driver for PostgreSQL is not installed beside this program: pip install 'psycopg[binary]'"
        raise Unusable(url.render_as_string(), why) from error


# Values in one statement: far below both databases' limits; a feed of 50,000 entries is asked in parts.
CHUNK = 1000


def chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]
