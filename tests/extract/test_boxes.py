"""Boxes that are no text of the article by their element, their names or a form in them; and text in boxes that only look so."""

from __future__ import annotations

import pytest

from tracker.extract import extract_article
from tracker.model import Extract

TEXT = (
    "The council voted on Tuesday to close the old swimming pool in Harrow Lane after months of argument over its roof.",
    "Engineers told the meeting that repairs would cost 4.2 million pounds, twice what had been set aside for them.",
    "Residents who had come to watch from the gallery shouted as the vote was read out, and one had to leave the room.",
    "A petition with 6,000 names had been handed in last week, and the club said it would now look for a partner.",
)
STORY = "Our reporter has the story of the north, told over three days on the road with the drivers."


def _read(box: str, place: int) -> list[str]:
    lines = [f"<p>{line}</p>" for line in TEXT]
    page = (
        "<html><head><title>Council closes pool</title></head><body><main><article><h1>Council closes pool</h1>"
        f"<div class='article-body'>{''.join((*lines[:place], box, *lines[place:]))}</div></article></main></body></html>"
    )
    found = extract_article(page.encode(), "https://echo.example/news/1")
    assert isinstance(found, Extract)
    return [block.text for block in found.blocks]


@pytest.mark.parametrize("place", [1, 2, 4])
@pytest.mark.parametrize(
    "box",
    [
        f"<div class='inline-promo'><h4>Bakers strike</h4><p>{STORY}</p></div>",
        f"<div class='InlinePromo_root__x1'><p>{STORY}</p></div>",
        f"<div data-testid='newsletter-promo' class='css-1x'><p>{STORY}</p></div>",
        f"<div role='complementary'><p>{STORY}</p></div>",
        f"<section class='nieuwsbrief'><p>{STORY}</p></section>",
        f"<div class='artikel__lesen-sie-auch'><p>{STORY}</p></div>",
        f"<div class='x7'><h4><a href='/1'>Bakers on strike</a></h4><p>{STORY}</p></div>",
        f"<div class='x7'><a href='/1'><h4>Bakers on strike</h4><p>{STORY}</p></a></div>",
        "<div class='x9'><h3>The Morning Brief</h3><p>All you need before nine.</p><form><input type=email></form></div>",
        "<div class='x3'><h3>Related stories</h3><ol><li><a href='/1'>Flour</a></li><li><a href='/2'>Bread</a></li></ol></div>",
        "<p>The <b>READ MORE</b></p>".replace("The ", ""),
        "<p><strong>READ MORE</strong> <a href='/1'>Bakers on strike in the north.</a></p>",
        "<p>À lire aussi : <a href='/1'>La grève continue dans le nord</a></p>",
    ],
)
def test_a_box_of_furniture_is_no_text_wherever_it_stands(box, place):
    assert _read(box, place) == list(TEXT)


@pytest.mark.parametrize(
    ("box", "text"),
    [
        (f"<p class='correction'>{STORY}</p>", STORY),
        (f"<div class='promo-correction'><p>{STORY}</p></div>", STORY),
        (f"<div class='has-promo'><p>{STORY}</p></div>", STORY),
        (f"<div class='additional'><p>{STORY}</p></div>", STORY),
        (
            f"<p>He said so in <a href='/1'>an open letter</a>. <span class='price'>{STORY}</span></p>",
            f"He said so in an open letter. {STORY}",
        ),
    ],
)
def test_text_in_a_box_that_only_looks_like_furniture_stays(box, text):
    assert _read(box, 2) == [*TEXT[:2], text, *TEXT[2:]]


def test_a_box_that_holds_the_article_is_text_whatever_it_is_called():
    lines = "".join(f"<p>{line}</p>" for line in TEXT * 2)
    page = f"<html><body><main><h1>Council closes pool</h1><div class='promo'>{lines}</div></main></body></html>"
    found = extract_article(page.encode(), "https://echo.example/news/1")
    assert isinstance(found, Extract)
    assert [block.text for block in found.blocks][:4] == list(TEXT)


def test_a_price_that_moves_inside_a_sentence_is_no_word_of_it():
    line = "<p>Shares of the baker <span class='ticker-change'>+3.60%</span> fell on Monday, and those of the mill rose by a third.</p>"
    assert _read(line, 2)[2] == "Shares of the baker fell on Monday, and those of the mill rose by a third."
