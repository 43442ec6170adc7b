"""The stories that rows and text files make."""

from __future__ import annotations

import hashlib
from collections import Counter

import pytest

from tracker.errors import NewsroomError
from tracker.model import Block, BlockKind
from tracker.newsroom import load

from .conftest import SEEDS

AS_HANDED_OVER = {
    "000_306ac17d9e6e48ab.txt": "b2de0baee5870d7fe03ba4b76574cca83da0b35bc381f28bbd9d242ef81b63a5",
    "001_f551a95eb4325afb.txt": "bbe2ae8e6697fb5d4c85c078fdd35245d15b60e5c84888419c7aa05c5427205d",
    "002_928368a6e6edf6a9.txt": "1c46906b6d6b1c51479c216311460c6ce8ac7e0b4537ceab155975057bd5f1b2",
    "003_04b924bd2f0eb4d0.txt": "270fc7215f724474f1f226f99a2ce248bc5c36f2441d41a7cb0fa2339ebc0271",
    "004_17c091c5bae23a7b.txt": "abb2bc0b9d2bfed4f2022e5a019db39e82ba7c6c90182a5f706c466d44f5a09a",
    "bbc-33590863.version-0.txt": "94eb1a08749fc566ac7bb9b544f28b00949b9ed2bde5f3344aafae44639acd21",
    "bbc-33590863.version-1.txt": "e891d88f3160a35716d7cfc6c0138de1e899042142578aef2e9d2b47b289f4b3",
}


def test_the_seed_files_stand_byte_for_byte_as_they_were_handed_over():
    found = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in SEEDS.glob("*.txt")}
    assert found == AS_HANDED_OVER


def test_the_newsroom_has_the_five_seed_articles(stories):
    assert [(story.source, len(story.versions)) for story in stories] == [
        ("bbc", 2),
        ("sunderland-echo", 1),
        ("seeds", 1),
        ("seeds", 1),
        ("seeds", 1),
    ]


def test_only_the_bbc_article_says_where_it_was_first_published(stories):
    known = {story.source: story.original_url for story in stories if story.original_url}
    assert known == {"bbc": "http://www.bbc.co.uk/news/uk-england-tyne-33590863"}


@pytest.mark.parametrize("number", [0, 1])
def test_the_bbc_versions_are_their_files_paragraph_by_paragraph(stories, number):
    version = stories[0].versions[number]
    paragraphs = (SEEDS / version.file).read_text(encoding="utf-8").strip().split("\n\n")
    assert [version.headline, *(block.text for block in version.blocks)] == paragraphs
    assert [block.text for block in version.blocks if block.kind is BlockKind.HEADING] == [
        ["'Serious weaknesses'", "'Rolling plan'"],
        ["'Serious weaknesses'", "'Swift action' needed"],
    ][number]


def test_no_line_of_a_seed_file_is_lost_or_told_twice(stories):
    for story in stories:
        for version in story.versions:
            lines = [line.strip().removeprefix("- ") for line in (SEEDS / version.file).read_text(encoding="utf-8").split("\n")]
            told = [version.headline, *(block.text for block in version.blocks), *([version.byline] if version.byline else [])]
            told += [line for piece in version.furniture for line in piece.lines]
            assert Counter(told) == Counter(line for line in lines if line), version.file


def test_what_saving_left_in_is_no_part_of_an_article(stories):
    texts = {story.source: [block.text for block in story.versions[0].blocks] for story in stories}
    assert texts["sunderland-echo"][0].startswith("Children’s services in Sunderland remain inadequate")
    assert texts["sunderland-echo"][-1].endswith("falling short of where they need to be.”")
    assert not {"Newspapers in English", "Sunderland Echo", "Coun Graeme Miller."} & set(texts["sunderland-echo"])
    assert not {"Sign up to our daily newsletter", "Updated Monday, 17th June 2019, 12:00 am"} & set(texts["seeds"])


def test_a_byline_names_the_author_that_json_ld_tells(stories):
    assert (stories[1].versions[0].author, stories[1].versions[0].byline) == (
        "Echo Reporting Team",
        "By Echo Reporting Team echo.news@northeast-press.co.uk Twitter: @sunderlandecho",
    )


def test_lines_become_blocks_of_their_kind(seeds):
    version = load(seeds)[1].versions[0]
    assert version.headline == "Bridge closes"
    assert version.blocks == (
        Block(kind=BlockKind.HEADING, text="The reasons"),
        Block(kind=BlockKind.CAPTION, text="A bridge"),
        Block(kind=BlockKind.LIST_ITEM, text="Rust"),
        Block(kind=BlockKind.LIST_ITEM, text="Rain"),
        Block(kind=BlockKind.PARAGRAPH, text="It may open."),
    )
    assert [(piece.what, piece.lines) for piece in version.furniture] == [("the paper", ("The Gazette",)), ("pictures", ("??", "??", "??"))]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("headline: Bridge opens", "headline: Bridge shuts", "the headline is not the one in first.txt, which is 'Bridge opens'"),
        ("headline_line: 3", "headline_line: 2", "articles 2 (bridge-closes): closes.txt: line 2 is blank, missing, or named twice"),
        ("headings: 6", "headings: 99", "line 99 is blank, missing, or named twice"),
        ("captions: [7]", "captions: [3]", "line 3 is blank, missing, or named twice"),
        ("author: Ann Lee", "author: Bob", "the author 'Bob' does not stand in line 4"),
        ("slug: bridge-closes", "slug: bridge-opens", "2 articles have the address /gazette/bridge-opens; give each its own slug"),
        ("source: gazette\n    headline: Bridge c", "source: herald\n    headline: Bridge c", "there is no source herald"),
        ("file: second.txt", "file: third.txt", "third.txt is missing; `tracker init`"),
        ("lines: 10-13", "lines: 6-14", "line 6 is blank, missing, or named twice"),
    ],
)
def test_a_row_that_does_not_fit_its_files_is_told(seeds, old, new, sentence):
    file = seeds / "newsroom.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(NewsroomError) as failed:
        load(seeds)
    assert sentence in str(failed.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Bridge opens\n", "first.txt: no line is left for the article's text"),
        ("Bridge opens\nIt\x07 opened.\n", "first.txt: line 2 has a control character in it"),
    ],
)
def test_a_text_that_cannot_be_printed_is_told(seeds, text, sentence):
    (seeds / "first.txt").write_text(text, encoding="utf-8")
    with pytest.raises(NewsroomError) as failed:
        load(seeds)
    assert sentence in str(failed.value)


def test_a_text_that_is_not_utf_8_is_told(seeds):
    (seeds / "first.txt").write_bytes(b"Bridge opens\n\nCaf\xe9.\n")
    with pytest.raises(NewsroomError, match=r"first\.txt cannot be read: .*utf-8"):
        load(seeds)
