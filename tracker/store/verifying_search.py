"""Whether what is searched is what is kept: the part of verifying.py that reads the index.

Every article's latest text and every change is indexed, or due to be; and nothing else is: no word that was taken down.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, and_, func, select

from tracker.errors import StoreError
from tracker.model import ArticleStatus, Fault
from tracker.store import contents, counter, full_text, searched
from tracker.store.database import Database
from tracker.store.facts import NUMBERS_AT_ONCE, Advance
from tracker.store.schema import article, event, revision
from tracker.store.schema_search import CHANGE, HEAD, search_due, searched_change, searched_head

# The index holds nothing that is not kept elsewhere.
MENDED = "tracker reindex makes the index anew"
ARTICLES_AT_ONCE = 100
EVENTS_AT_ONCE = 1_000


def verify_search(database: Database, advance: Advance) -> Iterator[Fault]:
    with database.reading() as connection:
        articles = connection.execute(select(func.max(article.c.id))).scalar_one() or 0
        events = connection.execute(select(func.max(event.c.id))).scalar_one() or 0
        numbers = counter.current(connection)
    total = articles + events + numbers
    for after in range(0, articles, ARTICLES_AT_ONCE):
        with database.reading() as connection:
            yield from _heads(connection, after, after + ARTICLES_AT_ONCE)
        advance("search", min(after + ARTICLES_AT_ONCE, articles), total)
    for after in range(0, events, EVENTS_AT_ONCE):
        with database.reading() as connection:
            yield from _changes(connection, after, after + EVENTS_AT_ONCE)
        advance("search", articles + min(after + EVENTS_AT_ONCE, events), total)
    for after in range(0, numbers, NUMBERS_AT_ONCE):
        with database.reading() as connection:
            yield from _strays(connection, after, after + NUMBERS_AT_ONCE)
        advance("search", articles + events + min(after + NUMBERS_AT_ONCE, numbers), total)


def _fault(noun: str, key: int, what: str) -> Fault:
    return Fault(noun=noun, key=key, sentence=f"The {noun} {key} {what}: {MENDED}.")


def _heads(connection: Connection, after: int, last: int) -> list[Fault]:
    c = article.c
    latest = and_(revision.c.article_id == c.id, revision.c.number == c.revisions_count)
    columns = c.id, c.status, revision.c.id.label("revision_id"), revision.c.seq, searched_head.c.seq.label("indexed"), searched_head.c.hash
    joined = select(*columns).join_from(article, searched_head, isouter=True).join(revision, latest, isouter=True)
    rows = connection.execute(joined.where(c.id > after, c.id <= last).order_by(c.id)).all()
    due = _due(connection, HEAD, after, last)
    known: dict[int, tuple[tuple[str, ...]]] = {}
    by_seq = {row.seq: row.id for row in rows}
    wrong = {row.id: _wrong_head(connection, row, known) for row in rows if row.id not in due}
    faults = [_fault("article", one, told) for one, told in wrong.items() if told is not None]
    found = full_text.holds(connection, "head_words", known)
    return faults + [_fault("article", by_seq[seq], "is not found by its own words") for seq in known if seq not in found]


def _wrong_head(connection: Connection, row: Any, known: dict[int, tuple[tuple[str, ...]]]) -> str | None:  # noqa: ANN401 - a row that an outer join may leave half empty
    """Fills `known` with the terms of those that are right so far. A text that cannot be read is told of elsewhere."""
    if row.revision_id is None or row.status == ArticleStatus.HIDDEN:
        return None if row.indexed is None else "has no text to be found by, and is searched"
    try:
        text = contents.read_extracts(connection, [row.revision_id])[row.revision_id]
    except (StoreError, KeyError):
        return None
    terms = searched.terms_of(text)
    if not terms:
        return None if row.indexed is None else "has no text to be found by, and is searched"
    if row.indexed is None:
        return "is not searched, nor about to be"
    if row.indexed != row.seq or row.hash != searched.hash_of(terms):
        return "is searched by another text than its latest"
    known[row.seq] = (terms,)
    return None


def _changes(connection: Connection, after: int, last: int) -> list[Fault]:
    c = event.c
    is_its = searched_change.c.seq == c.seq
    joined = select(c.id, c.seq, searched_change.c.sentences).join_from(event, searched_change, is_its, isouter=True)
    has_both = c.from_revision_id.is_not(None), c.to_revision_id.is_not(None)
    rows = connection.execute(joined.where(c.id > after, c.id <= last, *has_both).order_by(c.id)).all()
    due = _due(connection, CHANGE, after, last)
    faults = [_fault("event", row.id, "is not searched, nor about to be") for row in rows if row.sentences is None and row.id not in due]
    sides = {row.seq: searched.sides_of(searched.unpack(row.sentences)) for row in rows if row.sentences is not None}
    sides = {seq: both for seq, both in sides.items() if any(both)}
    found = full_text.holds(connection, "change_words", sides)
    return faults + [_fault("event", row.id, "is not found by its own words") for row in rows if row.seq in sides.keys() - found]


def _strays(connection: Connection, after: int, last: int) -> list[Fault]:
    faults: list[Fault] = []
    for table, seq in (("head_words", searched_head.c.seq), ("change_words", searched_change.c.seq)):
        kept = set(connection.execute(select(seq).where(seq > after, seq <= last)).scalars())
        for one in sorted(full_text.ids(connection, table, after, last) - kept):
            sentence = f"The index {table} holds words under the number {one}, of a text that nothing leads to: {MENDED}."
            faults.append(Fault(noun="index", key=one, sentence=sentence))
    return faults


def _due(connection: Connection, kind: int, after: int, last: int) -> set[int]:
    c = search_due.c
    return set(connection.execute(select(c.id).where(c.kind == kind, c.id > after, c.id <= last)).scalars())
