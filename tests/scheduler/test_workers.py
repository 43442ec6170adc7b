"""The queue: it wakes, and what is due stands in the store alone."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import asynccontextmanager

import psycopg
import pytest

from tracker.errors import Unusable
from tracker.model import Source
from tracker.scheduler import workers
from tracker.scheduler.batches import Batches
from tracker.scheduler.workers import Queue, Waker, opened
from tracker.store import Store
from tracker.store.queue import SCHEMA, connector


@pytest.fixture(scope="module")
def url(cluster):
    cluster.execute("CREATE DATABASE workers")
    Store.open(cluster.url("workers")).close()
    yield cluster.url("workers")
    cluster.execute("DROP DATABASE workers WITH (FORCE)")


@pytest.fixture
def ask(url, cluster):
    """Asks the server, in words of SQL; nothing waits in the queue when the test begins."""
    where = f"host={cluster.socket} user=tracker dbname=workers options='-c search_path={SCHEMA},public'"

    def ask(statement: str) -> list[tuple]:
        with psycopg.connect(where, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    ask(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
    return ask


@pytest.fixture
def queue(url, ask):
    """Opens the queue as one process does."""

    @asynccontextmanager
    async def open_queue():
        reached = await asyncio.to_thread(connector, url)
        async with opened(reached) as made:
            yield made

    return open_queue


class Worker:
    """A process that works, and what it was woken for."""

    def __init__(self, queue: Queue) -> None:
        self.queue = queue
        self.hosts: Counter[str] = Counter()
        self.now: set[str] = set()
        self.goes_on = asyncio.Event()
        self.goes_on.set()
        self.stopping = asyncio.Event()
        self.task = asyncio.create_task(queue.work(self.look, self.stopping))

    async def look(self, host: str) -> None:
        self.hosts[host] += 1
        assert host not in self.now
        self.now.add(host)
        try:
            await self.goes_on.wait()
        finally:
            self.now.remove(host)

    async def until(self, done) -> None:
        async with asyncio.timeout(30):
            while not done():  # noqa: ASYNC110 - nothing tells a test what another connection did
                await asyncio.sleep(0.01)

    async def stop(self) -> None:
        self.stopping.set()
        await self.task


async def test_a_host_waits_once_however_many_schedulers_wake_it(queue):
    async with queue() as one, queue() as other:
        assert await one.wake(["a.example", "b.example"])
        assert not await other.wake(["b.example", "c.example"])
        assert await other.waiting() == {"a.example", "b.example"}
        assert await other.wake(["c.example"])


async def test_a_worker_looks_at_each_host_that_was_woken_and_nothing_is_left_of_it(queue, ask):
    async with queue() as one:
        worker = Worker(one)
        await one.wake(["a.example", "b.example"])
        left = "SELECT count(*) FROM procrastinate_jobs WHERE queue_name = 'hosts'"
        await worker.until(lambda: len(worker.hosts) == 2 and ask(left) == [(0,)])
        await worker.stop()
        assert worker.hosts == {"a.example": 1, "b.example": 1}


async def test_a_host_that_is_woken_while_one_looks_at_it_waits_for_that_look(queue):
    async with queue() as one, queue() as other:
        first = Worker(one)
        first.goes_on.clear()
        await one.wake(["a.example"])
        await first.until(lambda: first.now)
        second = Worker(other)
        await one.wake(["a.example", "b.example"])
        await first.until(lambda: first.hosts["b.example"] + second.hosts["b.example"] == 1)
        assert first.hosts["a.example"] + second.hosts["a.example"] == 1
        first.goes_on.set()
        await first.until(lambda: first.hosts["a.example"] + second.hosts["a.example"] == 2)
        await first.stop()
        await second.stop()


async def test_a_stop_ends_what_hangs(queue, monkeypatch):
    monkeypatch.setattr(workers, "STOP_PATIENCE", workers.STOP_PATIENCE * 0)
    async with queue() as one:
        worker = Worker(one)
        worker.goes_on.clear()
        await one.wake(["a.example"])
        await worker.until(lambda: worker.now)
        await worker.stop()
        assert worker.now == set()


@pytest.mark.parametrize("woken_again", [False, True])
async def test_the_hosts_of_a_silent_worker_are_free_for_others(queue, ask, woken_again):
    async with queue() as one:
        await one.wake(["a.example"])
        ask("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour')")
        ask("UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT max(id) FROM procrastinate_workers)")
        if woken_again:
            await one.wake(["a.example"])
        worker = Worker(one)
        await one._retry_stalled()
        await worker.until(lambda: worker.hosts["a.example"] and not worker.now)
        await worker.stop()
        assert worker.hosts == {"a.example": 1}
        assert ask("SELECT count(*) FROM procrastinate_jobs WHERE scheduled_at > now()") == [(0,)]


async def test_work_goes_on_after_the_server_was_away(queue, ask, monkeypatch, caplog):
    monkeypatch.setattr(workers, "QUEUE_REST", workers.QUEUE_REST * 0)
    async with queue() as one:
        worker = Worker(one)
        await one.wake(["a.example"])
        await worker.until(lambda: worker.hosts["a.example"])
        ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'workers' AND pid <> pg_backend_pid()")
        await one.wake(["b.example"])
        await worker.until(lambda: worker.hosts["b.example"])
        await worker.stop()


async def woken(queue, url, clock, *feeds):
    """The hosts that are woken for these feeds, by two looks."""
    store = await asyncio.to_thread(Store.open, url)
    store.articles.declare([Source(name="news", title="News", feeds=feeds)], clock())
    async with queue() as one:
        waker = Waker(store=store, batches=Batches(store=store, poller=None, clock=clock), queue=one, clock=clock)
        await waker.tick()
        await waker.tick()
        hosts = await one.waiting()
    store.close()
    return hosts


async def test_a_host_with_many_due_feeds_holds_up_no_other(queue, url, clock, monkeypatch):
    monkeypatch.setattr(workers, "WOKEN_AT_ONCE", 1)
    many = [f"https://many.example/{number}" for number in range(5)]
    assert await woken(queue, url, clock, *many, "https://few.example/feed") == {"many.example", "few.example"}


async def test_the_scheduler_wakes_the_hosts_of_due_feeds_and_articles_once(queue, url, clock):
    feeds = "https://a.example/feed", "https://b.example/feed", "https://b.example/more"
    assert await woken(queue, url, clock, *feeds) == {"a.example", "b.example"}


class Away:
    """A queue that is asked of a server that is away, or whose answer waits."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.asked, self.answers = asyncio.Event(), asyncio.Event()

    async def waiting(self):
        self.asked.set()
        if self.error is not None:
            raise self.error
        await self.answers.wait()
        return {str(number) for number in range(workers.MOST_WAITING)}


def waker_of(queue) -> Waker:
    return Waker(store=None, batches=None, queue=queue, clock=None)


async def test_the_end_waits_for_the_waking_that_is_under_way():
    queue = Away()
    waker = waker_of(queue)
    tick = asyncio.create_task(waker.tick())
    await queue.asked.wait()
    ending = asyncio.create_task(waker.end())
    await asyncio.sleep(0)
    assert not ending.done()
    queue.answers.set()
    await ending
    assert tick.done()


async def test_a_store_that_is_away_is_told_in_our_words(caplog):
    error = Unusable("postgresql://tracker", "the server was restarted")
    error.__cause__ = ValueError("(Background on this error at: somewhere)")
    await waker_of(Away(error)).tick()
    assert "the server was restarted" in caplog.text
    assert "Background" not in caplog.text
