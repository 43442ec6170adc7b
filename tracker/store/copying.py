"""A copy of a SQLite store in one file, consistent while the program runs, read back before it counts as one.

PostgreSQL brings its own: pg_dump.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from tracker.errors import NotBackedUp, Unusable

_SUFFIX = ".part"


def copy_store(file: Path, target: Path) -> int:
    """Gives the bytes of the copy. What was deleted from the store is not in it, so it may be smaller.

    Written beside, checked, then named: no copy is ever half of one. Raises NotBackedUp for a target that is there,
    Unusable where the copy cannot be made.
    """
    part = target.with_name(target.name + _SUFFIX)
    _reserve(target)
    try:
        # SQLite waits for nobody here: it copies what was committed when it began, and others go on writing.
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as source:
            source.execute("VACUUM INTO ?", (str(part),))
        _check(part)
        _flush(part)
        part.replace(target)
        _flush(target.parent)
    except (sqlite3.Error, OSError) as error:
        part.unlink(missing_ok=True)
        target.unlink(missing_ok=True)
        raise Unusable(str(file), f"it could not be copied to {target} ({error}): make room there, or name another place") from error
    except BaseException:
        part.unlink(missing_ok=True)
        target.unlink(missing_ok=True)
        raise
    return target.stat().st_size


def _reserve(target: Path) -> None:
    """Takes the name, so that two copies at once do not become one."""
    try:
        target.open("x").close()
    except FileExistsError:
        raise NotBackedUp(str(target), "something of that name is there already, and nothing is overwritten; choose another name") from None
    except OSError as error:
        raise NotBackedUp(str(target), f"it cannot be written ({error.strerror})") from None


def _check(copy: Path) -> None:
    """Reads the whole copy back. Raises sqlite3.DatabaseError."""
    with closing(sqlite3.connect(f"{copy.absolute().as_uri()}?mode=ro", uri=True)) as reader:
        found = [said for (said,) in reader.execute("PRAGMA quick_check(1)")]
        if found != ["ok"]:
            message = f"read back, the copy is damaged: {found[0]}"
            raise sqlite3.DatabaseError(message)


def _flush(path: Path) -> None:
    """To the disk: a copy that a power cut takes is none."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
