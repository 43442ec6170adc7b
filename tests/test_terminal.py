"""What the commands print: a stranger's text forges no line of a log and no formula of a spreadsheet."""

from __future__ import annotations

import csv
import io
import logging

import pytest

from tracker import terminal


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
