"""A file that `tracker export` wrote, line by line. What the lines say is for the store to understand (store/restoring.py)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from tracker.errors import NotImported, NotRestored
from tracker.store.facts import Advance
from tracker.store.restoring import Restored
from tracker.store.store import Store

# A page of 10 MiB, all of it text, as text, sentences and edits.
LONGEST_LINE = 64 * 1024 * 1024
BEGIN = b"{"
# Told of progress after so many lines.
_STEP = 1_000


def restore(store: Store, path: Path, now: datetime, advance: Advance) -> Restored:
    """Raises NotImported."""
    try:
        return store.restore(lambda: _lines(path, advance), now, advance)
    except NotRestored as error:
        raise NotImported(str(path), error.why) from error


def _lines(path: Path, advance: Advance) -> Iterator[tuple[int, dict[str, object]]]:
    size = path.stat().st_size
    with path.open("rb") as file:
        number = 0
        while line := file.readline(LONGEST_LINE):
            number += 1
            yield number, _read(line, number)
            if number % _STEP == 0:
                advance("bytes read", file.tell(), size)
    advance("bytes read", size, size)


def _read(line: bytes, number: int) -> dict[str, object]:
    if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
        raise NotRestored(f"it is longer than {LONGEST_LINE // 1024**2} MiB, as no line of an export is", line=number)
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        where = "" if line.endswith(b"\n") else ", and the file ends in it: it may be cut off"
        raise NotRestored(f"it is no JSON object{where}", line=number)
    return found
