"""The timer: one slow host delays no other, a stop gives back what it holds, a mistake costs one look."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

import pytest

from tracker.errors import Busy, Unusable
from tracker.model import Feed, Poll
from tracker.scheduler import tick as ticking
from tracker.scheduler.allowance import Caps
from tracker.scheduler.batches import LEASE
from tracker.scheduler.hosts import LONGEST_PAUSE
from tracker.scheduler.tick import Ticker

TEXT = (
    "The council agreed on Monday to spend 5 million pounds on the bridge over the river.",
    "Work on it will begin in the spring, the leader of the council told reporters after the meeting.",
    "Residents had asked for years that something be done about the old crossing, which is closed to lorries.",
)


async def _until(done) -> None:
    """Waits for what jobs in the background do; nothing tells a test when they are through."""
    async with asyncio.timeout(20):
        while not done():  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.01)


async def test_the_timer_asks_again_and_again_by_itself(program, site):
    site.feed("/feed", ("/news/bridge", "Council agrees the plan"))
    site.page("/news/bridge", *TEXT)
    program.ticker.start()
    await _until(lambda: program.store.articles.listed(limit=1) and program.store.articles.get(1).revisions_count == 1)
    await program.ticker.stop()


async def test_a_host_that_hangs_delays_no_other(program, site, clock, monkeypatch):
    slow, asked, release = "http://127.0.0.1:1/slow", asyncio.Event(), asyncio.Event()
    poll_feed = program.poller.poll_feed

    async def hang_or_poll(feed: Feed) -> Poll:
        if feed.url == slow:
            asked.set()
            await release.wait()
        return await poll_feed(feed)

    monkeypatch.setattr(program.poller, "poll_feed", hang_or_poll)
    site.feed("/feed", ("/news/bridge", "Council agrees the plan"))
    site.page("/news/bridge", *TEXT)
    program.store.articles.add_feed("news", slow, clock())
    await program.ticker.tick()
    await asked.wait()
    await _until(lambda: program.store.articles.listed(limit=1))
    clock.advance(seconds=1)
    await program.ticker.tick()
    await _until(lambda: program.store.articles.get(1).revisions_count == 1)
    assert not release.is_set()
    release.set()
    await program.ticker.stop()


async def test_a_stop_gives_back_what_it_holds_so_that_the_next_start_asks_at_once(program, site, clock, monkeypatch):
    monkeypatch.setattr(ticking, "STOP_PATIENCE", timedelta(0))
    hanging = asyncio.Event()

    async def hang(*_: object, **__: object) -> None:
        hanging.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(program.poller, "poll_feed", hang)
    await program.ticker.tick()
    await hanging.wait()
    await program.ticker.stop()
    again = program.store.articles.claim_due_feeds(due_at=clock(), now=clock(), lease=LEASE, limit=9)
    assert [feed.url for feed in again] == [site.url("/feed")]


async def test_a_tick_that_hangs_is_told_and_the_next_one_polls(program, site, monkeypatch, caplog):
    site.feed("/feed", ("/news/bridge", "Council agrees the plan"))
    site.page("/news/bridge", *TEXT)
    start_feeds = program.ticker._start_feeds

    async def hang(*_: object) -> None:
        monkeypatch.setattr(program.ticker, "_start_feeds", start_feeds)
        await asyncio.Event().wait()

    monkeypatch.setattr(ticking, "LONGEST_TICK", timedelta(0))
    monkeypatch.setattr(program.ticker, "_start_feeds", hang)
    await program.ticker.tick()
    assert "a tick hung" in caplog.text
    monkeypatch.undo()
    await program.ticker.tick()
    await _until(lambda: program.store.articles.listed(limit=1))
    await program.ticker.stop()


async def test_a_job_that_hangs_is_ended_and_its_feed_is_asked_again(program, site, clock, monkeypatch, caplog):
    hanging = asyncio.Event()
    poll_feed = program.poller.poll_feed

    async def hang(*_: object, **__: object) -> None:
        hanging.set()
        await asyncio.Event().wait()

    with monkeypatch.context() as patched:
        patched.setattr(program.poller, "poll_feed", hang)
        await program.ticker.tick()
        await hanging.wait()
        patched.setattr(program.poller, "poll_feed", poll_feed)  # the tick that ends the job may begin the next one
        patched.setattr(ticking, "LONGEST_JOB", timedelta(0))
        await program.ticker.tick()
        await _until(lambda: not program.ticker._jobs)
    assert "has hung for" in caplog.text
    await program.ticker.tick()
    await _until(lambda: site.asked("/feed"))
    await program.ticker.stop()


async def test_no_more_looks_are_begun_in_an_hour_than_the_cap_allows(program, site, clock):
    site.feed("/feed", *((f"/news/{number}", f"Story {number}") for number in range(5)))
    for number in range(5):
        site.page(f"/news/{number}", *TEXT)
    ticker = Ticker(store=program.store, poller=program.poller, clock=clock, caps=Caps(by_source={"news": 3}))
    await ticker.poll_due(source=None, everything=False, report=lambda _: None)
    assert sum(len(site.asked(f"/news/{number}")) for number in range(5)) == 3
    clock.advance(hours=1)
    await ticker.poll_due(source=None, everything=False, report=lambda _: None)
    assert sum(len(site.asked(f"/news/{number}")) for number in range(5)) == 6


async def test_upkeep_fits_habits_and_says_what_it_mended(program, clock, caplog):
    clock.advance(days=2000)
    await program.poll()
    clock.advance(days=-2000)
    await program.ticker.upkeep()
    assert "was the clock set back?" in caplog.text
    assert "news" in program.store.habits.all()


async def test_upkeep_lets_a_pause_last_as_long_as_a_server_may_ask_for(program, clock):
    until = clock() + LONGEST_PAUSE
    program.store.articles.pause_host("slow.example", until)
    await program.ticker.upkeep()
    assert program.store.articles.paused_hosts() == {"slow.example": until}


async def test_a_locked_database_is_a_line_in_the_log_and_the_next_tick_asks_again(program, monkeypatch, caplog):
    def busy(**_: object) -> None:
        raise Busy("sqlite:///x.db")

    monkeypatch.setattr(program.store.articles, "claim_due_feeds", busy)
    with caplog.at_level(logging.WARNING):
        await program.ticker.tick()
    assert "locked by another program" in caplog.text


async def test_polling_once_ends_with_the_error_where_a_look_cannot_be_kept(program, site, monkeypatch):
    site.feed("/feed")

    def full(*_: object) -> None:
        raise Unusable("sqlite:///x.db", "the disk is full")

    monkeypatch.setattr(program.store, "keep_feed", full)
    with pytest.raises(Unusable):
        await asyncio.wait_for(program.poll(), 20)
    assert len(site.asked("/feed")) == 1


async def test_after_a_look_that_could_not_be_kept_the_timer_rests(program, site, clock, monkeypatch, caplog):
    def full(*_: object) -> None:
        raise Unusable("sqlite:///x.db", "the disk is full")

    monkeypatch.setattr(program.store, "keep_feed", full)
    with caplog.at_level(logging.WARNING):
        await program.ticker.tick()
        await _until(lambda: "the disk is full" in caplog.text)
    for _ in range(3):
        await program.ticker.tick()
        await asyncio.sleep(0)
    assert len(site.asked("/feed")) == 1
    clock.advance(minutes=1)
    await program.ticker.tick()
    await _until(lambda: len(site.asked("/feed")) == 2)


async def test_a_store_that_cannot_be_used_is_asked_again_after_a_rest_and_said_once(program, clock, monkeypatch, caplog):
    asked = []

    def full(*_: object, **__: object) -> None:
        asked.append(clock())
        raise Unusable("sqlite:///x.db", "the disk is full")

    monkeypatch.setattr(program.store.articles, "claim_due_feeds", full)
    for _ in range(3):
        await program.ticker.tick()
    assert len(asked) == 1
    clock.advance(minutes=1)
    await program.ticker.tick()
    assert len(asked) == 2
    assert caplog.text.count("the disk is full") == 1


async def test_a_mistake_of_the_program_in_one_look_is_logged_and_the_site_is_not_asked_again_before_the_lease_is_over(
    program, clock, monkeypatch, caplog
):
    asked = []

    async def wrong(*_: object, **__: object) -> None:
        asked.append(clock())
        message = "not foreseen"
        raise RuntimeError(message)

    monkeypatch.setattr(program.poller, "poll_feed", wrong)
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            await program.ticker.tick()
            await _until(lambda: "mistake of the program" in caplog.text)
            clock.advance(seconds=1)
    assert "not foreseen" in caplog.text
    assert len(asked) == 1
    clock.advance(seconds=LEASE.total_seconds())
    await program.ticker.tick()
    await _until(lambda: len(asked) == 2)


async def test_a_mistake_of_the_program_does_not_keep_polling_once_from_its_end(program, monkeypatch):
    async def wrong(*_: object, **__: object) -> None:
        message = "not foreseen"
        raise RuntimeError(message)

    monkeypatch.setattr(program.poller, "poll_feed", wrong)
    polls: list = []
    ended = program.ticker.poll_due(source=None, everything=False, report=polls.append)
    assert (await asyncio.wait_for(ended, 20), polls) == (1, [])


async def test_two_tickers_over_one_store_poll_everything_once(program, site, clock):
    site.feed("/feed", *((f"/news/{number}", f"Story number {number}") for number in range(30)))
    for number in range(30):
        first = f"Story number {number} begins with this sentence, which no other has."
        site.page(f"/news/{number}", first, *TEXT, headline=f"Story {number}")
    other = Ticker(store=program.store, poller=program.poller, clock=clock)
    polls: list = []
    await asyncio.gather(*(one.poll_due(source=None, everything=False, report=polls.append) for one in (program.ticker, other)))
    clock.advance(seconds=1)
    await asyncio.gather(*(one.poll_due(source=None, everything=False, report=polls.append) for one in (program.ticker, other)))
    looked_at = [poll.article_id for poll in polls if poll.article_id]
    assert sorted(looked_at) == list(range(1, 31))
    assert all(len(site.asked(f"/news/{number}")) == 1 for number in range(30))


async def test_a_database_that_vanishes_stops_polling_is_said_once_and_polling_goes_on_when_it_is_back(
    program, site, clock, tmp_path, caplog
):
    site.feed("/feed", ("/news/bridge", "Council agrees the plan"))
    away = tmp_path / "away.db"
    (tmp_path / "tracker.db").rename(away)
    with caplog.at_level(logging.INFO, "tracker"):
        for _ in range(3):
            await program.ticker.tick()
    assert [record.message for record in caplog.records if "polling pauses" in record.message] == [caplog.records[0].message]
    assert "deleted or moved away" in caplog.text
    assert site.requests == []
    away.rename(tmp_path / "tracker.db")
    clock.advance(minutes=1)
    with caplog.at_level(logging.INFO, "tracker"):
        await program.ticker.tick()
    assert "polling goes on" in caplog.text
    await _until(lambda: program.store.articles.listed(limit=1))
    await program.ticker.stop()
