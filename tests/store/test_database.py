"""The connection: pragmas that keep what was committed, one writer at a time, and errors that a user can act on."""

from __future__ import annotations

import sqlite3
import sys
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tracker.errors import Busy, Unusable
from tracker.model import Source
from tracker.store import Store, counter, database

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_a_sqlite_file_is_safe_against_a_pulled_plug_and_checks_its_references(tmp_path):
    store = Store.open(f"sqlite:///{tmp_path / 'tracker.db'}")
    with store._database.writing() as connection:
        values = {name: connection.execute(text(f"PRAGMA {name}")).scalar_one() for name in ("journal_mode", "synchronous", "foreign_keys")}
    store.close()
    assert values == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_a_new_sqlite_file_has_pages_that_keyframes_fill_and_an_older_one_keeps_its_own(tmp_path):
    older = tmp_path / "older.db"
    with sqlite3.connect(older) as raw:
        raw.execute("PRAGMA page_size = 4096")
        raw.execute("CREATE TABLE kept (id INTEGER)")
    raw.close()
    found = []
    for file in (tmp_path / "new.db", older):
        store = Store.open(f"sqlite:///{file}")
        with store._database.reading() as connection:
            found.append(connection.execute(text("PRAGMA page_size")).scalar_one())
        store.close()
    assert found == [8192, 4096]


def test_a_reference_to_nothing_is_refused(store):
    with pytest.raises(IntegrityError), store._database.writing() as connection:
        connection.execute(text("INSERT INTO feed_entry (feed_id, entry_hash, listed_at) VALUES (99, 1, 1)"))
    assert store.version() == 0


def test_a_reader_sees_one_moment_however_much_is_written_meanwhile(desk):
    with desk.store._database.reading() as connection:
        before = counter.current(connection)
        writer = threading.Thread(target=desk.declare, args=(Source(name="late", title="Late"),))
        writer.start()
        writer.join()
        assert counter.current(connection) == before
    assert desk.store.version() > before


def test_a_writer_on_sqlite_has_the_lock_before_its_first_statement_and_a_reader_never(tmp_path):
    store = Store.open(f"sqlite:///{tmp_path / 'tracker.db'}")
    with closing(sqlite3.connect(tmp_path / "tracker.db", isolation_level=None, timeout=0)) as other:
        with store._database.writing(), pytest.raises(sqlite3.OperationalError, match="database is locked"):
            other.execute("BEGIN IMMEDIATE")
        with store._database.reading():
            other.execute("BEGIN IMMEDIATE")
    store.close()


def test_a_writer_that_fails_leaves_nothing(store):
    def break_off(connection):
        counter.take(connection, 5)
        raise RuntimeError

    with pytest.raises(RuntimeError), store._database.writing() as connection:
        break_off(connection)
    assert store.version() == 0


def test_a_database_that_another_program_holds_is_busy_and_the_error_says_what_to_do(url, monkeypatch, request):
    monkeypatch.setattr(database, "BUSY_AFTER", timedelta(milliseconds=50))
    store = Store.open(url)
    request.addfinalizer(store.close)
    if url.startswith("sqlite"):
        other = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
    else:
        other = psycopg.connect(url.replace("+psycopg", ""))
        other.execute("SELECT * FROM counter FOR UPDATE")
    try:
        with pytest.raises(Busy, match="locked by another program"):
            store.articles.declare([Source(name="news", title="News")], NOW)
    finally:
        other.rollback()
        other.close()
    store.articles.declare([Source(name="news", title="News")], NOW)


def test_a_file_that_is_no_database_is_named_and_left_alone(tmp_path):
    file = tmp_path / "tracker.db"
    file.write_bytes(b"not a database, but somebody's notes. " * 100)
    with pytest.raises(Unusable, match=r"tracker\.db cannot be used: file is not a database"):
        Store.open(f"sqlite:///{file}")
    assert file.read_bytes().startswith(b"not a database")


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(Unusable, match="its folder cannot be made"):
        Store.open(f"sqlite:///{tmp_path / 'file' / 'storage' / 'tracker.db'}")


def test_the_folder_of_a_new_database_is_made(tmp_path):
    Store.open(f"sqlite:///{tmp_path / 'a' / 'b' / 'tracker.db'}").close()
    assert (tmp_path / "a" / "b" / "tracker.db").exists()


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("sqlite://", "a database in memory is lost at the end"),
        ("sqlite:///:memory:", "a database in memory is lost at the end"),
        ("mysql://user@host/db", "only sqlite:/// and postgresql"),
        ("storage/tracker.db", "it is no address of a database"),
    ],
)
def test_an_address_that_cannot_be_a_store_is_refused_with_what_could(url, why):
    with pytest.raises(Unusable, match=why):
        Store.open(url)


def test_a_server_that_does_not_answer_is_named_without_its_password(tmp_path):
    url = f"postgresql://tracker:s3cret@/tracker?host={tmp_path}"
    with pytest.raises(Unusable) as caught:
        Store.open(url)
    assert "s3cret" not in str(caught.value)
    assert str(tmp_path) in str(caught.value)


def test_an_address_that_cannot_be_read_is_named_without_its_password():
    with pytest.raises(Unusable, match="it is no address of a database") as caught:
        Store.open("postgresql://tracker:s3/cr@et@host:port/tracker")
    assert "s3" not in str(caught.value)
    assert "cr@et" not in str(caught.value)
    assert "host:port" in str(caught.value)


def _with_source(store: Store, name: str = "news") -> None:
    store.articles.declare([Source(name=name, title="News")], NOW)


def test_a_file_that_is_deleted_while_the_program_runs_is_noticed_by_readers_and_writers(tmp_path):
    store = Store.open(f"sqlite:///{tmp_path / 'tracker.db'}")
    (tmp_path / "tracker.db").rename(tmp_path / "away.db")
    with pytest.raises(Unusable, match="deleted or moved away while the program runs: put it back, or restart"):
        store.version()
    with pytest.raises(Unusable, match="deleted or moved away"):
        _with_source(store)
    assert not (tmp_path / "tracker.db").exists()
    (tmp_path / "away.db").rename(tmp_path / "tracker.db")
    _with_source(store)
    store.close()


def test_a_file_that_is_replaced_while_the_program_runs_is_not_written_into_the_old_one(tmp_path):
    store = Store.open(f"sqlite:///{tmp_path / 'tracker.db'}")
    other = Store.open(f"sqlite:///{tmp_path / 'other.db'}")
    other.close()
    (tmp_path / "other.db").replace(tmp_path / "tracker.db")
    with pytest.raises(Unusable, match="replaced while the program runs"):
        _with_source(store)
    store.close()


def test_what_is_committed_into_a_file_that_vanished_meanwhile_is_not_said_to_be_kept(tmp_path):
    store = Store.open(f"sqlite:///{tmp_path / 'tracker.db'}")

    def write_while_it_is_deleted():
        with store._database.writing() as connection:
            counter.take(connection, 1)
            (tmp_path / "tracker.db").unlink()

    with pytest.raises(Unusable, match="deleted"):
        write_while_it_is_deleted()
    store.close()


def test_without_the_driver_a_store_on_postgresql_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)  # as if it were not installed
    with pytest.raises(Unusable, match=r"driver for PostgreSQL is not installed.*pip install 'psycopg\[binary\]'"):
        Store.open("postgresql+psycopg://tracker@localhost/tracker")


def test_only_a_lease_does_not_wait_for_the_disk(store):
    database = store._database
    setting = text("PRAGMA synchronous" if database.is_sqlite else "SHOW synchronous_commit")
    if not database.is_sqlite:  # the tests' server waits for no disk; this database's next connections do
        with database.writing() as connection:
            name = connection.execute(text("SELECT current_database()")).scalar_one()
            connection.execute(text(f'ALTER DATABASE "{name}" SET synchronous_commit = on'))
        database._writers.dispose()

    def asked(begin):
        with begin() as connection:
            return str(connection.execute(setting).scalar_one())

    hasty, usual = ("1", "2") if database.is_sqlite else ("off", "on")
    found = [asked(begin) for begin in (database.leasing, database.writing, database.leasing, database.writing)]
    assert found == [hasty, usual, hasty, usual]


def test_what_was_deleted_is_in_no_file_after_a_scrub_whatever_sqlite_leaves_behind(tmp_path):
    store = Store.open(f"sqlite:///{tmp_path / 'tracker.db'}")
    raw = sqlite3.connect(tmp_path / "tracker.db", isolation_level=None)
    raw.execute("PRAGMA secure_delete = OFF")  # some builds of SQLite have it on, some not
    raw.execute("UPDATE installation SET uuid = ?", ("hidden words " * 1000,))
    raw.execute("UPDATE installation SET uuid = ?", (str(store.installation_id),))

    def files_with_the_words() -> set[str]:
        return {path.name for path in tmp_path.iterdir() if b"hidden words" in path.read_bytes()}

    assert files_with_the_words() == {"tracker.db-wal"}
    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert files_with_the_words() == {"tracker.db"}
    store._database.scrub()
    assert files_with_the_words() == set()
    raw.close()
    store.close()


def test_a_scrub_that_a_reader_holds_up_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(database, "BUSY_AFTER", timedelta(milliseconds=20))
    store = Store.open(f"sqlite:///{tmp_path / 'tracker.db'}")
    with store._database.reading() as connection:
        connection.execute(text("SELECT * FROM counter"))
        with pytest.raises(Busy):
            store._database.scrub()
    store._database.scrub()
    store.close()


def test_only_a_server_tells_the_time(store):
    before, told = datetime.now(UTC), store.time()
    assert told is None if store._database.is_sqlite else before - timedelta(seconds=1) <= told <= datetime.now(UTC) + timedelta(seconds=1)


def test_a_server_lets_go_of_what_a_silent_writer_locked_and_waits_for_slow_readers(store):
    if store._database.is_sqlite:
        return  # its locks are the process's, and go with it
    asked = "SHOW idle_in_transaction_session_timeout"
    with store._database.writing() as writer, store._database.reading() as reader:
        assert writer.exec_driver_sql(asked).scalar() == "10s"
        assert reader.exec_driver_sql(asked).scalar() == "0"
