"""Alarms are told once and ended once, whatever restarts; polls are counted."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from aiohttp import web

from tracker.model import AlarmKind, Outcome
from tracker.scheduler.health import Health

TEXT = (
    "The council agreed on Monday to spend 5 million pounds on the bridge over the river.",
    "Work on it will begin in the spring, the leader of the council told reporters after the meeting.",
    "Residents had asked for years that something be done about the old crossing, which is closed to lorries.",
)


@pytest.fixture(autouse=True)
def _heard(caplog):
    caplog.set_level(logging.INFO, logger="tracker.scheduler.health")


def _lines(caplog) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "tracker.scheduler.health"]


async def _list_hourly(program, site, clock, count: int) -> list[tuple[str, str]]:
    entries = []
    for number in range(count):
        entries.append((f"/news/{number}", f"Story {number} of the day"))
        site.page(f"/news/{number}", *TEXT, headline=f"Story {number} of the day")
        site.feed("/feed", *entries)
        clock.advance(hours=1)
        await program.poll()
    return entries


async def test_a_source_that_falls_silent_is_told_once_also_after_a_restart_and_so_is_its_recovery(program, site, clock, caplog):
    entries = await _list_hourly(program, site, clock, 7)
    for _ in range(4):
        clock.advance(hours=2)
        await program.poll(everything=True)
        program.poller._health = Health(store=program.store, clock=clock)
    (alarm,) = program.store.articles.source("news").alarms
    assert (alarm.kind, alarm.source) == (AlarmKind.SILENT, "news")
    site.feed("/feed", *entries, ("/news/late", "A late story of the day"))
    await program.poll(everything=True)
    await program.poll(everything=True)
    assert program.store.articles.source("news").alarms == ()
    told, ended = _lines(caplog)
    assert told.startswith("news: Its feeds have listed nothing new for 4 hours")
    assert ended.startswith("news: recovered")


async def test_a_source_of_which_no_page_can_be_read_is_told_once_and_recovers_with_the_first_that_can(program, site, caplog):
    paths = [f"/news/{number}" for number in range(6)]
    site.feed("/feed", *((path, f"Story of {path}") for path in paths))
    for path in paths:
        site.answers[path] = lambda _: web.Response(text="<html><body><p>Hello</p></body></html>", content_type="text/html")
    await program.poll()
    await program.poll(everything=True)
    assert [alarm.kind for alarm in program.store.alarms.standing()] == [AlarmKind.UNREAD]
    site.page(paths[0], *TEXT)
    await program.poll(everything=True)
    assert program.store.alarms.standing() == ()
    assert len(_lines(caplog)) == 2


async def test_our_clock_is_told_once_by_the_hosts_dates(program, clock, caplog):
    health = Health(store=program.store, clock=clock)
    for _ in range(2):
        for host in ("a.example", "b.example", "c.example"):
            health.answered(host, timedelta(minutes=5))
        clock.advance(minutes=2)
        await health.polled([], {})
    assert [alarm.kind for alarm in program.store.articles.source("news").alarms] == [AlarmKind.CLOCK]
    for host in ("a.example", "b.example", "c.example"):
        health.answered(host, timedelta(seconds=1))
    clock.advance(minutes=2)
    await health.polled([], {})
    assert program.store.alarms.standing() == ()
    assert len(_lines(caplog)) == 2


async def test_what_a_server_says_of_the_time_is_heard_from_pages_and_from_304s(program, site, clock):
    site.feed("/feed", ("/news/bridge", "Council agrees the plan"), etag='"f"')
    site.page("/news/bridge", *TEXT, etag='"v1"')
    heard = []
    program.poller._health.answered = lambda host, ahead: heard.append((host, ahead))
    await program.poll()
    await program.poll(everything=True)
    assert len(heard) == 4
    assert all(ahead is not None for _, ahead in heard)


async def test_polls_are_counted_by_what_was_looked_at_and_what_it_came_to(program, site):
    site.feed("/feed", ("/news/bridge", "Council agrees the plan"))
    site.page("/news/bridge", *TEXT)
    await program.poll()
    await program.poll(everything=True)
    health = program.poller._health
    assert health.polls["article", Outcome.FIRST] == 1
    assert health.polls["article", Outcome.UNCHANGED] == 1
    assert sum(count for (of, _), count in health.polls.items() if of == "feed") == 2
    assert health.bytes_count > 1000
    found = program.store.articles.source("news")
    assert (found.polls_count, found.good_count) == (4, 4)
    assert found.next_poll_at == found.feeds[0].next_poll_at
