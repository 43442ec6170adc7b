"""What a host may expect: its pace, its Retry-After, its robots.txt, all kept in the store."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from aiohttp import web

from tracker.errors import BadStatus, HostPaused, RobotsDisallowed, RobotsUnreadable, UnsafeAddress
from tracker.fetch.client import Client, Fetched, Limits
from tracker.scheduler.hosts import LONGEST_CRAWL_DELAY, LONGEST_PAUSE, REST, ROBOTS_KEPT, ROBOTS_RETRY, SHORTEST_PAUSE, Hosts, Manners

DELAY = timedelta(seconds=1)


@pytest.fixture
def waits(clock, monkeypatch):
    """The pauses that were waited for, which cost the test nothing: the clock moves instead."""
    waited = []

    async def sleep(seconds):
        waited.append(seconds)
        clock.advance(seconds=seconds)

    monkeypatch.setattr("tracker.scheduler.hosts.asyncio.sleep", sleep)
    return waited


@pytest.fixture
def hosts_of(program, clock):
    def start(*, delay=DELAY):
        return Hosts(store=program.store, client=program.poller._client, manners=Manners(agent="tracker", delay=delay), clock=clock)

    return start


@pytest.fixture
def hosts(hosts_of, waits):
    return hosts_of()


def _row(program, site):
    return program.store.articles.host(_name(site))


def _name(site):
    return site.base.removeprefix("http://")


async def _permitted(hosts, url):
    async with hosts.turn() as turn:
        await turn.permit(url)


async def _got(program, hosts, url):
    async with hosts.turn() as turn:
        return await program.poller._client.get(url, permit=turn.permit)


# --- the pace ------------------------------------------------------------------------------------


async def test_looks_at_one_host_are_a_pause_apart_and_so_is_robots_txt_from_the_first(hosts, program, site, clock, waits):
    began = clock()
    for _ in range(3):
        await _permitted(hosts, site.url("/a"))
    assert len(site.asked("/robots.txt")) == 1
    assert waits == [0, 1, 1, 1]
    assert clock() == began + 3 * DELAY
    assert _row(program, site).next_request_at == clock() + DELAY


async def test_a_restart_keeps_the_pace(hosts, hosts_of, site, waits):
    await _permitted(hosts, site.url("/a"))
    waits.clear()
    await _permitted(hosts_of(), site.url("/b"))
    assert waits == [1]


async def test_several_processes_that_wait_for_one_host_each_get_a_turn_of_their_own(hosts_of, program, site, clock, monkeypatch):
    """All ask at the same moment; each has its own lock, so only the store keeps them apart."""
    program.store.articles.keep_robots(_name(site), None, status=404, read_at=clock())
    waits = []

    async def sleep(seconds):
        waits.append(seconds)

    monkeypatch.setattr("tracker.scheduler.hosts.asyncio.sleep", sleep)
    for process in [hosts_of() for _ in range(4)]:
        await _permitted(process, site.url("/a"))
    assert waits == [0, 1, 2, 3]


async def test_a_time_that_was_reserved_before_the_clock_went_back_keeps_nobody_waiting(hosts, program, site, clock, waits):
    in_a_day = clock() + timedelta(days=1)
    program.store.articles.reserve_request(_name(site), now=in_a_day, wait_at_most=DELAY, delay=DELAY)
    program.store.articles.pause_host(_name(site), clock() + timedelta(days=30))
    await _permitted(hosts, site.url("/a"))
    assert max(waits) == 1


async def test_one_host_is_asked_one_thing_at_a_time_and_another_is_not_kept_waiting(hosts_of, site):
    hosts = hosts_of(delay=timedelta(0))
    inside, most = 0, 0

    async def look(path: str) -> None:
        nonlocal inside, most
        async with hosts.turn() as turn:
            await turn.permit(site.url(path))
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(look("/a") for _ in range(3)))
    assert most == 1
    async with hosts.turn() as turn:
        await turn.permit(site.url("/a"))
        other = site.url("/b").replace("127.0.0.1", "localhost")
        await asyncio.wait_for(_permitted(hosts, other), 5)


async def test_two_looks_that_lead_to_each_others_hosts_do_not_wait_for_one_another(hosts_of, program, site):
    hosts = hosts_of(delay=timedelta(0))
    here, there = site.url("/x"), site.url("/x").replace("127.0.0.1", "localhost")
    program.store.articles.keep_robots(there.split("/")[2], None, status=404, read_at=hosts.now())
    both = asyncio.Barrier(2)

    async def look(first: str, second: str) -> None:
        async with hosts.turn() as turn:
            await turn.permit(first)
            await both.wait()
            await turn.permit(second)

    await asyncio.wait_for(asyncio.gather(look(here, there), look(there, here)), 5)


async def test_each_hop_of_a_redirect_keeps_the_pace_and_the_rules_of_its_own_host(hosts, program, site, waits):
    site.answers["/robots.txt"] = lambda _: web.Response(text="User-agent: *\nDisallow: /private/")
    site.answers["/old"] = lambda _: web.Response(status=301, headers={"Location": "/new"})
    site.page("/new", "A paragraph.")
    assert isinstance(await _got(program, hosts, site.url("/old")), Fetched)
    assert waits == [0, 1, 1]  # robots.txt, the old address, the new one
    site.answers["/old"] = lambda _: web.Response(status=302, headers={"Location": "/private/x"})
    with pytest.raises(RobotsDisallowed):
        await _got(program, hosts, site.url("/old"))
    assert site.asked("/private/x") == []


async def test_a_crawl_delay_counts_between_looks_from_the_first_on_up_to_its_cap(hosts, hosts_of, program, site, waits):
    site.answers["/robots.txt"] = lambda _: web.Response(text="User-agent: tracker\nCrawl-delay: 7")
    await _permitted(hosts, site.url("/a"))
    await _permitted(hosts, site.url("/b"))
    await _permitted(hosts_of(), site.url("/c"))
    assert waits == [0, 1, 7, 7]
    site.answers["/robots.txt"] = lambda _: web.Response(text="User-agent: tracker\nCrawl-delay: 3600")
    program.store.articles.keep_robots(_name(site), b"User-agent: *\nCrawl-delay: 3600", status=200, read_at=hosts.now())
    waits.clear()
    another = hosts_of()
    for path in ("/d", "/e"):
        await _permitted(another, site.url(path))
    assert waits == [7, LONGEST_CRAWL_DELAY.total_seconds()]


# --- Retry-After ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        (timedelta(0), SHORTEST_PAUSE),
        (timedelta(hours=2), timedelta(hours=2)),
        (timedelta(days=400), LONGEST_PAUSE),
    ],
)
async def test_a_retry_after_within_reason_pauses_the_host_for_every_process(hosts, hosts_of, program, site, clock, asked, kept):
    site.status("/a", 429, **{"Retry-After": str(int(asked.total_seconds()))})
    with pytest.raises(BadStatus):
        await _got(program, hosts, site.url("/a"))
    asked_count = len(site.requests)
    assert _row(program, site).pause_until == clock() + kept
    restarted = hosts_of()
    with pytest.raises(HostPaused):
        await _got(program, restarted, site.url("/b"))
    clock.advance(seconds=kept.total_seconds() - 1)
    with pytest.raises(HostPaused):
        await _got(program, restarted, site.url("/b"))
    assert len(site.requests) == asked_count
    clock.advance(seconds=1)
    await _permitted(restarted, site.url("/b"))


async def test_a_pause_that_begins_while_a_look_waits_for_its_pace_holds_for_it_too(hosts, program, site, clock, monkeypatch):
    await _permitted(hosts, site.url("/a"))

    async def sleep(seconds):
        program.store.articles.pause_host(_name(site), clock() + timedelta(hours=1))

    monkeypatch.setattr("tracker.scheduler.hosts.asyncio.sleep", sleep)
    with pytest.raises(HostPaused):
        await _permitted(hosts, site.url("/b"))


@pytest.mark.parametrize(("status", "wish", "kept"), [(500, "7200", None), (503, "-5", None), (429, "-5", REST), (429, None, REST)])
async def test_other_bad_answers_pause_nothing_but_too_many_requests_always_does(hosts, program, site, clock, status, wish, kept):
    site.status("/a", status, **({"Retry-After": wish} if wish else {}))
    with pytest.raises(BadStatus):
        await _got(program, hosts, site.url("/a"))
    assert _row(program, site).pause_until == (clock() + kept if kept else None)


@pytest.mark.parametrize("status", [429, 503])
async def test_a_robots_txt_that_asks_for_patience_gets_it(hosts, program, site, clock, status):
    site.status("/robots.txt", status, **{"Retry-After": "3600"})
    with pytest.raises((HostPaused, RobotsUnreadable)):
        await _got(program, hosts, site.url("/a"))
    assert _row(program, site).pause_until == clock() + timedelta(hours=1)
    clock.advance(minutes=59)
    with pytest.raises(HostPaused):
        await _got(program, hosts, site.url("/a"))
    assert [request.path for request in site.requests] == ["/robots.txt"]


# --- robots.txt ----------------------------------------------------------------------------------


async def test_robots_txt_is_read_once_a_day_and_survives_a_restart(hosts, hosts_of, site, clock):
    site.answers["/robots.txt"] = lambda _: web.Response(text="User-agent: tracker\nDisallow: /private/")
    await _permitted(hosts, site.url("/news"))
    restarted = hosts_of()
    for each in (hosts, restarted):
        with pytest.raises(RobotsDisallowed):
            await _permitted(each, site.url("/private/x"))
    assert len(site.asked("/robots.txt")) == 1
    clock.advance(seconds=ROBOTS_KEPT.total_seconds())
    await _permitted(restarted, site.url("/news"))
    assert len(site.asked("/robots.txt")) == 2


async def test_a_robots_txt_of_thousands_of_rules_is_kept_to(hosts, site):
    site.answers["/robots.txt"] = lambda _: web.Response(text="User-agent: *\n" + "Disallow: /x*y\n" * 2000 + "Disallow: /private/")
    await _permitted(hosts, site.url("/news"))
    with pytest.raises(RobotsDisallowed):
        await _permitted(hosts, site.url("/private/x"))


@pytest.mark.parametrize("status", [500, 503])
async def test_a_robots_txt_that_fails_forbids_and_is_asked_for_again_soon(hosts, site, clock, status):
    site.status("/robots.txt", status)
    for _ in range(2):
        with pytest.raises(RobotsUnreadable, match=f"status {status}"):
            await _permitted(hosts, site.url("/news"))
    assert len(site.asked("/robots.txt")) == 1
    site.status("/robots.txt", 404)
    clock.advance(seconds=ROBOTS_RETRY.total_seconds())
    await _permitted(hosts, site.url("/news"))


async def test_a_robots_txt_that_only_redirects_is_none(hosts, site):
    site.answers["/robots.txt"] = lambda _: web.Response(status=302, headers={"Location": "/robots.txt"})
    await _permitted(hosts, site.url("/news"))


async def test_a_host_that_the_gate_refuses_is_named_as_such(hosts):
    with pytest.raises(UnsafeAddress, match=r"^http://127\.0\.0\.2/news is not asked: 127\.0\.0\.2 is loopback"):
        await _permitted(hosts, "http://127.0.0.2/news")


async def test_a_robots_txt_that_leads_to_where_we_never_go_forbids(hosts, site):
    site.answers["/robots.txt"] = lambda _: web.Response(status=302, headers={"Location": "http://127.0.0.2/robots.txt"})
    with pytest.raises(RobotsUnreadable):
        await _permitted(hosts, site.url("/news"))


async def test_a_host_that_is_not_there_forbids_with_a_sentence(program, clock):
    limits = Limits(timeout=timedelta(seconds=5), article_bytes=1000)
    async with Client(user_agent="tracker-test", limits=limits, allowed=["127.0.0.1:1"], clock=clock) as client:
        hosts = Hosts(store=program.store, client=client, manners=Manners(agent="tracker", delay=timedelta(0)), clock=clock)
        with pytest.raises(RobotsUnreadable, match="no answer"):
            await _permitted(hosts, "http://127.0.0.1:1/news")
