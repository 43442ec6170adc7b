"""Asking the WebSub hubs that feeds name to tell us at once of what is new, and asking again before they stop.

Beside polling, never instead of it or before it: a feed is read at its pace whatever its hub does. When which hub is asked is the
store's (store/hub_subscriptions.py); a hub's answers come to web/websub.py.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from tracker.errors import FetchError, StoreError
from tracker.fetch.client import Client
from tracker.model import HubSubscription
from tracker.store.store import Store

logger = logging.getLogger(__name__)

# A hub that was just found waits so long at most.
EVERY = timedelta(minutes=1)
# One after another in each round: a silent one takes a whole timeout.
HUBS_A_ROUND = 20
# What a hub is asked for; what it grants is its word.
LEASE = timedelta(days=10)


async def keep_subscribed(store: Store, client: Client, base_url: str, clock: Callable[[], datetime]) -> None:
    """Until it is cancelled. `base_url` is where hubs reach us."""
    while True:
        try:
            await ask_hubs(store, client, base_url, clock)
        except StoreError as error:
            logger.warning("WebSub hubs are asked later: %s", error)
        await asyncio.sleep(EVERY.total_seconds())


async def ask_hubs(store: Store, client: Client, base_url: str, clock: Callable[[], datetime]) -> None:
    """Those whose time it is."""
    for subscription in await asyncio.to_thread(store.hub_subscriptions.claim_to_ask, clock(), limit=HUBS_A_ROUND):
        await _ask(client, subscription, base_url)


async def _ask(client: Client, subscription: HubSubscription, base_url: str) -> None:
    offer = subscription.offer
    form = {
        "hub.mode": "subscribe",
        "hub.topic": offer.topic_url,
        "hub.callback": f"{base_url}/websub/{subscription.token}",
        "hub.secret": subscription.secret,
        "hub.lease_seconds": str(round(LEASE.total_seconds())),
    }
    try:
        status = await client.post(offer.hub_url, form)
    except FetchError as error:
        logger.info("No subscription to %s for now: %s", offer.topic_url, error)
        return
    if status >= 300:
        logger.info("No subscription to %s for now: the hub %s answered with status %d.", offer.topic_url, offer.hub_url, status)
