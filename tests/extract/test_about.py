"""What a page says about its article beside headline, byline and dates."""

from __future__ import annotations

import json

import pytest

from tracker.extract.about import About
from tracker.extract.metadata import read_metadata
from tracker.extract.page import parse

URL = "https://www.example.org/news/story"


def said(head: str = "", body: str = "", *, url: str = URL, **linked: object) -> About:
    data = json.dumps({"@type": "NewsArticle", "headline": "The wall", **linked})
    script = f'<script type="application/ld+json">{data}</script>' if linked else ""
    return read_metadata(parse(f"<html><head>{head}{script}</head><body>{body}</body></html>"), url).about


@pytest.mark.parametrize(
    ("value", "free"),
    [
        *((False, False), ("False", False), ("false", False), ("http://schema.org/False", False)),
        *((True, True), ("True", True), ("https://schema.org/True", True), ("", None), (None, None), ("perhaps", None)),
    ],
)
def test_the_paywall_flag_is_read_in_every_spelling(value, free):
    assert said(isAccessibleForFree=value).free is free


def test_a_content_tier_says_free_or_locked_and_metered_says_nothing():
    tier = '<meta property="article:content_tier" content="{}">'
    assert [said(tier.format(name)).free for name in ("free", "locked", "metered")] == [True, False, None]


@pytest.mark.parametrize(
    ("url", "linked", "kind"),
    [
        (URL, {"@type": "LiveBlogPosting"}, "live"),
        (URL, {"@type": ["NewsArticle", "LiveBlogPosting"]}, "live"),
        (URL, {"@type": "OpinionNewsArticle"}, "opinion"),
        (URL, {"articleSection": "Opinion"}, "opinion"),
        (URL, {"articleSection": "Kommentar"}, "opinion"),
        (URL, {"articleSection": ["Coast", "Opinion"]}, "opinion"),
        (URL, {"genre": "Editorial"}, "opinion"),
        (URL, {"@type": "ImageGallery"}, "gallery"),
        (URL, {"@type": ["NewsArticle", "ImageGallery"]}, "gallery"),
        ("https://www.example.org/news/live/c4gzn48jwz2o", {}, "live"),
        ("https://www.example.org/liveticker/sturm", {}, "live"),
        ("https://www.example.org/commentisfree/2024/wall", {}, "opinion"),
        ("https://www.example.org/in-pictures/2024/wall", {}, "gallery"),
        ("https://www.example.org/news/where-we-live", {}, "article"),
        ("https://www.example.org/live", {}, "article"),
        ("http://[broken", {}, "article"),
    ],
)
def test_the_kind_is_read_from_markup_address_and_section(url, linked, kind):
    assert said(url=url, **linked).kind == kind


def test_the_flag_for_opinion_is_heeded():
    flag = '<meta property="article:opinion" content="{}">'
    assert [said(flag.format(value)).kind for value in ("true", "false")] == ["opinion", "article"]


def test_a_picture_has_its_address_and_caption():
    image = {"@type": "ImageObject", "url": "/wall.jpg", "caption": "The wall"}
    found = said(image=[image, "https://x.example/2.jpg"])
    assert (found.image_url, found.image_caption) == ("https://www.example.org/wall.jpg", "The wall")
    figure = '<figure><img src="/w.jpg"><figcaption>Waves over the quay</figcaption></figure>'
    found = said('<meta property="og:image" content="https://x.example/1.jpg">', figure)
    assert (found.image_url, found.image_caption) == ("https://x.example/1.jpg", "Waves over the quay")
    assert said(image="javascript:alert(1)").image_url is None


@pytest.mark.parametrize(
    ("head", "body", "linked"),
    [
        ("", "", {"isBasedOn": "https://other.example/a"}),
        ("", "", {"isBasedOn": {"@type": "NewsArticle", "url": "https://other.example/a"}}),
        ("", "", {"isBasedOn": [{"@id": "https://other.example/a"}]}),
        ("", '<p>This story was first published at <a href="https://other.example/a">The Other</a>.</p>', {}),
        ("", '<p><em>Originally published on <a href="https://other.example/a">The Other</a></em></p>', {}),
        ("", '<p>Zuerst erschienen bei <a href="https://other.example/a">Anderswo</a></p>', {}),
        ('<link rel="canonical" href="https://other.example/a">', "", {}),
    ],
)
def test_where_a_text_comes_from_is_kept_as_the_page_says_it(head, body, linked):
    assert said(head, body, **linked).original_url == "https://other.example/a"


def test_a_text_that_is_based_on_itself_or_has_a_canonical_at_home_has_no_origin():
    assert said(isBasedOn=URL).original_url is None
    assert said('<link rel="canonical" href="https://www.example.org/b">').original_url is None
    assert said(body='<p>See also <a href="https://other.example/a">this</a></p>').original_url is None


def test_a_section_is_the_first_that_is_said():
    assert said(articleSection=["Coast", "News"]).section == "Coast"
    assert said('<meta property="article:section" content="Coast">').section == "Coast"
    assert said().section is None
