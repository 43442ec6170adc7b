"""What a page says about its article, however it says it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from tracker.extract.dates import read_date
from tracker.extract.metadata import Metadata, read_language, read_metadata
from tracker.extract.page import parse

URL = "https://www.example.org/news/story"


def said(head: str = "", body: str = "", *, linked: object = None, attributes: str = "") -> Metadata:
    data = linked if isinstance(linked, str) else json.dumps(linked)
    script = "" if linked is None else f'<script type="application/ld+json">{data}</script>'
    return read_metadata(parse(f"<html {attributes}><head>{head}{script}</head><body>{body}</body></html>"), URL)


def story(**more: object) -> dict[str, object]:
    return {"@context": "https://schema.org", "@type": "NewsArticle", "headline": "The wall is rebuilt", **more}


SITE = '<meta property="og:site_name" content="The Gazette">'


@pytest.mark.parametrize(
    ("head", "body", "linked"),
    [
        ("", "", story()),
        ("", "", [story()]),
        ("", "", {"@graph": [{"@type": "WebPage", "name": "x"}, story()]}),
        ("", "", {"@type": "WebPage", "mainEntity": story()}),
        ("", "", story(**{"@type": ["Thing", "ReportageNewsArticle"]})),
        ("", "", story(**{"@type": "http://schema.org/BlogPosting"})),
        ("", "", story(headline="The wall is&nbsp;rebuilt")),
        ("", "", story(headline="<b>The wall</b> is rebuilt")),
        ("", "", story(headline=["The wall is rebuilt"])),
        ("", "", json.dumps(story()) + ";"),
        ("", "", "<!-- " + json.dumps(story()) + " -->"),
        ("", "", json.dumps(story())[:-1] + ",}"),
        ("", "", json.dumps({"@type": "WebSite", "name": "x"}) + json.dumps(story())),
        ("", "", '{"@type": "NewsArticle", "headline": "The wall is rebuilt", "text": "a "b" c"}'),
        ("", "", '{"@type": "NewsArticle", "headline": "The wall is rebuilt", "text": "a\nb"}'),
        ("", "<h1>The wall is rebuilt</h1>", {"@type": "Person", "name": "Jo"}),
        (SITE + '<meta property="og:title" content="The wall is rebuilt | The Gazette">', "", None),
        (SITE + '<meta property="og:title" content="The Gazette - The wall is rebuilt">', "", None),
        (SITE + "<title>The wall is rebuilt – Gazette News</title>", "", None),
        (SITE + "<title>The wall is rebuilt — gazette.com</title>", "", None),
        ("<title>The wall is rebuilt - Some Paper</title>", "<h1>The wall is rebuilt</h1>", None),
        ('<meta property="og:title" content="Opinion | The wall is rebuilt">', "<h1>The wall is rebuilt</h1>", None),
        ('<meta name="twitter:title" content="The wall is rebuilt">', "", None),
        ("", "<h1>Gazette</h1><article><h1>The wall is rebuilt</h1></article>", None),
        ("", "<h1>Gazette</h1><h1>The wall is rebuilt</h1>", None),
        ('<meta property="og:title" content="The wall is…">', "<h1>The wall is rebuilt</h1>", None),
        ("<title>The wall is rebuilt</title>", "<h1> The wall \n is rebuilt </h1>", story(headline="Another line for search")),
    ],
)
def test_the_headline_is_found(head, body, linked):
    assert said(head, body, linked=linked).headline == "The wall is rebuilt"


@pytest.mark.parametrize("title", ["War - and peace", "City 2 - 1 Rovers", "Mid-life: what now?", "Who is Gazette Smith?", "Left | Right"])
def test_a_headline_keeps_its_own_dashes(title):
    assert said(SITE + f"<title>{title}</title>").headline == title


def test_json_of_any_depth_does_no_harm():
    assert said(linked="[" * 100_000).headline == ""
    assert said(linked='{"@graph":' * 5_000).headline == ""


@pytest.mark.parametrize(
    ("author", "byline"),
    [
        ("Jo Fenwick", "Jo Fenwick"),
        ("By Jo Fenwick", "Jo Fenwick"),
        ("Jo Fenwick and Sam Ortega", "Jo Fenwick, Sam Ortega"),
        ("Jo Fenwick, Sam Ortega", "Jo Fenwick, Sam Ortega"),
        (["Jo Fenwick", "Sam Ortega", "jo fenwick"], "Jo Fenwick, Sam Ortega"),
        ([{"@type": "Person", "name": "Jo Fenwick"}, {"@type": "Person", "name": "Sam Ortega"}], "Jo Fenwick, Sam Ortega"),
        ({"@type": "Organization", "name": "Press Agency"}, "Press Agency"),
        ({"name": ["Jo Fenwick"]}, "Jo Fenwick"),
        ("Jo Fenwick <jo@example.org>", "Jo Fenwick"),
        ("Jo Fenwick @jofenwick", "Jo Fenwick"),
        ("https://example.org/jo", None),
        ("", None),
        (None, None),
        (5, None),
        ([[]], None),
    ],
)
def test_a_byline_is_a_list_of_names(author, byline):
    assert said(linked=story(author=author)).byline == byline


def test_a_byline_on_the_page_ends_where_a_date_begins():
    assert said(body='<span itemprop="author">Jo Fenwick, November 18, 2019 12:26 PM Print</span>').byline == "Jo Fenwick"
    assert said(body='<a rel="author" href="/jo">Jo Fenwick</a>').byline == "Jo Fenwick"


def test_the_authors_of_other_stories_are_no_part_of_the_byline():
    two = '<p>By <a rel="author" href="/jo">Jo Fenwick</a> and <a rel="author" href="/sam">Sam Osei</a></p>'
    others = '<ul><li><h4>More</h4><p>By <a rel="author" href="/eva">Eva Lind</a></p></li></ul>'
    assert said(body=two + others).byline == "Jo Fenwick, Sam Osei"
    listed = '<ul><li><a rel="author" href="/jo">Jo Fenwick</a></li><li><a rel="author" href="/sam">Sam Osei</a></li></ul>'
    assert said(body=listed + others).byline == "Jo Fenwick, Sam Osei"
    marked = '<div><span itemprop="author">Jo Fenwick</span></div><aside><span itemprop="author">Eva Lind</span></aside>'
    assert said(body=marked).byline == "Jo Fenwick"
    assert said('<meta name="author" content="By">').byline is None


def test_a_date_may_be_a_number_of_seconds():
    assert said(linked=story(datePublished=1707254040)).published_at == datetime(2024, 2, 6, 21, 14, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("2024-02-06T21:14:00Z", 21),
        ("2024-02-06T21:14:00+01:00", 20),
        ("2024-02-06T21:14:00.123456789+0100", 20),
        ("2024-02-06T21:14:00-0500", 26),
        ("2024-02-06 21:14:00 +0200", 19),
        ("2024-02-06T21:14:00", 21),  # without a zone: taken as UTC
        ("2024/02/06 21:14:00", 21),
        ("20240206T211400Z", 21),
        ("2024-02-06 21:14:00 UTC", 21),
        ("2024-02-06 21:14:00 CET", 20),
        ("2024-02-06T21:14 (MESZ)", 19),
        ("2024-02-06 21:14:00 EST", 26),
        ("Tue, 06 Feb 2024 21:14:00 CET", 20),
        ("Tue, 06 Feb 2024 21:14:00 EDT", 25),
        ("1707254040", 21),
        ("1707254040000", 21),
        ("Tue, 06 Feb 2024 21:14:00 GMT", 21),
        ("Tue, 06 Feb 2024 21:14:00 +0300", 18),
    ],
)
def test_a_date_is_read_in_utc(text, hour):
    assert read_date(text) == datetime(2024, 2, 6 + hour // 24, hour % 24, 14, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00", "1970-01-01", "2024-13-40", "5", "٣", "1" * 70],
)
def test_what_is_no_date_is_none(text):
    assert read_date(text) is None


def test_the_articles_own_date_is_found_where_only_the_page_shows_it():
    page = '<time datetime="2020-01-01">old</time><article><time datetime="2024-02-06T10:00:00Z">today</time></article>'
    assert said(body=page).published_at == datetime(2024, 2, 6, 10, tzinfo=UTC)
    marked = '<meta itemprop="dateModified" content="2024-02-07T10:00:00Z">'
    assert said(body=marked).modified_at == datetime(2024, 2, 7, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        *(("en", "en"), ("EN-gb", "en-GB"), ("pt_BR", "pt-BR"), ("zh-hant-tw", "zh-Hant-TW"), ("es-419", "es-419")),
        *(("english", None), ("", None), ("x", None)),
    ],
)
def test_a_language_is_a_tag(text, tag):
    assert read_language(text) == tag


def test_the_pages_language_comes_before_the_templates():
    assert said('<meta property="og:locale" content="en_US">', attributes='lang="de"').language == "de"
    assert said('<meta property="og:locale" content="en_US">').language == "en-US"
    assert said(linked=story(inLanguage={"@type": "Language", "name": "nl"})).language == "nl"


@pytest.mark.parametrize(
    ("link", "canonical"),
    [
        ("https://www.example.org/a", "https://www.example.org/a"),
        ("/a?b=1", "https://www.example.org/a?b=1"),
        ("//example.org/a", "https://example.org/a"),
        (" https://www.example.org/a\n", "https://www.example.org/a"),
        ("javascript:alert(1)", None),
        ("mailto:a@example.org", None),
        ("http://user:pw@example.org/", None),
        ("http://[broken", None),
        ("", None),
    ],
)
def test_a_canonical_link_is_absolute_and_of_the_web(link, canonical):
    assert said(f'<link rel="canonical" href="{link}">').canonical_url == canonical


@pytest.mark.parametrize(
    "line",
    [
        "<div class=x1>By <span class=x2>Jo Fenwick</span></div>",
        "<ul><li><span>by </span><a href='/jo'>Jo Fenwick</a><span>Reporter</span></li></ul>",
        "<span class='byline-name'>Jo Fenwick</span>",
        "<div>by <div class='headline_bylineName__x1'>Jo Fenwick</div><p>Coast reporter</p></div>",
    ],
)
def test_a_signed_line_below_the_headline_is_the_byline(line):
    assert said(body=f"<h1>The wall is rebuilt</h1>{line}<p>{'The wall was rebuilt on Monday. ' * 5}</p>").byline == "Jo Fenwick"


@pytest.mark.parametrize(
    "body",
    [
        "<p>By Monday</p>",
        "<p>By the sea</p>",
        f"<p>{'The wall was rebuilt on Monday. ' * 5}</p><div>By Jo Fenwick</div>",
        "<div>By Jo Fenwick, whose book on the walls of this coast is to be had from every good shop there is</div>",
    ],
)
def test_a_line_that_only_begins_so_is_no_byline(body):
    assert said(body=f"<h1>The wall is rebuilt</h1>{body}").byline is None


def test_of_two_headlines_that_agree_with_others_the_shown_one_wins():
    head = "<title>Wall rebuilt at last - The Gazette</title><meta property='og:title' content='Why the wall came back'>"
    found = said(head, "<h1>Why the wall came back</h1>", linked=story(headline="Wall rebuilt at last"))
    assert found.headline == "Why the wall came back"
