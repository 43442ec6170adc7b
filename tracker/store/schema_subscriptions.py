"""The tables of subscriptions, of the tries to serve them, and of the alarms that they are told, beside those of schema.py."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, Named, Table, Text, TypedColumns

from tracker.model import AlarmKind
from tracker.store import columns
from tracker.store.columns import Coded, Id, Plain, Utc
from tracker.store.schema import metadata


class SubscriptionColumns(TypedColumns):
    """See model.Subscription. `scope` is JSON: what a wish may be limited to grows without another column."""

    id: Named[int] = Column(Id, primary_key=True)
    channel: Named[str] = Column(Text)
    target: Named[str] = Column(Plain)
    scope: Named[str] = Column(Text)
    digest_at: Named[str | None] = Column(Text)
    zone: Named[str | None] = Column(Text)
    secret: Named[str] = Column(Text, unique=True)
    declared: Named[bool] = Column(Boolean)
    created_at: Named[datetime] = Column(Utc)
    cursor: Named[int] = Column(BigInteger)
    next_at: Named[datetime] = Column(Utc)
    failing_since: Named[datetime | None] = Column(Utc)
    failures_count: Named[int] = Column(Integer)
    paused_at: Named[datetime | None] = Column(Utc)
    paused_because: Named[str | None] = Column(Plain)
    lease: Named[int] = Column(BigInteger)
    leased_until: Named[datetime | None] = Column(Utc)


class AttemptColumns(TypedColumns):
    """The newest tries of each subscription. `reason` is NULL where they were taken."""

    id: Named[int] = Column(Id, primary_key=True)
    subscription_id: Named[int] = Column(Id, ForeignKey("subscription.id"))
    at: Named[datetime] = Column(Utc)
    seq: Named[int] = Column(BigInteger)
    notices_count: Named[int] = Column(Integer)
    ms: Named[int] = Column(Integer)
    reason: Named[str | None] = Column(Plain)


class AlarmNoticeColumns(TypedColumns):
    """What was told of alarms: that there was reason for one, or (`ended`) that it is over. `about` as in the table of alarms."""

    seq: Named[int] = Column(BigInteger, primary_key=True, autoincrement=False)
    at: Named[datetime] = Column(Utc)
    about: Named[str] = Column(Text)
    kind: Named[AlarmKind] = Column(Coded(columns.ALARM_KINDS))
    since_at: Named[datetime] = Column(Utc)
    sentence: Named[str] = Column(Plain)
    ended: Named[bool] = Column(Boolean)


subscription = Table("subscription", metadata, SubscriptionColumns, sqlite_autoincrement=True)
attempt = Table("attempt", metadata, AttemptColumns, sqlite_autoincrement=True)
alarm_notice = Table("alarm_notice", metadata, AlarmNoticeColumns)
Index("attempt_by_subscription", attempt.c.subscription_id, attempt.c.id)
