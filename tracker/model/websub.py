"""WebSub as a subscriber sees it: the hub that a feed names, and what was agreed with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HubOffer:
    """A feed's word that this hub tells at once of what is new under `topic_url`, the address that the feed gives itself."""

    hub_url: str
    topic_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HubSubscription:
    """One feed's. `token` is the last part of the address that the hub calls, `secret` what it signs with. `ask_at` is when the hub
    is asked next, None where the feed names it no longer."""

    feed_id: int
    offer: HubOffer
    token: str
    secret: str
    asked_at: datetime | None
    ask_at: datetime | None
    verified_at: datetime | None
    leased_until: datetime | None
    failures_count: int
