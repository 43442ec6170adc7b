"""A store made again from the lines of its export (export.py): same ids, same numbers, so that it exports the same lines.

All in one transaction, in four passes, since a line may name what stands further down: sources, then feeds and articles, then
what happened, in its order, then when each revision was last seen. At the end the rows are held against each other as `verify`
does; what does not hold, or cannot be understood, is told with its line, and nothing of the file is kept. What a line says goes
to rows in restored_rows.py. No event is told anew: whoever follows this store begins behind all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Connection, ScalarSelect, func, literal, select, update
from sqlalchemy.exc import DataError, IntegrityError

from tracker.errors import NotRestored
from tracker.model import ArticleStatus, Outcome
from tracker.store import counter, facts, polls, restored_rows, searched, sequences
from tracker.store.database import Database
from tracker.store.facts import Advance
from tracker.store.line_fields import Fields, Unfit
from tracker.store.schema import article, event, feed, merge, metadata, poll, revision, source
from tracker.store.schema import counter as counter_table
from tracker.store.schema_search import FULL_TEXT
from tracker.store.schema_tokens import secret, token

# Each line of the file, with its number, from the first on: it is read more than once.
Lines: TypeAlias = Callable[[], Iterable[tuple[int, Mapping[str, object]]]]

# What an empty store may hold: who it is, and who may write to it.
_MADE_EMPTY = frozenset({"installation", "counter", token.name, secret.name, *FULL_TEXT})
# A server gives up a writer that says nothing for long: so often it hears from us, whatever the lines are.
_LINES_IN_SILENCE = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    feeds_count: int
    articles_count: int
    revisions_count: int


def restore(database: Database, lines: Lines, now: datetime, advance: Advance) -> Restored:
    """Feeds are due at `now`. Raises NotRestored."""
    with database.writing() as connection:
        _refuse_full(connection)
        last = 0
        for wanted in restored_rows.PASSES:
            last = _pass(connection, lines(), wanted)
        _finish(connection, last, now)
        for fault in _faults(database, connection, advance):
            raise NotRestored(f"it does not hold together. {fault}")
        counts = (connection.execute(select(func.count()).select_from(one)).scalar_one() for one in (feed, article, revision))
        return Restored(**dict(zip(Restored.__slots__, counts, strict=True)))


def _refuse_full(connection: Connection) -> None:
    for one in metadata.sorted_tables:
        if one.name not in _MADE_EMPTY and connection.execute(select(literal(1)).select_from(one).limit(1)).first() is not None:
            why = f"it is taken into an empty store alone, and there is something in this one (in the table {one.name})"
            raise NotRestored(f"{why}; name a new database as store.url, and give the command again before any other")


def _pass(connection: Connection, lines: Iterable[tuple[int, Mapping[str, object]]], wanted: Mapping[str, restored_rows.Keep]) -> int:
    """The last seq."""
    seq = 0
    for number, line in lines:
        if number % _LINES_IN_SILENCE == 0:
            counter.current(connection)
        try:
            fields = Fields(line)
            seq = _in_order(fields, seq)
            if keep := wanted.get(fields.text("type")):
                keep(connection, fields)
        except Unfit as error:
            raise NotRestored(str(error), line=number) from None
        except (IntegrityError, DataError, UnicodeError) as error:
            said = str(getattr(error, "orig", error)).strip().splitlines()[0].rstrip(".")
            why = "it says what cannot be, such as an id that another line has, or one that no line tells of"
            raise NotRestored(f"{why} ({said}); {restored_rows.ONLY_WHOLE}", line=number) from None
    return seq


def _in_order(line: Fields, before: int) -> int:
    """Its seq, of a line that can stand after the one with the seq `before`."""
    kind, seq = line.text("type"), line.number("seq")
    if kind not in restored_rows.KINDS:
        raise Unfit(f"this program knows no lines of the type {kind!r:.50}; install the newer tracker")
    if seq <= before:
        raise Unfit(f"its seq is {seq} and that of the line before it {before}; lines stand as one whole export has them")
    return seq


def _finish(connection: Connection, last: int, now: datetime) -> None:
    """What no line tells, because it follows from others."""
    c = article.c
    listed = select(func.count()).where(c.source_id == source.c.id, c.merged_into_id.is_(None), c.status != ArticleStatus.HIDDEN)
    events = select(func.count()).where(event.c.source_id == source.c.id)
    connection.execute(update(source).values(articles_count=listed.scalar_subquery(), events_count=events.scalar_subquery()))
    # as far as the lines have looks
    looks, good = poll.c.source_id == source.c.id, poll.c.outcome.not_in(polls.FAILURES)
    connection.execute(update(source).values(last_polled_at=_at(func.max, looks), last_good_at=_at(func.max, looks, good)))
    looks, news = poll.c.feed_id == feed.c.id, poll.c.outcome.in_((Outcome.FIRST, Outcome.CHANGED))
    times = {"first_polled_at": _at(func.min, looks), "last_polled_at": _at(func.max, looks), "last_changed_at": _at(func.max, looks, news)}
    connection.execute(update(feed).values(**times, next_poll_at=now))
    # An address that its article or feed has is not kept again.
    for one, own in ((article, poll.c.article_id), (feed, poll.c.feed_id)):
        address = select(one.c.url).where(one.c.id == own).scalar_subquery()
        connection.execute(update(poll).where(poll.c.url == address).values(url=None))
    connection.execute(update(counter_table).values(value=last))
    given = {one.name: connection.execute(select(func.max(one.c.id))).scalar() for one in (article, revision, event, feed)}
    sequences.write(connection, {name: largest for name, largest in given.items() if largest is not None})
    searched.put_all_due(connection)


def _at(pick: Callable[..., Any], *which: ColumnElement[bool]) -> ScalarSelect[Any]:
    return select(pick(poll.c.at)).where(*which).scalar_subquery()


def _faults(database: Database, connection: Connection, advance: Advance) -> Iterator[str]:
    within = _Within(database, connection)
    yield from _circles(connection)
    for fault in chain.from_iterable(check(within, advance) for _, check in facts.STAGES):
        yield fault.sentence.rstrip(".")


def _circles(connection: Connection) -> Iterator[str]:
    """Articles that are part of each other."""
    c = merge.c
    into = dict(connection.execute(select(c.from_id, c.into_id).where(c.undone_at.is_(None))).all())
    for one, place in into.items():
        seen = {one}
        while place in into and place not in seen:
            seen.add(place)
            place = into[place]  # noqa: PLW2901 - on along the line
        if place in seen:
            yield f"The article {one} is part of itself"
            return


class _Within(Database):
    """The database as this transaction has it so far: what facts.py reads."""

    def __init__(self, database: Database, connection: Connection) -> None:  # opens nothing of its own
        self.url, self.is_sqlite, self.file = database.url, database.is_sqlite, database.file
        self._connection = connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        yield self._connection
