"""A hub on loopback is told of change feeds that were written anew; a hub that fails holds nothing up."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

import pytest
from aiohttp import web

from tracker.fetch.client import Client, Limits
from tracker.notify.websub import Publisher

ATOM, JSON = "http://tracker.example/changes.atom", "http://tracker.example/changes.json"


class Hub:
    """Answers with the statuses it was given, the last one for good; notes what it was told."""

    def __init__(self):
        self.statuses = [202]
        self.told = []
        self.asked = asyncio.Event()

    async def handle(self, request):
        form = await request.post()
        self.told.append(dict(form))
        self.asked.set()
        return web.Response(status=self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0])

    async def times(self, count):
        while len(self.told) < count:
            self.asked.clear()
            await self.asked.wait()


@pytest.fixture
async def hub():
    made = Hub()
    app = web.Application()
    app.router.add_post("/hub", made.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    listener = web.TCPSite(runner, "127.0.0.1", 0)
    await listener.start()
    made.address = f"127.0.0.1:{runner.addresses[0][1]}"
    made.url = f"http://{made.address}/hub"
    yield made
    await runner.cleanup()


@pytest.fixture
def publisher(hub, clock):
    """Makes a publisher that waits for nothing between its tries."""

    def make(*, allowed=(), url=None, tries=3):
        limits = Limits(timeout=timedelta(seconds=5), article_bytes=1_000)
        client = Client(user_agent="tracker-test", limits=limits, allowed=allowed or (hub.address,), clock=clock)
        return client, Publisher(client=client, hub_url=url or hub.url, waits=[timedelta(0)] * (tries - 1))

    return make


async def test_a_hub_is_told_each_address_as_websub_says(hub, publisher):
    client, made = publisher()
    async with client, made:
        made.announce([ATOM, JSON])
        await hub.times(2)
    assert hub.told == [{"hub.mode": "publish", "hub.url": url, "hub.topic": url} for url in (ATOM, JSON)]


async def test_what_is_announced_twice_before_it_was_told_is_told_once(hub, publisher):
    client, made = publisher()
    async with client, made:
        made.announce([ATOM])
        made.announce([ATOM, JSON])
        await hub.times(2)
    assert [one["hub.url"] for one in hub.told] == [ATOM, JSON]


async def test_a_hub_that_is_out_of_order_is_asked_again(hub, publisher):
    hub.statuses = [503, 429, 204]
    client, made = publisher()
    async with client, made:
        made.announce([ATOM])
        await hub.times(3)
    assert len(hub.told) == 3


async def test_a_hub_that_stays_out_of_order_is_given_up_with_a_line_in_the_log(hub, publisher, caplog):
    hub.statuses = [500]
    client, made = publisher(tries=2)
    with caplog.at_level(logging.WARNING):
        async with client, made:
            made.announce([ATOM, JSON])
            await hub.times(4)
    assert f"The WebSub hub {hub.url} was not told of 2 change feeds: it answered with status 500" in caplog.text


async def test_a_refusal_is_a_line_in_the_log_and_no_reason_to_ask_again(hub, publisher, caplog):
    hub.statuses = [400]
    client, made = publisher()
    with caplog.at_level(logging.WARNING):
        async with client, made:
            made.announce([ATOM])
            await hub.times(1)
    assert len(hub.told) == 1
    assert "refused http://tracker.example/changes.atom with status 400" in caplog.text


async def test_a_hub_at_an_address_that_is_never_asked_is_not_asked(hub, publisher, caplog):
    client, made = publisher(allowed=("127.0.0.1:1",))
    with caplog.at_level(logging.WARNING):
        async with client, made:
            made.announce([ATOM])
    assert hub.told == []
    assert "fetch.allow_private_addresses does not name it" in caplog.text


async def test_what_is_left_when_the_program_ends_gets_one_more_try(hub, publisher):
    client, made = publisher()
    async with client, made:
        made.announce([ATOM])
    assert [one["hub.url"] for one in hub.told] == [ATOM]


async def test_announcing_waits_for_nothing(publisher):
    client, made = publisher(url="http://127.0.0.1:1/hub", allowed=("127.0.0.1:1",))
    async with client, made:
        made.announce([ATOM])
        assert list(made._untold) == [ATOM]
