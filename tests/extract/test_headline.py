"""Headlines of whole pages: files in tests/cases/headlines, each with a first line of JSON that says the true one.

Add a file, and it is a test.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tracker.extract.metadata import read_metadata
from tracker.extract.page import decode, parse

CASES = sorted((Path(__file__).parents[1] / "cases" / "headlines").iterdir())


@pytest.mark.parametrize("path", CASES, ids=[path.stem for path in CASES])
def test_the_headline_is_the_true_one(path):
    first, _, page = path.read_bytes().partition(b"\n")
    assert read_metadata(parse(decode(page)), "https://www.example.org/news/story").headline == json.loads(first)["headline"]


def test_there_are_enough_cases():
    assert len(CASES) >= 40
