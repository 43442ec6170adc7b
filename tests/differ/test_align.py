"""Pairing sentences: hand-written cases as data, and the seed article as its readers would pair it."""

import json
from pathlib import Path

import pytest

from tracker.differ.align import align

CASES = json.loads((Path(__file__).parents[1] / "cases" / "differ" / "align.json").read_text())
SEEDS = Path(__file__).parents[2] / "seeds"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["rule"])
def test_sentences_pair_as_a_reader_would_pair_them(case):
    assert [list(pair) for pair in align(case["old"], case["new"])] == case["pairs"]


def test_the_seed_article_is_paired_as_its_readers_pair_it():
    old, new = (
        [line for line in (SEEDS / f"bbc-33590863.version-{number}.txt").read_text().splitlines() if line.strip()] for number in (0, 1)
    )
    wanted = {(0, 0), (1, 1), (2, 2), (4, 4), (5, 5), (6, 6), (7, 7), (9, 8), (12, 9), (16, 10), (17, 11), (18, 6)}
    assert set(align(old, new)) - {(14, 10)} == wanted


def test_thousands_of_equal_sentences_pair_in_order():
    assert align(["The same."] * 3_000, ["The same."] * 2_000) == tuple((n, n) for n in range(2_000))


def test_thousands_of_nearly_equal_sentences_pair_in_order():
    pairs = align(["The very same old sentence."] * 1_000, ["The very same old sentence too."] * 1_000)
    assert pairs == tuple((n, n) for n in range(1_000))


def test_more_leftovers_than_are_weighed_at_once_are_cut_into_stretches():
    old = [f"Alpha{n} beta{n} gamma{n} delta{n}." for n in range(2_500)]
    new = [f"Alpha{n} beta{n} gamma{n} epsilon{n}." for n in range(2_500)]
    assert align(old, new) == tuple((n, n) for n in range(2_500))
