"""Brings a database to the schema that this program knows, through the steps in migrations/."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from tracker.errors import SchemaTooNew
from tracker.store import copying, marker
from tracker.store.database import Database

logger = logging.getLogger(__name__)

FOLDER = Path(__file__).parent / "migrations"
# One number for all processes, so that only one of them migrates; it means nothing else.
_ADVISORY_LOCK = 7_201_905


def migrate(database: Database) -> None:
    """To the newest step, in one transaction: another process waits, a crash leaves all as it was.

    What is in a SQLite file is copied first. Raises SchemaTooNew, Unusable.
    """
    with database.reading() as connection:
        if not is_behind(connection):
            return
    with database.writing() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        if not is_behind(connection):
            return
        found = current(connection)
        if found is not None:
            _copy_first(database, found, head(connection))
        elif database.file is not None:
            marker.refuse_anew(database.file, database.url)
        command.upgrade(configuration(connection), "head")


def _copy_first(database: Database, found: str, wanted: str) -> None:
    """Before the first write of the transaction that holds the lock: nobody else writes, and readers see what was."""
    if database.file is None:
        logger.warning("the schema of %s goes from %s to %s; PostgreSQL's tables are not copied first", database.url, found, wanted)
        return
    at = datetime.now(UTC)  # for a name only
    copy = database.file.with_name(f"{database.file.stem}.schema-{found}.{at:%Y%m%dT%H%M%SZ}{database.file.suffix}")
    copying.copy_store(database.file, copy)
    logger.warning("the schema of %s goes from %s to %s; as it was, it is kept in %s", database.file, found, wanted, copy)


def copies(database: Database) -> tuple[Path, ...]:
    """What was copied beside the database at upgrades, oldest first."""
    file = database.file
    if file is None:
        return ()
    beside = file.parent.iterdir()
    return tuple(sorted(path for path in beside if path.name.startswith(f"{file.stem}.schema-") and path.suffix == file.suffix))


def is_behind(connection: Connection) -> bool:
    """Whether steps are missing. Raises SchemaTooNew for a step that this program does not know."""
    found, known = current(connection), {script.revision for script in _scripts(connection).walk_revisions()}
    if found is not None and found not in known:
        raise SchemaTooNew(found, head(connection))
    return found != head(connection)


def current(connection: Connection) -> str | None:
    """The database's step; None for a database without a schema."""
    return MigrationContext.configure(connection).get_current_revision()


def head(connection: Connection) -> str:
    return str(_scripts(connection).get_current_head())


def _scripts(connection: Connection) -> ScriptDirectory:
    return ScriptDirectory.from_config(configuration(connection))


def configuration(connection: Connection) -> Config:
    """Alembic's settings, without an alembic.ini; env.py takes the connection."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
