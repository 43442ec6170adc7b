#!/usr/bin/env python3
"""Polls a second of 1, 2 and 4 workers over one PostgreSQL, and what the queue costs, in one run.

python bench/workers.py [SECONDS=20] [LATENCY=0.5]

A loopback site in a process of its own answers on 80 hosts (127.0.1.1 and on, so Linux only), LATENCY seconds after it was asked:
"not modified", so that what is measured is waiting, as it is with real sites, and what every look costs beside it. All articles are
due all the time; pace off. A worker looks at 20 hosts at once: it can do 20 / LATENCY polls a second. The processor's time is told
beside it, since workers, server and site share this machine's cores.

The queue's own cost is what empty jobs take: woken, begun, ended, by one worker.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psycopg
from aiohttp import web

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from postgres import server  # the tests' throw-away server

from tracker import app
from tracker.config import read_config
from tracker.scheduler.workers import opened
from tracker.store.queue import SCHEMA, connector

HOSTS = [f"127.0.1.{number}" for number in range(1, 81)]
ARTICLES = 6  # of each host
EMPTY_JOBS = 1_000
WORKERS = (1, 2, 4)
LOOK_EVERY, WARMING_UP = 0.2, 3.0  # seconds
TICKS = os.sysconf("SC_CLK_TCK")


# --- the site ------------------------------------------------------------------------------------


def page(path: str) -> str:
    told = "".join(f"<p>Paragraph {number} of what the council said of {path} on Monday in the town.</p>" for number in range(5))
    head = f"<head><title>{path}</title></head>"
    return f"<!doctype html><html lang='en'>{head}<body><article><h1>{path}</h1>{told}</article></body></html>"


def serve(latency: float, port: multiprocessing.Queue[int]) -> None:
    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        if request.path == "/feed":
            items = "".join(f"<item><title>S{n}</title><link>http://{request.host}/story-{n}</link></item>" for n in range(ARTICLES))
            text = f"<rss version='2.0'><channel><title>T</title>{items}</channel></rss>"
            return web.Response(text=text, content_type="application/rss+xml")
        if not request.path.startswith("/story-"):
            return web.Response(status=404)
        if request.headers.get("If-None-Match"):
            await asyncio.sleep(latency)
            return web.Response(status=304, headers={"ETag": '"1"'})
        return web.Response(text=page(request.path), content_type="text/html", headers={"ETag": '"1"'})

    async def main() -> None:
        runner = web.ServerRunner(web.Server(answer))
        await runner.setup()
        first = web.TCPSite(runner, HOSTS[0], 0)
        await first.start()
        number = runner.addresses[0][1]
        for host in HOSTS[1:]:
            await web.TCPSite(runner, host, number).start()
        port.put(number)
        await asyncio.Event().wait()

    asyncio.run(main())


@contextmanager
def site(latency: float) -> Iterator[int]:
    port: multiprocessing.Queue[int] = multiprocessing.Queue()
    process = multiprocessing.Process(target=serve, args=(latency, port), daemon=True)
    process.start()
    try:
        yield port.get(timeout=30)
    finally:
        process.terminate()
        process.join()


# --- the processes -------------------------------------------------------------------------------


@contextmanager
def processes(config: Path, *commands: str) -> Iterator[list[subprocess.Popen[bytes]]]:
    program = [sys.executable, "-m", "tracker"]
    with (config.parent / "log").open("ab") as log:
        started = [subprocess.Popen([*program, name, "--config", str(config)], stdout=log, stderr=log) for name in commands]
    try:
        yield started
    finally:
        for one in started:
            one.terminate()
        for one in started:
            one.wait(timeout=60)


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def measure(config: Path, where: str, workers: int, seconds: float) -> tuple[float, float, float]:
    """Polls a second, polls a job, and the workers' processor time in ms a poll."""
    with processes(config, "schedule", *["work"] * workers) as (_, *started), psycopg.connect(where, autocommit=True) as connection:

        def counted() -> tuple[int, int]:
            polls = "(SELECT count(*) FROM poll WHERE article_id IS NOT NULL)"
            jobs = f"(SELECT last_value FROM {SCHEMA}.procrastinate_jobs_id_seq)"
            found = connection.execute(f"SELECT {polls}, {jobs}").fetchone()
            assert found is not None
            return found[0], found[1]

        let_all_begin(started, connection)
        polls, jobs = counted()
        used, began = sum(cpu_seconds(one.pid) for one in started), time.monotonic()
        let_work(started, seconds)
        polls_after, jobs_after = counted()
        took, used = time.monotonic() - began, sum(cpu_seconds(one.pid) for one in started) - used
    new = polls_after - polls
    return new / took, new / max(1, jobs_after - jobs), used / max(1, new) * 1000


def let_all_begin(started: Sequence[subprocess.Popen[bytes]], connection: psycopg.Connection) -> None:
    """Until each has a job, and what its start costs is behind it."""
    busy = f"SELECT count(DISTINCT worker_id) FROM {SCHEMA}.procrastinate_jobs WHERE status = 'doing'"
    give_up_at = time.monotonic() + 120
    while (found := connection.execute(busy).fetchone()) is None or found[0] < len(started):
        assert time.monotonic() < give_up_at, "the workers did not begin"
        let_work(started, LOOK_EVERY)
    let_work(started, WARMING_UP)


def let_work(started: Sequence[subprocess.Popen[bytes]], seconds: float) -> None:
    """Raises AssertionError as soon as the first of them ends, and afterwards where another did: half of them measure nothing."""
    with suppress(subprocess.TimeoutExpired):
        started[0].wait(timeout=seconds)
    assert all(one.poll() is None for one in started), "a worker ended"


async def empty_jobs(url: str) -> float:
    """ms for each job that finds nothing to do."""
    done, stopping, all_done = 0, asyncio.Event(), asyncio.Event()

    async def nothing(_: str) -> None:
        nonlocal done
        done += 1
        if done == EMPTY_JOBS:
            all_done.set()

    reached = await asyncio.to_thread(connector, url)
    async with opened(reached) as queue:
        began = time.perf_counter()
        for first in range(0, EMPTY_JOBS, 100):
            await queue.wake([f"{number}.example" for number in range(first, first + 100)])
        working = asyncio.create_task(queue.work(nothing, stopping))
        await all_done.wait()
        took = time.perf_counter() - began
        stopping.set()
        await working
    return took / EMPTY_JOBS * 1000


def main() -> None:
    given = dict(argument.split("=", 1) for argument in sys.argv[1:])
    seconds, latency = float(given.get("SECONDS") or 20), float(given.get("LATENCY") or 0.5)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        cluster, port = stack.enter_context(server()), stack.enter_context(site(latency))
        cluster.execute("CREATE DATABASE bench", "CREATE DATABASE empty")
        feeds = [f"http://{host}:{port}/feed" for host in HOSTS]
        config = folder / "config.yaml"
        settings = {
            "store": {"url": cluster.url("bench")},
            "queue": {"workers": True},
            "fetch": {"per_host_delay": "0s", "allow_private_addresses": HOSTS},
            "cadence": {"mode": "fixed", "every": "1s", "for": "1d", "floor": "1s"},
            "sources": [{"name": "news", "feeds": feeds}],
        }
        config.write_text(json.dumps(settings), encoding="utf-8")
        connector(cluster.url("bench"))
        asyncio.run(app.poll_once(read_config(config, {}), source=None, everything=True, pace=True, report=lambda _: None))
        print(f"{len(HOSTS)} hosts of {ARTICLES} articles, answers after {latency * 1000:.0f} ms, {os.cpu_count()} cores shared by all")
        per_job = asyncio.run(empty_jobs(cluster.url("empty")))
        where = f"host={cluster.socket} user=tracker dbname=bench"
        one = 0.0
        for workers in WORKERS:
            rate, polls_a_job, cpu = measure(config, where, workers, seconds)
            one = one or rate
            share = per_job / polls_a_job
            print(
                f"{workers} worker{'s' if workers > 1 else ' '}  {rate:6.1f} polls/s  {rate / one:4.2f} x one   "
                f"{cpu:4.1f} ms of processor a poll, {polls_a_job:4.1f} polls a job: the queue {share:.2f} ms a poll, "
                f"{100 * share / (share + latency * 1000 / 20):.1f} % of a worker's time a poll"
            )
        print(f"an empty job: {per_job:.2f} ms (woken, begun and ended, one worker)")


if __name__ == "__main__":
    main()
