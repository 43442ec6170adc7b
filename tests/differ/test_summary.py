"""The plain sentence of a change reads as a person would say it, and says no edit twice."""

import json
from pathlib import Path

import pytest

from tracker.differ import compare, compare_revisions
from tracker.model import Block, BlockKind, Extract

CASES = json.loads((Path(__file__).parents[1] / "cases" / "facets" / "summaries" / "english.json").read_text())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["summary"])
def test_the_summary_is_one_plain_sentence(case):
    assert compare(case["old"], case["new"]).summary == case["summary"]


def test_a_changed_headline_stands_first():
    def page(headline, text):
        blocks = (Block(kind=BlockKind.PARAGRAPH, text=text),)
        return Extract(url="https://a.example/", headline=headline, blocks=blocks, extractor="1", language="en")

    diff = compare_revisions(page("Two die", "Two men died."), page("Three die", "Three men died."))
    assert diff.summary == "The headline changed; a number changed."


def test_a_long_summary_ends_by_saying_that_there_is_more():
    old = (
        "Two men from Leeds died on Monday, police said. It did rain on the hills. The goverment fell. "
        "The mayor said: “We are sad.” She may go."
    )
    new = (
        "Three men from Hull died on Tuesday. It did not rain on the hills. The government fell. "
        "The mayor said: “We are glad.” She will go. A boat sank in the harbour."
    )
    summary = compare(old, new).summary
    assert summary.count(";") == 5
    assert summary.endswith("; and other edits.")
