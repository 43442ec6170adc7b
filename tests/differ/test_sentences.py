"""Cutting a text into Sentences: the law that nothing is lost, and what news text breaks."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.differ.sentences import WINDOW, segment

CASES = Path(__file__).parents[1] / "cases" / "differ" / "sentences.json"
HOSTILE = st.text(st.sampled_from('aZé1 .!?"“”«»\'()「」。\n\r\t\x00\x85\u2028\u200f\u05d0\u0301\u064b\U0001f468\u200d—,')) | st.text(
    st.characters(exclude_categories=["Cs"])
)


@pytest.mark.parametrize("case", json.loads(CASES.read_text()), ids=lambda case: case["rule"])
def test_news_text_is_cut_where_a_reader_would_cut_it(case):
    text = " ".join(case["sentences"]) if "text" not in case else case["text"]
    assert [sentence.text for sentence in segment(text, case.get("language", "en"))] == case["sentences"]


@given(HOSTILE)
def test_only_white_space_lies_between_sentences_and_joining_gives_the_text_back(text):
    rebuilt, at = "", 0
    for number, sentence in enumerate(segment(text)):
        gap = text[at : sentence.start]
        assert gap == "" or gap.isspace()
        assert sentence.index == number
        assert sentence.text == text[sentence.start : sentence.end]
        assert sentence.text == sentence.text.strip() != ""
        rebuilt += gap + sentence.text
        at = sentence.end
    assert text[at:] == "" or text[at:].isspace()
    assert rebuilt + text[at:] == text


@pytest.mark.parametrize("text", ["a\ud800b", "One. Two \udfff."])
def test_half_a_character_is_refused_with_a_sentence_that_says_where(text):
    with pytest.raises(ValueError, match="lone surrogate U\\+D"):
        segment(text)


def test_no_sentence_spans_two_lines():
    assert [s.text for s in segment("A headline\nwithout a stop\n\nAnd text.")] == ["A headline", "without a stop", "And text."]


def test_a_line_longer_than_a_window_is_cut_as_a_short_one_is():
    sentence = "The council said that it had spent more on its services."
    assert {s.text for s in segment(" ".join([sentence] * (3 * WINDOW // len(sentence))))} == {sentence}


def test_a_megabyte_without_a_stop_is_one_sentence():
    assert len(segment("word " * 200_000)) == 1


def test_an_unknown_language_is_cut_by_english_rules():
    assert len(segment("One is here. Two is there.", "xx")) == 2
