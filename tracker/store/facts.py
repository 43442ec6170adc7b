"""What rows of the store say of each other, checked: the part of verifying.py that reads no content.

Counts that an article or a source carries, revisions that an event leads between, whose a key is, what a merge joined, and
the one sequence over all rows that readers see.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, and_, exists, func, or_, select, tuple_, union_all

from tracker.model import WITHDRAWN, ArticleStatus, Fault, TakedownScope
from tracker.store import counter, merging
from tracker.store.columns import hash64
from tracker.store.database import Database
from tracker.store.schema import article, article_key, capture, event, feed, merge, poll, poll_day, retraction, revision, source, takedown

# Told after each batch: the stage, how far it is, and how far it goes.
Advance = Callable[[str, int, int], None]

ARTICLES_AT_ONCE = 500
ROWS_AT_ONCE = 1_000
NUMBERS_AT_ONCE = 20_000


def _windows(database: Database, table: Table, size: int) -> Iterator[tuple[int, int, int]]:
    """Parts of a table by id: (after, last, until)."""
    with database.reading() as connection:
        until = connection.execute(select(func.max(table.c.id))).scalar_one() or 0
    for after in range(0, until, size):
        yield after, min(after + size, until), until


# --- articles --------------------------------------------------------------------------------------


def _articles(database: Database, advance: Advance) -> Iterator[Fault]:
    for after, last, until in _windows(database, article, ARTICLES_AT_ONCE):
        with database.reading() as connection:
            revisions = _revisions(connection, after, last)
            changes = _changes(connection, after, last)
            c = article.c
            statement = select(c.id, c.revisions_count, c.changes_count, c.last_seen_at, c.merged_into_id)
            rows = connection.execute(statement.where(c.id > after, c.id <= last)).all()
            failures = _lost_failures(connection, article, after, last)
        for row in rows:
            for sentence in _wrong_counts(row, revisions.get(row.id), changes.get(row.id, 0)):
                yield Fault(noun="article", key=row.id, sentence=f"The article {row.id} {sentence}.")
        yield from failures
        advance("articles", last, until)


def _revisions(connection: Connection, after: int, last: int) -> dict[int, Row[Any]]:
    """Of each article: how many, the smallest and the largest number, and when the latest was last seen by its own word."""
    c = revision.c
    numbers = select(c.article_id, func.count().label("count"), func.min(c.number).label("least"), func.max(c.number).label("largest"))
    grouped = numbers.where(c.article_id > after, c.article_id <= last).group_by(c.article_id).subquery()
    latest = and_(c.article_id == grouped.c.article_id, c.number == grouped.c.largest)
    return {row.article_id: row for row in connection.execute(select(grouped, c.last_seen_at).join_from(grouped, revision, latest))}


def _changes(connection: Connection, after: int, last: int) -> dict[int, int]:
    c = event.c
    led = select(c.article_id, func.count()).where(c.article_id > after, c.article_id <= last)
    led = led.where(c.from_revision_id.is_not(None), c.to_revision_id.is_not(None)).group_by(c.article_id)
    return dict(connection.execute(led).all())


def _wrong_counts(row: Row[int, int, int, datetime | None, int | None], found: Row[Any] | None, changes_count: int) -> Iterator[str]:
    if row.merged_into_id is not None:
        if found is not None or changes_count:
            yield f"is part of article {row.merged_into_id}, but still has revisions or changes of its own"
        return
    count = found.count if found is not None else 0
    if count != row.revisions_count:
        yield f"says that it has {row.revisions_count} revisions, and has {count}"
    if found is not None and (found.least, found.largest) != (1, count):
        yield f"has {count} revisions, numbered from {found.least} to {found.largest}"
    if changes_count != row.changes_count:
        yield f"says that it changed {row.changes_count} times, and has {changes_count} changes"
    if found is not None and (row.last_seen_at is None or row.last_seen_at < found.last_seen_at):
        yield "says that it was last seen before its latest revision was"


def _feeds(database: Database, advance: Advance) -> Iterator[Fault]:
    for after, last, until in _windows(database, feed, ROWS_AT_ONCE):
        with database.reading() as connection:
            failures = _lost_failures(connection, feed, after, last)
        yield from failures
        advance("feeds", last, until)


def _lost_failures(connection: Connection, table: Table, after: int, last: int) -> list[Fault]:
    c = table.c
    lost = select(c.id, c.failure_poll_id).where(c.failure_poll_id.is_not(None), ~exists().where(poll.c.id == c.failure_poll_id))
    lost = lost.where(c.id > after, c.id <= last)
    return [
        Fault(noun=table.name, key=row.id, sentence=f"The {table.name} {row.id} fails by poll {row.failure_poll_id}, which is not there.")
        for row in connection.execute(lost)
    ]


# --- events ----------------------------------------------------------------------------------------


def _events(database: Database, advance: Advance) -> Iterator[Fault]:
    for after, last, until in _windows(database, event, ROWS_AT_ONCE):
        with database.reading() as connection:
            astray = [(row.id, why) for row in connection.execute(_led(after, last)).all() for why in _astray(connection, row)]
        yield from (Fault(noun="event", key=event_id, sentence=f"The event {event_id} {why}.") for event_id, why in astray)
        advance("events", last, until)


# The revisions that an event names, and whose they are; `evidence` is the capture of a removal.
_FROM, _TO, _BACK_TO, _EVIDENCE = (revision.alias("was"), revision.alias("became"), revision.alias("back_to"), capture.alias("evidence"))


def _led(after: int, last: int) -> Select[Any]:
    c = event.c
    joined = event.outerjoin(_FROM, c.from_revision_id == _FROM.c.id).outerjoin(_TO, c.to_revision_id == _TO.c.id)
    joined = joined.outerjoin(_BACK_TO, c.reverts_to_id == _BACK_TO.c.id).outerjoin(_EVIDENCE, c.capture_id == _EVIDENCE.c.id)
    columns: list[ColumnElement[Any]] = [
        *(c.id, c.article_id, c.from_revision_id, c.to_revision_id, c.reverts_to_id, c.capture_id),
        *(_FROM.c.article_id.label("from_article_id"), _TO.c.article_id.label("to_article_id")),
        *(_BACK_TO.c.article_id.label("back_to_article_id"), _EVIDENCE.c.id.label("evidence_id")),
    ]
    return select(*columns).select_from(joined).where(c.id > after, c.id <= last)


def _astray(connection: Connection, row: Row[Any]) -> Iterator[str]:
    named = (
        (row.from_revision_id, row.from_article_id),
        (row.to_revision_id, row.to_article_id),
        (row.reverts_to_id, row.back_to_article_id),
    )
    for revision_id, article_id in named:
        if revision_id is not None and article_id is None:
            yield f"names revision {revision_id}, which is not there"
        elif revision_id is not None and article_id != row.article_id and article_id not in merging.family(connection, row.article_id):
            yield f"of article {row.article_id} names revision {revision_id}, which is article {article_id}'s"
    if row.capture_id is not None and row.evidence_id is None:
        yield f"names the capture {row.capture_id}, which is not there"


# --- keys and merges -------------------------------------------------------------------------------


def _keys(database: Database, advance: Advance) -> Iterator[Fault]:
    c = article_key.c
    place = (-(2**63), -1)
    done = 0
    with database.reading() as connection:
        count = connection.execute(select(func.count()).select_from(article_key)).scalar_one()
    while True:
        with database.reading() as connection:
            statement = select(c.key_hash, c.slot, c.key, c.article_id, article.c.id, article.c.merged_into_id)
            statement = statement.join_from(article_key, article, c.article_id == article.c.id, isouter=True)
            statement = statement.where(tuple_(c.key_hash, c.slot) > tuple_(*place)).order_by(c.key_hash, c.slot).limit(ROWS_AT_ONCE)
            found = connection.execute(statement).all()
        for row in found:
            if row.key_hash != hash64(row.key):
                yield Fault(noun="key", key=row.key, sentence=f"The key {row.key} is not found by its hash.")
            if row.id is None or row.merged_into_id is not None:
                why = "which is not there" if row.id is None else f"which is part of article {row.merged_into_id}"
                yield Fault(noun="key", key=row.key, sentence=f"The key {row.key} leads to article {row.article_id}, {why}.")
        done += len(found)
        advance("keys", done, max(count, done))
        if len(found) < ROWS_AT_ONCE:
            return
        place = (found[-1].key_hash, found[-1].slot)


def _merges(database: Database, advance: Advance) -> Iterator[Fault]:
    """An article says that it is part of another exactly where one merge that was not undone says so."""
    is_open = merge.c.undone_at.is_(None)
    with database.reading() as connection:
        said = connection.execute(select(article.c.id, article.c.merged_into_id).where(article.c.merged_into_id.is_not(None))).all()
        made = connection.execute(select(merge.c.from_id, merge.c.into_id).where(is_open)).all()
    claims = sorted((row.id, row.merged_into_id) for row in said)
    merges = sorted((row.from_id, row.into_id) for row in made)
    if claims != merges:
        for from_id, into_id in sorted(set(claims) ^ set(merges)):
            who = "the article says so, but no merge does" if (from_id, into_id) in claims else "a merge says so, but the article does not"
            yield Fault(noun="merge", key=from_id, sentence=f"The article {from_id} is part of article {into_id}? {who.capitalize()}.")
        for pair in sorted({pair for pair in merges if merges.count(pair) > 1}):
            yield Fault(noun="merge", key=pair[0], sentence=f"The article {pair[0]} was merged into article {pair[1]} twice.")
    advance("merges", len(made), len(made))


# --- takedowns -------------------------------------------------------------------------------------


def _takedowns(database: Database, advance: Advance) -> Iterator[Fault]:
    """What was taken down is gone, and of a hidden article nothing is left that anybody wrote."""
    c = takedown.c
    with database.reading() as connection:
        statement = select(c.id, c.scope, c.article_id, article.c.status, c.revision_id, revision.c.fingerprint)
        statement = statement.outerjoin_from(takedown, article, c.article_id == article.c.id)
        made = connection.execute(statement.outerjoin(revision, c.revision_id == revision.c.id).order_by(c.id)).all()
        keyed = exists().where(article_key.c.article_id == article.c.id)
        says = or_(article.c.url != "", article.c.headline.is_not(None), article.c.next_poll_at.is_not(None), keyed)
        left = select(article.c.id).where(article.c.status == ArticleStatus.HIDDEN, says).order_by(article.c.id)
        speaking = connection.execute(left).scalars().all()
    for row in made:
        if row.scope is TakedownScope.ARTICLE and row.article_id is not None and row.status is not ArticleStatus.HIDDEN:
            yield Fault(noun="takedown", key=row.id, sentence=f"The article {row.article_id} was taken down, and is shown.")
        if row.scope is TakedownScope.REVISION and row.fingerprint is not None and not row.fingerprint.startswith(WITHDRAWN):
            yield Fault(noun="takedown", key=row.id, sentence=f"The revision {row.revision_id} was taken down, and is shown.")
    for one in speaking:
        yield Fault(noun="article", key=one, sentence=f"The article {one} is hidden, and still says what or where it was.")
    advance("takedowns", len(made), len(made))


# --- numbers and counts ----------------------------------------------------------------------------

_NUMBERED = (("article", article.c.seq), ("revision", revision.c.seq), ("event", event.c.seq), ("merge", merge.c.seq))
_COUNTED = (
    *_NUMBERED,
    ("poll", poll.c.id),
    ("poll day", poll_day.c.seq),
    ("takedown", takedown.c.seq),
    ("retraction", retraction.c.seq),
    ("source", source.c.seq),
    ("feed", feed.c.seq),
)


def _numbers(database: Database, advance: Advance) -> Iterator[Fault]:
    """Each number of the sequence is one row's, and none is beyond the counter."""
    with database.reading() as connection:
        until = counter.current(connection)
        for noun, column in _COUNTED:
            largest = connection.execute(select(func.max(column))).scalar_one()
            if largest is not None and largest > until:
                sentence = f"The number {largest} of a {noun} is beyond the counter, which is at {until}."
                yield Fault(noun=noun, key=largest, sentence=sentence)
    for after in range(0, until, NUMBERS_AT_ONCE):
        last = min(after + NUMBERS_AT_ONCE, until)
        with database.reading() as connection:
            numbers = union_all(*(select(column.label("seq")).where(column > after, column <= last) for _, column in _COUNTED)).subquery()
            twice = select(numbers.c.seq).group_by(numbers.c.seq).having(func.count() > 1).order_by(numbers.c.seq)
            found = connection.execute(twice).scalars().all()
        yield from (Fault(noun="number", key=seq, sentence=f"The number {seq} was given to more than one row.") for seq in found)
        advance("numbers", last, until)


def _order(database: Database, advance: Advance) -> Iterator[Fault]:
    """Revisions and events were numbered in the order in which they came."""
    for table in (revision, event):
        c = table.c
        lagging = select(c.id, c.seq, func.lag(c.seq).over(order_by=c.id).label("before"))
        for after, last, until in _windows(database, table, NUMBERS_AT_ONCE):
            # from the last id of the window before on, whose number this one's first is held against
            some = lagging.where(c.id >= after, c.id <= last).subquery()
            with database.reading() as connection:
                late = connection.execute(select(some.c.id).where(some.c.seq <= some.c.before)).scalars().all()
            sentence = "The {} {} has a lower number than the one before it."
            yield from (Fault(noun=table.name, key=one, sentence=sentence.format(table.name, one)) for one in late)
            advance(f"order of {table.name}s", last, until)


def _sources(database: Database, advance: Advance) -> Iterator[Fault]:
    c = source.c
    with database.reading() as connection:
        is_listed = article.c.merged_into_id.is_(None), article.c.status != ArticleStatus.HIDDEN
        articles = select(func.count()).where(article.c.source_id == c.id, *is_listed).scalar_subquery()
        events = select(func.count()).where(event.c.source_id == c.id).scalar_subquery()
        statement = select(c.name, c.articles_count, c.events_count, articles.label("articles"), events.label("events"))
        found = connection.execute(statement.order_by(c.name)).all()
    for row in found:
        for noun, said, true in (("articles", row.articles_count, row.articles), ("changes", row.events_count, row.events)):
            if said != true:
                yield Fault(noun="source", key=row.name, sentence=f"The source {row.name} says that it has {said} {noun}, and has {true}.")
    advance("sources", len(found), len(found))


STAGES: tuple[tuple[str, Callable[[Database, Advance], Iterator[Fault]]], ...] = (
    ("articles", _articles),
    ("feeds", _feeds),
    ("events", _events),
    ("keys", _keys),
    ("merges", _merges),
    ("takedowns", _takedowns),
    ("sources", _sources),
    ("numbers", _numbers),
    ("order", _order),
)
