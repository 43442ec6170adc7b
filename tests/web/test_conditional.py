"""ETag, Last-Modified and 304."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from starlette.datastructures import Headers

from tracker.web.conditional import Validator, is_fresh

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
WEAK = Validator(etag='W/"one"', modified_at=NOON)
STRONG = Validator(etag='"one"', modified_at=NOON)
SAME, EARLIER, LATER = "Sun, 01 Mar 2026 12:00:00 GMT", "Sun, 01 Mar 2026 11:59:59 GMT", "Sun, 01 Mar 2026 12:00:01 GMT"


@pytest.mark.parametrize("validator", [WEAK, STRONG])
@pytest.mark.parametrize(
    ("sent", "fresh"),
    [
        ({}, False),
        ({"if-none-match": '"one"'}, True),
        ({"if-none-match": 'W/"one"'}, True),
        ({"if-none-match": '"two", W/"one"'}, True),
        ({"if-none-match": "*"}, True),
        ({"if-none-match": '"two"'}, False),
        ({"if-none-match": "one"}, False),
        ({"if-none-match": ""}, False),
        ({"if-modified-since": SAME}, True),
        ({"if-modified-since": LATER}, True),
        ({"if-modified-since": EARLIER}, False),
        ({"if-modified-since": "yesterday"}, False),
        ({"if-modified-since": "Sun, 99 Mar 2026 12:00:00 GMT"}, False),
        ({"if-none-match": '"two"', "if-modified-since": LATER}, False),
        ({"if-none-match": '"one"', "if-modified-since": EARLIER}, True),
    ],
)
def test_a_client_that_has_the_page_is_known_by_its_tag_first_and_its_date_second(validator, sent, fresh):
    assert is_fresh(Headers(sent), validator) is fresh


def test_without_a_date_only_the_tag_counts():
    assert not is_fresh(Headers({"if-modified-since": LATER}), Validator(etag='"one"', modified_at=None))
