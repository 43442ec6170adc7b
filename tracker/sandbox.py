"""Runs a pure function on strangers' bytes in a worker process that can be killed.

What a publisher sends may be a bomb for the parser that reads it. So parsing, extraction and
comparison run here: a task that takes too long, or more memory than is allowed, ends with its
worker and becomes a named error, and the pool goes on with a fresh worker. Which function
runs, and what its failure means, is the caller's business.
"""

from __future__ import annotations

import asyncio
import fcntl
import gc
import multiprocessing
import os
import pickle
import resource
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from datetime import timedelta
from multiprocessing import resource_tracker
from typing import TypeVar, cast
from weakref import WeakKeyDictionary

from pebble import ProcessExpired, ProcessPool

from tracker.errors import TaskCrashed, TaskTimedOut, TrackerError

T = TypeVar("T")

# The fork server loads these once, so that a fresh worker starts in milliseconds and shares their memory.
_PRELOAD = ["__main__", "tracker.sandbox", "tracker.discovery", "tracker.extract", "tracker.differ"]

_GIB = 1 << 30

# A fresh worker costs half a second in which half of the work stands still. Extraction keeps its size: after 2,000 real pages
# a worker is as large as after 100.
TASKS_PER_WORKER = 2_000

# How a worker says that it hit its memory limit: above the codes of Python (1, 2) and below those of signals.
_OUT_OF_MEMORY = 77

# Pebble looks at its tasks ten times a second and starts a worker within a second or two; a task that is
# still without any answer so long after its own time limit was lost (its worker died while taking it).
_LOST_AFTER = timedelta(seconds=30)


class Sandbox:
    """`workers` processes. Used from one process; any of its event loops may call `run`.

    At most `workers` tasks are handed out at a time, the others wait here, where they can be
    cancelled at no cost and their time limit does not run.
    """

    def __init__(self, *, workers: int = 2, memory_bytes: int = _GIB, tasks_per_worker: int = TASKS_PER_WORKER) -> None:
        self._workers = workers
        self._memory_bytes = memory_bytes
        self._tasks_per_worker = tasks_per_worker
        self._pool: ProcessPool | None = None
        self._closed = False
        self._changing = threading.Lock()
        self._handed_out: set[Future[bytes]] = set()
        self._turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()

    async def run(self, function: Callable[..., T], *args: object, timeout: timedelta) -> T:  # noqa: ASYNC109 - the limit is the worker's, not the waiting's
        """What `function(*args)` returns; both must pickle, so the function is one of a module.

        A TrackerError that it raises comes through as itself. Anything else that goes wrong is
        TaskTimedOut or TaskCrashed. A cancelled call ends its worker.
        """
        task = function.__name__.replace("_", " ").strip()
        async with self._turn():
            try:
                return await self._once(task, function, args, timeout)
            except BrokenProcessPool:
                pass  # a worker died between two tasks, say by the system's hand: not this task's fault
            try:
                return await self._once(task, function, args, timeout)
            except BrokenProcessPool as broken:
                raise TaskCrashed(task, "its worker process ended while taking the task") from broken

    async def _once(self, task: str, function: Callable[..., T], args: tuple[object, ...], timeout: timedelta) -> T:  # noqa: ASYNC109 - as above
        pool = self._pool
        if pool is None or not pool.active:
            pool = await asyncio.to_thread(self._running_pool, task)
        try:
            future: Future[bytes] = pool.schedule(_perform, (function, args), timeout=timeout.total_seconds())
        except RuntimeError as stopped:  # between the two lines, the pool broke or was closed
            raise BrokenProcessPool from stopped
        self._handed_out.add(future)
        future.add_done_callback(self._handed_out.discard)
        patience = (timeout + _LOST_AFTER).total_seconds()
        try:
            async with asyncio.timeout(patience):
                answer = await asyncio.wrap_future(future)
        except TimeoutError as late:
            raise TaskTimedOut(task, timeout) from late
        except BrokenProcessPool:
            raise
        except ProcessExpired as ended:
            raise TaskCrashed(task, self._cause_of_death(ended.exitcode)) from ended
        except (pickle.PicklingError, AttributeError, TypeError) as unfit:
            raise TaskCrashed(task, f"it cannot be handed to a worker ({unfit})") from unfit
        except asyncio.CancelledError:
            if self._closed and not _being_cancelled():
                raise TaskCrashed(task, "the sandbox was closed") from None
            raise
        return cast("T", _opened(task, answer))

    def close(self) -> None:
        """Ends all workers, whatever they do. `run` fails from now on."""
        with self._changing:
            self._closed = True
            pool, self._pool = self._pool, None
        for future in tuple(self._handed_out):
            future.cancel()  # Pebble would leave its waiter waiting
        if pool is not None:
            _end(pool)

    def _turn(self) -> asyncio.Semaphore:
        loop = asyncio.get_running_loop()
        if loop not in self._turns:
            self._turns[loop] = asyncio.Semaphore(self._workers)
        return self._turns[loop]

    def _running_pool(self, task: str) -> ProcessPool:
        """The pool, started if there is none yet, replaced if it broke. Blocks for a second when it starts."""
        with self._changing:
            if self._closed:
                raise TaskCrashed(task, "the sandbox was closed")
            if self._pool is not None and not self._pool.active:
                _end(self._pool)
                self._pool = None
            if self._pool is None:
                context = multiprocessing.get_context("forkserver")
                context.set_forkserver_preload(_PRELOAD)
                self._pool = ProcessPool(
                    max_workers=self._workers,
                    max_tasks=self._tasks_per_worker,
                    initializer=_prepare_worker,
                    initargs=(self._memory_bytes,),
                    context=context,
                )
                _start(self._pool)
            return self._pool

    def _cause_of_death(self, code: int | None) -> str:
        if code == _OUT_OF_MEMORY:
            return f"it needed more than the {self._memory_bytes >> 20} MiB of memory that are allowed"
        if code is not None and code < 0:
            name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
            return f"its worker process was ended by {name}"
        return f"its worker process ended with code {code}"


def _start(pool: ProcessPool) -> None:
    """Starts the workers with Ctrl-C held back: it is for this process, which then ends them in order.

    The signal mask passes on to the fork server, its workers and the pool's threads that restart them.
    """
    resource_tracker.ensure_running()  # first, since it lets the signal through again when it has started
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        _ = pool.active  # starts it
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]  # Pebble annotates its other methods
    pool.join()


def _being_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _opened(task: str, answer: bytes) -> object:
    kind, value = pickle.loads(answer)  # noqa: S301 - written by our own worker
    if kind == "value":
        return value
    if kind == "error":
        raise value
    raise TaskCrashed(task, value)


# --- in the worker -------------------------------------------------------------------------------


def _prepare_worker(memory_bytes: int) -> None:
    """The limits of one worker, before its first task."""
    gc.freeze()  # what the fork server loaded stays: not to be looked through, nor copied for it
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # ends it at once, even inside a library's C code
    if sys.platform == "linux":  # elsewhere RLIMIT_AS does not bind, and a pipe sends no signal
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
        _end_with_the_main_process()


def _end_with_the_main_process() -> None:
    """The main process holds one end of a pipe; when it dies, the kernel sends us SIGIO, which ends us."""
    main = multiprocessing.parent_process()
    if main is None:
        return
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    pipe = main.sentinel
    fcntl.fcntl(pipe, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(pipe, fcntl.F_SETFL, fcntl.fcntl(pipe, fcntl.F_GETFL) | os.O_ASYNC)


def _perform(function: Callable[..., object], args: tuple[object, ...]) -> bytes:
    """The answer, pickled here: what does not pickle is this task's failure and not the pool's."""
    try:
        return pickle.dumps(("value", function(*args)), pickle.HIGHEST_PROTOCOL)
    except MemoryError:
        os._exit(_OUT_OF_MEMORY)  # a library that once ran out of memory is not used again
    except TrackerError as error:
        return pickle.dumps(("error", error))
    except Exception as error:  # noqa: BLE001 - whatever a parser raises on a stranger's bytes is a named failure
        text = f"{type(error).__name__}: {error}"
        return pickle.dumps(("crash", text[:500]))
