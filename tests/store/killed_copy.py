"""A copy with a death sentence, see sentenced.py: {"source", "target", "batch", "point", "passes"}. Without a point all is copied."""

from __future__ import annotations

from datetime import UTC, datetime

from sentenced import Point, carry_out, sentence

from tracker.store import half_copy, migrate, moving, sequences, side_by_side
from tracker.store.moving import Past
from tracker.store.side_by_side import PlainTable

POINTS: dict[str, Point] = {
    "noted": (half_copy, "begin", True),
    "schema made": (migrate, "migrate", True),
    "rows written": (PlainTable, "insert", True),
    "rows compared": (PlainTable, "drop_stale", True),
    "references added": (sequences, "write", False),
    "sequences set": (sequences, "write", True),
    "whole": (half_copy, "end", False),
}


def run(source: str, target: str, batch: int, point: str | None, passes: int) -> None:
    side_by_side.BATCH_ROWS = batch
    if point is not None:
        sentence(POINTS[point], passes)
    past = Past(takedowns=(), holds=lambda *_: True, now=datetime.now(UTC))
    copied = moving.copy_store_to(source, target, past, lambda *_: None)
    assert copied.faults == (), copied.faults


if __name__ == "__main__":
    carry_out(run)
