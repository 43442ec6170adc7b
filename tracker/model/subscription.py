"""Standing wishes to be told: what a reader, or the operator, subscribed to, and what they are told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time

from tracker.model.kept import Alarm, Change, Filter, Scope
from tracker.model.kinds import Channel, NoticeKind

_EVERYTHING, _ANY = Scope(), Filter()


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """All of a day in one message, at this time of day in this zone, such as "Europe/Amsterdam"."""

    at: time
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be told to whom. `target` is the webhook's address, the mail's, or the name of an Apprise address in the
    configuration. `of_alarms`: the operator's alarms instead of events. `digest` None: at once."""

    channel: Channel
    target: str
    scope: Scope = _EVERYTHING
    only: Filter = _ANY
    of_alarms: bool = False
    digest: Digest | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A standing Wish with its cursor: all that is numbered up to it was told, or is none of its business.

    `secret` signs what a webhook gets, and is the last part of the address that ends a mail's. `declared`: config.yaml names it.
    `next_at` is when it is tried next. `failing_since` is the first try of the present run of failures. `lease` is the fencing
    token of a claim.
    """

    id: int
    wish: Wish
    secret: str
    declared: bool
    created_at: datetime
    cursor: int
    next_at: datetime
    failing_since: datetime | None = None
    failures_count: int = 0
    paused_at: datetime | None = None
    paused_because: str | None = None
    lease: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One thing to tell: an event, that it is retracted or stands after all, an alarm, or that one is over."""

    seq: int
    kind: NoticeKind
    at: datetime
    change: Change | None = None
    alarm: Alarm | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The next notices of a subscription, in their order. All that is numbered up to `until` is in them or none of its business."""

    notices: tuple[Notice, ...]
    until: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try to tell `notices_count` notices, the last of which has the number `seq`. `reason` None: they were taken."""

    at: datetime
    seq: int
    notices_count: int
    ms: int
    reason: str | None = None
