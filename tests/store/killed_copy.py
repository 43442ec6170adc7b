"""A copy with a death sentence: a process that kills itself, as the kernel would, at the n-th pass of a named point.

Started as one process, it loads the program once. For each line {"source", "target", "batch", "point", "passes"} on its
standard input it forks a copy, and prints its status when it has ended; without a point, that is when all is copied.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from datetime import UTC, datetime
from typing import Any

from tracker.store import half_copy, migrate, moving, sequences, side_by_side
from tracker.store.moving import Past
from tracker.store.side_by_side import PlainTable

# What stands at False is passed before the call, at True after it.
POINTS: dict[str, tuple[Any, str, bool]] = {
    "noted": (half_copy, "begin", True),
    "schema made": (migrate, "migrate", True),
    "rows written": (PlainTable, "insert", True),
    "rows compared": (PlainTable, "drop_stale", True),
    "references added": (sequences, "write", False),
    "sequences set": (sequences, "write", True),
    "whole": (half_copy, "end", False),
}


def sentence(point: str, passes: int) -> None:
    owner, name, after = POINTS[point]
    original = getattr(owner, name)
    left = passes

    def call(*args: Any) -> Any:
        nonlocal left
        left -= 1
        result = original(*args) if after else None
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return result if after else original(*args)

    setattr(owner, name, call)


def run(source: str, target: str, batch: int, point: str | None, passes: int) -> None:
    side_by_side.BATCH_ROWS = batch
    if point is not None:
        sentence(point, passes)
    past = Past(takedowns=(), holds=lambda *_: True, now=datetime.now(UTC))
    copied = moving.copy_store_to(source, target, past, lambda *_: None)
    assert copied.faults == (), copied.faults


def main() -> None:
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            run(**json.loads(line))
            return
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
