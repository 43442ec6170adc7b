"""What a webhook gets: the signature of the specification, ids that stay, bodies of one form."""

from __future__ import annotations

from datetime import UTC, datetime

from tracker.notify.webhook import signature


def test_a_signature_is_that_of_the_specification():
    """The example that libraries of Standard Webhooks test themselves with."""
    secret = "whsec_plJ3nmyCDGBKInavdOK15jsl"
    body = b'{"event_type":"ping","data":{"success":true}}'
    at = datetime.fromtimestamp(1731705121, UTC)
    assert signature(secret, "msg_loFOjxBNrRLzqYUf", at, body) == "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0="
