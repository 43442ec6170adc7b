"""Where WebSub hubs call: the verification of what we asked for, and pushes.

A push says no more than that its feed should be read: what it carries is checked against its signature and forgotten.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from tracker.model import HubSubscription
from tracker.store.store import Store

logger = logging.getLogger(__name__)

_ALGORITHMS = frozenset({"sha1", "sha256", "sha384", "sha512"})
# As many bytes as a feed may have; none of them is kept.
PUSHED_BYTES = 15 * 2**20
PUSHED_WITHIN = timedelta(seconds=30)
# So long after it was asked, a hub may verify; again too, since our answer may have been lost.
PENDING_FOR = timedelta(hours=1)
# A hub that tells no lease gives this one; none counts for longer than the other.
USUAL_LEASE = timedelta(days=10)
LONGEST_LEASE = timedelta(days=365)
_LEASE_DIGITS = 9


class Callbacks:
    def __init__(self, *, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock

    async def serve(self, request: Request) -> Response:
        if request.method not in {"GET", "POST"}:
            raise HTTPException(405, headers={"allow": "GET, POST"})
        subscription = await asyncio.to_thread(self._store.hub_subscriptions.by_token, request.path_params["token"])
        if subscription is None:
            raise HTTPException(404)
        return await (self._pushed if request.method == "POST" else self._verified)(request, subscription)

    async def _verified(self, request: Request, subscription: HubSubscription) -> Response:
        said = request.query_params
        mode, challenge = said.get("hub.mode"), said.get("hub.challenge")
        if said.get("hub.topic") != subscription.offer.topic_url:
            raise HTTPException(404)
        if mode == "denied":
            logger.warning("The WebSub hub %s denies %s: %.200s", *_named(subscription), said.get("hub.reason", "it gives no reason"))
            await asyncio.to_thread(self._store.hub_subscriptions.denied, subscription.token, self._clock())
            return Response(status_code=200, headers={"cache-control": "no-store"})
        if mode != "subscribe" or not challenge or not self._is_pending(subscription):
            raise HTTPException(404)
        lease = _lease(said.get("hub.lease_seconds", ""))
        await asyncio.to_thread(self._store.hub_subscriptions.verified, subscription.token, lease=lease, now=self._clock())
        logger.info("The WebSub hub %s pushes %s for %s.", *_named(subscription), lease)
        return PlainTextResponse(challenge, headers={"cache-control": "no-store"})

    def _is_pending(self, subscription: HubSubscription) -> bool:
        asked_at = subscription.asked_at
        return subscription.ask_at is not None and asked_at is not None and self._clock() - asked_at <= PENDING_FOR

    async def _pushed(self, request: Request, subscription: HubSubscription) -> Response:
        """A forged push is answered like any other, so that it tells nothing."""
        if subscription.verified_at is not None and await _is_signed(request, subscription.secret):
            await asyncio.to_thread(self._store.hub_subscriptions.pushed, subscription.feed_id, self._clock())
        else:
            logger.info("A push for %s that its hub did not sign is ignored.", subscription.offer.topic_url)
        return Response(status_code=202)


def _named(subscription: HubSubscription) -> tuple[str, str]:
    return subscription.offer.hub_url, subscription.offer.topic_url


def _lease(seconds: str) -> timedelta:
    is_number = seconds.isascii() and seconds.isdigit() and int(seconds[:_LEASE_DIGITS]) > 0
    return min(timedelta(seconds=int(seconds[:_LEASE_DIGITS])), LONGEST_LEASE) if is_number else USUAL_LEASE


async def _is_signed(request: Request, secret: str) -> bool:
    """Read piece by piece, and not at all where it cannot be the hub's."""
    algorithm, _, given = request.headers.get("x-hub-signature", "").strip().partition("=")
    try:
        signature = bytes.fromhex(given)
    except ValueError:
        return False
    if algorithm.lower() not in _ALGORITHMS or not signature:
        return False
    made, received = hmac.new(secret.encode(), digestmod=algorithm.lower()), 0
    try:
        async with asyncio.timeout(PUSHED_WITHIN.total_seconds()):
            async for piece in request.stream():
                received += len(piece)
                if received > PUSHED_BYTES:
                    return False
                made.update(piece)
    except (TimeoutError, ClientDisconnect):
        return False
    return hmac.compare_digest(made.digest(), signature)
