"""Whole pages: pairs of files in tests/cases/extract, and laws for any bytes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.extract import extract_article
from tracker.extract.article import EXTRACTOR, extractor_name
from tracker.model import Extract, LiveMode, PageRules, Refusal, RefusalReason
from tracker.text import extract_fingerprint

CASES = Path(__file__).parents[1] / "cases" / "extract"
URL = "https://www.example.org/news/story"
TAGS = (
    "html head title body article p h1 ul li br table tr td figure figcaption blockquote q div a script template svg math form select time"
)
PIECES = st.one_of(
    st.sampled_from([f"<{slash}{tag}>" for tag in TAGS.split() for slash in ("", "/")]),
    st.sampled_from(
        [
            *('<script type="application/ld+json">', '{"@type":"NewsArticle","headline":', '"a"', "}", "[", "{", "\\u0000", "<![CDATA["),
            *('<meta property="og:title" content="', '">', '<time datetime="', '<meta charset="utf-16">', '<html lang="', '<a href="/x">'),
            *("\x00", "\ue000", "&#0;", "<!--", "-->", "<path/>", "Words of a sentence that is long enough to count as prose. " * 3),
        ]
    ),
)


@pytest.mark.parametrize("case", sorted(path.name for path in CASES.iterdir()))
def test_a_page_gives_exactly_its_article(case):
    expected = json.loads((CASES / case / "expected.json").read_text(encoding="utf-8"))
    page = (CASES / case / "page.html").read_bytes()
    found = extract_article(page, expected["url"], charset=expected.get("charset"))
    assert isinstance(found, Extract)
    assert [[block.kind.value, block.text] for block in found.blocks] == expected["blocks"]
    for name in ("url", "headline", "byline", "language", "canonical_url"):
        assert getattr(found, name) == expected[name], name
    for name in ("published_at", "modified_at"):
        value = getattr(found, name)
        assert (value and value.isoformat()) == expected[name], name


@settings(deadline=None, max_examples=150)
@given(st.binary(max_size=400), st.sampled_from([None, "utf-8", "windows-1252", "utf-16", "nonsense", "zlib", "\x00"]))
def test_any_bytes_give_an_article_or_a_refusal(html, charset):
    assert isinstance(extract_article(html, URL, charset=charset), Extract | Refusal)


@settings(deadline=None, max_examples=150)
@given(st.lists(PIECES, max_size=40))
def test_any_markup_gives_the_same_article_or_refusal_each_time(pieces):
    html = "".join(pieces).encode()
    once = extract_article(html, URL)
    assert isinstance(once, Extract | Refusal)
    assert extract_article(html, URL) == once
    if isinstance(once, Extract):
        assert all(block.text.strip() == block.text != "" for block in once.blocks)


@pytest.mark.parametrize("url", ["http://[broken", "", "not a url", "javascript:alert(1)"])
def test_an_address_that_is_none_does_no_harm(url):
    page = (CASES / "jsonld-graph" / "page.html").read_bytes()
    assert isinstance(extract_article(page, url), Extract)


def test_one_page_leaves_nothing_behind_for_the_next():
    pages = [(CASES / name / "page.html").read_bytes() for name in ("quotes", "captions", "quotes")]
    first, _, again = [extract_article(page, URL) for page in pages]
    assert first == again


def test_what_is_said_beside_the_text_is_no_part_of_the_fingerprint():
    found = extract_article((CASES / "jsonld-graph" / "page.html").read_bytes(), URL)
    assert isinstance(found, Extract)
    other = replace(found, section="x", free=False, kind="live", image_url="x", image_caption="x", original_url="x", body_from="json-ld")
    assert extract_fingerprint(other) == extract_fingerprint(found)


def test_an_extract_says_where_its_body_is_from_and_why():
    shown = extract_article((CASES / "jsonld-graph" / "page.html").read_bytes(), URL)
    spoken = extract_article((CASES / "only-articlebody" / "page.html").read_bytes(), URL)
    assert isinstance(shown, Extract)
    assert isinstance(spoken, Extract)
    assert (shown.body_from, shown.body_reason) == ("page", None)
    assert spoken.body_from == "json-ld"
    assert spoken.body_reason is not None


def test_the_extractor_is_named_by_the_rules_that_decide_what_is_read():
    shown = (CASES / "jsonld-graph" / "page.html").read_bytes()
    assert extract_article(shown, URL, rules=PageRules()).extractor == EXTRACTOR
    rules = PageRules(drop=(".promo",))
    assert extract_article(shown, URL, rules=rules).extractor == extractor_name(rules)


def test_other_rules_have_other_names_and_the_same_rules_the_same_in_every_process():
    given = [PageRules(), PageRules(keep=("p",)), PageRules(drop=("p",)), PageRules(drop=("p", "b")), PageRules(live=LiveMode.TRACK)]
    names = [extractor_name(rules) for rules in (*given, PageRules(live=LiveMode.SKIP), PageRules(language="nl"))]
    assert len(set(names)) == len(names)
    assert extractor_name(PageRules(drop=("p",))) == f"{EXTRACTOR}/40f0fd"


def test_where_an_id_is_found_does_not_change_how_a_page_is_read():
    assert extractor_name(PageRules(id_pattern="/([0-9]+)/")) == EXTRACTOR


def test_the_rules_language_stands_for_what_the_page_says():
    shown = (CASES / "jsonld-graph" / "page.html").read_bytes()
    assert extract_article(shown, URL, rules=PageRules(language="cy")).language == "cy"


def test_a_page_that_names_another_article_by_the_sources_own_ids_is_refused():
    page = (
        b"<html lang=en><head><title>The quay</title><link rel=canonical href='https://news.example/story/cquayopens/the-quay'></head>"
        b"<body><article><h1>The quay</h1><p>The quay was opened to the public again on Friday, after eleven years of work on it.</p>"
        b"<p>Some two hundred people came, and the mayor cut a ribbon that was as long as the quay.</p></article></body></html>"
    )
    url, pattern = "https://news.example/story/cwallgoesup/walls-of-stone", "/story/(c[a-z]+)/"
    assert isinstance(extract_article(page, url), Extract)
    refusal = extract_article(page, url, rules=PageRules(id_pattern=pattern))
    assert isinstance(refusal, Refusal)
    assert refusal.reason is RefusalReason.OTHER_ARTICLE
