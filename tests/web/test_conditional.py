"""ETag, Last-Modified and 304."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from tracker.web import conditional, tellings
from tracker.web.conditional import Pages, Validator, is_fresh

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


async def test_the_pages_asked_for_last_are_kept_as_far_as_there_is_room(monkeypatch, store, clock, reader):
    monkeypatch.setattr(conditional, "PAGES_KEPT", 3 * (conditional.PLACE_BYTES + len("/a?12345")))
    made = []

    def page(request):
        made.append(request.url.path)
        return PlainTextResponse("12345")

    few = type(reader)(Starlette(routes=[Route("/{name}", Pages(store, edition="", clock=clock)(page))]))
    for name in ("a", "b", "c", "a", "d", "a", "b"):
        assert (await few.get(f"/{name}")).body == b"12345"
    assert made == ["/a", "/b", "/c", "/d", "/b"]


async def test_long_addresses_take_room_as_pages_do(monkeypatch, store, clock, reader):
    monkeypatch.setattr(conditional, "PAGES_KEPT", 20_000)
    pages = Pages(store, edition="", clock=clock)
    few = type(reader)(Starlette(routes=[Route("/", pages(lambda _: PlainTextResponse("12345")))]))
    for number in range(50):
        assert (await few.get(f"/?{number}{'x' * 5_000}")).status == 200
    assert sum(map(len, pages._kept)) <= 20_000


@pytest.mark.parametrize(("place", "hostile"), [("/", "/?#&before=1"), ("/search?q=council", "/search?q=council#&side=deleted&before=1")])
async def test_no_request_puts_its_page_at_another_address(reader, reader_with, seeded, monkeypatch, place, hostile):
    """No browser sends a "#": in a query it asks for something else, and must not end the address that the page is kept by."""
    monkeypatch.setattr(tellings, "WAITING", 60.0)  # on a busy machine one of the pages would be without what is not found in time
    other = await reader.get(hostile)
    asked = await reader.get(place)
    assert asked.body == (await reader_with().get(place)).body
    assert other.body != asked.body
