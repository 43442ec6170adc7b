"""Articles over several pages: which address is the next page, and how pages become one text."""

from __future__ import annotations

import pytest

from tracker.extract.pagination import MOST_PAGES, join_pages, next_page, page_number
from tracker.model import Block, BlockKind, Extract

HOST = "https://www.example.org"
STORY = f"{HOST}/news/harbour-wall"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("/news/harbour-wall", "/news/harbour-wall?page=2"),
        ("/news/harbour-wall?id=7", "/news/harbour-wall?id=7&page=2"),
        ("/news/harbour-wall?page=1", "/news/harbour-wall?page=2"),
        ("/news/harbour-wall", "/news/harbour-wall/2"),
        ("/news/harbour-wall/", "/news/harbour-wall/2/"),
        ("/news/harbour-wall/", "/news/harbour-wall/page/2/"),
        ("/news/harbour-wall/page/1", "/news/harbour-wall/page/2"),
        ("/news/harbour-wall", "/news/harbour-wall/seite-2"),
        ("/news/harbour-wall", "/news/harbour-wall-seite-2"),
        ("/news/harbour-wall.html", "/news/harbour-wall-2.html"),
        ("/news/harbour-wall.html", "/news/harbour-wall_2.html"),
        ("/news/harbour-wall.html", "/news/harbour-wall,2.html"),
        ("/news/harbour-wall.html", "/news/harbour-wall-page-2.html"),
        ("/news/harbour-wall.html", "/news/harbour-wall/2.html"),
        ("/news/harbour-wall.html", "/news/harbour-wall.html?seite=2"),
        ("/news/harbour-wall.html", "/news/harbour-wall.html/2"),
        ("/nieuws/1234567/havenmuur", "/nieuws/1234567/havenmuur?pagina=2"),
        ("/news/harbour-wall?utm_source=rss", "/news/harbour-wall?page=2&utm_medium=x"),
    ],
)
def test_a_page_number_in_the_address_makes_a_page_of_the_same_article(first, second):
    assert page_number(HOST + second, HOST + first) == 2


@pytest.mark.parametrize(
    ("first", "other"),
    [
        ("/news/harbour-wall", "/news/lighthouse"),
        ("/news/harbour-wall", "/news/harbour-wall-2"),
        ("/news/harbour-wall-part-1", "/news/harbour-wall-part-2"),
        ("/news/harbour-wall-1.html", "/news/harbour-wall-2.html"),
        ("/news/1", "/news/2"),
        ("/news/harbour-wall", "/news/harbour-wall/comments/2"),
        ("/news/harbour-wall", "/news/harbour-wall?cpage=2"),
        ("/news/harbour-wall", "/news/harbour-wall?id=2"),
        ("/news/harbour-wall", "/news/harbour-wall?page=2&sort=new"),
        ("/news/harbour-wall", "/news/harbour-wall?page=1234567"),
        ("/news/harbour-wall", "/news/harbour-wall?page=last"),
        ("/news/harbour-wall", "/news/harbour-wall/2024"),
        ("/news/harbour-wall", "/news/harbour-wall-seite-an-seite-2"),
        ("/?p=1", "/?p=2"),
        ("/news?p=7", "/news?p=8"),
        ("/", "/page/2"),
        ("/news/harbour-wall", "/news/harbour-wall"),
    ],
)
def test_any_other_address_is_another_article(first, other):
    assert page_number(HOST + other, HOST + first) is None


def test_a_page_of_another_host_is_none_of_the_article():
    assert page_number("https://news.example.org/news/harbour-wall?page=2", STORY) is None


@pytest.mark.parametrize(
    "link",
    [
        '<link rel="next" href="/news/harbour-wall?page=2">',
        '<a rel="next nofollow" href="?page=2#top">Next page</a>',
        '<ul class="pagination"><li>1</li><li><a href="?page=2">2</a></li><li><a href="?page=3">3</a></li></ul>',
        '<nav aria-label="Pagination"><a href="/news/harbour-wall?page=2">Next</a></nav>',
        '<div class="page-links"><span>1</span> <a href="/news/harbour-wall?page=2"><span>2</span></a></div>',
    ],
)
def test_a_next_page_is_told_by_its_relation_or_stands_among_page_numbers(link):
    page = f"<html><body><article><p>Text</p>{link}</article></body></html>".encode()
    assert next_page(page, STORY, first_url=STORY, number=2) == f"{STORY}?page=2"


@pytest.mark.parametrize(
    "link",
    [
        '<link rel="next" href="/news/lighthouse">',
        '<a rel="next" href="/news/lighthouse?page=2">Next story</a>',
        '<a rel="next" href="https://other.example/news/harbour-wall?page=2">Next</a>',
        '<a rel="next" href="mailto:page-2@example.org">Next</a>',
        '<a rel="prev" href="?page=2">Back</a>',
        '<p>See <a href="?page=2">page 2</a> of the report, next week</p>',
        '<section id="comments"><ul class="pager"><li><a rel="next" href="?page=2">Next</a></li></ul></section>',
        '<ul class="pagination"><li><a href="?page=1">1</a></li><li><a href="?page=3">3</a></li></ul>',
        '<link rel="next" href="/news/harbour-wall">',
        '<link rel="next" href="">',
        '<link rel="next" href="http://[broken">',
    ],
)
def test_what_is_merely_next_is_no_page_of_the_article(link):
    page = f"<html><body><article><p>Text</p>{link}</article></body></html>".encode()
    assert next_page(page, STORY, first_url=STORY, number=2) is None


def test_some_count_their_pages_from_nought():
    page = b'<a rel="next" href="?page=1">next</a>'
    assert next_page(page, STORY, first_url=STORY, number=2) == f"{STORY}?page=1"
    page = b'<ul class="pager"><li><a href="?page=1">2</a><li><a href="?page=2">3</a></ul>'
    assert next_page(page, STORY, first_url=STORY, number=2) == f"{STORY}?page=1"


def test_the_page_after_the_second_is_the_third_and_after_the_tenth_no_more_are_read():
    page = b'<a rel="prev" href="/news/harbour-wall">1</a> <a rel="next" href="?page=3">3</a>'
    assert next_page(page, f"{STORY}?page=2", first_url=STORY, number=3) == f"{STORY}?page=3"
    assert next_page(page, f"{STORY}?page=2", first_url=STORY, number=2) is None
    page = f'<link rel="next" href="?page={MOST_PAGES + 1}">'.encode()
    assert next_page(page, f"{STORY}?page={MOST_PAGES}", first_url=STORY, number=MOST_PAGES + 1) is None


def _extract(*texts: str, headline: str = "The wall") -> Extract:
    kinds = {"#": BlockKind.HEADING, "!": BlockKind.CAPTION}
    blocks = tuple(Block(kind=kinds.get(text[0], BlockKind.PARAGRAPH), text=text.lstrip("#!")) for text in texts)
    return Extract(url=STORY, headline=headline, blocks=blocks, extractor="x")


def test_pages_become_one_text_under_the_first_headline():
    found = join_pages([_extract("One.", "Two."), _extract("Three.", headline="The wall - page 2"), _extract("Four.")])
    assert (found.headline, found.text) == ("The wall", "One.\n\nTwo.\n\nThree.\n\nFour.")


def test_what_each_page_repeats_is_read_once():
    first = _extract("What it cost.", "!Waves over the quay", "#For", "One.")
    second = _extract("The wall", "What it cost.", "!Waves over the quay", "#Against", "Two.", "#For", "Three.", "What it cost.")
    assert [block.text for block in join_pages([first, second]).blocks] == [
        *("What it cost.", "Waves over the quay", "For", "One."),
        *("Against", "Two.", "For", "Three."),
    ]


def test_a_page_that_shows_the_first_again_adds_nothing():
    first = _extract("#For", "One.", "Two.")
    assert join_pages([first, first]) == first
