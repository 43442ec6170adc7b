"""A program with a death sentence: a process that kills itself, as the kernel would, at the n-th pass of a named point.

Started as one process, it loads the program once. For each line of JSON on its standard input it forks a run of that; it
prints the run's process id, and its status when it has ended.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from inspect import iscoroutinefunction
from typing import Any

# Owner and name of what is called there; passed before the call where it says False, after it where True.
Point = tuple[Any, str, bool]


def sentence(point: Point, passes: int) -> None:
    owner, name, after = point
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


def carry_out(run: Callable[..., None]) -> None:
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            run(**json.loads(line))
            return
        _say(child)
        _, status = os.waitpid(child, 0)
        _say(os.waitstatus_to_exitcode(status))


def _say(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()
