"""A recipe is tried on its example pages and on what was kept, and trying writes nothing."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tracker.model import Article, ArticleStatus, Block, BlockKind, Capture, LiveMode, PageRules
from tracker.recipe import Recipe
from tracker.tried import Effect, _only_in, _rules_for, read_both_ways, try_examples

URL = "https://a.example/wall"
FIRST = "The harbour wall will be raised by two metres before the winter storms come."
SECOND = "The town has set aside four million for it, and the county pays the same again."
PROMO = "Ten walks along the coast that you should not miss while the weather is good."
PAGE = (
    "<!doctype html><html lang=en><head><title>The wall goes up</title></head><body><main><article><h1>The wall goes up</h1>"
    f"<p>{FIRST}</p><p class=walks>{PROMO}</p><p>{SECOND}</p></article></main></body></html>"
)


def _recipe(folder: Path, *, page: str = PAGE, **keys: object) -> Recipe:
    (folder / "page.html").write_text(page, encoding="utf-8")
    example = {"page": "page.html", "url": "https://a.example/sea/cwall", "headline": "The wall goes up", "begins": FIRST[:30]}
    named = {name: keys.pop(name) for name in ("headline", "begins", "without", "id", "url") if name in keys}
    return Recipe(path=folder / "mine.yaml", examples=[example | named], **keys)


def _wrong(recipe: Recipe) -> list[tuple[str, str, str]]:
    (tried,) = try_examples(recipe)
    return [(check.what, check.expected, check.found) for check in tried.checks if not check.good]


def test_an_example_that_is_read_as_expected_has_nothing_wrong(tmp_path):
    recipe = _recipe(tmp_path, drop=[".walks"], id_pattern="/(c[a-z]+)$", id="cwall", without=[PROMO])
    assert _wrong(recipe) == []


@pytest.mark.parametrize(
    ("keys", "wrong"),
    [
        ({"headline": "The wall"}, ("headline", "The wall", "The wall goes up")),
        ({"begins": "The quay will"}, ("begins", "The quay will", "The harbour w")),
        ({"without": ["Ten walks"]}, ("without 'Ten walks'", "not there", "there")),
        ({"id": "cwall"}, ("id", "cwall", "none")),
        ({"id": "wall", "id_pattern": "/(c[a-z]+)$"}, ("id", "wall", "cwall")),
        ({"exclude": ["/sea/"]}, ("address", "followed", "left out")),
        ({"include": ["/land/"]}, ("address", "followed", "left out")),
    ],
)
def test_what_is_wrong_is_told_as_expected_and_found(tmp_path, keys, wrong):
    assert _wrong(_recipe(tmp_path, **keys)) == [wrong]


def test_an_example_that_is_refused_says_why(tmp_path):
    ((what, expected, found),) = _wrong(_recipe(tmp_path, page="<html><body></body></html>"))
    assert (what, expected) == ("article", "an article")
    assert found.endswith("(empty)")


def test_a_page_that_no_parser_should_get_is_not_read(tmp_path):
    ((what, _, found),) = _wrong(_recipe(tmp_path, page="<div>" * 500))
    assert what == "article"
    assert "nests" in found


def _capture(page: str = PAGE) -> Capture:
    headers = ((b"Content-Type", b"text/html; charset=utf-16-le"), (b"Content-Encoding", b"gzip"))
    body = gzip.compress(page.encode("utf-16-le"))
    at = datetime(2026, 3, 1, tzinfo=UTC)
    return Capture(url=URL, status_line="HTTP/1.1 200 OK", headers=headers, body=body, fetched_at=at)


def test_a_preview_tells_what_the_selectors_take_from_a_capture_and_what_they_match():
    effect = read_both_ways(_capture(), PageRules(keep=(".none",), drop=(".walks",)), 10_000)
    assert effect == Effect(matches=((".none", 0), (".walks", 1)), before_count=3, after_count=2, removed=(PROMO,), added=())


def test_a_preview_tells_what_the_selectors_add():
    outside = PAGE.replace("</main>", f"<footer class=more><p>{PROMO} And more of them.</p></footer></main>")
    effect = read_both_ways(_capture(outside), PageRules(keep=("article", ".more")), 10_000)
    assert isinstance(effect, Effect)
    assert effect.removed == ()
    assert effect.added == (f"{PROMO} And more of them.",)


def test_a_block_that_stands_twice_and_is_dropped_once_is_one_removed_block():
    once, other = (Block(kind=BlockKind.PARAGRAPH, text=text) for text in (FIRST, SECOND))
    assert _only_in([once, other, once], [once, other]) == (FIRST,)
    assert _only_in([once, other], [once, other, once]) == ()


def test_an_article_is_tried_by_its_own_sources_rules_and_a_strangers_by_the_first():
    rules = {"news": PageRules(drop=(".a",)), "sea": PageRules(drop=(".b",))}
    at = datetime(2026, 3, 1, tzinfo=UTC)
    for source, drop in (("sea", ".b"), ("news", ".a"), ("other", ".a")):
        article = Article(id=1, source=source, url=URL, keys=(), status=ArticleStatus.TRACKED, first_seen_at=at)
        assert _rules_for(article, rules).drop == (drop,)


def test_a_capture_that_the_rules_refuse_is_named():
    live = PAGE.replace("</head>", '<script type="application/ld+json">{"@type": "LiveBlogPosting"}</script></head>')
    assert read_both_ways(_capture(live), PageRules(live=LiveMode.SKIP), 10_000) == (
        "The page is a live page, which this source's rules leave out. (live page)"
    )
