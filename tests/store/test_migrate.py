"""Migrations: from empty they give exactly the schema, once, and a schema that is not known is refused."""

from __future__ import annotations

import json
import logging
import re
import threading
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData, insert, inspect, text

from tracker.errors import SchemaTooNew, Unusable
from tracker.model import Outcome, Scope
from tracker.store import Store, migrate
from tracker.store.database import Database
from tracker.store.schema import metadata
from tracker.store.schema_search import FULL_TEXT

# What the first schema's tables held, as they held it: two articles with texts, one that was not read yet.
FIRST = json.loads((Path(__file__).parents[1] / "cases" / "store" / "schema-0001.json").read_text(encoding="utf-8"))


def definitions(connection: Connection) -> set[str]:
    """Every table and index as the database itself tells it, without regard to the order of constraints."""
    if connection.dialect.name == "sqlite":
        statements = connection.execute(text("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'alembic%'")).scalars()
        return {" ".join(sorted(re.split(r",\s|\(\s|\s\)", " ".join(one.split())))) for one in statements}
    indexes = connection.execute(text("SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename NOT LIKE 'alembic%'"))
    constraints = connection.execute(
        text(
            "SELECT conrelid::regclass::text || conname || pg_get_constraintdef(oid)"
            " FROM pg_constraint WHERE connamespace = 'public'::regnamespace"
        )
    )
    columns = connection.execute(
        text(
            "SELECT table_name || ordinal_position || column_name || data_type || is_nullable || coalesce(column_default, '')"
            " FROM information_schema.columns WHERE table_schema = 'public'"
        )
    )
    found = [*indexes.scalars(), *constraints.scalars(), *columns.scalars()]
    return {one for one in found if "alembic" not in one}


def is_ours(name: str | None, kind: str, parents: object) -> bool:
    """Not the databases' own full-text tables, which `definitions` compares."""
    return kind != "table" or not (name or "").startswith(tuple(FULL_TEXT))


def test_migrating_from_empty_equals_the_schema(empty_url):
    Store.open(empty_url).close()
    database = Database(empty_url)
    with database.reading() as connection:
        opts = {"compare_type": True, "compare_server_default": True, "include_name": is_ours}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, metadata) == []
        migrated = definitions(connection)
    with database.writing() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
        metadata.drop_all(connection)
        assert inspect(connection).get_table_names() in ([], ["sqlite_sequence"])
        metadata.create_all(connection)
        made = definitions(connection)
    database.close()
    assert migrated == made


def test_opening_again_migrates_nothing_and_keeps_the_installations_id(empty_url):
    first = Store.open(empty_url)
    first.close()
    again = Store.open(empty_url)
    again.close()
    assert again.installation_id == first.installation_id


def test_two_processes_that_open_an_empty_database_at_once_make_one_store(empty_url):
    start = threading.Barrier(4)
    found = []

    def work():
        start.wait()
        store = Store.open(empty_url)
        found.append(store.installation_id)
        store.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(found)) == 1


def test_a_schema_that_this_program_does_not_know_is_refused_and_left_alone(empty_url):
    store = Store.open(empty_url)
    with store._database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    store.close()
    with pytest.raises(SchemaTooNew, match=r"at schema 9999, this program knows [0-9]{4}: install the newer tracker") as caught:
        Store.open(empty_url)
    assert caught.value.found == "9999"


def test_a_refused_downgrade_says_what_to_do_and_changes_nothing(url):
    database = Database(url)
    with pytest.raises(RuntimeError, match="restore a backup"), database.writing() as connection:
        command.downgrade(migrate.configuration(connection), "base")
    with database.reading() as connection:
        assert not migrate.is_behind(connection)
    database.close()
    Store.open(url).close()


def _fill_first(url: str) -> None:
    """The first schema, with data in it."""
    database = Database(url)
    with database.writing() as connection:
        command.upgrade(migrate.configuration(connection), "0001")
        connection.execute(text("DELETE FROM installation"))
        connection.execute(text("DELETE FROM counter"))
        tables = MetaData()
        tables.reflect(connection)
        for name, rows in FIRST.items():
            values = [{key: bytes.fromhex(one["hex"]) if isinstance(one, dict) else one for key, one in row.items()} for row in rows]
            connection.execute(insert(tables.tables[name]), values)
            if not database.is_sqlite and pg_sequence(connection, name):
                connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), 1000)"))
    database.close()


def pg_sequence(connection: Connection, table: str) -> bool:
    has_id = "id" in {column["name"] for column in inspect(connection).get_columns(table)}
    return has_id and connection.execute(text(f"SELECT pg_get_serial_sequence('{table}', 'id')")).scalar_one() is not None


def test_what_the_first_schema_kept_is_read_after_all_steps(empty_url):
    _fill_first(empty_url)
    store = Store.open(empty_url)
    assert str(store.installation_id) == FIRST["installation"][0]["uuid"]
    first, second, unread = store.articles.listed(limit=10)
    assert (first.revisions_count, first.changes_count, second.changes_count, unread.revisions_count) == (3, 2, 0, 0)
    assert [revision.number for revision in store.revisions.history(first.id)] == [1, 2, 3]
    latest = store.revisions.latest(first.id)
    assert "five million pounds" in latest.extract.text
    assert b"five million" in store.revisions.capture(latest.revision.capture_id).body
    assert [event.reverts_to_id for event in store.revisions.events(Scope())] == [1, None]
    assert store.revisions.polls(article_id=second.id)[0].poll.outcome is Outcome.FAILED
    assert list(store.verify(lambda *_: None)) == []
    store.close()


def test_a_file_is_copied_before_its_schema_is_changed_and_the_log_says_where(tmp_path, caplog):
    file = tmp_path / "tracker.db"
    _fill_first(f"sqlite:///{file}")
    with caplog.at_level(logging.INFO, "tracker"):
        Store.open(f"sqlite:///{file}").close()
    (copy,) = tmp_path.glob("tracker.schema-0001.*.db")
    assert re.fullmatch(r"tracker\.schema-0001\.\d{8}T\d{6}Z\.db", copy.name)
    assert f"as it was, it is kept in {copy}" in caplog.text
    kept = Database(f"sqlite:///{copy}")
    with kept.reading() as connection:
        assert migrate.current(connection) == "0001"
        assert connection.execute(text("SELECT count(*) FROM revision")).scalar_one() == len(FIRST["revision"])
    kept.close()
    Store.open(f"sqlite:///{file}").close()
    assert len(list(tmp_path.glob("tracker.schema-*"))) == 1


def test_a_new_database_is_not_copied(tmp_path):
    Store.open(f"sqlite:///{tmp_path / 'tracker.db'}").close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tracker.db", "tracker.db.installation"]


def test_a_schema_is_not_changed_where_the_copy_cannot_be_made(tmp_path, monkeypatch):
    file = tmp_path / "tracker.db"
    _fill_first(f"sqlite:///{file}")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tracker.store.copying._flush", full)
    with pytest.raises(Unusable, match=r"could not be copied .*No space left"):
        Store.open(f"sqlite:///{file}")
    database = Database(f"sqlite:///{file}")
    with database.reading() as connection:
        assert migrate.current(connection) == "0001"
    database.close()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("tracker.schema")] == []


def test_postgresql_says_that_no_copy_is_made(cluster, caplog):
    cluster.execute("CREATE DATABASE first")
    try:
        _fill_first(cluster.url("first"))
        with caplog.at_level(logging.INFO, "tracker"):
            Store.open(cluster.url("first")).close()
    finally:
        cluster.execute("DROP DATABASE first WITH (FORCE)")
    assert "goes from 0001 to" in caplog.text
    assert "PostgreSQL's tables are not copied first" in caplog.text
