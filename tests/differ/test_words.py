"""Word spans: the law that they rebuild both texts, and where people would put the marks."""

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.differ.words import word_spans

CASES = json.loads((Path(__file__).parents[1] / "cases" / "differ" / "words.json").read_text())
PIECES = st.sampled_from(["the", "cat", "sat", ",", ".", "5.4m", "é", "\u0301", "  ", "\n", "\x00", "雨", "-", "£1"])
WORDS = st.lists(PIECES).map(" ".join) | st.text()


def marked(spans):
    shape = {"equal": "{}", "delete": "[-{}-]", "insert": "{{+{}+}}"}
    return "".join(shape[span.op].format(span.text) for span in spans)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["rule"])
def test_marks_stand_where_people_would_put_them(case):
    assert marked(word_spans(case["old"], case["new"])) == case["marked"]


@given(WORDS, WORDS)
def test_spans_rebuild_both_texts_byte_for_byte(old, new):
    spans = word_spans(old, new)
    assert "".join(span.text for span in spans if span.op != "insert") == old
    assert "".join(span.text for span in spans if span.op != "delete") == new
    assert all(span.text for span in spans)
    assert all(one.op != other.op for one, other in pairwise(spans))


@given(WORDS)
def test_equal_texts_have_no_marks(text):
    assert all(span.op == "equal" for span in word_spans(text, text))


def test_two_huge_sentences_are_replaced_between_their_common_ends():
    old, new = "Same start " + "a b c " * 5_000 + "end.", "Same start " + "x y z " * 5_000 + "end."
    assert [span.op for span in word_spans(old, new)] == ["equal", "delete", "insert", "equal"]
