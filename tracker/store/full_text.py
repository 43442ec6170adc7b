"""The databases' own full-text tables: terms put in, taken out and matched. The one place that knows how the two differ.

SQLite: FTS5 without the text, whose tokenizer only parts at spaces; it takes a row out when it is told the same terms again.
PostgreSQL: vectors and queries written here, so that no parser or dictionary of the server has a say.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, TextClause, text

from tracker.model import Query, Side
from tracker.store.schema_search import FULL_TEXT
from tracker.terms import GAP, TERMS_OF_A_TEXT

# The terms of each column of a row, by the row's number: those of a text, or of a change's two sides.
Rows = Mapping[int, Sequence[Sequence[str]]]

# Rows of the newest that PostgreSQL looks through one by one, until a page is found, the limit by ENOUGH: a text's vector takes it
# 5 µs, a change's small one 0.3. It looks through more where SOMETIMES match of the first ones. Of what is rarer its index gives all
# there are, to be put in order, each from another place on the disk: 3,000 changes of 300,000 took 3 to 25 ms, 50,000 texts of 250,000
# took 30. (Vectors in the rows themselves, not beside them, are walked ten times as fast, and found by the index ten times as slowly.)
WALKS = {"head_words": (100, 900), "change_words": (1_000, 10_000)}
ENOUGH, SOMETIMES = 4, 3
# Where a phrase is looked for, the newest rows with all its words that are read for their order, and how many of them at first.
READ_FOR_PHRASES, READ_FIRST = 2_000, 250
_END = 2**62


def _is_sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"


# --- in and out ------------------------------------------------------------------------------------


def add(connection: Connection, table: str, rows: Rows) -> None:
    if not rows:
        return
    if _is_sqlite(connection):
        columns = FULL_TEXT[table]
        statement = f"INSERT INTO {table} (rowid, {', '.join(columns)}) VALUES ({', '.join('?' * (1 + len(columns)))})"  # noqa: S608 - our own names
        connection.exec_driver_sql(statement, [(one, *map(" ".join, terms)) for one, terms in rows.items()])
    else:
        statement = f"INSERT INTO {table} (id, vector) VALUES (:id, CAST(:vector AS tsvector))"  # noqa: S608 - the same
        connection.execute(text(statement), [{"id": one, "vector": vector(terms)} for one, terms in rows.items()])


def remove(connection: Connection, table: str, rows: Rows) -> None:
    """The terms must be those that were put in."""
    if not rows:
        return
    if _is_sqlite(connection):
        columns = FULL_TEXT[table]
        places = ", ".join("?" * (1 + len(columns)))
        statement = f"INSERT INTO {table} ({table}, rowid, {', '.join(columns)}) VALUES ('delete', {places})"  # noqa: S608 - the same
        connection.exec_driver_sql(statement, [(one, *map(" ".join, terms)) for one, terms in rows.items()])
    else:
        connection.execute(text(f"DELETE FROM {table} WHERE id = :id"), [{"id": one} for one in rows])  # noqa: S608 - the same


def empty(connection: Connection, table: str) -> None:
    if _is_sqlite(connection):
        connection.exec_driver_sql(f"INSERT INTO {table} ({table}) VALUES ('delete-all')")  # noqa: S608 - the same
    else:
        connection.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - the same


def forget_removed(connection: Connection) -> None:
    """FTS5 only notes what was taken out, and keeps its words until it writes its parts anew; PostgreSQL until its next VACUUM."""
    if _is_sqlite(connection):
        for table in FULL_TEXT:
            connection.exec_driver_sql(f"INSERT INTO {table} ({table}) VALUES ('optimize')")  # noqa: S608 - the same


def vector(columns: Sequence[Sequence[str]]) -> str:
    """As PostgreSQL writes a tsvector. Two columns lie one after the other, weighted A and B."""
    places: defaultdict[str, list[str]] = defaultdict(list)
    for number, terms in enumerate(columns):
        weight = "AB"[number] if len(columns) > 1 else ""
        for place, term in enumerate(terms, start=1 + number * (TERMS_OF_A_TEXT // 2 + 1)):
            if term != GAP:
                places[term].append(f"{place}{weight}")
    return " ".join(f"'{term}':{','.join(at)}" for term, at in places.items())


# --- matched ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """The newest first. `looked_to`: older ones may match too, from below this on; None: all were looked through. `looked_count` is
    how many were looked at one by one, or given."""

    ids: tuple[int, ...]
    looked_to: int | None
    looked_count: int


def newest(connection: Connection, table: str, query: Query, *, before: int | None, first: int | None, limit: int) -> Matched:
    """Rows below `before` and from `first` on; may be fewer than `limit` though there are more. As quick for the commonest word as
    for the rarest."""
    bounds: dict[str, object] = {"before": _END if before is None else before, "first": first or 0, "n": limit}
    if _is_sqlite(connection):
        match = bounds | {"query": _fts5(query)}
        return _counted(connection.execute(_SQLITE[table], match).scalars().all(), limit)
    match = bounds | {"query": _tsquery(query)}
    enough = -(-limit // ENOUGH)
    for walked in WALKS[table]:
        found = connection.execute(_WALK[table], match | {"walked": walked, "n": enough}).scalars().all()
        if len(found) == enough:
            return Matched(ids=tuple(found), looked_to=found[-1], looked_count=len(found))
        if len(found) < SOMETIMES:
            break
    # The planner knows nothing of what looking at a vector costs, and would read all of a common word's: a second instead of 10 ms.
    connection.execute(_BY_INDEX)
    if all(len(phrase) == 1 for phrase in (*query.wanted, *query.unwanted)):
        return _counted(connection.execute(_INDEX[table], match).scalars().all(), limit)
    return _phrases(connection, table, query, match, limit)


def _phrases(connection: Connection, table: str, query: Query, match: Mapping[str, object], limit: int) -> Matched:
    """The index knows which rows have all the words, not whether in this order."""
    words = {"query": _tsquery(query, phrases=False), "n": READ_FOR_PHRASES}
    candidates = connection.execute(_INDEX[table], {**match, **words}).scalars().all()
    found: list[int] = []
    for first, last in ((0, READ_FIRST), (READ_FIRST, READ_FOR_PHRASES)):
        if some := candidates[first:last]:
            found += connection.execute(_AMONG[table], {**match, "ids": list(some)}).scalars()
        if len(found) >= -(-limit // ENOUGH):
            found = found[:limit]
            return Matched(ids=tuple(found), looked_to=found[-1], looked_count=min(last, len(candidates)))
    looked_to = candidates[-1] if len(candidates) == READ_FOR_PHRASES else None
    return Matched(ids=tuple(found), looked_to=looked_to, looked_count=len(candidates))


def _counted(found: Sequence[int], limit: int) -> Matched:
    return Matched(ids=tuple(found), looked_to=found[-1] if len(found) == limit else None, looked_count=len(found))


def finds(connection: Connection, table: str, query: Query, number: str) -> TextClause:
    """The condition that the row with this number matches; `number` is a column of the statement around it."""
    if _is_sqlite(connection):
        found = text(f"EXISTS (SELECT 1 FROM {table} WHERE {table} MATCH :sought AND rowid = {number})")  # noqa: S608 - the same
        return found.bindparams(sought=_fts5(query))
    found = text(f"(SELECT vector @@ CAST(:sought AS tsquery) FROM {table} WHERE id = {number})")  # noqa: S608 - the same
    return found.bindparams(sought=_tsquery(query))


def holds(connection: Connection, table: str, rows: Rows) -> set[int]:
    """Those of these rows that are there and are found by their own words."""
    found: set[int] = set()
    if not _is_sqlite(connection):
        same = text(f"SELECT id FROM {table} WHERE id = :id AND vector = CAST(:vector AS tsvector)")  # noqa: S608 - the same
        for one, terms in rows.items():
            found.update(connection.execute(same, {"id": one, "vector": vector(terms)}).scalars())
        return found
    for one, terms in rows.items():
        sought = " AND ".join(
            f'{column} : "{term}"'
            for column, of_column in zip(FULL_TEXT[table], terms, strict=True)
            for term in _some(of_column)
        )
        statement = f"SELECT rowid FROM {table} WHERE {table} MATCH ? AND rowid = ?"  # noqa: S608 - the same
        found.update(connection.exec_driver_sql(statement, (sought, one)).scalars())
    return found


def ids(connection: Connection, table: str, after: int, last: int) -> set[int]:
    """The rows that are there."""
    key = "rowid" if _is_sqlite(connection) else "id"
    statement = text(f"SELECT {key} FROM {table} WHERE {key} > :after AND {key} <= :last")  # noqa: S608 - the same
    return set(connection.execute(statement, {"after": after, "last": last}).scalars())


def _some(terms: Sequence[str], most: int = 8) -> Collection[str]:
    """A few, from all over the text."""
    step = max(1, len(terms) // most)
    return {term for term in terms[::step] if term != GAP}


def _fts5(query: Query) -> str:
    where = f"{query.side} : " if query.side else ""
    wanted, unwanted = ([f'{where}"{" ".join(phrase)}"' for phrase in part] for part in (query.wanted, query.unwanted))
    found = " AND ".join(wanted)
    return f"({found}) NOT ({' OR '.join(unwanted)})" if unwanted else found


def _tsquery(query: Query, *, phrases: bool = True) -> str:
    """`phrases` false: their words in any order; what is unwanted is not left out then, so that this finds all and more."""
    weight = {None: "", Side.DELETED: ":A", Side.INSERTED: ":B"}[query.side]
    between = " <-> " if phrases else " & "

    def written(phrase: Sequence[str]) -> str:
        return "(" + between.join(f"'{term}'{weight}" for term in phrase) + ")"

    return " & ".join([*map(written, query.wanted), *(f"!{written(one)}" for one in query.unwanted if phrases)])


_SQLITE = {
    table: text(
        f"SELECT rowid FROM {table} WHERE {table} MATCH :query AND rowid < :before AND rowid >= :first"  # noqa: S608 - the same
        " ORDER BY rowid DESC LIMIT :n"
    )
    for table in FULL_TEXT
}
_WALK = {
    table: text(
        f"SELECT id FROM (SELECT id, vector FROM {table} WHERE id < :before AND id >= :first ORDER BY id DESC LIMIT :walked) AS newest"  # noqa: S608 - the same
        " WHERE vector @@ CAST(:query AS tsquery) ORDER BY id DESC LIMIT :n"
    )
    for table in FULL_TEXT
}
_BY_INDEX = text("SET LOCAL enable_seqscan = off")
# The sum keeps the planner from walking the rows in their order.
_INDEX = {
    table: text(
        f"SELECT id FROM {table} WHERE vector @@ CAST(:query AS tsquery) AND id + 0 < :before AND id + 0 >= :first"  # noqa: S608 - the same
        " ORDER BY id + 0 DESC LIMIT :n"
    )
    for table in FULL_TEXT
}
_AMONG = {
    table: text(f"SELECT id FROM {table} WHERE id = ANY(:ids) AND vector @@ CAST(:query AS tsquery) ORDER BY id DESC")  # noqa: S608 - the same
    for table in FULL_TEXT
}
