"""What the commands print: a stranger's text forges no line of a log and no formula of a spreadsheet."""

from __future__ import annotations

import csv
import io
import logging
from datetime import UTC, datetime

import pytest
from builders import health

from tracker import terminal
from tracker.model import Alarm, AlarmKind


@pytest.fixture
def logged(capsys):
    """What stands in the log after the messages."""
    before, level = logging.root.handlers[:], logging.root.level

    def log(*messages: str) -> str:
        terminal.set_up_logging(level=logging.INFO, as_json=False)
        for message in messages:
            logging.getLogger("tracker.tests").warning("%s", message)
        return capsys.readouterr().err

    yield log
    logging.basicConfig(level=level, handlers=before, force=True)


def test_a_strangers_text_is_one_line_of_the_log(logged):
    (line,) = logged("Headline\n2026-01-01 CRITICAL forged\u2028again \u202egnorw").splitlines()
    assert "Headline\\n2026-01-01 CRITICAL forged\\u2028again \\u202egnorw" in line


@pytest.mark.parametrize("text", ['=HYPERLINK("http://evil.example","x")', "+1", "-5 degrees", "@SUM(A1)", "\t=1"])
def test_no_cell_of_an_export_begins_as_a_formula(capsys, text):
    terminal.write_csv([{"type": "revision", "headline": text, "seq": -1}])
    _, row = csv.reader(io.StringIO(capsys.readouterr().out, newline=""))
    assert "'" + text in row
    assert "-1" in row  # a number is no formula


@pytest.fixture
def listed(capsys):
    """What `tracker list` says of a source of which so many looks were good."""

    def list_(good: int, polls: int, *alarms: Alarm) -> str:
        terminal.print_sources([health(polls_count=polls, good_count=good, alarms=alarms)], as_json=False)
        return capsys.readouterr().out

    return list_


@pytest.mark.parametrize(("good", "polls", "told"), [(0, 0, "not looked at yet"), (1, 1, "good"), (0, 1, "see below")])
def test_a_source_is_not_called_good_before_it_was_looked_at(listed, good, polls, told):
    assert listed(good, polls).splitlines()[1].split("–")[1].strip() == told


def test_what_is_wrong_stands_whole_on_a_line_of_its_own(listed):
    address = "https://www.herald.example/a/section/of/a/section/with/a/very/long/name/feed.xml"
    alarm = Alarm(kind=AlarmKind.SILENT, source="news", since_at=datetime(2026, 3, 1, tzinfo=UTC), sentence=f"{address} is silent.")
    _, row, _, told = listed(1, 2, alarm).splitlines()
    assert row.endswith("see below ")
    assert told == f"news: {address} is silent. 1 of the last 2 looks were good."
