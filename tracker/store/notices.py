"""What waits for a subscription: events, their retractions, alarms, in the order of the one sequence.

A withheld event holds back what comes after it: told in their order, nothing is passed over. So does one that is not indexed yet,
where a search is subscribed to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Select, and_, delete, func, insert, or_, select

from tracker.model import Alarm, Change, Event, EventKind, Notice, NoticeKind, Scope, Waiting, Wish
from tracker.store import counter, filters, full_text, merging, revisions, rows, sources
from tracker.store.schema import event, retraction
from tracker.store.schema_search import CHANGE, search_due
from tracker.store.schema_subscriptions import alarm_notice
from tracker.store.withholding import Withheld

# Events that are looked through at once for those that a rare filter lets through.
LOOKED_THROUGH = 5_000
# Notices of alarms that are kept: who was told none of so many has other troubles.
ALARMS_KEPT = 1_000


def waiting(connection: Connection, wish: Wish, withheld: Withheld, *, after: int, limit: int) -> Waiting:
    newest = counter.current(connection)
    if wish.of_alarms:
        found = _alarms(connection, after, limit)
        return Waiting(notices=found, until=found[-1].seq if len(found) == limit else max(newest, after))
    until = _until(connection, wish, withheld, after, newest)
    told = _told(connection, wish, after, until, limit)
    if len(told) > limit:
        told = told[:limit]
        until = told[-1][0]
    # What was an error of ours before it was told needs no telling; that it is retracted is told all the same.
    kept = [one for one in told if one[1] is not NoticeKind.EVENT or one[2].retracted is None]
    changes = {one.event.id: one for one in revisions.listed(connection, [found for _, _, found in _distinct(kept)], withheld)}
    notices = [_notice(seq, kind, found, changes) for seq, kind, found in kept]
    return Waiting(notices=tuple(notices), until=until)


_Told = tuple[int, NoticeKind, Event]


def _until(connection: Connection, wish: Wish, withheld: Withheld, after: int, newest: int) -> int:
    """Up to which number is looked: before the first event that is withheld, and no further than LOOKED_THROUGH events."""
    c = event.c
    until = max(newest, after)
    far = connection.execute(select(c.seq).where(c.seq > after).order_by(c.seq).offset(LOOKED_THROUGH).limit(1)).scalar()
    if far is not None:
        until = min(until, far)
    if wish.scope.search is not None:
        until = _indexed(connection, after, until)
    if young := withheld.young():
        ours = or_(*young), *_ours(connection, wish)
        made = retraction.c.seq
        events = select(func.min(c.seq)).where(c.seq > after, c.seq <= until, *ours)
        # Also of an event that was kept before the subscription began: a retraction names what was retracted.
        taken_back = select(func.min(made)).join_from(retraction, event).where(made > after, made <= until, *ours)
        until = _before(connection, until, events, taken_back)
    return until


def _indexed(connection: Connection, after: int, until: int) -> int:
    """Up to which number all is indexed."""
    seq, made = event.c.seq, retraction.c.seq
    is_due = and_(search_due.c.kind == CHANGE, search_due.c.id == event.c.id)
    events = select(func.min(seq)).join_from(event, search_due, is_due).where(seq > after, seq <= until)
    taken_back = select(func.min(made)).join_from(retraction, event).join(search_due, is_due).where(made > after, made <= until)
    return _before(connection, until, events, taken_back)


def _before(connection: Connection, until: int, *firsts: Select[int]) -> int:
    found = [connection.execute(statement).scalar() for statement in firsts]
    return min([until, *(first - 1 for first in found if first is not None)])


def _told(connection: Connection, wish: Wish, after: int, until: int, limit: int) -> list[_Told]:
    """In order, one more than `limit` where there are more."""
    ours = [rows.TOLD, *_ours(connection, wish)]
    seq, made = event.c.seq, retraction.c.seq
    events = rows.EVENTS.where(seq > after, seq <= until, *ours).order_by(seq).limit(limit + 1)
    taken_back = rows.EVENTS.where(made > after, made <= until, *ours).order_by(made).limit(limit + 1)
    found: list[_Told] = [(one.seq, NoticeKind.EVENT, one) for one in map(rows.event_of, connection.execute(events))]
    for one in map(rows.event_of, connection.execute(taken_back)):
        assert one.retraction is not None
        kind = NoticeKind.REINSTATED if one.retraction.is_undone else NoticeKind.RETRACTED
        found.append((one.retraction.seq, kind, one))
    return sorted(found, key=lambda told: told[0])[: limit + 1]


def _ours(connection: Connection, wish: Wish) -> list[ColumnElement[bool]]:
    """Which events are meant. Of a text that goes back and forth within a day, the first reversion stands for all."""
    return [event.c.alternates_with_id.is_(None), *_within(connection, wish.scope), *filters.alone(wish.only)]


def _within(connection: Connection, scope: Scope) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if scope.source is not None:
        found.append(event.c.source_id == sources.id_of(connection, scope.source))
    if scope.article_id is not None:
        # One that became part of another is followed there.
        found.append(event.c.article_id == merging.goes_on_as(connection, scope.article_id))
    if scope.search is not None:
        # And every withdrawal: by what it was found is gone with its text, and whoever was told of that must be told of this.
        found.append(or_(event.c.kind == EventKind.WITHDRAWN, full_text.finds(connection, "change_words", scope.search, "event.seq")))
    return found


def _distinct(told: Sequence[_Told]) -> Sequence[_Told]:
    return tuple({one[2].id: one for one in told}.values())


def _notice(seq: int, kind: NoticeKind, found: Event, changes: Mapping[int, Change]) -> Notice:
    at = found.at
    if found.retraction is not None and kind is not NoticeKind.EVENT:
        at = found.retraction.undone_at or found.retraction.at
    return Notice(seq=seq, kind=kind, at=at, change=changes[found.id])


# --- alarms ----------------------------------------------------------------------------------------


def note_alarms(connection: Connection, new: Sequence[Alarm], ended: Sequence[Alarm], first: int, now: datetime) -> None:
    """Numbered from `first` on."""
    for seq, (alarm, is_over) in enumerate([*((one, False) for one in new), *((one, True) for one in ended)], start=first):
        values = {"seq": seq, "at": now, "about": alarm.source or "", "kind": alarm.kind, "ended": is_over}
        connection.execute(insert(alarm_notice).values(values | {"since_at": alarm.since_at, "sentence": alarm.sentence}))
    old = select(alarm_notice.c.seq).order_by(alarm_notice.c.seq.desc()).offset(ALARMS_KEPT).limit(1)
    connection.execute(delete(alarm_notice).where(alarm_notice.c.seq <= old.scalar_subquery()))


def _alarms(connection: Connection, after: int, limit: int) -> tuple[Notice, ...]:
    c = alarm_notice.c
    found = connection.execute(select(alarm_notice).where(c.seq > after).order_by(c.seq).limit(limit))
    return tuple(
        Notice(
            seq=row.seq,
            kind=NoticeKind.RECOVERED if row.ended else NoticeKind.RAISED,
            at=row.at,
            alarm=Alarm(kind=row.kind, source=row.about or None, since_at=row.since_at, sentence=row.sentence),
        )
        for row in found
    )
