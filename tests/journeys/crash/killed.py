"""`tracker run` with a death sentence: a process that kills itself, as the kernel would, at the n-th pass of a named point.

Started as one process, it loads the program once. For each line {"folder", "point", "passes", "environment"} on its
standard input it forks a run in that folder; it prints the run's process id, and its status when it has ended. The
program is as it is but for three things: it looks and tries more often, its leases are short, and pages are parsed in this process
(what becomes of the sandbox's workers is tests/test_sandbox.py's).
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from datetime import timedelta
from inspect import iscoroutinefunction
from pathlib import Path
from typing import Any

from tracker import cli
from tracker.fetch.client import Client
from tracker.notify import notifier, timing
from tracker.sandbox import Sandbox
from tracker.scheduler import batches, emit, tick
from tracker.store import appending, keeping, tracking
from tracker.store.articles import Articles
from tracker.store.store import Store
from tracker.store.subscriptions import SubscriptionsStore

# Between a fetch and its commit, and around it. What stands at False is passed before the call, at True after it.
POINTS: dict[str, tuple[Any, str, bool]] = {
    "articles claimed": (Articles, "claim_due", True),
    "page fetched": (Client, "get", True),
    "about to keep": (Store, "keep", False),
    "revision written": (appending, "append", True),
    "rows of a look written": (keeping, "_write", True),
    "look committed": (Store, "keep", True),
    "entries of a feed written": (tracking, "_end", True),
    "feed committed": (Store, "keep_feed", True),
    "change feed half written": (os, "fsync", False),
    "change feed written": (emit, "_replace_file", True),
    "subscription claimed": (SubscriptionsStore, "claim", True),
    "message sent": (Client, "send", True),
    "cursor moved": (SubscriptionsStore, "told", True),
    "failure noted": (SubscriptionsStore, "failed", True),
}
LEASE = timedelta(seconds=2)


def sentence(point: str, passes: int) -> None:
    owner, name, after = POINTS[point]
    original = getattr(owner, name)
    left = passes

    def passed() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def call(*args: Any, **more: Any) -> Any:
        if not after:
            passed()
        result = original(*args, **more)
        if after:
            passed()
        return result

    async def wait(*args: Any, **more: Any) -> Any:
        result = await original(*args, **more)
        passed()
        return result

    setattr(owner, name, wait if iscoroutinefunction(original) else call)


async def in_this_process(_: Sandbox, function: Callable[..., Any], *args: Any, timeout: timedelta) -> Any:  # noqa: ASYNC109
    return await asyncio.to_thread(function, *args)


def run(folder: str, point: str | None, passes: int, environment: dict[str, str]) -> None:
    os.environ.update(environment)
    os.chdir(folder)
    with Path("log").open("a") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    batches.LEASE, batches.BATCH_TIME, batches.STORE_REST, tick.TICK = LEASE, LEASE / 2, LEASE, LEASE / 20
    notifier.LEASE, notifier.PAUSE, timing.FIRST_WAIT = LEASE, LEASE / 20, LEASE / 20
    Sandbox.run = in_this_process
    if point is not None:
        sentence(point, passes)
    sys.argv = ["tracker", "run"]
    cli.main()


def main() -> None:
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            run(**json.loads(line))
            return
        say(child)
        _, status = os.waitpid(child, 0)
        say(os.waitstatus_to_exitcode(status))


def say(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
