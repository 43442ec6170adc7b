"""Whole answers: files in tests/cases/refusals, each with a first line of JSON that says what it must come to.

`refused/` hold what stands in an article's place, `passes/` what looks so and is an article. Add a file, and it is a test.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tracker.extract import extract_article
from tracker.model import Extract, LiveMode, PageRules, Refusal, RefusalReason

CASES = Path(__file__).parents[1] / "cases" / "refusals"


def read(path: Path) -> tuple[dict[str, str], Extract | Refusal]:
    first, _, answer = path.read_bytes().partition(b"\n")
    said = json.loads(first)
    rules = PageRules(live=LiveMode(said.get("live", "track")))
    return said, extract_article(answer, said["url"], asked=said.get("asked"), language=said.get("language"), rules=rules)


def _named(path: Path) -> str:
    return path.stem


@pytest.mark.parametrize("path", sorted((CASES / "refused").iterdir()), ids=_named)
def test_what_stands_in_an_articles_place_is_refused_by_its_name(path):
    said, found = read(path)
    assert isinstance(found, Refusal)
    assert found.reason == said["expect"]
    assert found.detail.endswith(".")


@pytest.mark.parametrize("path", sorted((CASES / "passes").iterdir()), ids=_named)
def test_an_article_that_looks_like_a_wall_passes_whole(path):
    said, found = read(path)
    assert isinstance(found, Extract), found
    assert said["ends"] in found.text or said["ends"] == found.headline


def test_every_reason_has_a_case():
    said = {json.loads(path.read_bytes().partition(b"\n")[0])["expect"] for path in (CASES / "refused").iterdir()}
    assert said == {str(reason) for reason in RefusalReason}


def test_there_are_enough_cases_of_both_kinds():
    assert len(list((CASES / "refused").iterdir())) >= 40
    assert len(list((CASES / "passes").iterdir())) >= 60
