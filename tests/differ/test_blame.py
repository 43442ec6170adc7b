"""Since which version each sentence stands, and how it was worded before."""

from hypothesis import given
from hypothesis import strategies as st

from tracker.differ import blame
from tracker.model import Block, BlockKind, Extract

RAIN, SNOW, GONE = "It rained all day in the old town.", "Snow fell on the hills.", "The road to the coast is closed."


def text(*paragraphs):
    blocks = tuple(Block(kind=BlockKind.PARAGRAPH, text=paragraph) for paragraph in paragraphs)
    return Extract(url="https://example.org", headline="x", blocks=blocks, extractor="1", language="en")


def told(*versions):
    return [(one.sentence.text, one.since, one.before) for one in blame(versions)]


def test_every_sentence_of_a_single_version_stands_since_it():
    assert told(text(RAIN, SNOW)) == [(RAIN, 0, None), (SNOW, 0, None)]


def test_an_edited_sentence_stands_since_its_edit_and_keeps_its_wording_before():
    wet = RAIN.replace("all day", "all week")
    assert told(text(RAIN, SNOW), text(wet, SNOW), text(wet, SNOW)) == [(wet, 1, RAIN), (SNOW, 0, None)]


def test_an_added_sentence_has_no_wording_before():
    assert told(text(RAIN), text(RAIN, GONE)) == [(RAIN, 0, None), (GONE, 1, None)]


def test_a_moved_sentence_stands_since_it_came_not_since_it_moved():
    assert {one[:2] for one in told(text(RAIN, SNOW, GONE), text(GONE, RAIN, SNOW))} == {(RAIN, 0), (SNOW, 0), (GONE, 0)}


def test_only_the_wording_right_before_is_told():
    second, third = RAIN.replace("all day", "all week"), RAIN.replace("all day", "all month")
    assert told(text(RAIN), text(second), text(third)) == [(third, 2, second)]


def test_a_wording_that_came_back_stands_since_it_did():
    assert told(text(RAIN), text(RAIN.replace("day", "week")), text(RAIN))[0][1] == 2


@given(st.lists(st.lists(st.sampled_from([RAIN, SNOW, GONE, "A fourth one."]), max_size=5), min_size=1, max_size=4))
def test_every_sentence_of_the_last_version_is_told_once_and_in_order(versions):
    found = blame([text(*paragraphs) for paragraphs in versions])
    assert [one.sentence.text for one in found] == versions[-1]
    assert all(0 <= one.since < len(versions) for one in found)
