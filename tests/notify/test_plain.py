"""A rendered change as text with marks, the same words as its HTML."""

from __future__ import annotations

import html
import re

from hypothesis import given
from hypothesis import strategies as st

from tracker.differ import compare
from tracker.differ.html import render_feed
from tracker.notify.plain import plain_text

# Without the signs that marks are made of.
LINES = st.text(st.characters(exclude_categories=("C", "Z"), exclude_characters="[]{}+-") | st.just(" "), min_size=1, max_size=60)


def rendered(old: str, new: str) -> str:
    return render_feed(compare(old, new))


def test_words_that_are_gone_and_new_stand_in_marks():
    told = plain_text(rendered("Ten people were hurt in the fire.", "Twelve people were hurt in the fire."))
    assert "[-Ten-]{+Twelve+} people were hurt in the fire." in told.replace("-] {+", "-]{+")


def test_each_sentence_is_a_paragraph_of_its_own():
    old = "One stands here first. Two follows after it. Three is the last one."
    told = plain_text(rendered(old, old.replace("Two follows", "Two comes")))
    assert "One stands here first.\n\nTwo" in told


@given(LINES, LINES)
def test_no_markup_is_left_and_no_word_is_lost(old, new):
    markup = rendered(f"{old}\n\nA sentence that stays.", f"{new}\n\nA sentence that stays.")
    told = re.sub(r"\[-|-\]|\{\+|\+\}", "", plain_text(markup))
    words = html.unescape(re.sub(r"<[^<>]*>", " ", markup))
    assert "".join(told.split()) == "".join(words.split())
