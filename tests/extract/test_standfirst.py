"""The standfirst is text wherever the page puts it."""

from __future__ import annotations

import pytest

from tracker.extract import extract_article
from tracker.extract.page import parse
from tracker.extract.standfirst import find_standfirst
from tracker.model import Extract

LINE = "A bridge that nobody wanted is to cost twice what was said"
TEXT = "The council agreed on the plan on Monday, after a debate of four hours, and with the votes of both sides."


@pytest.mark.parametrize(
    "head",
    [
        f"<header><h1>The bridge</h1><div class='ContentHeaderDek-x1'>{LINE}</div></header>",
        f"<h1>The bridge</h1><p class='article__standfirst'>{LINE}</p>",
        f"<div><h1>The bridge</h1></div><h2 class='article-subline'>{LINE}</h2>",
    ],
)
def test_a_standfirst_is_read_once_and_first_wherever_it_stands(head):
    page = f"<html><body><article><div class=top>{head}</div><div class=body><p>{TEXT}</p><p>{TEXT[::-1]}</p></div></article></body></html>"
    found = extract_article(page.encode(), "https://news.example/1")
    assert isinstance(found, Extract)
    assert [block.text for block in found.blocks].count(LINE) == 1
    assert found.blocks[0].text == LINE


@pytest.mark.parametrize(
    "head",
    [
        "<h1>The bridge</h1><p class='standfirst'>Too short</p>",
        f"<h1>The bridge</h1><p class='standfirst'><a href='/1'>{LINE}</a></p>",
        f"<h1>The bridge</h1><p class='handed'>{LINE}</p>",
        f"<p class='standfirst'>{LINE}</p>",
    ],
)
def test_what_is_no_standfirst_is_not_taken_for_one(head):
    assert find_standfirst(parse(f"<html><body><div>{head}</div></body></html>")) is None
