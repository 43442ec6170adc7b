"""One table in two databases, walked by its primary key: what only the target has goes, what it lacks comes.

Values go over as they lie in the columns, never through the types of columns.py. Rows are read as a stream and written in
batches, so that a million of them need no more memory than a thousand.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Insert,
    LargeBinary,
    Select,
    Table,
    Text,
    TypeDecorator,
    and_,
    collate,
    column,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    table,
    tuple_,
)

Key: TypeAlias = tuple[Any, ...]
Row: TypeAlias = tuple[Any, ...]

# One transaction of the target. PostgreSQL takes 30,000 values a statement.
BATCH_ROWS, BATCH_BYTES = 1_000, 4 * 1024 * 1024
# Rows that a driver has in memory together, of tables with pages in them and of others.
_HEAVY_AT_ONCE, _LIGHT_AT_ONCE = 20, 1_000
_KEYS_AT_ONCE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Rows of the source by key, in order: all that it has up to `last`; None for the end of the table."""

    rows: dict[Key, Row]
    last: Key | None


class PlainTable:
    """A table of the schema, its values as they lie in the database."""

    def __init__(self, origin: Table) -> None:
        self.name = origin.name
        self._table = table(origin.name, *(column(one.name, _plain_type(one)) for one in origin.columns))
        self._places = tuple(list(origin.columns).index(one) for one in origin.primary_key)
        self._keys = tuple(self._table.c[one.name] for one in origin.primary_key)
        self._is_heavy = any(isinstance(one.type, LargeBinary) for one in origin.columns)

    def count(self, connection: Connection) -> int:
        return connection.execute(select(func.count()).select_from(self._table)).scalar_one()

    def last_key(self, connection: Connection) -> Key | None:
        order = [one.desc() for one in self._order(connection)]
        found = connection.execute(select(*self._keys).order_by(*order).limit(1)).first()
        return None if found is None else tuple(found)

    def batches(self, connection: Connection, after: Key | None) -> Iterator[Batch]:
        rows: dict[Key, Row] = {}
        size = 0
        for row in self._rows(connection, after):
            key = self._key(row)
            rows[key] = row
            size += sum(len(value) for value in row if isinstance(value, str | bytes))
            if len(rows) == BATCH_ROWS or size >= BATCH_BYTES:
                yield Batch(rows=rows, last=key)
                rows, size = {}, 0
        yield Batch(rows=rows, last=None)

    def drop_stale(self, connection: Connection, after: Key | None, batch: Batch) -> tuple[int, list[Row]]:
        """What is there behind `after`, as far as the batch goes, and is not in it. How many went, and the rows that are missing."""
        same: set[Key] = set()
        dropped_count, fetched_count = 0, BATCH_ROWS
        while fetched_count == BATCH_ROWS:
            stale: list[Key] = []
            fetched_count = 0
            for fetched_count, row in enumerate(self._rows(connection, after, batch.last, BATCH_ROWS), start=1):  # noqa: B007 - the last
                after = self._key(row)
                if batch.rows.get(after) == row:
                    same.add(after)
                else:
                    stale.append(after)
            self._delete(connection, stale)
            dropped_count += len(stale)
        return dropped_count, [row for key, row in batch.rows.items() if key not in same]

    def insert(self, connection: Connection, rows: Sequence[Row]) -> None:
        names = [one.name for one in self._table.columns]
        if rows:
            connection.execute(self._insert, [dict(zip(names, row, strict=True)) for row in rows])

    def empty(self, connection: Connection) -> None:
        connection.execute(delete(self._table))

    @cached_property
    def _insert(self) -> Insert:
        return insert(self._table)

    def _key(self, row: Row) -> Key:
        return tuple(row[place] for place in self._places)

    def _rows(self, connection: Connection, after: Key | None, last: Key | None = None, limit: int | None = None) -> Iterator[Row]:
        order = self._order(connection)
        bounds = []
        if after is not None:
            bounds.append(tuple_(*order) > self._values(after))
        if last is not None:
            bounds.append(tuple_(*order) <= self._values(last))
        statement: Select[*tuple[Any, ...]] = select(self._table).where(*bounds).order_by(*order).limit(limit)
        at_once = _HEAVY_AT_ONCE if self._is_heavy else _LIGHT_AT_ONCE
        for row in connection.execute(statement, execution_options={"yield_per": at_once}):
            yield tuple(row)

    def _values(self, key: Key) -> ColumnElement[Any]:
        return tuple_(*(literal(value, one.type) for value, one in zip(key, self._keys, strict=True)))

    def _order(self, connection: Connection) -> list[ColumnElement[Any]]:
        """Text by its bytes on both: PostgreSQL's own order is that of the place where its server stands."""
        if connection.dialect.name == "sqlite":
            return list(self._keys)
        return [collate(one, "C") if isinstance(one.type, Text) else one for one in self._keys]

    def _delete(self, connection: Connection, keys: Sequence[Key]) -> None:
        for start in range(0, len(keys), _KEYS_AT_ONCE):
            part = keys[start : start + _KEYS_AT_ONCE]
            each = (and_(*(one == value for one, value in zip(self._keys, key, strict=True))) for key in part)
            connection.execute(delete(self._table).where(or_(*each)))


def _plain_type(one: Column[Any]) -> Any:  # noqa: ANN401 - SQLAlchemy has no short name for it
    return one.type.impl_instance if isinstance(one.type, TypeDecorator) else one.type
