"""The front door: a Diff rebuilds both texts, and its edits stand in reading order."""

import os
import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from tracker.differ import DIFFER, compare, compare_revisions, compare_sentences
from tracker.model import Block, BlockKind, EditKind, Extract

SENTENCES = st.lists(
    st.sampled_from(
        [
            "The mayor resigned.",
            "The mayor resigned on Monday after a long debate.",
            "The mayor, a lawyer, resigned.",
            "Rain fell on the old town for a week.",
            "Rain fell on the old town.",
            "It fell for a week.",
            "Advertisement",
            "雨が降った。",
            "?",
            "\x00",
        ]
    ),
    max_size=12,
)


def kinds(diff):
    return [edit.kind.value for edit in diff.edits]


@given(SENTENCES, SENTENCES)
def test_every_sentence_of_both_texts_stands_in_exactly_one_edit(old, new):
    diff = compare_sentences(old, new)
    assert sorted(s.index for edit in diff.edits for s in edit.old) == list(range(len(old)))
    assert sorted(s.index for edit in diff.edits for s in edit.new) == list(range(len(new)))
    assert all(s.text == old[s.index] for edit in diff.edits for s in edit.old)
    assert all(s.text == new[s.index] for edit in diff.edits for s in edit.new)


@given(SENTENCES, SENTENCES)
def test_the_words_of_each_edit_rebuild_both_its_sides(old, new):
    for edit in compare_sentences(old, new).edits:
        assert "".join(span.text for span in edit.words if span.op != "insert") == " ".join(s.text for s in edit.old)
        assert "".join(span.text for span in edit.words if span.op != "delete") == " ".join(s.text for s in edit.new)


@given(SENTENCES, SENTENCES)
def test_edits_agree_with_pairs_and_follow_the_new_text(old, new):
    diff = compare_sentences(old, new)
    paired = [edit for edit in diff.edits if edit.old and edit.new]
    assert {(s.index, t.index) for edit in paired for s in edit.old for t in edit.new} >= set(diff.pairs)
    firsts = [edit.new[0].index for edit in diff.edits if edit.new]
    assert firsts == sorted(firsts)


@given(st.text())
def test_a_text_compared_with_itself_has_nothing_but_kept_sentences(text):
    diff = compare(text, text)
    assert set(kinds(diff)) <= {"kept"}
    assert (diff.significance, diff.facets, diff.summary) == ("none", frozenset(), "No change.")


@given(st.text(), st.text())
def test_offsets_are_those_of_the_whole_text(old, new):
    for edit in compare(old, new).edits:
        assert all(old[s.start : s.end] == s.text for s in edit.old)
        assert all(new[s.start : s.end] == s.text for s in edit.new)


def test_an_edited_sentence_is_one_edit_not_a_removal_and_an_addition():
    diff = compare("It rained. The mayor of the old town resigned.", "It rained. The mayor of the old town resigned today.")
    assert kinds(diff) == ["kept", "edited"]


def test_a_removed_sentence_stands_where_it_stood_among_its_neighbours():
    diff = compare("Apples fell. Nobody came to the gate. Winter came. Pears rotted.", "Apples fell. Winter came. Pears rotted.")
    assert kinds(diff) == ["kept", "removed", "kept", "kept"]


def test_a_removed_first_sentence_stands_first():
    assert kinds(compare("Nobody came to the gate. Apples fell.", "Apples fell.")) == ["removed", "kept"]


def test_a_moved_sentence_is_marked_and_the_others_are_not():
    diff = compare("Apples fell. Pears rotted. Plums grew. Winter came.", "Winter came. Apples fell. Pears rotted. Plums grew.")
    assert [(edit.kind, edit.moved) for edit in diff.edits] == [(EditKind.MOVED, True)] + [(EditKind.KEPT, False)] * 3


def test_split_merged_and_regrouped_are_told_from_the_pairs():
    whole = "The mayor opened the new bridge and thanked all the builders."
    parts = ("The mayor opened the new bridge.", "She thanked all the builders.")
    rain, both = ("Rain fell on the hills.", "Snow lay on the plain."), "Rain fell on the hills, snow lay on the plain."
    diff = compare_sentences([whole, *rain], [*parts, both])
    assert kinds(diff) == ["split", "merged"]


def test_sentences_alone_are_not_judged():
    diff = compare_sentences(["Two men."], ["Three men."])
    assert diff.facets is None
    assert diff.differ == DIFFER


def test_blocks_of_an_extract_are_lines_of_their_own():
    def extract(*texts):
        blocks = tuple(Block(kind=BlockKind.HEADING, text=text) for text in texts)
        return Extract(url="https://a.example/", headline="H", blocks=blocks, extractor="1")

    diff = compare_revisions(extract("A heading", "A caption"), extract("A heading", "A new caption"))
    assert [(edit.kind, edit.old[0].text) for edit in diff.edits] == [("kept", "A heading"), ("edited", "A caption")]


def test_comparing_takes_one_core_unless_the_operator_says_otherwise():
    say = "import os, tracker.differ; print(os.environ['OPENBLAS_NUM_THREADS'])"
    for own, expected in (({}, "1"), ({"OPENBLAS_NUM_THREADS": "4"}, "4")):
        environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"} | own
        said = subprocess.run([sys.executable, "-c", say], env=environment, capture_output=True, text=True, check=True)
        assert said.stdout.strip() == expected
