"""The commands that look after the store, as a user types them, and what a running program says of a lost file."""

from __future__ import annotations

import json
import shutil
import urllib.error
import urllib.request


def _lines(done) -> list[dict]:
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_backup_is_restored_by_copying_it_and_holds_everything(polled, tracker, tmp_path):
    before = _lines(tracker(polled, "export", "--polls"))
    copy = tmp_path / "copy.db"
    done = tracker(polled, "backup", str(copy))
    assert (done.returncode, "was read back" in done.stdout) == (0, True), done.stderr
    again = tracker(polled, "backup", str(copy))
    assert (again.returncode, "nothing is overwritten" in again.stderr) == (2, True)
    (line,) = _lines(tracker(polled, "backup", str(tmp_path / "other.db"), "--json"))
    assert line == {"path": str(tmp_path / "other.db"), "bytes": (tmp_path / "other.db").stat().st_size}

    (polled / "storage" / "tracker.db").unlink()
    lost = tracker(polled, "list")
    assert (lost.returncode, "the file is missing" in lost.stderr) == (3, True)
    shutil.copy(copy, polled / "storage" / "tracker.db")
    assert _lines(tracker(polled, "export", "--polls")) == before


def test_a_program_whose_database_is_taken_away_says_so_and_is_not_ready(folder, start):
    running = start(folder)
    file = folder / "storage" / "tracker.db"
    file.rename(folder / "away.db")
    assert "deleted or moved away" in running.wait_for("polling pauses")
    try:
        status = urllib.request.urlopen(f"{running.base}/readyz", timeout=10).status
    except urllib.error.HTTPError as error:
        status = error.code
        error.close()
    assert status == 503
    (folder / "away.db").rename(file)
    running.wait_for("polling goes on")
    assert running.stop() == 0
