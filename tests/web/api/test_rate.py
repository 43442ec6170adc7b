"""The pace of each address."""

from __future__ import annotations

import json
from dataclasses import replace

from tracker.web.api.rate import ADDRESSES_KEPT, Rate


def test_a_full_bucket_is_spent_at_once_and_fills_again_as_time_goes_by(clock):
    rate = Rate(60, clock)
    assert [rate.wait("a") for _ in range(60)] == [0] * 60
    assert rate.wait("a") == 1
    clock.advance(seconds=1)
    assert (rate.wait("a"), rate.wait("a")) == (0, 1)
    clock.advance(hours=1)
    assert [rate.wait("a") for _ in range(61)] == [0] * 60 + [1]


def test_addresses_do_not_share_but_those_of_one_ipv6_network_do(clock):
    rate = Rate(1, clock)
    assert (rate.wait("10.0.0.1"), rate.wait("10.0.0.2"), rate.wait("10.0.0.1")) == (0, 0, 60)
    assert (rate.wait("2001:db8::1"), rate.wait("2001:db8::ffff"), rate.wait("2001:db8:0:1::1")) == (0, 60, 0)


def test_a_clock_that_is_set_back_gives_nothing_away_and_takes_nothing(clock):
    rate = Rate(1, clock)
    rate.wait("a")
    clock.advance(hours=-1)
    assert rate.wait("a") == 60


def test_the_memory_for_addresses_is_bounded(clock):
    rate = Rate(1, clock)
    for number in range(ADDRESSES_KEPT + 10):
        rate.wait(str(number))
    assert len(rate._buckets) == ADDRESSES_KEPT


def test_without_a_limit_nobody_waits(clock):
    assert not any(Rate(None, clock).wait("a") for _ in range(1000))


async def test_who_asks_too_often_is_told_when_to_go_on(reader_with, site, seeded):
    reader = reader_with(site=replace(site, api_rate=2))
    statuses = [(await reader.get("/api/v1/sources")).status for _ in range(3)]
    assert statuses == [200, 200, 429]
    answer = await reader.get("/api/v1/sources")
    assert answer.headers["retry-after"] == "30"
    assert json.loads(answer.text)["title"] == "Too Many Requests"
    assert (await reader.get("/api/v1/sources", client="10.0.0.9")).status == 200
    assert (await reader.get("/sources")).status == 200
