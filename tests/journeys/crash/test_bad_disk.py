"""A disk without room and a database that another program holds: polling waits, the pages answer, and nothing is lost."""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, suppress

import pytest

from tracker.model import Scope
from tracker.store import Store

PAGES = ("/", "/sources/town", "/articles/1", "/changes.json", "/readyz")
MIB = 2**20


@pytest.fixture
def store_url(folder) -> str:
    return f"sqlite:///{folder / 'storage' / 'tracker.db'}"


@pytest.fixture
def small_disk(folder) -> Iterator[Callable[..., None]]:
    """The folder that the program writes is a disk of its own; calling this fills it, or makes room again."""
    storage = folder / "storage"
    if os.geteuid() != 0 or sys.platform != "linux":
        pytest.skip("only root can make a small disk, and only on Linux is it made like this")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(storage)], check=True)
    filler = storage / "filler"

    def fill(_, *, full: bool) -> None:
        if not full:
            filler.unlink()
            return
        with filler.open("wb", buffering=0) as file, suppress(OSError):
            while file.write(bytes(MIB)):
                pass

    yield fill
    subprocess.run(["umount", "--lazy", str(storage)], check=True)


@pytest.fixture
def small_files(folder) -> Callable[..., None]:
    """No file of the program may grow: what a quota does, and no root is needed for it."""
    if sys.platform != "linux":
        pytest.skip("another process can be limited only on Linux")

    def limit(process, *, full: bool) -> None:
        size = (folder / "storage" / "tracker.db-wal").stat().st_size if full else resource.RLIM_INFINITY
        resource.prlimit(process, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    return limit


@pytest.mark.timeout(300)
@pytest.mark.parametrize("bad_disk", ["small_disk", "small_files"])
def test_a_full_disk_stops_polling_but_not_the_pages_and_polling_goes_on_when_there_is_room(bad_disk, request, folder, condemned, start):
    fill = request.getfixturevalue(bad_disk)
    watched = request.getfixturevalue("watched")
    program, log = condemned(), folder / "log"
    program.start(folder)
    until = watched.until
    until(lambda: events_count(watched) > 3)

    fill(program.run, full=True)
    until(lambda: "cannot be used" in log.read_text(encoding="utf-8"))
    for path in PAGES:
        with urllib.request.urlopen(watched.local + path, timeout=30) as answer:
            assert answer.status == 200
    kept = events_count(watched)

    fill(program.run, full=False)
    until(lambda: events_count(watched) > kept + 3)
    assert program.end(signal.SIGTERM) == 0
    watched.come_to_rest(start)
    watched.check()


@pytest.mark.timeout(300)
def test_a_database_that_another_program_holds_for_seconds_loses_no_look(watched, start):
    running = start(watched.folder)
    watched.until(lambda: events_count(watched) > 0)
    with closing(sqlite3.connect(watched.store_url.removeprefix("sqlite:///"), isolation_level=None, timeout=30)) as other:
        other.execute("BEGIN EXCLUSIVE")
        threading.Event().wait(4)
        for path in PAGES:
            with urllib.request.urlopen(watched.local + path, timeout=30) as answer:
                assert answer.status == 200
        other.execute("ROLLBACK")
    kept = events_count(watched)
    watched.until(lambda: events_count(watched) > kept + 3)
    watched.site.hold()
    watched.until(watched.is_up_to_date)
    assert running.stop() == 0
    watched.check()
    watched.every_version_was_kept()


def events_count(watched):
    with closing(Store.open(watched.store_url)) as store:
        return len(store.revisions.events(Scope(), limit=10**6)) if store.articles.listed(limit=1) else 0
