"""One host's due work from the claim to what is kept, as a job of the queue does it."""

from __future__ import annotations

import asyncio
import threading
from datetime import timedelta

import pytest

from tracker.errors import Busy
from tracker.scheduler import batches as batching
from tracker.scheduler.batches import LEASE, Batches

TEXT = (
    "The council agreed on Monday to spend 5 million pounds on the bridge over the river.",
    "Work on it will begin in the spring, the leader of the council told reporters after the meeting.",
    "Residents had asked for years that something be done about the old crossing, which is closed to lorries.",
)


@pytest.fixture
def batches(program) -> Batches:
    return program.ticker.batches


@pytest.fixture
def host(site) -> str:
    return site.base.removeprefix("http://")


async def test_a_hosts_feeds_are_read_and_then_its_articles_those_that_were_just_found_too(program, batches, site, host):
    site.feed("/feed", ("/news/bridge", "Council agrees the plan"))
    site.page("/news/bridge", *TEXT)
    await batches.poll_host(host)
    assert program.store.articles.get(1).revisions_count == 1


async def test_of_another_host_nothing_is_asked(program, batches, site, clock):
    site.feed("/feed", ("/news/bridge", "Council agrees the plan"))
    await batches.poll_host("elsewhere.example")
    assert site.requests == []
    assert program.store.articles.due_feeds(due_at=clock(), now=clock(), limit=9) == ((1, site.url("/feed")),)


async def test_no_more_than_a_batch_is_claimed_at_once(program, batches, site, host, monkeypatch):
    monkeypatch.setattr(batching, "BATCH", 2)
    stories = [f"/news/{number}" for number in range(5)]
    site.feed("/feed", *((story, "A story") for story in stories))
    for story in stories:
        site.page(story, *TEXT, headline=f"Story {story}")
    for looked_at in (2, 4, 5):
        await batches.poll_host(host)
        assert sum(len(site.asked(story)) for story in stories) == looked_at


async def test_what_a_claim_took_is_given_back_though_its_waiter_is_gone(program, batches, site, host, clock, monkeypatch):
    """A thread cannot be cancelled: it commits the claim all the same."""
    claiming, go_on = threading.Event(), threading.Event()
    claim = program.store.articles.claim_due_feeds

    def slowly(**more):
        claimed = claim(**more)
        claiming.set()
        go_on.wait()
        return claimed

    monkeypatch.setattr(program.store.articles, "claim_due_feeds", slowly)
    job = asyncio.create_task(batches.poll_host(host))
    await asyncio.to_thread(claiming.wait)
    job.cancel()
    await asyncio.sleep(0)
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await job
    assert site.requests == []
    assert len(claim(due_at=clock(), now=clock(), lease=LEASE, limit=9)) == 1


async def test_after_a_look_that_could_not_be_kept_nothing_is_begun_for_a_while(program, batches, site, host, clock, monkeypatch):
    site.feed("/feed", ("/news/bridge", "Council agrees the plan"))

    def fail(*_: object) -> None:
        raise Busy("postgresql://...")

    with monkeypatch.context() as patched:
        patched.setattr(program.store, "keep_feed", fail)
        await batches.poll_host(host)
    assert batches.is_resting
    await batches.poll_host(host)
    assert len(site.asked("/feed")) == 1
    clock.advance(minutes=1)
    await batches.poll_host(host)
    assert len(site.asked("/feed")) == 2


async def test_a_look_that_outlives_its_lease_leaves_nothing(program, batches, site, host, clock):
    site.feed("/feed", ("/news/bridge", "Council agrees the plan"))
    site.page("/news/bridge", *TEXT)
    page = site.answers["/news/bridge"]

    def late(request):
        clock.advance(seconds=LEASE.total_seconds())
        return page(request)

    site.answers["/news/bridge"] = late
    await batches.poll_host(host)
    assert len(site.asked("/news/bridge")) == 1
    assert program.store.articles.get(1).revisions_count == 0
    site.answers["/news/bridge"] = page
    clock.advance(seconds=timedelta(minutes=1).total_seconds())
    await batches.poll_host(host)
    assert program.store.articles.get(1).revisions_count == 1
