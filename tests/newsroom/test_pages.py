"""The newsroom's pages as a reader, a browser and an extractor find them."""

from __future__ import annotations

import json

import feedparser
import pytest
from lxml import etree, html

from tracker.extract import extract_article
from tracker.model import BlockKind, Extract
from tracker.newsroom.pages import Pages, sections

from .conftest import HOSTILE, OPENED_AT, SEEDS, make_edition

BASE = "http://127.0.0.1:8765"


@pytest.fixture(scope="module")
def pages() -> Pages:
    return Pages(BASE)


@pytest.fixture(scope="module")
def editions(stories):
    return [make_edition(story) for story in stories]


@pytest.fixture(scope="module")
def bbc(pages, editions):
    return html.fromstring(pages.article(editions[0], editions))


def structured(page) -> dict:
    (text,) = page.xpath("//script[@type='application/ld+json']/text()")
    return json.loads(text)


def words(node) -> str:
    return " ".join(node.text_content().split())


def test_the_articles_text_stands_alone_in_its_place(pages, editions):
    for edition in editions:
        (story,) = html.fromstring(pages.article(edition, editions)).xpath("//article/div[@class='story']")
        found = [words(node) for node in story.xpath("./p | ./h2 | ./ul/li | ./figure/figcaption")]
        assert found == [" ".join(block.text.split()) for block in edition.version.blocks]


@pytest.mark.parametrize("number", range(6))
def test_the_tracker_reads_the_article_out_of_its_page_and_nothing_else(pages, stories, editions, number):
    """Every block with its kind, and the headline, author and dates; none of the furniture."""
    edition = [make_edition(story, turn) for story in stories for turn in range(len(story.versions))][number]
    url = BASE + edition.story.path
    extract = extract_article(pages.article(edition, editions), url)
    assert isinstance(extract, Extract)
    assert (extract.headline, extract.byline) == (edition.version.headline, edition.version.author)
    assert [(block.kind, block.text) for block in extract.blocks] == [(block.kind, block.text) for block in edition.version.blocks]
    assert (extract.published_at, extract.modified_at) == (edition.published_at, edition.modified_at)
    assert (extract.canonical_url, extract.language) == (url, "en-GB")


def test_headings_lists_and_captions_keep_their_kind(pages, editions):
    kinds = {"h2": BlockKind.HEADING, "ul": BlockKind.LIST_ITEM, "figure": BlockKind.CAPTION}
    for edition in editions:
        (story,) = html.fromstring(pages.article(edition, editions)).xpath("//div[@class='story']")
        for tag, kind in kinds.items():
            held = [words(node) for node in story.xpath(f"./{tag}//li | ./{tag}[not(li)]")]
            assert held == [block.text for block in edition.version.blocks if block.kind is kind]


def test_every_line_of_a_seed_file_can_be_read_on_its_page(pages, editions):
    for edition in editions:
        shown = words(html.fromstring(pages.article(edition, editions)))
        for line in (SEEDS / edition.version.file).read_text(encoding="utf-8").split("\n"):
            assert " ".join(line.removeprefix("- ").split()) in shown


def test_the_structured_data_tells_what_readers_of_pages_look_for(bbc):
    facts = structured(bbc)
    assert facts["@type"] == "NewsArticle"
    assert facts["headline"] == "Ofsted rates Sunderland children's services inadequate"
    assert (facts["datePublished"], facts["dateModified"]) == ("2026-03-01T12:00:00Z", "2026-03-01T12:00:00Z")
    assert facts["isBasedOn"] == "http://www.bbc.co.uk/news/uk-england-tyne-33590863"


def test_an_author_is_told_only_where_the_saved_text_names_one(pages, editions):
    authors = [structured(html.fromstring(pages.article(edition, editions))).get("author") for edition in editions]
    assert [author and author["name"] for author in authors] == [None, "Echo Reporting Team", None, None, None]


def test_the_page_claims_its_own_loopback_address_and_no_other(bbc):
    own = f"{BASE}/bbc/uk-england-tyne-33590863"
    assert bbc.xpath("//link[@rel='canonical']/@href") == [own]
    assert bbc.xpath("//meta[@property='og:url']/@content") == [own]
    assert structured(bbc)["mainEntityOfPage"] == own


def test_the_page_links_to_where_the_article_was_first_published(bbc):
    assert bbc.xpath("//aside[@class='provenance']//a/@href") == ["http://www.bbc.co.uk/news/uk-england-tyne-33590863"]


@pytest.mark.parametrize(("number", "line"), [
    (0, "Published by the seed newsroom on 1 March 2026, 12:00:00 UTC – this date is made up; the article’s text is printed as it"),
    (1, "Published by the seed newsroom on 1 March 2026, 12:00:00 UTC, changed on 1 March 2026, 12:00:06 UTC – these dates are made up;"),
])  # fmt: skip
def test_what_is_made_up_is_said_to_be_outside_the_articles_text(pages, stories, editions, number, line):
    page = html.fromstring(pages.article(make_edition(stories[0], number), editions))
    (note,) = page.xpath("//aside[@class='provenance']")
    assert words(note).startswith(line)
    assert "made up" not in words(page.xpath("//div[@class='story']")[0])


def test_the_furniture_of_real_pages_is_there_and_outside_the_article(bbc):
    for place in ("//header[@class='masthead']//nav//a", "//aside[@class='related']//a", "//aside[@class='share']//a",
                  "//section[@class='newsletter']", "//aside[@class='cookies']", "//footer[@class='colophon']"):  # fmt: skip
        assert bbc.xpath(place), place
        assert not bbc.xpath(f"//article{place}"), place


def test_lines_that_saving_left_in_are_shown_apart(pages, editions):
    (left,) = html.fromstring(pages.article(editions[1], editions)).xpath("//aside[@class='left-over']")
    assert [words(node) for node in left.xpath(".//dd")][:3] == ["Sunderland Echo", "‘SHAMBOLIC’", "?? ??"]


def test_every_inner_link_leads_to_a_page_that_the_newsroom_has(pages, editions, stories):
    known = {"/", "/style.css", *(story.path for story in stories)}
    known |= {path for section in sections(editions) for path in (section.path, section.feed_path)}
    for body in (pages.index(editions), pages.missing(editions), *(pages.article(edition, editions) for edition in editions)):
        for link in html.fromstring(body).xpath("//@href"):
            assert link.startswith(("http://www.bbc.co.uk/", "data:", "#")) or link.removeprefix(BASE) in known, link


def test_pages_announce_the_feeds(bbc, editions):
    assert bbc.xpath("//link[@rel='alternate' and @type='application/atom+xml']/@href") == [
        section.feed_path for section in sections(editions)
    ]


def test_equal_editions_give_equal_bytes(editions):
    assert Pages(BASE).article(editions[0], editions) == Pages(BASE).article(editions[0], editions)


def test_a_feed_lists_its_sources_stories_and_says_that_its_dates_are_made_up(pages, stories):
    editions = [make_edition(stories[0], 1), *(make_edition(story) for story in stories[1:])]
    section = sections(editions)[0]
    parsed = feedparser.parse(pages.feed(section, editions))
    assert (parsed.bozo, parsed.version, parsed.feed.title) == (False, "atom10", "BBC News (seed article)")
    assert "made up" in parsed.feed.subtitle
    (entry,) = parsed.entries
    assert entry.link == f"{BASE}/bbc/uk-england-tyne-33590863"
    assert entry.id.startswith("urn:uuid:")
    assert (entry.published, entry.updated) == ("2026-03-01T12:00:00Z", "2026-03-01T12:00:06Z")
    assert "made up" in entry.rights


def test_feed_ids_do_not_depend_on_the_port(stories):
    editions = [make_edition(story) for story in stories]
    ids = [
        [entry.id for entry in feedparser.parse(Pages(base).feed(sections(editions)[2], editions)).entries]
        for base in (BASE, "http://127.0.0.1:1")
    ]
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 3


def test_hostile_words_stay_words(pages, hostile):
    edition = make_edition(hostile)
    page = html.fromstring(pages.article(edition, [edition]))
    assert len(page.xpath("//script")) == 1
    assert page.xpath("//b") == []
    assert structured(page)["headline"] == HOSTILE
    assert words(page.xpath("//h1")[0]) == HOSTILE
    feed = etree.fromstring(pages.feed(sections([edition])[0], [edition]))
    assert feed.findtext("{*}title") == HOSTILE


def test_a_page_for_nothing_leads_back_to_the_front_page(pages, editions):
    page = html.fromstring(pages.missing(editions))
    assert page.xpath("//main//a/@href") == ["/"]


def test_no_page_asks_anything_of_another_site(pages, editions):
    for body in (pages.index(editions), *(pages.article(edition, editions) for edition in editions)):
        page = html.fromstring(body)
        assert page.xpath("//link[@rel='stylesheet' or @rel='icon']/@href")[0] == "/style.css"
        assert page.xpath("//@src") == []
    assert b"url(" not in pages.style()
    assert b"@import" not in pages.style()


def test_dates_are_those_of_the_edition_alone(pages, editions):
    assert OPENED_AT.isoformat()[:4].encode() in pages.article(editions[0], editions)
