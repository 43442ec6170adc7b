"""The note in a database that it is half a copy of another store: until the copy is whole, nobody opens it as a store.

A table of its own, which no schema has: it is there before the schema is, and gone when the copy is whole. See moving.py.
Of several runs, the one that began last has it: an earlier one that still goes on, in another terminal, must not write any more,
least of all into what is a store in use by then.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Column, Connection, MetaData, Table, Text, insert, inspect, select, update

from tracker.errors import HalfCopied
from tracker.store.database import Database

_NOTE = Table(
    "half_copy",
    MetaData(),
    Column("installation", Text, primary_key=True),
    Column("origin", Text, nullable=False),
    Column("run", Text, nullable=False),
)
NAME = _NOTE.name


@dataclass(frozen=True, slots=True, kw_only=True)
class HalfCopy:
    """Of which installation's store, and the address that it had."""

    installation: str
    origin: str


def found(connection: Connection) -> HalfCopy | None:
    if not inspect(connection).has_table(NAME):
        return None
    installation, origin = connection.execute(select(_NOTE.c.installation, _NOTE.c.origin)).one()
    return HalfCopy(installation=installation, origin=origin)


def refuse(database: Database) -> None:
    """Raises HalfCopied."""
    with database.reading() as connection:
        half = found(connection)
    if half is not None:
        raise HalfCopied(database.url, half.origin)


def begin(connection: Connection, half: HalfCopy, run: str) -> None:
    _NOTE.create(connection)
    connection.execute(insert(_NOTE).values(installation=half.installation, origin=half.origin, run=run))


def go_on(connection: Connection, run: str) -> None:
    connection.execute(update(_NOTE).values(run=run))


def is_of(connection: Connection, run: str) -> bool:
    """Whether this run has it; until the commit no other takes it."""
    if not inspect(connection).has_table(NAME):
        return False
    found: str = connection.execute(select(_NOTE.c.run).with_for_update(read=True)).scalar_one()
    return found == run


def end(connection: Connection) -> None:
    _NOTE.drop(connection)
