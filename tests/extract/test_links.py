"""Which words of the body lead where, and that the body is the same text with and without links."""

from __future__ import annotations

import pytest

from tracker.extract import extract_article
from tracker.extract.links import with_links
from tracker.extract.page import LINK_BEGIN, parse
from tracker.model import Block, BlockKind, Extract

URL = "https://news.example/world/bridge"
PLAN = "<p>The council agreed on <a href='{}'>the plan</a> on Monday, after a debate of four hours.</p>"
MORE = "<p>Residents had asked for years that something be done about the old crossing, which is closed to lorries.</p>"


def read(*paragraphs: str, head: str = "") -> Extract:
    body = "".join(paragraphs)
    html = f"<html lang=en><head><title>The bridge</title>{head}</head><body><article><h1>The bridge</h1>{body}{MORE}</article></body>"
    found = extract_article(html.encode(), URL)
    assert isinstance(found, Extract)
    return found


def links(*paragraphs: str, head: str = "") -> list[tuple[str, str]]:
    return [(block.text[link.start : link.end], link.url) for block in read(*paragraphs, head=head).blocks for link in block.links or ()]


def test_the_words_of_a_link_and_where_it_leads():
    text = "<p>The council agreed to spend <a href='https://a.example/sum'>5 million\n <b>pounds</b></a> on the bridge over the river.</p>"
    assert links(text) == [("5 million pounds", "https://a.example/sum")]


@pytest.mark.parametrize(
    ("href", "url"),
    [
        ("/town/plan", "https://news.example/town/plan"),
        ("plan?utm_source=home&id=7", "https://news.example/world/plan?id=7"),
        ("//A.example:443/plan/#top", "https://a.example/plan"),
        (" https://a.example/plan\n", "https://a.example/plan"),
    ],
)
def test_an_address_is_absolute_and_canonical(href, url):
    assert links(PLAN.format(href)) == [("the plan", url)]


@pytest.mark.parametrize("href", ["#note", "mailto:desk@a.example", "javascript:void(0)", "http://[", ""])
def test_what_leads_to_no_page_is_no_link(href):
    (first, _) = read(PLAN.format(href)).blocks
    assert first.links == ()


def test_a_page_may_say_what_its_addresses_start_from():
    assert links(PLAN.format("plan"), head="<base href='/archive/'>") == [("the plan", "https://news.example/archive/plan")]
    assert links(PLAN.format("plan"), head="<base href='http://['>") == [("the plan", "https://news.example/world/plan")]


def test_links_stand_in_list_items_and_in_rows_of_tables_too():
    rows = "".join(f"<tr><td>Bridge {n}</td><td><a href='/bridge/{n}'>{n}0 tons</a></td></tr>" for n in (1, 2))
    listed = "<ul><li>Work begins in the <a href='/spring'>spring</a>, she said.</li><li>It ends in the autumn of the year.</li></ul>"
    text = f"<p>What we know of the plan so far:</p>{listed}<table>{rows}</table>"
    assert BlockKind.TABLE_ROW in {block.kind for block in read(text).blocks}
    assert links(text) == [
        ("spring", "https://news.example/spring"),
        ("10 tons", "https://news.example/bridge/1"),
        ("20 tons", "https://news.example/bridge/2"),
    ]


def test_links_stand_on_both_sides_of_a_line_break_and_of_marks_that_a_browser_would_add():
    text = "<p>The council agreed on <q>the <a href='/one'>plan</a></q>.<br>Work on it begins in the <a href='/two'>spring</a>.</p>"
    assert read(text).blocks[0].text.startswith("The council agreed on “the plan”.\nWork")
    assert links(text) == [("plan", "https://news.example/one"), ("spring", "https://news.example/two")]


def test_links_beside_the_body_are_none_of_it():
    beside = "<p>More: <a href='/b'>the plan</a></p>"
    blocks = (Block(kind=BlockKind.PARAGRAPH, text="The council agreed on the plan."),)
    tree = parse(f"<body>{beside}<p>{blocks[0].text}</p>{beside}</body>")
    assert with_links(blocks, tree, URL)[0].links == ()


def test_links_are_not_known_of_a_text_that_is_not_from_the_page():
    body = "The council agreed on Monday to spend 5 million pounds on the bridge. " * 9
    data = f'<script type="application/ld+json">{{"@type": "NewsArticle", "headline": "The bridge", "articleBody": "{body}"}}</script>'
    found = read(head=data)
    assert found.body_from == "json-ld"
    assert {block.links for block in found.blocks} == {None}


def test_a_page_that_brings_the_marks_of_links_itself_has_no_links_known():
    mark = f"&#x{ord(LINK_BEGIN):x};"
    found = read(f"<p>The council agreed on {mark} <a href='/plan'>the plan</a> on Monday, after a debate of four hours.</p>")
    assert {block.links for block in found.blocks} == {None}


def test_a_link_around_several_paragraphs_stands_in_each():
    texts = ("The council agreed on Monday to spend a sum.", "Work on it will begin in the spring.")
    blocks = tuple(Block(kind=BlockKind.PARAGRAPH, text=text) for text in texts)
    tree = parse(f"<body><a href='/plan'><span>{texts[0]}</span><span>{texts[1]}</span></a></body>")
    found = with_links(blocks, tree, URL)
    assert [[(link.start, link.end) for link in block.links] for block in found] == [[(0, len(text))] for text in texts]


def test_thousands_of_links_are_no_article_s_and_none_beyond_are_known():
    many = "".join(f"<p>Sentence {n} of the report has <a href='/{n}'>a link</a> and some other words in it.</p>" for n in range(2_100))
    known = [block.links is not None for block in read(many).blocks]
    assert (known[0], known[-1]) == (True, False)


def test_a_block_that_does_not_stand_in_the_page_as_it_reads_has_no_links_known_and_the_next_has():
    texts = ("It rained in the town.", "Nobody left.", "It rained again.")
    blocks = tuple(Block(kind=BlockKind.PARAGRAPH, text=text) for text in texts)
    page = "<p>It rained in the <a href='/1'>town</a>.</p><p>Somebody left.</p><p>It <a href='/2'>rained</a> again.</p>"
    tree = parse(f"<body>{page}</body>")
    first, second, third = with_links(blocks, tree, URL)
    assert (first.links[0].url, second.links, third.links[0].url) == ("https://news.example/1", None, "https://news.example/2")


def test_blocks_in_another_order_than_the_page_s_are_found_but_not_without_end():
    blocks = tuple(Block(kind=BlockKind.PARAGRAPH, text=f"It rained for day {n} in the town.") for n in range(100, 200))
    tree = parse("<body>" + "".join(f"<p>{block.text}</p>" for block in reversed(blocks)) + "</body>")
    known = [block.links == () for block in with_links(blocks, tree, URL)]
    assert known.index(False) > 40
    assert not any(known[60:])


def test_a_block_knows_its_place_by_tags_and_names():
    box = "<div class='fact wide post-12345'><p>The bridge was built in 1936, and has been shut to lorries since last spring.</p></div>"
    first, second = read(PLAN, box).blocks[:2]
    assert first.place == "article > p"
    assert second.place == "article > div.fact.wide > p"


def test_a_text_that_is_not_on_the_page_has_no_place():
    block = Block(kind=BlockKind.PARAGRAPH, text="Nobody wrote this.")
    assert with_links([block], parse("<p>Somebody wrote this.</p>"), URL)[0].place is None
