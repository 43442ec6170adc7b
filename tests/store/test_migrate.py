"""Migrations: from empty they give exactly the schema, once, and a schema that is not known is refused."""

from __future__ import annotations

import re
import threading

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

from tracker.errors import SchemaTooNew
from tracker.store import Store, migrate
from tracker.store.database import Database
from tracker.store.schema import metadata


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


def test_migrating_from_empty_equals_the_schema(empty_url):
    Store.open(empty_url).close()
    database = Database(empty_url)
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
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
