"""What a host may expect: its pace, its Retry-After, its robots.txt, all kept in the store."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from aiohttp import web

from tracker.errors import BadStatus, HostPaused, RobotsDisallowed, RobotsUnreadable
from tracker.scheduler.hosts import LONGEST_PAUSE, ROBOTS_KEPT, ROBOTS_RETRY, SHORTEST_PAUSE, Hosts, Manners

DELAY = timedelta(milliseconds=20)


@pytest.fixture
def hosts(program, clock):
    return Hosts(store=program.store, client=program.poller._client, manners=Manners(agent="tracker", delay=DELAY), clock=clock)


def _row(program, site):
    return program.store.articles.host(site.base.removeprefix("http://"))


async def test_each_turn_reserves_the_next_one_in_the_store(hosts, program, site, clock):
    for _ in range(2):
        async with hosts.turn(site.url("/a")):
            assert _row(program, site).next_request_at == clock() + DELAY
        clock.at += DELAY


async def test_a_turn_that_was_reserved_before_the_clock_went_back_keeps_nobody_waiting(hosts, program, site, clock):
    host = _row(program, site)
    program.store.articles.keep_host(replace(host, next_request_at=clock() + timedelta(days=1), pause_until=clock() + timedelta(days=30)))
    async with asyncio.timeout(5), hosts.turn(site.url("/a")):
        assert _row(program, site).next_request_at == clock() + 2 * DELAY


async def test_one_host_is_asked_one_thing_at_a_time_and_another_is_not_kept_waiting(hosts):
    inside, most = 0, 0

    async def look(url: str) -> None:
        nonlocal inside, most
        async with hosts.turn(url):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(look("http://one.example/") for _ in range(3)))
    assert most == 1
    async with hosts.turn("http://one.example/"):
        await asyncio.wait_for(look("http://two.example/"), 5)


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        (timedelta(0), SHORTEST_PAUSE),
        (timedelta(hours=2), timedelta(hours=2)),
        (timedelta(days=400), LONGEST_PAUSE),
    ],
)
async def test_a_retry_after_within_reason_pauses_the_host_for_every_process(hosts, program, site, clock, asked, kept):
    with pytest.raises(BadStatus):
        async with hosts.turn(site.url("/a")):
            raise BadStatus(site.url("/a"), 429, asked)
    assert _row(program, site).pause_until == clock() + kept
    elsewhere = Hosts(store=program.store, client=program.poller._client, manners=Manners(agent="tracker", delay=DELAY), clock=clock)
    with pytest.raises(HostPaused):
        async with elsewhere.turn(site.url("/b")):
            pytest.fail("asked a host that wants to be left alone")
    clock.at += kept
    async with elsewhere.turn(site.url("/b")):
        pass


async def test_other_bad_answers_pause_nothing(hosts, program, site):
    with pytest.raises(BadStatus):
        async with hosts.turn(site.url("/a")):
            raise BadStatus(site.url("/a"), 500, timedelta(hours=2))
    assert _row(program, site).pause_until is None


async def test_robots_txt_is_read_once_a_day_and_survives_a_restart(hosts, program, site, clock):
    site.answers["/robots.txt"] = lambda _: web.Response(text="User-agent: tracker\nDisallow: /private/\nCrawl-delay: 0.04")
    await hosts.permit(site.url("/news"))
    with pytest.raises(RobotsDisallowed):
        await hosts.permit(site.url("/private/x"))
    restarted = Hosts(store=program.store, client=program.poller._client, manners=Manners(agent="tracker", delay=DELAY), clock=clock)
    with pytest.raises(RobotsDisallowed):
        await restarted.permit(site.url("/private/x"))
    assert len(site.asked("/robots.txt")) == 1
    async with hosts.turn(site.url("/news")):
        assert _row(program, site).next_request_at == clock() + timedelta(seconds=0.04)
    clock.at += ROBOTS_KEPT
    await restarted.permit(site.url("/news"))
    assert len(site.asked("/robots.txt")) == 2


@pytest.mark.parametrize("status", [500, 503])
async def test_a_robots_txt_that_fails_forbids_and_is_asked_for_again_soon(hosts, site, clock, status):
    site.status("/robots.txt", status)
    for _ in range(2):
        with pytest.raises(RobotsUnreadable, match=f"status {status}"):
            await hosts.permit(site.url("/news"))
    assert len(site.asked("/robots.txt")) == 1
    site.status("/robots.txt", 404)
    clock.at += ROBOTS_RETRY
    await hosts.permit(site.url("/news"))


async def test_a_host_that_is_not_there_forbids_with_a_sentence(hosts):
    with pytest.raises(RobotsUnreadable, match="no answer"):
        await hosts.permit("http://127.0.0.1:1/news")
