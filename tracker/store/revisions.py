"""Revisions, events and polls read back: histories, texts, and the lists that pages and feeds are made of.

Lists are newest first, and go on after the last `seq` or id that the reader has (keyset).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, func, select

from tracker.errors import NotFound
from tracker.model import (
    Article,
    Capture,
    Change,
    Event,
    Extract,
    Filter,
    Latest,
    Reversion,
    Revision,
    Scope,
    StoredPoll,
)
from tracker.store import contents, filters, rows, search, sources, withholding
from tracker.store.database import Database, chunks
from tracker.store.schema import article, event, further_page, poll, revision
from tracker.store.withholding import Withheld, Withholding

Read = tuple[Revision, Extract]

# What is asked at every new text is made once: making a statement takes longer than running it.
_LATEST = rows.REVISIONS.where(revision.c.article_id == bindparam("of_article")).order_by(revision.c.number.desc()).limit(1)
_PRINTS = select(revision.c.fingerprint, revision.c.id).where(revision.c.article_id == bindparam("of_article")).order_by(revision.c.number)
_LAST_EVENT = select(event).where(event.c.article_id == bindparam("of_article")).order_by(event.c.seq.desc()).limit(1)


class Revisions:
    """Every method is one short reading transaction."""

    def __init__(self, database: Database, withheld: Withholding) -> None:
        self._database = database
        self._withholding = withheld

    def latest(self, article_id: int) -> Latest | None:
        """None before the first revision."""
        with self._database.reading() as connection:
            row = connection.execute(_LATEST, {"of_article": article_id}).one_or_none()
            if row is None:
                return None
            newest = dict(connection.execute(_PRINTS, {"of_article": article_id}).all())  # the last one of a fingerprint stays
            extract = contents.read_extracts(connection, [row.id])[row.id]
            reversion = _reversion(connection, article_id)
            return Latest(revision=rows.revision_of(row), extract=extract, seen=tuple(newest.items()), reversion=reversion)

    def earlier(self, article_id: int, *, limit: int = 5) -> tuple[tuple[int, Extract], ...]:
        """The texts of the last revisions before the latest, by id, the oldest first."""
        with self._database.reading() as connection:
            c = revision.c
            newest = select(c.id).where(c.article_id == article_id).order_by(c.number.desc()).limit(limit).offset(1)
            ids = sorted(connection.execute(newest).scalars())
            extracts = contents.read_extracts(connection, ids)
            return tuple((one, extracts[one]) for one in ids if one in extracts)

    def latest_ids(self, article_ids: Iterable[int]) -> dict[int, int]:
        """The latest revision of each of these articles that has one."""
        found: dict[int, int] = {}
        c = revision.c
        with self._database.reading() as connection:
            last = (c.article_id == article.c.id) & (c.number == self._withholding.at_present(connection).latest_number())
            for part in chunks(sorted(set(article_ids))):
                latest = select(article.c.id, c.id).join_from(article, revision, last).where(article.c.id.in_(part))
                found |= dict(connection.execute(latest).all())
        return found

    def history(self, article_id: int) -> tuple[Revision, ...]:
        """By number."""
        with self._database.reading() as connection:
            statement = rows.REVISIONS.where(revision.c.article_id == article_id).order_by(revision.c.number)
            withheld = self._withholding.at_present(connection)
            found = [rows.revision_of(row) for row in connection.execute(statement).all()]
            return tuple(one for one in found if withheld.shows(article_id, one.number))

    def get(self, revision_id: int) -> Revision:
        """Raises NotFound."""
        with self._database.reading() as connection:
            return _revisions(connection, [revision_id], self._withholding.at_present(connection))[revision_id]

    def extract(self, revision_id: int) -> Extract:
        """Raises NotFound, Corrupt."""
        with self._database.reading() as connection:
            return _read(connection, [revision_id], self._withholding.at_present(connection))[revision_id][1]

    def extracts(self, revision_ids: Iterable[int]) -> dict[int, Extract]:
        """Several at once: an article's texts share their keyframe. Raises NotFound, Corrupt."""
        with self._database.reading() as connection:
            found = _read(connection, sorted(set(revision_ids)), self._withholding.at_present(connection))
            return {revision_id: extract for revision_id, (_, extract) in found.items()}

    def capture(self, capture_id: int) -> Capture:
        """Raises NotFound, Corrupt."""
        with self._database.reading() as connection:
            return contents.read_capture(connection, capture_id)

    def pages(self, revision_id: int) -> tuple[Capture, ...]:
        """The pages that a revision was read from, in order; none where there is no capture, or none any more. Raises NotFound, Corrupt."""
        with self._database.reading() as connection:
            first = _revisions(connection, [revision_id], self._withholding.at_present(connection))[revision_id].capture_id
            if first is None:
                return ()
            c = further_page.c
            later = connection.execute(select(c.capture_id).where(c.revision_id == revision_id).order_by(c.number)).scalars()
            return tuple(contents.read_capture(connection, one) for one in (first, *later))

    def pair(self, a: int, b: int) -> tuple[Read, Read]:
        """Any two revisions with their texts. Raises NotFound, Corrupt."""
        with self._database.reading() as connection:
            both = _read(connection, [a, b], self._withholding.at_present(connection))
            return both[a], both[b]

    def event(self, event_id: int) -> Event:
        """Raises NotFound."""
        with self._database.reading() as connection:
            shown = rows.TOLD, *self._withholding.at_present(connection).events()
            row = connection.execute(rows.EVENTS.where(event.c.id == event_id, *shown)).one_or_none()
            if row is None:
                raise NotFound("event", event_id)
            return rows.event_of(row)

    def event_between(self, a: int, b: int) -> Event | None:
        """The event by which revision a became b."""
        with self._database.reading() as connection:
            c = event.c
            shown = self._withholding.at_present(connection).events()
            of_article = c.article_id == select(revision.c.article_id).where(revision.c.id == b).scalar_subquery()
            statement = rows.EVENTS.where(of_article, c.from_revision_id == a, c.to_revision_id == b, *shown)
            row = connection.execute(statement.order_by(c.seq).limit(1)).one_or_none()
            return rows.event_of(row) if row else None

    def events(self, scope: Scope, *, before: int | None = None, limit: int = 50) -> tuple[Event, ...]:
        """Newest first; `before` is the seq of the last one that the reader has. Of hidden articles only the withdrawal is told."""
        with self._database.reading() as connection:
            return _events(connection, scope, before, limit, *self._withholding.at_present(connection).events())

    def changes(self, scope: Scope, *, only: Filter | None = None, before: int | None = None, limit: int = 50) -> tuple[Change, ...]:
        """`events` with all that is needed to list them, in five queries however many there are. No text is read. Of a text that
        goes back and forth within a day, the first reversion stands for all. `only`: see filters.py for how far back it looks,
        and search.py for a search."""
        with self._database.reading() as connection:
            withheld = self._withholding.at_present(connection)
            if scope.search is not None:
                sought = search.changes(
                    connection, scope, scope.search, only=only or Filter(), before=before, limit=limit, withheld=withheld
                )
                found = sought.events
            else:
                conditions = withheld.events()
                if only is not None and only != Filter():
                    conditions = [*conditions, *filters.conditions(connection, scope, only, before)]
                found = _events(connection, scope, before, limit, event.c.alternates_with_id.is_(None), *conditions)
            return listed(connection, found, withheld)

    def polls(
        self,
        *,
        source: str | None = None,
        article_id: int | None = None,
        feed_id: int | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> tuple[StoredPoll, ...]:
        """Newest first. Raises NotFound for the source."""
        with self._database.reading() as connection:
            told = self._withholding.at_present(connection).polls()
            statement = rows.POLLS.where(*told).order_by(poll.c.id.desc()).limit(limit)
            if source is not None:
                statement = statement.where(poll.c.source_id == sources.id_of(connection, source))
            if article_id is not None:
                statement = statement.where(poll.c.article_id == article_id)
            if feed_id is not None:
                statement = statement.where(poll.c.feed_id == feed_id)
            if before is not None:
                statement = statement.where(poll.c.id < before)
            return tuple(rows.poll_of(row) for row in connection.execute(statement).all())

    def shown_between(self, after: datetime, until: datetime) -> frozenset[str]:
        """The sources of which an event was shown to readers in this time because its wait ended."""
        with self._database.reading() as connection:
            return withholding.shown_between(connection, after, until)


def listed(connection: Connection, found: Sequence[Event], withheld: Withheld) -> tuple[Change, ...]:
    """With all that is needed to list them. That they are shown is known, and with them the versions they name."""
    if not found:
        return ()
    articles = _articles(connection, {one.article_id for one in found}, withheld)
    alternations = _alternations(connection, [one.id for one in found], withheld)
    ids = {i for one in found for i in (one.from_revision_id, one.to_revision_id) if i is not None}
    revisions = _revisions(connection, sorted(ids), Withheld())
    return tuple(
        Change(
            event=one,
            article=articles[one.article_id],
            old=None if one.from_revision_id is None else revisions[one.from_revision_id],
            new=None if one.to_revision_id is None else revisions[one.to_revision_id],
            alternations_count=alternations[one.id][0] if one.id in alternations else 0,
            alternated_at=alternations[one.id][1] if one.id in alternations else None,
        )
        for one in found
    )


def _reversion(connection: Connection, article_id: int) -> Reversion | None:
    row = connection.execute(_LAST_EVENT, {"of_article": article_id}).one_or_none()
    if row is None or row.reverts_to_id is None:
        return None
    return Reversion(event_id=row.id, before_at=row.before_at, alternates_with=row.alternates_with_id)


def _alternations(connection: Connection, ids: list[int], withheld: Withheld) -> dict[int, tuple[int, datetime]]:
    """How many further reversions each of these events stands for, and when the last one was kept."""
    c = event.c.alternates_with_id
    found: dict[int, tuple[int, datetime]] = {}
    for part in chunks(ids):
        counted = select(c, func.count(), func.max(event.c.at)).where(c.in_(part), *withheld.events()).group_by(c)
        found |= {head: (count, at) for head, count, at in connection.execute(counted) if head}
    return found


def _events(
    connection: Connection, scope: Scope, before: int | None, limit: int, *conditions: ColumnElement[bool]
) -> tuple[Event, ...]:
    statement: Select[Any] = rows.EVENTS.where(rows.TOLD, *conditions).order_by(event.c.seq.desc()).limit(limit)
    if scope.source is not None:
        statement = statement.where(event.c.source_id == sources.id_of(connection, scope.source))
    if scope.article_id is not None:
        statement = statement.where(event.c.article_id == scope.article_id)
    if before is not None:
        statement = statement.where(event.c.seq < before)
    return tuple(rows.event_of(row) for row in connection.execute(statement).all())


def _articles(connection: Connection, ids: set[int], withheld: Withheld) -> dict[int, Article]:
    found = rows.articles(connection, rows.ARTICLES.where(article.c.id.in_(sorted(ids))))
    return {one.id: one for one in withheld.articles(connection, found)}


def _revisions(connection: Connection, ids: list[int], withheld: Withheld) -> dict[int, Revision]:
    found: dict[int, Revision] = {}
    for part in chunks(ids):
        statement = rows.REVISIONS.where(revision.c.id.in_(part))
        found |= {row.id: rows.revision_of(row) for row in connection.execute(statement).all()}
    for revision_id in ids:
        if revision_id not in found or not withheld.shows(found[revision_id].article_id, found[revision_id].number):
            raise NotFound("revision", revision_id)
    return found


def _read(connection: Connection, ids: list[int], withheld: Withheld) -> dict[int, Read]:
    revisions = _revisions(connection, ids, withheld)
    extracts = contents.read_extracts(connection, ids)
    return {revision_id: (revisions[revision_id], extracts[revision_id]) for revision_id in ids}
