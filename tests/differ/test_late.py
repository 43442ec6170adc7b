"""A Diff whose edits are laid out late behaves as the Diff it stands for."""

import copy
import dataclasses
import pickle

import pytest

from tracker.differ import compare_sentences
from tracker.model import Diff

OLD, NEW = ["It rained.", "Two men left."], ["It rained.", "Three men left.", "Nobody stayed."]


def plain():
    diff = compare_sentences(OLD, NEW)
    return Diff(**{field.name: getattr(diff, field.name) for field in dataclasses.fields(diff)})


def test_it_equals_a_plain_diff_and_hashes_like_one():
    late = compare_sentences(OLD, NEW)
    assert late == plain()
    assert plain() == late
    assert {late, plain(), compare_sentences(OLD, NEW)} == {plain()}
    assert late != compare_sentences(OLD, OLD)
    assert late != "a diff"


@pytest.mark.parametrize("again", [lambda diff: pickle.loads(pickle.dumps(diff)), copy.copy, copy.deepcopy])
def test_it_is_pickled_and_copied_as_a_plain_one(again):
    made = again(compare_sentences(OLD, NEW))
    assert type(made) is Diff
    assert made == plain()


def test_it_is_frozen_and_may_be_replaced():
    late = compare_sentences(OLD, NEW)
    with pytest.raises(dataclasses.FrozenInstanceError):
        late.edits = ()
    assert dataclasses.replace(late, summary="One.").edits == plain().edits
    assert repr(late) == repr(plain())


def test_its_edits_are_those_of_the_texts_when_they_were_compared():
    old = list(OLD)
    late = compare_sentences(old, NEW)
    old.clear()
    assert late.edits == plain().edits


def test_a_name_that_no_diff_has_is_refused():
    with pytest.raises(AttributeError, match="nothing_here"):
        _ = compare_sentences(OLD, NEW).nothing_here
