"""The parts of `tracker run` as processes of their own. Several machines are tests/journeys/machines."""

from __future__ import annotations

import json
import urllib.request


def _read(address: str) -> str:
    with urllib.request.urlopen(address, timeout=30) as answer:
        return answer.read().decode()


def test_one_process_polls_and_another_serves_what_it_kept(folder, start):
    serving = start(folder, "serve")
    assert json.loads(_read(f"{serving.base}/changes.json"))["items"] == []
    scheduling = start(folder, "schedule", "polling:")
    scheduling.wait_for("changed:")
    assert len(json.loads(_read(f"{serving.base}/changes.json"))["items"]) == 1
    assert "/articles/" in _read(f"{serving.base}/")
    assert "This process only serves: others poll." in _read(f"{serving.base}/readyz")
    assert "tracker_due_late_seconds" in _read(f"{serving.base}/metrics")
    assert (scheduling.stop(), serving.stop()) == (0, 0)


def test_a_worker_that_nothing_would_wake_says_so_and_ends_with_2(folder, tracker):
    done = tracker(folder, "work")
    assert done.returncode == 2
    assert "nothing would wake this worker" in done.stderr
