"""The sandbox: what a task does to itself, it does to nobody else."""

from __future__ import annotations

import asyncio
import inspect
import json
import math
import operator
import os
import pickle
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import get_type_hints

import pytest

from tracker import errors
from tracker.discovery import read_feed
from tracker.errors import NotAFeed, TaskCrashed, TaskTimedOut
from tracker.extract.visible import check_shape, visible_hash
from tracker.sandbox import Sandbox

SOON = timedelta(seconds=0.2)
LATER = timedelta(seconds=60)
URL = "https://news.example/feed"


@pytest.fixture
def busy(tmp_path):
    """A task's function that ends only when its worker does, and `begun`, which waits until it runs.

    It reads a pipe into which nothing is written: opening that for writing waits for the reader.
    """
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    opened = []

    async def begun() -> None:
        opened.append(await asyncio.to_thread(os.open, pipe, os.O_WRONLY))

    yield pipe.read_bytes, begun
    for each in opened:
        os.close(each)


@pytest.fixture(scope="module")
def sandbox():
    box = Sandbox(workers=2, memory_bytes=512 << 20)
    yield box
    box.close()


async def test_a_task_runs_in_another_process_and_returns_its_value(sandbox):
    assert await sandbox.run(os.getpid, timeout=LATER) != os.getpid()
    assert await sandbox.run(math.factorial, 5, timeout=LATER) == 120


async def test_large_values_go_in_and_come_out(sandbox):
    assert len(await sandbox.run(operator.add, b"x" * 5_000_000, b"y" * 5_000_000, timeout=LATER)) == 10_000_000


@pytest.mark.parametrize(
    ("function", "args"),
    [
        pytest.param(time.sleep, (60,), id="asleep"),
        pytest.param(sum, (range(10**12),), id="busy in C code"),
    ],
)
async def test_a_task_that_takes_too_long_is_stopped_and_the_next_one_runs(sandbox, function, args):
    with pytest.raises(TaskTimedOut, match=r"took longer than 0\.2 s"):
        await sandbox.run(function, *args, timeout=SOON)
    assert await sandbox.run(math.factorial, 5, timeout=LATER) == 120


async def test_a_task_that_wants_too_much_memory_is_stopped_and_the_next_one_runs(sandbox):
    with pytest.raises(TaskCrashed, match="more than the 512 MiB of memory"):
        await sandbox.run(bytearray, 1 << 30, timeout=LATER)
    assert await sandbox.run(math.factorial, 5, timeout=LATER) == 120


# What a stranger may send, each with the function that reads it, and what it ends as.
_DEEP = b"<html><body>" + b"<div>" * 100_000 + b"<p>The council agreed on Monday.</p>"
_LEVELS = "".join(f"<!ENTITY e{level} '{f'&e{level - 1};' * 10}'>" for level in range(1, 10))
_RSS = "<rss version='2.0'><channel><item><link>/a</link><title>{}</title></item></channel></rss>"
_BOMBS = {
    "nested tags": (visible_hash, (_DEEP,), (TaskTimedOut, TaskCrashed)),
    "nested tags of a page": (check_shape, (_DEEP,), TaskCrashed),
    "nested tags of a feed": (read_feed, (b"<rss>" + b"<item>" * 100_000, URL), (TaskTimedOut, TaskCrashed, NotAFeed)),
    "nested JSON": (read_feed, (b'{"items":' + b"[" * 100_000, URL), NotAFeed),
    "a billion laughs": (read_feed, (f"<!DOCTYPE rss [<!ENTITY e0 'ha'>{_LEVELS}]>{_RSS.format('&e9;')}".encode(), URL), NotAFeed),
    "one long entity often": (
        read_feed,
        (f"<!DOCTYPE rss [<!ENTITY e '{'x' * 100_000}'>]>{_RSS.format('&e;' * 50_000)}".encode(), URL),
        NotAFeed,
    ),
    "memory": (operator.mul, (b"x" * 1000, 10**9), TaskCrashed),
}


@pytest.mark.parametrize("name", _BOMBS)
async def test_a_bomb_is_a_named_failure_and_the_next_task_runs(sandbox, name):
    function, args, failure = _BOMBS[name]
    with pytest.raises(failure):
        await sandbox.run(function, *args, timeout=timedelta(seconds=1))
    assert await sandbox.run(math.factorial, 5, timeout=LATER) == 120


async def test_a_crash_of_the_worker_is_named_and_the_next_task_runs(sandbox):
    with pytest.raises(TaskCrashed, match="ended with code 3"):
        await sandbox.run(os._exit, 3, timeout=LATER)
    with pytest.raises(TaskCrashed, match="SIGKILL"):
        await sandbox.run(signal.raise_signal, signal.SIGKILL, timeout=LATER)
    assert await sandbox.run(math.factorial, 5, timeout=LATER) == 120


async def test_an_idle_worker_that_dies_is_replaced(sandbox):
    victims = {await sandbox.run(os.getpid, timeout=LATER) for _ in range(4)}
    for pid in victims:
        os.kill(pid, signal.SIGKILL)
    assert await sandbox.run(math.factorial, 5, timeout=LATER) == 120


async def test_an_error_of_ours_comes_through_as_itself(sandbox):
    with pytest.raises(NotAFeed) as raised:
        await sandbox.run(read_feed, b"", "https://news.example/feed", timeout=LATER)
    assert raised.value.url == "https://news.example/feed"
    assert str(raised.value) == str(NotAFeed("https://news.example/feed", "the answer is empty"))


async def test_any_other_error_is_a_crash_with_its_text(sandbox):
    with pytest.raises(TaskCrashed, match="ValueError: "):
        await sandbox.run(math.sqrt, -1.0, timeout=LATER)


async def test_what_cannot_go_to_a_worker_or_come_back_is_a_crash_and_harms_no_other_task(sandbox):
    with pytest.raises(TaskCrashed, match="cannot be handed to a worker"):
        await sandbox.run(lambda: 1, timeout=LATER)
    with pytest.raises(TaskCrashed, match="pickle"):
        await sandbox.run(memoryview, b"x", timeout=LATER)
    assert await sandbox.run(math.factorial, 5, timeout=LATER) == 120


async def test_more_tasks_than_workers_all_get_their_turn(sandbox):
    assert await asyncio.gather(*(sandbox.run(math.factorial, n, timeout=LATER) for n in range(8))) == [math.factorial(n) for n in range(8)]


async def test_waiting_for_a_worker_does_not_count_as_the_tasks_time(busy):
    function, begun = busy
    box = Sandbox(workers=1)
    try:
        long = asyncio.create_task(box.run(function, timeout=timedelta(seconds=2)))
        await begun()
        waiting = asyncio.create_task(box.run(math.factorial, 5, timeout=timedelta(seconds=1)))
        with pytest.raises(TaskTimedOut):
            await long
        assert await waiting == 120
    finally:
        box.close()


async def test_a_cancelled_call_frees_its_worker(busy):
    function, begun = busy
    box = Sandbox(workers=1)
    try:
        call = asyncio.create_task(box.run(function, timeout=timedelta(seconds=600)))
        await begun()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert await box.run(math.factorial, 5, timeout=LATER) == 120
    finally:
        box.close()


async def test_a_worker_is_replaced_after_its_number_of_tasks():
    box = Sandbox(workers=1, tasks_per_worker=2)
    try:
        assert len({await box.run(os.getpid, timeout=LATER) for _ in range(6)}) == 3
    finally:
        box.close()


@pytest.mark.skipif(sys.platform != "linux", reason="watches processes by pidfd")
async def test_closing_ends_every_worker_and_every_call(busy):
    function, begun = busy
    box = Sandbox(workers=2)
    pids = {await box.run(os.getpid, timeout=LATER) for _ in range(8)}
    call = asyncio.create_task(box.run(function, timeout=LATER))
    await begun()
    watched = [os.pidfd_open(pid) for pid in pids]
    box.close()
    with pytest.raises(TaskCrashed, match="the sandbox was closed"):
        await call
    with pytest.raises(TaskCrashed, match="the sandbox was closed"):
        await box.run(math.factorial, 5, timeout=LATER)
    assert _all_end(watched)


_MAIN = """
import asyncio, json, os, sys
from datetime import timedelta
from pathlib import Path
from tracker.sandbox import Sandbox

async def main():
    box = Sandbox(workers=2)
    minute = timedelta(seconds=60)
    pids = {await box.run(os.getpid, timeout=minute) for _ in range(20)}
    tasks = [asyncio.create_task(box.run(Path(sys.argv[1]).read_bytes, timeout=minute))]
    begun = await asyncio.to_thread(os.open, sys.argv[1], os.O_WRONLY)
    print(json.dumps(sorted(pids)), flush=True)
    await asyncio.gather(*tasks)

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a busy worker ends with its task")
def test_workers_end_when_the_main_process_is_killed(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with subprocess.Popen([sys.executable, "-c", _MAIN, str(tmp_path / "pipe")], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as main:
        pids = json.loads(main.stdout.readline())
        watched = [os.pidfd_open(pid) for pid in pids]
        main.kill()
    assert _all_end(watched)


def _all_end(watched: list[int]) -> bool:
    """A pidfd is readable when its process has ended."""
    try:
        return all(select.select([each], [], [], 20)[0] for each in watched)
    finally:
        for each in watched:
            os.close(each)


# What an error is made with, by the type that its __init__ declares.
_NOUNS = {
    str: "text",
    int: 503,
    int | None: 7,
    bool: True,
    object: 7,
    timedelta: timedelta(seconds=3),
    timedelta | None: timedelta(seconds=9),
    datetime: datetime(2026, 3, 1, tzinfo=UTC),
    Sequence[tuple[int | None, str]]: [(3, "no such key")],
    Sequence[errors.ConfigError]: [],
}


def _errors():
    found = [errors.TrackerError]
    for error in found:
        found.extend(error.__subclasses__())
    return [error for error in found if error.__module__ == errors.__name__]


@pytest.mark.parametrize("kind", _errors())
def test_every_error_survives_the_way_back_from_a_worker(kind):
    own = hasattr(kind.__init__, "__annotations__")
    nouns = {name: _NOUNS[hint] for name, hint in get_type_hints(kind.__init__).items() if name != "return"} if own else {}
    named = {name: nouns[name] for name in inspect.getfullargspec(kind.__init__).kwonlyargs} if own else {}
    placed = [noun for name, noun in nouns.items() if name not in named]
    made = [kind(**nouns), kind(*placed, **named)] if own else [kind("text")]
    for error in made:
        back = pickle.loads(pickle.dumps(error))
        assert type(back) is kind
        assert str(back) == str(error)
        assert vars(back) == vars(error)
