"""The table of subscriptions at WebSub hubs, beside those of schema.py."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, ForeignKey, Integer, Named, Table, Text, TypedColumns

from tracker.store.columns import Id, Plain, Utc
from tracker.store.schema import metadata


class HubSubscriptionColumns(TypedColumns):
    """At most one a feed, kept for good, so that a feed that names a hub now and then has it asked no more often. See HubSubscription."""

    feed_id: Named[int] = Column(Id, ForeignKey("feed.id"), primary_key=True, autoincrement=False)
    hub_url: Named[str] = Column(Plain)
    topic_url: Named[str] = Column(Plain)
    token: Named[str] = Column(Text, unique=True)
    secret: Named[str] = Column(Text)
    asked_at: Named[datetime | None] = Column(Utc)
    ask_at: Named[datetime | None] = Column(Utc)
    verified_at: Named[datetime | None] = Column(Utc)
    leased_until: Named[datetime | None] = Column(Utc)
    failures_count: Named[int] = Column(Integer)


hub_subscription = Table("hub_subscription", metadata, HubSubscriptionColumns)
