"""The last id that each table gave: ids are never used twice, so a copy goes on after those that its rows no longer show."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, Table, func, select, text

from tracker.store.schema import metadata


def read(connection: Connection) -> dict[str, int]:
    """By table."""
    if connection.dialect.name == "sqlite":
        found = connection.execute(text("SELECT name, seq FROM sqlite_sequence"))
        return {name: value for name, value in found if name in metadata.tables}
    given: dict[str, int] = {}
    for name, sequence in _sequences(connection).items():
        value, is_called = connection.execute(text(f"SELECT last_value, is_called FROM {sequence}")).one()  # noqa: S608 - PostgreSQL's own name
        if is_called:
            given[name] = value
    return given


def write(connection: Connection, given: Mapping[str, int]) -> None:
    if connection.dialect.name == "sqlite":
        for name, value in given.items():
            connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": name})
            connection.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :value)"), {"name": name, "value": value})
        return
    for name, sequence in _sequences(connection).items():
        if name in given:
            connection.execute(select(func.setval(sequence, given[name])))


def _sequences(connection: Connection) -> dict[str, str]:
    """PostgreSQL's, by the table whose ids they give."""
    found = {name: connection.execute(select(func.pg_get_serial_sequence(name, key))).scalar() for name, key in map(_key, _numbered())}
    return {name: str(sequence) for name, sequence in found.items() if sequence is not None}


def _numbered() -> list[Table]:
    return [one for one in metadata.sorted_tables if len(one.primary_key.columns) == 1]


def _key(one: Table) -> tuple[str, str]:
    return one.name, next(iter(one.primary_key.columns)).name
