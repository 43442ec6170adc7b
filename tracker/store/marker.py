"""The small file beside a SQLite database that says: a store was made here.

Without it a missing database is a new installation's; with it, a loss that must be told. Where it was deleted, the next
opening writes it again. PostgreSQL needs none: a server makes no empty database by itself.
"""

from __future__ import annotations

import logging
from pathlib import Path
from uuid import UUID

from tracker.errors import Unusable

logger = logging.getLogger(__name__)

_ENDING = ".installation"


def path_of(file: Path) -> Path:
    return file.with_name(file.name + _ENDING)


def refuse_loss(file: Path, url: str) -> None:
    """Raises Unusable where a store was made in `file` and is no longer there, or not whole. To be asked before SQLite makes a new one."""
    if file.exists() and _is_cut(file):
        raise Unusable(url, "the file is cut off: restore a backup")
    if not path_of(file).exists():
        return
    if not file.exists():
        raise _lost(file, url, "the file is missing")
    if file.stat().st_size == 0:
        raise _lost(file, url, "the file is empty")


def refuse_anew(file: Path, url: str) -> None:
    """The same where the database is there, but holds no schema at all."""
    if path_of(file).exists():
        raise _lost(file, url, "nothing is in it")


def leave(file: Path, installation_id: UUID) -> None:
    """Says that a store is here now."""
    marker = path_of(file)
    said = (
        f"{installation_id}\n"
        f"The store of this installation of tracker is in {file.name}.\n"
        "While this file is here, tracker makes no new, empty one in its place.\n"
    )
    try:
        if not marker.exists() or marker.read_text(encoding="utf-8") != said:
            marker.write_text(said, encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        # The store itself is well, and the next opening tries again.
        logger.warning("%s cannot be written (%s): a loss of the database would not be noticed", marker, error)


def _is_cut(file: Path) -> bool:
    """Whether the last page is not whole: SQLite itself notices only whole pages that are missing. While there is a log
    beside the file, what the file lacks may be in the log."""
    log = file.with_name(file.name + "-wal")
    if log.exists() and log.stat().st_size > 0:
        return False
    with file.open("rb") as opened:
        head = opened.read(100)
    if not head.startswith(b"SQLite format 3\0") or len(head) < 100:
        return False
    page_size = int.from_bytes(head[16:18], "big")
    return file.stat().st_size % (65536 if page_size == 1 else page_size) != 0


def _lost(file: Path, url: str, what: str) -> Unusable:
    way = f"put it back, or restore a backup; to start anew with nothing, delete {path_of(file)}"
    return Unusable(url, f"{what}, though a store was made there before: {way}")
