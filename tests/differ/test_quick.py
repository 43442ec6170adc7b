"""Values made the quick way are those that the constructors make."""

import dataclasses

import pytest

from tracker.differ.quick import make_edit, make_sentence, make_span
from tracker.model import EditKind, Sentence, SentenceEdit, WordSpan

SENTENCES = (Sentence(index=3, text="It rained.", start=40, end=50),)
WORDS = (WordSpan(op="insert", text="It rained."),)
PAIRS = [
    (make_sentence(3, "It rained.", 40), SENTENCES[0]),
    (make_span("insert", "It rained."), WORDS[0]),
    (make_edit(EditKind.ADDED, (), SENTENCES, WORDS), SentenceEdit(kind=EditKind.ADDED, new=SENTENCES, words=WORDS)),
    (
        make_edit(EditKind.MOVED, SENTENCES, SENTENCES, (), True),
        SentenceEdit(kind=EditKind.MOVED, old=SENTENCES, new=SENTENCES, moved=True),
    ),
]


@pytest.mark.parametrize(("quick", "plain"), PAIRS)
def test_a_value_made_quickly_has_every_field_that_the_constructor_fills(quick, plain):
    assert type(quick) is type(plain)
    assert quick == plain
    assert hash(quick) == hash(plain)
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(quick, dataclasses.fields(plain)[0].name, None)
