"""`tracker run` with a death sentence, see sentenced.py: {"folder", "point", "passes", "environment"}.

The program is as it is but for three things: it looks and tries more often, its leases are short, and pages are parsed in this
process (what becomes of the sandbox's workers is tests/test_sandbox.py's).
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from sentenced import Point, carry_out, sentence

from tracker import cli
from tracker.fetch.client import Client
from tracker.notify import notifier, timing
from tracker.sandbox import Sandbox
from tracker.scheduler import batches, emit, tick
from tracker.store import appending, keeping, tracking
from tracker.store.articles import Articles
from tracker.store.store import Store
from tracker.store.subscriptions import SubscriptionsStore

# Between a fetch and its commit, and around it.
POINTS: dict[str, Point] = {
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
        sentence(POINTS[point], passes)
    sys.argv = ["tracker", "run"]
    cli.main()


if __name__ == "__main__":
    carry_out(run)
