"""Web hosts: their pace and robots rules, shared by all processes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Table, select, update
from sqlalchemy.dialects import postgresql, sqlite

from tracker.model import Host
from tracker.store.database import chunks
from tracker.store.schema import host, robots


def read(connection: Connection, name: str) -> Host:
    """A host that was never asked is known by its name alone."""
    statement = (
        select(host, robots.c.status, robots.c.read_at, robots.c.body)
        .join_from(host, robots, isouter=True)
        .where(host.c.name == name)
    )
    row = connection.execute(statement).one_or_none()
    if row is None:
        return Host(name=name)
    return Host(
        name=name,
        next_request_at=row.next_request_at,
        pause_until=row.pause_until,
        robots=row.body,
        robots_status=row.status,
        robots_read_at=row.read_at,
    )


def write(connection: Connection, kept: Host) -> None:
    host_id = ids(connection, [kept.name])[kept.name]
    pace = {"next_request_at": kept.next_request_at, "pause_until": kept.pause_until}
    connection.execute(update(host).where(host.c.id == host_id).values(pace))
    read_at = connection.execute(select(robots.c.read_at).where(robots.c.host_id == host_id)).scalar_one_or_none()
    if kept.robots_read_at is not None and kept.robots_read_at != read_at:
        rules = {"status": kept.robots_status, "read_at": kept.robots_read_at, "body": kept.robots}
        _insert_or_ignore(connection, robots, [{"host_id": host_id} | rules])
        connection.execute(update(robots).where(robots.c.host_id == host_id).values(rules))


def ids(connection: Connection, names: Iterable[str]) -> dict[str, int]:
    """Every host's id; unknown ones are added."""
    wanted = sorted(set(names))
    found = _known(connection, wanted)
    if missing := [name for name in wanted if name not in found]:
        _insert_or_ignore(connection, host, [{"name": name} for name in missing])
        found |= _known(connection, missing)
    return found


def _known(connection: Connection, names: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for part in chunks(names):
        found |= dict(connection.execute(select(host.c.name, host.c.id).where(host.c.name.in_(part))).all())
    return found


def _insert_or_ignore(connection: Connection, table: Table, values: list[dict[str, Any]]) -> None:
    """Another process may be adding the same; both databases say it alike, SQLAlchemy by two names."""
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    connection.execute(make(table).on_conflict_do_nothing(), values)
