"""Words as numbers: what counts as one word and what as the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.differ.anchors import plain
from tracker.differ.vocabulary import read


def words(*texts):
    found = read(plain(texts))
    return [found.row(at) for at in range(len(texts))]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Democrats, left!", "democratic left"),
        ("Łódź — café", "łódź café"),
        ("Москва горит", "москва, горит."),
        ("雨が降る", "雨 が 降 る"),
        ("“So”", '"so"'),
    ],
)
def test_the_same_words_in_other_dress_are_the_same_numbers(one, other):
    first, second = words(one, other)
    assert first == second != []


@pytest.mark.parametrize("text", ["one two three", "один два три", "一二三", "ένα δύο τρία"])
def test_different_words_are_different_numbers(text):
    (found,) = words(text)
    assert len(set(found)) == 3


def test_short_words_are_marked_and_numbers_are_not():
    found = read(["the 12 of minister"])
    assert [bool(found.short[word]) for word in found.row(0)] == [True, False, True, False]


@given(st.lists(st.text(), max_size=6))
def test_every_sentence_keeps_its_own_words(texts):
    assert words(*texts) == words(*texts, "")[: len(texts)]
    together = read(plain(texts))
    assert together.bounds[-1] == len(together.ids) == len(together.rows)
    assert [int(row) for row in together.rows] == [at for at in range(len(texts)) for _ in together.row(at)]
    rows, ids = together.once()
    assert set(zip(rows.tolist(), ids.tolist(), strict=True)) == set(zip(together.rows.tolist(), together.ids.tolist(), strict=True))
