"""What readers do not see yet: the newest events of sources whose publishing waits (`publish_delay`), and the versions they led to.

The one place that decides it. Pages, pictures and change feeds read through `Store.for_readers`; the program itself reads all there is.
An article with such events reads as it did before them; one that was merged, as its other source's events left it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Connection, Row, and_, case, func, not_, or_, select

from tracker.model import Article, ArticleStatus, EventKind, Outcome
from tracker.store import contents
from tracker.store.schema import article, event, merge, poll, revision, source

# Events read at once, newest first, until one is old enough.
_BATCH = 200
# Looks that say that a text changed.
_TELLING = (Outcome.CHANGED, Outcome.REVERTED)

# Asked with every read, so it is made once.
_DELAYED = select(source.c.id, source.c.name, source.c.publish_delay).where(source.c.publish_delay > timedelta())
# An article that is found again as it was leads from nothing to a version that was shown before.
_LED_TO = (event.c.to_revision_id == revision.c.id) & event.c.from_revision_id.is_not(None)
# Rows of the queries below.
_Young: TypeAlias = Row[int, int, datetime, int, int, int, int]
_Told: TypeAlias = Row[EventKind, datetime, int | None, int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """At one moment: each withheld event's source id; how many there are, by source id; by the same the first withheld seq, and since
    when looks are not told; by article id the first withheld version, and those after it that are shown all the same; the events of
    other sources that are withheld because they go on from such a version."""

    source_ids: Mapping[int, int] = field(default_factory=dict)
    counts: Mapping[int, int] = field(default_factory=dict)
    floors: Mapping[int, int] = field(default_factory=dict)
    since: Mapping[int, datetime] = field(default_factory=dict)
    versions: Mapping[int, int] = field(default_factory=dict)
    shown_after: Mapping[int, Collection[int]] = field(default_factory=dict)
    following_ids: frozenset[int] = frozenset()
    article_ids: frozenset[int] = frozenset()

    @property
    def events_count(self) -> int:
        return sum(self.counts.values())

    def events(self) -> list[ColumnElement[bool]]:
        """Conditions on the events that are shown."""
        return [not_(one) for one in self.young()]

    def young(self) -> list[ColumnElement[bool]]:
        """Of each event that is withheld, one of these is true."""
        following = [event.c.id.in_(sorted(self.following_ids))] if self.following_ids else []
        return [*_from(self.floors), *following]

    def polls(self) -> list[ColumnElement[bool]]:
        c = poll.c
        return [or_(c.source_id != source_id, c.at <= since, c.outcome.not_in(_TELLING)) for source_id, since in self.since.items()]

    def shows(self, article_id: int, number: int) -> bool:
        """Whether this version is shown."""
        return number < self.versions.get(article_id, number + 1) or number in self.shown_after.get(article_id, ())

    def latest_number(self) -> ColumnElement[int]:
        """The number of an article's latest version that is shown."""
        before = [(article.c.id == one, self._latest(one)) for one in self.versions]
        return case(*before, else_=article.c.revisions_count) if before else article.c.revisions_count

    def _latest(self, article_id: int) -> int:
        return max(self.shown_after.get(article_id, ()), default=self.versions[article_id] - 1)

    def articles(self, connection: Connection, found: Sequence[Article]) -> tuple[Article, ...]:
        """As they read before what is withheld."""
        return tuple(self._before(connection, one) if one.id in self.article_ids else one for one in found)

    def _before(self, connection: Connection, one: Article) -> Article:
        c = event.c
        shown = select(c.kind, c.before_at, c.from_revision_id, c.to_revision_id).where(c.article_id == one.id, *self.events())
        events = connection.execute(shown.order_by(c.seq)).all()
        changes = [row for row in events if row.from_revision_id is not None and row.to_revision_id is not None]
        values: dict[str, Any] = {
            "changes_count": len(changes),
            "last_changed_at": max((row.before_at for row in changes), default=None),
        }
        if (first := self.versions.get(one.id)) is not None:
            latest = select(revision.c.id).where(revision.c.article_id == one.id, revision.c.number == self._latest(one.id))
            texts = contents.read_extracts(connection, connection.execute(latest).scalars())
            values["revisions_count"] = first - 1 + len(self.shown_after.get(one.id, ()))
            for text in texts.values():
                values |= {"headline": text.headline, "language": text.language, "published_at": text.published_at}
        return replace(one, **values, **_absence(one, [row for row in events if row.kind in {EventKind.REMOVED, EventKind.RESTORED}]))


def _absence(one: Article, told: Sequence[_Told]) -> dict[str, Any]:
    """That an article is not found was told before it counts as removed; that it is back was not."""
    is_removed = bool(told) and told[-1].kind is EventKind.REMOVED
    if one.status is ArticleStatus.REMOVED and not is_removed:
        return {"status": ArticleStatus.MISSING}
    if one.status is ArticleStatus.TRACKED and is_removed:
        return {"status": ArticleStatus.REMOVED, "missing_since": told[-1].before_at}
    return {}


class Withholding:
    """Without a clock nothing is withheld."""

    def __init__(self, clock: Callable[[], datetime] | None = None) -> None:
        self._clock = clock

    def at_present(self, connection: Connection) -> Withheld:
        if self._clock is None:
            return Withheld()
        delayed = _delayed(connection)
        if not delayed:
            return Withheld()
        return _withheld(connection, delayed, self._clock())


def shown_between(connection: Connection, after: datetime, until: datetime) -> frozenset[str]:
    """The sources of which an event was shown in this time because its wait ended."""
    delayed = _delayed(connection)
    before, since = (_withheld(connection, delayed, at).source_ids for at in (after, until))
    shown = {source_id for event_id, source_id in before.items() if event_id not in since}
    return frozenset(connection.execute(select(source.c.name).where(source.c.id.in_(sorted(shown)))).scalars())


def _withheld(connection: Connection, delayed: Sequence[Row[int, str, timedelta]], now: datetime) -> Withheld:
    young = {row.id: _young(connection, row.id, now - row.publish_delay) for row in delayed}
    floors = {source_id: min(one.seq for one in found) for source_id, found in young.items() if found}
    events = [one for found in young.values() for one in found]
    versions: dict[int, int] = {}
    for one in events:
        if one.number is not None:
            versions[one.revision_article_id] = min(one.number, versions.get(one.revision_article_id, one.number))
    following, shown_after = _among(connection, floors, versions) if floors else ([], {})
    source_ids = {one.id: one.source_id for one in (*events, *following)}
    return Withheld(
        counts=Counter(source_ids.values()),
        source_ids=source_ids,
        floors=floors,
        since={row.id: now - row.publish_delay for row in delayed},
        versions=versions,
        shown_after=shown_after,
        following_ids=frozenset(one.id for one in following),
        article_ids=frozenset(one.article_id for one in (*events, *following)),
    )


def _among(connection: Connection, floors: Mapping[int, int], versions: dict[int, int]) -> tuple[list[Row[Any]], dict[int, set[int]]]:
    """Of an article that was merged, events of another source stand among these. One that goes on from a withheld version would tell
    its words, so it is withheld too, with what it led to (added to `versions`). What the others led to is shown: their numbers."""
    c, base = event.c, revision.alias()
    statement = (
        select(c.id, c.source_id, c.article_id, base.c.article_id.label("base_article_id"), base.c.number.label("base_number"))
        .add_columns(revision.c.article_id.label("revision_article_id"), revision.c.number)
        .join_from(event, base, base.c.id == func.coalesce(c.from_revision_id, c.to_revision_id))
        .join(revision, _LED_TO, isouter=True)
        .where(c.seq > min(floors.values()), *(not_(one) for one in _from(floors)))
        .where(select(merge.c.id).where(merge.c.into_id == c.article_id).exists())
        .order_by(c.seq)
    )
    following: list[Row[Any]] = []
    shown: dict[int, set[int]] = {}
    for row in connection.execute(statement):
        known = Withheld(versions=versions, shown_after=shown)
        leads_to, number = row.revision_article_id, row.number
        if not known.shows(row.base_article_id, row.base_number):
            following.append(row)
            if number is not None:
                versions[leads_to] = min(number, versions.get(leads_to, number))
        elif number is not None and not known.shows(leads_to, number):
            shown.setdefault(leads_to, set()).add(number)
    return following, shown


def _from(floors: Mapping[int, int]) -> list[ColumnElement[bool]]:
    return [and_(event.c.source_id == source_id, event.c.seq >= floor) for source_id, floor in floors.items()]


def _delayed(connection: Connection) -> Sequence[Row[int, str, timedelta]]:
    return connection.execute(_DELAYED).all()


def _young(connection: Connection, source_id: int, since: datetime) -> list[_Young]:
    """A source's events after `since`. They are numbered as they are kept, so their times rise."""
    c = event.c
    columns = (c.id, c.seq, c.at, c.source_id, c.article_id, revision.c.number, revision.c.article_id.label("revision_article_id"))
    newest = select(*columns).join_from(event, revision, _LED_TO, isouter=True).where(c.source_id == source_id)
    found: list[_Young] = []
    while True:
        following = newest if not found else newest.where(c.seq < found[-1].seq)
        batch = connection.execute(following.order_by(c.seq.desc()).limit(_BATCH)).all()
        found += [row for row in batch if row.at > since]
        if len(batch) < _BATCH or batch[-1].at <= since:
            return found
