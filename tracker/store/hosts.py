"""Web hosts: their pace and robots rules, shared by all processes.

Each fact is written by itself, by whoever learns it: nobody writes back what another process may have changed since.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table, or_, select, update
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


def reserve(
    connection: Connection, name: str, *, now: datetime, wait_at_most: timedelta, delay: timedelta, within: timedelta | None = None
) -> datetime:
    """When the next request may go. The one after it may go `delay` later: two that ask at once get different times.

    What is reserved for later than `wait_at_most` was written before a clock went back: then it is as if one had just gone.
    One that may go `within` a shorter time goes before those that wait, and takes nothing of what was reserved for them.
    """
    host_id = ids(connection, [name])[name]
    # On SQLite a writer is alone anyway.
    known = select(host.c.next_request_at).where(host.c.id == host_id).with_for_update()
    reserved_at = connection.execute(known).scalar_one() or now
    at = max(reserved_at, now)
    if at > now + wait_at_most:
        at = now + delay
    if within is None or at <= now + within:
        next_at = at + delay
    else:
        next_at, at = max(at, now + within + delay), now + within
    connection.execute(update(host).where(host.c.id == host_id).values(next_request_at=next_at))
    return at


def pause(connection: Connection, name: str, until: datetime) -> None:
    """The longer pause of two holds."""
    host_id = ids(connection, [name])[name]
    is_longer = or_(host.c.pause_until.is_(None), host.c.pause_until < until)
    connection.execute(update(host).where(host.c.id == host_id, is_longer).values(pause_until=until))


def paused(connection: Connection) -> dict[str, datetime]:
    statement = select(host.c.name, host.c.pause_until).where(host.c.pause_until.is_not(None))
    return {name: until for name, until in connection.execute(statement).all() if until is not None}


def write_robots(connection: Connection, name: str, *, body: bytes | None, status: int, read_at: datetime) -> None:
    host_id = ids(connection, [name])[name]
    rules = {"status": status, "read_at": read_at, "body": body}
    _insert_or_ignore(connection, robots, [{"host_id": host_id} | rules])
    connection.execute(update(robots).where(robots.c.host_id == host_id).values(rules))


def ids(connection: Connection, names: Iterable[str]) -> dict[str, int]:
    """Every host's id; unknown ones are added."""
    wanted = sorted(set(names))
    found = known(connection, wanted)
    if missing := [name for name in wanted if name not in found]:
        _insert_or_ignore(connection, host, [{"name": name} for name in missing])
        found |= known(connection, missing)
    return found


def known(connection: Connection, names: Sequence[str]) -> dict[str, int]:
    """The ids of those that were ever seen."""
    found: dict[str, int] = {}
    for part in chunks(names):
        found |= dict(connection.execute(select(host.c.name, host.c.id).where(host.c.name.in_(part))).all())
    return found


def _insert_or_ignore(connection: Connection, table: Table, values: list[dict[str, Any]]) -> None:
    """Another process may be adding the same; both databases say it alike, SQLAlchemy by two names."""
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    connection.execute(make(table).on_conflict_do_nothing(), values)
