"""Which pages are live, opinion or a gallery: addresses in tests/cases/kinds/addresses.tsv, and pages beside it.

`live/` hold live pages, `not-live/` what looks like one; a first line of JSON gives each page's address. Add a file, and it is a test.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tracker.extract import extract_article
from tracker.extract.metadata import read_metadata
from tracker.extract.page import parse
from tracker.model import Extract

CASES = Path(__file__).parents[1] / "cases" / "kinds"
ADDRESSES = [line.split("\t") for line in (CASES / "addresses.tsv").read_text(encoding="utf-8").splitlines()]


def _kind_of(path: Path) -> str:
    first, _, page = path.read_bytes().partition(b"\n")
    found = extract_article(page, json.loads(first)["url"])
    assert isinstance(found, Extract), found
    return found.kind


def _named(path: Path) -> str:
    return path.stem


@pytest.mark.parametrize(("kind", "url"), ADDRESSES)
def test_an_address_tells_the_kind_where_its_words_mean_nothing_else(kind, url):
    assert read_metadata(parse("<h1>The wall</h1>"), url).about.kind == kind


@pytest.mark.parametrize("path", sorted((CASES / "live").iterdir()), ids=_named)
def test_a_live_page_is_told_by_its_markup_and_its_updates(path):
    assert _kind_of(path) == "live"


@pytest.mark.parametrize("path", sorted((CASES / "not-live").iterdir()), ids=_named)
def test_a_page_that_only_looks_live_is_an_article(path):
    assert _kind_of(path) == "article"


def test_there_are_enough_cases_of_both_kinds():
    kinds = [kind for kind, _ in ADDRESSES]
    assert kinds.count("live") + len(list((CASES / "live").iterdir())) >= 12
    assert kinds.count("article") + len(list((CASES / "not-live").iterdir())) >= 20
