"""A whole store copied into another database, from SQLite to PostgreSQL, back, or from one to another of its kind.

  prepare   a note that the target is half a copy (half_copy.py), then its schema
  copy      every table by its key; after a break it goes on behind the last key that is there
  compare   every row of both, by the same snapshot of the source: what the source has otherwise now is mended
  finish    references, sequences, what is derived; takedowns that the source did not know; all hashes; the note goes

The source is only read, in one snapshot a run. A copy over several runs has had several, so it counts as whole only after
`compare` came to its end in one of them, and only if nothing that readers see was written since: whoever copies a store under
a running program has the most of it then, stops the program, and gives the command once more.
Which tables there are is asked of the schema, so that none can be forgotten; DERIVED are those that are made, not copied.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import Connection, ForeignKeyConstraint, inspect, select
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.schema import AddConstraint, DropConstraint

from tracker.errors import NotCopied, Unusable
from tracker.model import Fault, Hidden, Takedown
from tracker.store import counter, half_copy, marker, migrate, searched, sequences, takedowns, verifying
from tracker.store.database import Database, ReadOnly
from tracker.store.facts import Advance
from tracker.store.half_copy import HalfCopy
from tracker.store.hiding import Holds, Takedowns
from tracker.store.schema import installation, metadata
from tracker.store.schema_search import FULL_TEXT, search_due, searched_change, searched_head
from tracker.store.side_by_side import Batch, Key, PlainTable, Row

# Tables that hold nothing of their own: what search looks in, which no two databases keep alike.
DERIVED = frozenset({searched_head.name, searched_change.name, search_due.name, *FULL_TEXT})
# What the first migration puts into an empty store.
_MADE_EMPTY = ("installation", "counter")


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """`rows_count` are all that were compared; `faults` are wrong in the source as well."""

    rows_count: int
    hidden: tuple[Hidden, ...]
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """Takedowns that must hold in the copy, whether the source knows them or not; see hiding.py for the rest."""

    takedowns: Sequence[Takedown]
    holds: Holds
    now: datetime


def copied_tables() -> tuple[PlainTable, ...]:
    """What others point to comes before what points to it."""
    return tuple(PlainTable(one) for one in metadata.sorted_tables if one.name not in DERIVED)


def copy_store_to(source_url: str, target_url: str, past: Past, advance: Advance) -> Copied:
    """Raises NotCopied, HalfCopied, SchemaTooNew, Unusable, Busy."""
    source, target = ReadOnly(source_url), Database(target_url)
    try:
        if source.file is not None and not source.file.exists():
            raise Unusable(source.url, "there is no such file")
        half_copy.refuse(source)
        return _Move(source, target, advance).run(past)
    finally:
        source.close()
        target.close()


class _Move:
    """One run."""

    def __init__(self, source: Database, target: Database, advance: Advance) -> None:
        self._source = source
        self._target = target
        self._advance = advance
        self._run_id = str(uuid4())
        self._tables = copied_tables()
        self._rows_count = 0
        self._dropped_count = 0
        self._table_count = 0

    def run(self, past: Past) -> Copied:
        with self._source.reading() as read:
            self._check_source(read)
            origin = HalfCopy(installation=read.execute(select(installation.c.uuid)).scalar_one(), origin=self._source.url)
            self._prepare(origin)
            self._copy(read)
            self._compare(read)
            seq = counter.current(read)
            given = sequences.read(read)
        with self._source.reading() as read:
            if counter.current(read) != seq:
                why = "all of it came over, but it was written to meanwhile: stop what runs on it and give the same command again"
                raise self._not(why)
        return self._finish(given, past)

    def _not(self, why: str) -> NotCopied:
        return NotCopied(self._source.url, self._target.url, why)

    # --- prepare -----------------------------------------------------------------------------------

    def _check_source(self, read: Connection) -> None:
        found = migrate.current(read)
        if found is None:
            raise self._not("there is no store in it")
        if migrate.is_behind(read):
            way = "use it once with this program (`tracker list` will do), which brings it there"
            raise self._not(f"it is at schema {found}, a copy would be at {migrate.head(read)}: {way}")

    def _prepare(self, origin: HalfCopy) -> None:
        target = self._target
        if target.file is not None:
            marker.refuse_loss(target.file, target.url)
            target.make_folder()
        with target.reading() as connection:
            half = half_copy.found(connection)
            if half is None:
                self._refuse_full(connection)
            elif half.installation != origin.installation:
                raise self._not(f"that is half a copy of another store, {half.origin}: empty it, or go on with that one")
        with target.writing() as connection:
            if half is None:
                half_copy.begin(connection, origin, self._run_id)
            else:
                half_copy.go_on(connection, self._run_id)
        migrate.migrate(target)
        with self._writing() as connection:
            for one in self._tables:
                if one.name in _MADE_EMPTY:
                    one.empty(connection)
            if not target.is_sqlite:
                _drop_references(connection)

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._target.copying() as connection:
            self._check_turn(connection)
            yield connection

    def _check_turn(self, connection: Connection) -> None:
        if not half_copy.is_of(connection, self._run_id):
            raise self._not("another run of the same copy began after this one: let that one come to its end")

    def _refuse_full(self, connection: Connection) -> None:
        there = set(inspect(connection).get_table_names()) - set(_MADE_EMPTY)
        foreign = sorted(there.intersection(metadata.tables))
        if foreign and migrate.current(connection) is None:
            raise self._not(f"another program has tables there, such as {foreign[0]}: name an empty database")
        if any(one.name in there and one.last_key(connection) is not None for one in self._tables):
            raise self._not("there is a store already, and nothing is overwritten: name an empty database")

    # --- copy and compare --------------------------------------------------------------------------

    def _copy(self, read: Connection) -> None:
        total = sum(one.count(read) for one in self._tables)
        with self._target.reading() as there:
            lasts = {one.name: one.last_key(there) for one in self._tables}
            done = sum(one.count(there) for one in self._tables)
        for one in self._tables:
            after = lasts[one.name]
            for batch in one.batches(read, after):
                with self._told(one):
                    try:
                        self._write(one, after, batch)
                    except IntegrityError:  # a number may have passed to one of these from a row that an earlier run wrote
                        self._pass(read, one, lambda *_: None)
                        self._write(one, after, batch)
                after = batch.last
                done += len(batch.rows)
                self._advance("rows copied", done, max(total, done))

    def _write(self, one: PlainTable, after: Key | None, batch: Batch) -> None:
        with self._writing() as connection:
            _, missing = one.drop_stale(connection, after, batch)
            one.insert(connection, missing)

    def _compare(self, read: Connection) -> None:
        total = sum(one.count(read) for one in self._tables)
        done = 0
        for one in self._tables:
            # What is otherwise goes first, all of it: a number may have passed from one row to another.
            if self._pass(read, one, lambda *_: None):
                self._pass(read, one, self._insert)
                if self._pass(read, one, self._insert):
                    raise self._not(f"the table {one.name} does not give back what was written to it")
            done += self._table_count
            self._advance("rows compared", done, max(total, done))
        self._rows_count = done

    def _pass(self, read: Connection, one: PlainTable, settle: Callable[[Connection, PlainTable, Sequence[Row]], None]) -> int:
        """How many rows were not alike."""
        after, different_count, self._table_count = None, 0, 0
        for batch in one.batches(read, None):
            with self._writing() as connection:
                dropped_count, missing = one.drop_stale(connection, after, batch)
                settle(connection, one, missing)
            after = batch.last
            self._dropped_count += dropped_count
            self._table_count += len(batch.rows)
            different_count += dropped_count + len(missing)
        return different_count

    def _insert(self, connection: Connection, one: PlainTable, rows: Sequence[Row]) -> None:
        with self._told(one):
            one.insert(connection, rows)

    @contextmanager
    def _told(self, one: PlainTable) -> Iterator[None]:
        try:
            yield
        except (DataError, IntegrityError) as error:
            said = str(error.orig).strip().splitlines()[0].rstrip(".")
            raise self._not(f"the other database does not take a row of the table {one.name} ({said})") from error

    # --- finish ------------------------------------------------------------------------------------

    def _finish(self, given: dict[str, int], past: Past) -> Copied:
        target = self._target
        target.close()  # its connections, so that new ones hold references again
        try:
            with target.writing() as connection:
                self._check_turn(connection)
                if not target.is_sqlite:
                    _drop_references(connection)
                    _add_references(connection)
                sequences.write(connection, given)
                searched.put_all_due(connection)
        except IntegrityError as error:
            why = "it names something that is not there: `tracker verify` says what; restore a backup of it"
            raise self._not(why) from error
        with target.reading() as connection:
            unknown = [one for one in past.takedowns if takedowns.get(connection, one.id) is None]
        hidden = Takedowns(target).replay(unknown, past.now, past.holds) if unknown else ()
        faults = tuple(verifying.verify(target, self._advance))
        if hidden or self._dropped_count:
            target.scrub()  # what was hidden while it was copied
        with target.writing() as connection:
            self._check_turn(connection)
            half_copy.end(connection)
        return Copied(rows_count=self._rows_count, hidden=hidden, faults=faults)


def _references() -> list[ForeignKeyConstraint]:
    return [reference for one in metadata.sorted_tables for reference in one.foreign_key_constraints]


def _drop_references(connection: Connection) -> None:
    for reference in _references():
        connection.execute(DropConstraint(reference, if_exists=True))


def _add_references(connection: Connection) -> None:
    for reference in _references():
        connection.execute(AddConstraint(reference, isolate_from_table=False))
