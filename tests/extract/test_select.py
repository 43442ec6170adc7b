"""What keep and drop selectors do to a page, and that no selector ever makes an article empty."""

from __future__ import annotations

import pytest

from tracker.extract import extract_article
from tracker.extract.select import check_selector, count_matches, select
from tracker.model import Extract, PageRules, Refusal

URL = "https://news.example/harbour/1"
FIRST = "The harbour wall will be raised by two metres before the winter storms come."
SECOND = "The town has set aside four million for it, and the county pays the same again."
PROMO = "Ten walks along the coast that you should not miss while the weather is good."
ASIDE = "A word from our sponsor, who has been building walls on this coast since 1904."


def _page(*, data: str = "") -> bytes:
    linked = f'{{"@type": "NewsArticle", "headline": "The wall goes up"{data}}}'
    return (
        "<!doctype html><html lang=en><head><title>The wall goes up</title>"
        f"<script type='application/ld+json'>{linked}</script></head><body><main><article><h1>The wall goes up</h1>"
        f"<div class=text><p>{FIRST}</p></div><div class='walks'><p>{PROMO}</p><p class=walks>{ASIDE}</p></div>"
        f"<div class=text><p>{SECOND}</p></div><div class=empty></div></article></main></body></html>"
    ).encode()


def _texts(rules: PageRules, **page: str) -> list[str]:
    found = extract_article(_page(**page), URL, rules=rules)
    assert isinstance(found, Extract)
    assert found.headline == "The wall goes up"
    return [block.text for block in found.blocks]


def test_without_selectors_the_whole_text_is_read():
    assert _texts(PageRules()) == [FIRST, PROMO, ASIDE, SECOND]


def test_what_drop_matches_is_no_part_of_the_article():
    assert _texts(PageRules(drop=(".walks",))) == [FIRST, SECOND]


def test_keep_limits_the_body_to_what_it_matches_in_the_pages_order():
    assert _texts(PageRules(keep=(".walks", ".text"), drop=("p.walks",))) == [FIRST, PROMO, SECOND]


def test_what_is_kept_inside_what_is_kept_stands_once():
    assert _texts(PageRules(keep=("article", ".text", "p"))) == [FIRST, PROMO, ASIDE, SECOND]


@pytest.mark.parametrize(
    "rules",
    [
        pytest.param(PageRules(keep=(".story",)), id="keep matches nothing"),
        pytest.param(PageRules(keep=(".empty",)), id="keep matches no text"),
        pytest.param(PageRules(drop=(".none",)), id="drop matches nothing"),
        pytest.param(PageRules(drop=("article",)), id="drop matches all the text"),
        pytest.param(PageRules(drop=("*",)), id="drop matches the page"),
        pytest.param(PageRules(drop=("p",)), id="drop matches all paragraphs"),
        pytest.param(PageRules(drop=("main",)), id="drop matches the box of the article"),
    ],
)
def test_a_selector_that_would_leave_no_text_is_passed_over(rules):
    assert _texts(rules) == [FIRST, PROMO, ASIDE, SECOND]


@pytest.mark.parametrize("selector", ["p", "article", "main"])
def test_what_stands_around_an_article_is_not_read_in_its_place(selector):
    around = b"<aside><p>The weather.</p></aside><div><p>All rights are ours, say the lawyers.</p></div>"
    page = (
        _page()
        .replace(b"</article>", b"<h2>What it costs</h2><ul><li>Four million.</ul></article>")
        .replace(b"</main>", b"</main>" + around)
    )
    whole, found = extract_article(page, URL), extract_article(page, URL, rules=PageRules(drop=(selector, "li")))
    assert isinstance(whole, Extract)
    assert isinstance(found, Extract)
    assert found.blocks == whole.blocks


def test_a_drop_of_what_was_wrongly_read_as_the_article_is_obeyed():
    story = f"<div class=story><p>{FIRST}</p><p>{SECOND}</p></div>".encode()
    page = (
        b"<html><body><h1>The wall goes up</h1><div class='junk'><article>"
        + f"<p>{PROMO}</p><p>{ASIDE}</p>".encode()
        + b"</article></div>"
        + story
    )
    found = extract_article(page, URL, rules=PageRules(drop=(".junk",)))
    assert isinstance(found, Extract)
    assert [block.text for block in found.blocks] == [FIRST, SECOND]


@pytest.mark.parametrize("box", ["footer", "aside", "nav", "form", "div"])
def test_what_is_kept_is_read_even_if_it_looks_like_furniture(box):
    page = _page().replace(b"<div class='walks'>", f"<{box} class='walks related'>".encode())
    page = page.replace(b"</p></div><div class=text>", f"</p></{box}><div class=text>".encode(), 2)
    found = extract_article(page, URL, rules=PageRules(keep=(".related", ".text")))
    assert isinstance(found, Extract)
    assert [block.text for block in found.blocks] == [FIRST, PROMO, ASIDE, SECOND]


def test_keep_without_a_match_leaves_drop_in_force():
    assert _texts(PageRules(keep=(".story",), drop=(".walks",))) == [FIRST, SECOND]


def test_the_pages_own_data_does_not_bring_back_what_was_dropped():
    whole = f', "articleBody": "{FIRST} {PROMO} {ASIDE} {SECOND}"'
    assert _texts(PageRules(drop=(".walks",)), data=whole) == [FIRST, SECOND]


def test_a_drop_leaves_alone_an_article_that_only_its_data_carry():
    spoken = " ".join([FIRST, SECOND] * 6)
    assert _texts(PageRules(drop=(".walks",)), data=f', "articleBody": "{spoken}"') == [spoken]


def test_a_page_is_refused_by_what_all_of_it_shows():
    wall = (
        b"<html><head><title>Just a moment...</title></head><body><h1>Checking your browser</h1>"
        b"<p>Enable JavaScript and cookies</p></body></html>"
    )
    found = extract_article(wall, URL, rules=PageRules(drop=("h1",)))
    assert isinstance(found, Refusal)
    assert found == extract_article(wall, URL)


def test_characters_that_are_none_do_not_stop_selecting():
    assert select("<p class=a>\ud800 one</p><p>two</p>", PageRules(drop=(".a",))) is not None


def test_matches_are_counted_for_each_selector():
    rules = PageRules(keep=(".text",), drop=(".walks", ".none"))
    assert count_matches(_page().decode(), rules) == ((".text", 2), (".walks", 2), (".none", 0))


@pytest.mark.parametrize("selector", [".a, p > b", "[data-component='links-block']", "div:has(> p.ad)", "p:not(.b):nth-child(2)"])
def test_selectors_as_browsers_know_them_are_understood(selector):
    check_selector(selector)


@pytest.mark.parametrize("selector", ["", "p[", ".a >", "p:contains(x)", "p::before", "..a", "p,"])
def test_what_is_no_selector_is_named(selector):
    with pytest.raises(ValueError, match="is no CSS selector"):
        check_selector(selector)
