"""One process of an installation of several machines, as `tracker` is but for four things: its leases and the queue's patience are
short, pages are parsed in it, and its machine's clock can be off.

    process.py COMMAND FOLDER SECONDS      SECONDS: how far this machine's clock runs ahead
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from typing import Any

from tracker import cli, clock
from tracker.sandbox import Sandbox
from tracker.scheduler import batches, tick, workers

LEASE = timedelta(seconds=6)


async def in_this_process(_: Sandbox, function: Callable[..., Any], *args: Any, timeout: timedelta) -> Any:  # noqa: ASYNC109
    return await asyncio.to_thread(function, *args)


def set_ahead(seconds: float) -> None:
    """What asks this machine for the time is told another one: the program's clock, Procrastinate, the log."""
    right = time.time

    class Ahead(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return datetime.now(tz) + timedelta(seconds=seconds)

    time.time = lambda: right() + seconds
    clock.datetime = tick.datetime = Ahead


def main() -> None:
    command, folder, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
    os.chdir(folder)
    batches.LEASE, batches.BATCH_TIME, batches.STORE_REST = LEASE, LEASE / 2, LEASE / 2
    workers.HEARTBEAT, workers.SILENT_AFTER, workers.EVERY_20_SECONDS = timedelta(seconds=1), LEASE, "* * * * * */2"
    Sandbox.run = in_this_process
    if seconds:
        set_ahead(seconds)
    sys.argv = ["tracker", command]
    cli.main()


if __name__ == "__main__":
    main()
