"""The commands that look after the store, as a user types them, and what a running program says of a lost file."""

from __future__ import annotations

import json
import shutil
import sqlite3
import urllib.error
import urllib.request
from contextlib import closing


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


def test_a_store_is_copied_into_another_database_and_holds_the_same_there(polled, tracker):
    before = _lines(tracker(polled, "export", "--polls"))
    copied = tracker(polled, "copy", "sqlite:///storage/tracker.db", "sqlite:///copy.db")
    assert (copied.returncode, "each was read back and compared" in copied.stdout) == (0, True), copied.stderr
    again = tracker(polled, "copy", "sqlite:///storage/tracker.db", "sqlite:///copy.db")
    assert (again.returncode, "nothing is overwritten" in again.stderr) == (2, True)

    hidden = tracker(polled, "hide", "1", "--reason", "A court said so.", "--yes")
    assert hidden.returncode == 0, hidden.stderr
    (line,) = _lines(tracker(polled, "copy", "sqlite:///copy.db", "sqlite:///later.db", "--json"))
    assert (line["type"], line["takedowns_replayed"], line["faults"]) == ("copied", 1, 0)

    config = polled / "config.yaml"
    config.write_text(config.read_text(encoding="utf-8").replace("sqlite:///storage/tracker.db", "sqlite:///copy.db"), encoding="utf-8")
    assert _lines(tracker(polled, "export", "--polls")) == before


def test_an_export_makes_the_store_again_and_a_spoilt_one_makes_none(polled, tracker):
    before = tracker(polled, "export", "--polls").stdout
    (polled / "all.jsonl").write_text(before, encoding="utf-8")
    (polled / "cut.jsonl").write_text(before[:-100], encoding="utf-8")
    full = tracker(polled, "import", "all.jsonl")
    assert (full.returncode, "into an empty store alone" in full.stderr) == (2, True)

    config = polled / "config.yaml"
    config.write_text(config.read_text(encoding="utf-8").replace("sqlite:///storage/tracker.db", "sqlite:///again.db"), encoding="utf-8")
    cut = tracker(polled, "import", "cut.jsonl")
    assert (cut.returncode, "it may be cut off" in cut.stderr) == (2, True)
    done = tracker(polled, "import", "all.jsonl")
    assert (done.returncode, "6 versions of" in done.stderr) == (0, True), done.stderr
    assert tracker(polled, "export", "--polls").stdout == before
    shutil.rmtree(polled / "storage" / "feeds")  # another installation's
    assert "All is well" in tracker(polled, "verify").stdout
    kinds = [line["type"] for line in map(json.loads, before.splitlines())]
    polled_again = tracker(polled, "poll", "--all")
    assert polled_again.returncode == 0, polled_again.stderr
    after = [line["type"] for line in _lines(tracker(polled, "export"))]
    assert [after.count(kind) for kind in ("revision", "event")] == [kinds.count(kind) for kind in ("revision", "event")]


def test_an_export_is_a_file_for_datasette_or_the_alignments_of_its_sentences(polled, tracker):
    for form in ("sqlite", "alignments"):
        done = tracker(polled, "export", "--format", form, "--to", f"{form}.db")
        assert done.returncode == 0, done.stderr
    events = [line for line in _lines(tracker(polled, "export")) if line["type"] == "event"]
    with closing(sqlite3.connect(polled / "sqlite.db")) as connection:
        assert connection.execute("SELECT id FROM changes ORDER BY id").fetchall() == [(one["id"],) for one in events]
    with closing(sqlite3.connect(polled / "alignments.db")) as connection:
        for side in "xy":
            lost = f"""SELECT count(*) FROM matched_sentences WHERE sent_idx_{side} IS NOT NULL AND NOT EXISTS
                (SELECT 1 FROM split_sentences WHERE version = version_{side} AND sent_idx = sent_idx_{side})"""
            assert connection.execute(lost).fetchone() == (0,)
        unlike = """SELECT count(*), sum(x.sentence <> y.sentence) FROM matched_sentences
            JOIN split_sentences x ON x.version = version_x AND x.sent_idx = sent_idx_x
            JOIN split_sentences y ON y.version = version_y AND y.sent_idx = sent_idx_y WHERE kind = 'kept'"""
        kept_count, unlike_count = connection.execute(unlike).fetchone()
        assert kept_count
        assert unlike_count == 0
    card = json.loads(tracker(polled, "export", "--card").stdout)
    assert [one["name"] for one in card["sources"] if one["first_good_day"] and not one["gaps"]]
    assert len(card["config_sha256"]) == 64
    wrong = tracker(polled, "export", "--format", "sqlite")
    assert (wrong.returncode, "--to names the file" in wrong.stderr) == (2, True)


def test_a_store_is_verified_and_what_is_wrong_ends_with_3_and_is_named(polled, tracker):
    done = tracker(polled, "verify")
    assert (done.returncode, "All is well" in done.stdout, done.stderr) == (0, True, "")
    (line,) = _lines(tracker(polled, "verify", "--json"))
    assert (line["type"], line["faults"], line["checked"]["articles"]) == ("verified", 0, 5)

    with closing(sqlite3.connect(polled / "storage" / "tracker.db")) as connection, connection:
        connection.execute("UPDATE body SET hash = x'00' WHERE revision_id = 1")
    (polled / "storage" / "feeds" / "changes.json").write_text("{}", encoding="utf-8")
    done = tracker(polled, "verify")
    assert done.returncode == 3
    assert "The text of revision 1 does not match its hash." in done.stderr
    assert "changes.json cannot be read" in done.stderr
    assert "are wrong" in done.stdout
    faults = [json.loads(line) for line in tracker(polled, "verify", "--json").stdout.splitlines()]
    assert {"type": "fault", "noun": "body", "key": 1, "sentence": "The text of revision 1 does not match its hash."} in faults
    assert faults[-1]["faults"] == len(faults) - 1


def test_retention_is_applied_by_command_and_the_export_tells_of_it(polled, tracker):
    assert _lines(tracker(polled, "prune", "--json")) == [{"polls": 0, "revisions_without_capture": 0}]
    config = polled / "config.yaml"
    text = config.read_text(encoding="utf-8").replace("polls: 90d", "polls: 0.001s").replace("captures: keep", "captures: 0.001s")
    config.write_text(text, encoding="utf-8")
    done = tracker(polled, "prune")
    assert "captures of 1 revisions dropped" in done.stdout, done.stderr
    lines = _lines(tracker(polled, "export", "--polls"))
    assert [line["type"] for line in lines].count("poll") == 0
    days = [line for line in lines if line["type"] == "polls"]
    assert {line["outcome"] for line in days} >= {"first", "changed"}
    assert [line["capture"] for line in lines if line["type"] == "revision"].count("dropped") == 1
    assert tracker(polled, "verify").returncode == 0


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


def test_a_wrong_change_is_retracted_by_the_address_of_its_page_and_that_is_undone(polled, tracker):
    feed = polled / "storage" / "feeds" / "sources" / "bbc" / "changes.json"
    (item,) = json.loads(feed.read_bytes())["items"]
    assert tracker(polled, "retract", item["url"]).returncode == 2, "without a reason"
    done = tracker(polled, "retract", item["url"], "--reason", "The page was another one")
    assert (done.returncode, "tracker retract 1 --undo" in done.stdout) == (0, True), done.stderr
    (after,) = json.loads(feed.read_bytes())["items"]
    assert (after["id"], after["title"]) == (item["id"], f"Retracted: {item['title']}")
    assert "The page was another one." in after["summary"]
    assert tracker(polled, "retract", "1", "--undo").returncode == 0
    (again,) = json.loads(feed.read_bytes())["items"]
    assert again["title"] == item["title"]
    for wrong in ("99", "/diff/8..9", "x", "9" * 30):
        done = tracker(polled, "retract", wrong, "--reason", "No")
        assert (done.returncode, wrong in done.stderr) == (2, True)
    done = tracker(polled, "retract", "1", "--undo")
    assert (done.returncode, "retracted event" in done.stderr) == (2, True)
    assert tracker(polled, "verify").returncode == 0
