"""Brings a database to the schema that this program knows, through the steps in migrations/."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from tracker.errors import SchemaTooNew
from tracker.store.database import Database

FOLDER = Path(__file__).parent / "migrations"
# One number for all processes, so that only one of them migrates; it means nothing else.
_ADVISORY_LOCK = 7_201_905


def migrate(database: Database) -> None:
    """To the newest step, in one transaction: another process waits, a crash leaves all as it was. Raises SchemaTooNew."""
    with database.reading() as connection:
        if not is_behind(connection):
            return
    with database.writing() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        if is_behind(connection):
            command.upgrade(configuration(connection), "head")


def is_behind(connection: Connection) -> bool:
    """Whether steps are missing. Raises SchemaTooNew for a step that this program does not know."""
    found = MigrationContext.configure(connection).get_current_revision()
    scripts = ScriptDirectory.from_config(configuration(connection))
    head = str(scripts.get_current_head())
    if found is not None and found not in {script.revision for script in scripts.walk_revisions()}:
        raise SchemaTooNew(found, head)
    return found != head


def configuration(connection: Connection) -> Config:
    """Alembic's settings, without an alembic.ini; env.py takes the connection."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
