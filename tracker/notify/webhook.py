"""One notice as a signed POST, after the Standard Webhooks specification.

The id stays the same however often it is sent, so that a receiver keeps what it has; it is that of the entry in the change feeds.
The time is that of the attempt. The signature is over both and the very bytes of the body.
"""

from __future__ import annotations

import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID, uuid4, uuid5

from tracker.errors import FetchError, NotDelivered
from tracker.feeds.change_feed import clean, one_line, rfc3339, web_link
from tracker.fetch.client import Client
from tracker.model import Notice, NoticeKind, Retraction, Subscription
from tracker.notify.told import Told

# Characters of a rendered change: a receiver's usual cap on what it reads is a hundred kilobytes or more.
LONGEST_HTML = 50_000
_URN = "urn:uuid:"


class Webhooks:
    def __init__(self, *, client: Client, installation_id: UUID, clock: Callable[[], datetime]) -> None:
        self._client = client
        self._installation_id = installation_id
        self._clock = clock

    async def send(self, one: Subscription, told: Sequence[Told]) -> None:
        """Raises NotDelivered."""
        (single,) = told
        message_id, body, at = message_id_of(self._installation_id, single), body_of(single), self._clock()
        headers = {
            "Content-Type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": signature(one.secret, message_id, at, body),
        }
        try:
            answered = await self._client.send(one.wish.target, body, headers)
        except FetchError as error:
            raise NotDelivered(str(error)) from error
        status = answered.status
        if 200 <= status < 300:
            return
        if status == 410:
            raise NotDelivered("It answered with status 410: it wants no more.", is_final=True)
        if 300 <= status < 400:
            raise NotDelivered(f"It answered with status {status}, a redirect, which is not followed: name the address that it leads to.")
        raise NotDelivered(f"It answered with status {status}.", retry_after=answered.retry_after)


def signature(secret: str, message_id: str, at: datetime, body: bytes) -> str:
    signed = b".".join([message_id.encode(), str(int(at.timestamp())).encode(), body])
    return "v1," + b64encode(hmac.digest(b64decode(secret.removeprefix("whsec_")), signed, "sha256")).decode()


def message_id_of(installation_id: UUID, told: Told) -> str:
    notice = told.notice
    if notice is None:
        return str(uuid4())
    if notice.kind is NoticeKind.EVENT and told.entry is not None:
        return told.entry.id.removeprefix(_URN)
    return str(uuid5(installation_id, f"notice:{notice.seq}"))


def body_of(told: Told) -> bytes:
    notice = told.notice
    kind = "test" if notice is None else _type(notice)
    data = {} if notice is None else _alarm(notice) if told.entry is None else _change(notice, told)
    said = {"type": kind, "timestamp": rfc3339(told.at), "data": data}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def _type(notice: Notice) -> str:
    if notice.change is None:
        return f"alarm.{notice.kind}"
    return f"event.{notice.change.event.kind if notice.kind is NoticeKind.EVENT else notice.kind}"


def _alarm(notice: Notice) -> dict[str, object]:
    alarm = notice.alarm
    assert alarm is not None
    said = {"kind": alarm.kind, "about": alarm.source, "since": rfc3339(alarm.since_at), "sentence": clean(alarm.sentence)}
    return {"seq": notice.seq, **said}


def _change(notice: Notice, told: Told) -> dict[str, object]:
    """The fields of an event as the export names them, and those of its entry in the change feeds."""
    assert notice.change is not None
    assert told.entry is not None
    event, entry = notice.change.event, told.entry
    return {
        "seq": notice.seq,
        "id": event.id,
        "entry": entry.id,
        "kind": event.kind,
        "article_id": event.article_id,
        "source": event.source,
        "from": event.from_revision_id,
        "to": event.to_revision_id,
        "after": rfc3339(event.after_at) if event.after_at else None,
        "before": rfc3339(event.before_at),
        "significance": event.diff.significance,
        "reason": event.diff.reason,
        "facets": None if event.diff.facets is None else sorted(event.diff.facets),
        "noted": event.noted,
        "date_moved": event.date_moved,
        "reverts_to": event.reverts_to_id,
        "retraction": _retraction(event.retraction),
        "title": told.title,
        "summary": told.summary,
        "url": web_link(entry.url),
        "article_url": web_link(entry.article_url),
        "original_url": web_link(entry.original_url),
        "source_title": one_line(entry.source),
        "html": entry.content if len(entry.content) <= LONGEST_HTML else None,
    }


def _retraction(made: Retraction | None) -> dict[str, object] | None:
    if made is None:
        return None
    return {"at": rfc3339(made.at), "reason": clean(made.reason), "undone_at": rfc3339(made.undone_at) if made.undone_at else None}
