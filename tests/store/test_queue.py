"""The queue's tables: beside the store's, made once, made anew for another Procrastinate."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from tracker.errors import Unusable
from tracker.store import Store
from tracker.store.queue import SCHEMA, connector

JOBS = f"SELECT count(*) FROM {SCHEMA}.procrastinate_jobs"


@pytest.fixture
def server(cluster):
    """An empty database, and how to ask it."""
    cluster.execute("CREATE DATABASE queue")

    def ask(statement: str) -> list[tuple]:
        where = f"host={cluster.socket} user=tracker dbname=queue options='-c search_path={SCHEMA},public'"
        with psycopg.connect(where, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    ask.url = cluster.url("queue")
    yield ask
    cluster.execute("DROP DATABASE queue WITH (FORCE)")


def test_the_tables_stand_in_a_schema_of_their_own_beside_the_stores(server):
    Store.open(server.url).close()
    connector(server.url)
    assert server(JOBS) == [(0,)]
    assert server("SELECT count(*) FROM article") == [(0,)]
    assert server("SELECT to_regclass('public.procrastinate_jobs')") == [(None,)]


def test_many_that_begin_together_make_the_tables_once(server):
    start = threading.Barrier(6)

    def begin() -> None:
        start.wait()
        connector(server.url)

    with ThreadPoolExecutor(6) as processes:
        for begun in [processes.submit(begin) for _ in range(6)]:
            begun.result()
    assert server(JOBS) == [(0,)]


def test_what_waits_stays_when_another_process_begins(server):
    connector(server.url)
    server(f"INSERT INTO {SCHEMA}.procrastinate_jobs (queue_name, task_name) VALUES ('hosts', 'poll_host')")
    connector(server.url)
    assert server(JOBS) == [(1,)]


def test_tables_of_another_procrastinate_are_made_anew(server):
    connector(server.url)
    server(f"INSERT INTO {SCHEMA}.procrastinate_jobs (queue_name, task_name) VALUES ('hosts', 'poll_host')")
    server(f"COMMENT ON SCHEMA {SCHEMA} IS 'older'")
    connector(server.url)
    assert server(JOBS) == [(0,)]


def test_a_user_who_may_not_make_the_schema_is_told_what_to_grant(server, cluster):
    server("CREATE ROLE stranger LOGIN")
    with pytest.raises(Unusable, match="GRANT CREATE ON DATABASE"):
        connector(server.url.replace("tracker@", "stranger@"))
    server("DROP ROLE stranger")


def test_a_sqlite_store_has_no_queue(tmp_path):
    with pytest.raises(Unusable, match="needs a PostgreSQL store"):
        connector(f"sqlite:///{tmp_path / 'tracker.db'}")
