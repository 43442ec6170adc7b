"""Where Procrastinate's tables live: on the store's own PostgreSQL, in a schema of their own.

Nothing in them must last: what is due, and who has it, stands in the store's tables (claims.py); a job only wakes a worker. So
tables of another Procrastinate than the installed one are not upgraded step by step, but made anew.
"""

from __future__ import annotations

import hashlib

from procrastinate import PsycopgConnector
from procrastinate.schema import SchemaManager
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from tracker.errors import Unusable
from tracker.store.database import END_SILENT_WRITER, UNPLUGGED, Database

SCHEMA = "tracker_queue"
# One number for all processes, so that only one of them makes the tables; migrate.py has another.
_ADVISORY_LOCK = 7_201_906
_NOT_ALLOWED = "42501"
# Connections of one process: jobs take one for a moment when they begin and when they end.
_CONNECTIONS = 4
# How long a job waits for one of them.
_PATIENCE = 5.0


def connector(url: str) -> PsycopgConnector:
    """What Procrastinate reaches its tables by, which are there. Raises Unusable, Busy."""
    database = Database(url)
    try:
        if database.is_sqlite:
            raise Unusable(database.url, "the queue needs a PostgreSQL store")
        _prepare(database)
    finally:
        database.close()
    address = database.parsed.set(drivername="postgresql").render_as_string(hide_password=False)
    options = {**UNPLUGGED, "connect_timeout": 10, "options": f"-c search_path={SCHEMA} {END_SILENT_WRITER}"}
    return PsycopgConnector(conninfo=address, kwargs=options, min_size=1, max_size=_CONNECTIONS, timeout=_PATIENCE)


def _prepare(database: Database) -> None:
    """Safe with any number of processes that begin together: they do it one after another, and all but the first find it done."""
    tables = SchemaManager.get_schema()
    version = hashlib.blake2b(tables.encode(), digest_size=16).hexdigest()
    found = text("SELECT obj_description(to_regnamespace(:name), 'pg_namespace')")
    try:
        with database.writing() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
            if connection.execute(found, {"name": SCHEMA}).scalar() == version:
                return
            connection.execute(text(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE"))
            connection.execute(text(f"CREATE SCHEMA {SCHEMA}"))
            connection.execute(text(f"SET LOCAL search_path TO {SCHEMA}"))
            connection.execution_options(no_parameters=True).exec_driver_sql(tables)
            connection.execute(text(f"COMMENT ON SCHEMA {SCHEMA} IS '{version}'"))
    except ProgrammingError as error:
        if getattr(error.orig, "sqlstate", None) != _NOT_ALLOWED:
            raise
        why = f"the queue's tables cannot be made in a schema of their own, {SCHEMA}: GRANT CREATE ON DATABASE to the store's user"
        raise Unusable(database.url, why) from error
