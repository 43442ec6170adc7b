"""The end of a mail subscription, by the address that stands in each of its mails: a page with a button, and one click (RFC 8058).

The address is the permission: 256 random bits that only the mail carries. Opening it ends nothing, since programs that look for
malware open all that is in a mail.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from tracker.model import Channel, Subscription
from tracker.store.store import Store
from tracker.web.look import Look

logger = logging.getLogger(__name__)


class Unsubscribing:
    def __init__(self, *, store: Store, look: Look, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._look = look
        self._clock = clock

    def serve(self, request: Request) -> Response:
        if request.method not in {"GET", "HEAD", "POST"}:
            raise HTTPException(405, headers={"allow": "GET, HEAD, POST"})
        found = self._store.subscriptions.by_secret(request.path_params["secret"])
        # What config.yaml declares would be there again at the next start; a webhook's secret is no address.
        if found is None or found.declared or found.wish.channel is not Channel.MAIL:
            raise HTTPException(404, "This subscription has ended, or the address was cut short.")
        if request.method == "POST":
            self._end(found)
        response = self._look.page("unsubscribe.html", ended=request.method == "POST")
        response.headers["cache-control"] = "no-store"
        response.headers["x-robots-tag"] = "noindex"
        return response

    def _end(self, one: Subscription) -> None:
        self._store.subscriptions.remove(one.id, self._clock())
        logger.info("subscription %d was ended by its reader", one.id)
