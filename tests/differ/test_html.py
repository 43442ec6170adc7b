"""A Diff as HTML: everything escaped, aligned in rows, moved sentences linked, words said aloud."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as parser

from tracker.differ import compare, compare_revisions, compare_sentences
from tracker.differ.html import page, render_feed, render_inline, render_split
from tracker.model import Block, BlockKind, Extract, Link

VIEWS = [render_inline, render_split, render_feed]
HOSTILE = '<script>alert("x")</script> & <b onclick=\'y\'>'
TEXT = st.text(st.sampled_from("ab<>&\"' .\n\u202eא"))


def visible(markup):
    for hidden in (root := parser.fromstring(markup)).xpath("//span[@class='sr']"):
        hidden.drop_tree()
    return root.text_content()


@pytest.mark.parametrize("view", VIEWS)
def test_text_from_strangers_is_escaped_everywhere(view):
    markup = view(compare(f"Start {HOSTILE} end.", f"Start {HOSTILE} the end."))
    assert "<script" not in markup
    assert "<b " not in markup
    assert "&lt;script&gt;" in markup


@pytest.mark.parametrize("view", VIEWS)
@given(TEXT, TEXT)
def test_only_our_own_elements_appear(view, old, new):
    tags = set(re.findall(r"<(/?\w+)", view(compare(old, new))))
    assert {tag.strip("/") for tag in tags} <= {"div", "p", "span", "a", "del", "ins", "dl", "dt", "dd", "details", "summary", "i", "b"}


def test_aligned_sentences_share_one_row_old_left_new_right():
    root = parser.fromstring(render_split(compare("It rained.", "It rained hard.")))
    (row,) = root.xpath("//div[contains(@class,'row')]")
    assert row.get("id") == "s0"
    cells = {cell.get("class"): visible(parser.tostring(cell, encoding="unicode", with_tail=False)).strip() for cell in row.xpath("./div")}
    assert list(cells) == ["old", "new", "both"]
    assert (cells["old"], cells["new"]) == ("It rained.", "It rained hard.")


def test_only_edited_sentences_stand_once_more_in_one_text_for_narrow_screens():
    diff = compare("It rained. Snow fell. Gone.", "It rained hard. Snow fell. Something else entirely came.")
    root = parser.fromstring(render_split(diff))
    assert {row.get("class").split()[1] for row in root.xpath("//div[@class='both']/..")} == {"edited"}
    assert "rained" in root.xpath("//div[@class='both']")[0].text_content()


@pytest.mark.parametrize("view", [render_inline, render_split])
def test_every_row_has_a_link_to_itself_and_unchanged_ones_do_not_stop_the_tab_key(view):
    root = parser.fromstring(view(compare("It rained. Snow fell.", "It rained hard. Snow fell.")))
    marks = {mark.get("href"): mark.get("tabindex") for mark in root.xpath("//a[@class='mark']")}
    assert marks == {"#s0": None, "#s1": "-1"}
    assert all(mark.get("aria-label") for mark in root.xpath("//a[@class='mark']"))


def test_an_unchanged_sentence_is_heard_once():
    root = parser.fromstring(render_split(compare("It rained. Snow fell.", "It rained hard. Snow fell.")))
    assert root.xpath("//*[@aria-hidden='true']/text()") == ["Snow fell."]


def test_screen_readers_hear_deleted_inserted_and_end():
    heard = parser.fromstring(render_inline(compare("It rained.", "It snowed."))).text_content()
    assert " ".join(heard.split()).startswith("It [deleted: rained end] [inserted: snowed end] .")


@pytest.mark.parametrize("view", [render_inline, render_split])
def test_a_moved_sentence_and_the_place_it_left_link_to_each_other(view):
    diff = compare("Apples fell. Pears rotted. Plums grew. Winter came.", "Winter came. Apples fell. Pears rotted. Plums grew.")
    root = parser.fromstring(view(diff))
    ids, links = set(root.xpath("//@id")), [link.lstrip("#") for link in root.xpath("//a[@class='tag']/@href")]
    assert sorted(links) == ["old-3", "s0"]
    assert set(links) <= ids


def test_long_unchanged_runs_fold_and_can_be_left_open():
    old = " ".join(f"Sentence number {n} is here." for n in range(30))
    diff = compare(old, old + " And one more came.")
    assert "28 unchanged sentences" in render_split(diff)
    assert "<details" not in render_split(diff, fold=False)


def test_split_sentences_stand_as_parts_in_a_bracket():
    diff = compare_sentences(
        ["The mayor opened the new bridge and thanked all the builders for their patience."],
        ["The mayor opened the new bridge.", "She thanked all the builders for their patience."],
    )
    root = parser.fromstring(render_split(diff))
    parts = [visible(parser.tostring(part, encoding="unicode", with_tail=False)) for part in root.xpath("//div[@class='new']/span")]
    assert parts == ["The mayor opened the new bridge.", "She thanked all the builders for their patience."]
    assert "split into 2" in root.text_content()


def test_the_feed_form_carries_its_own_colours_and_leaves_far_sentences_out():
    old = " ".join(f"Sentence number {n} is here." for n in range(9))
    markup = render_feed(compare(old, old.replace("number 8", "number 80")))
    assert 'style="background' in markup
    assert "[…]" in markup
    assert "number 7" in markup
    assert "number 3" not in markup


@pytest.mark.parametrize("render", [render_inline, render_split, render_feed])
def test_a_sentence_that_stayed_with_another_link_is_shown_and_says_so(render):
    def text(number):
        words = [f"Sentence {n} is about the town." for n in range(40)]
        links = (Link(start=0, end=8, url=f"https://a.example/{number}"),)
        blocks = tuple(Block(kind=BlockKind.PARAGRAPH, text=one, links=links if one.startswith("Sentence 20 ") else ()) for one in words)
        return Extract(url="https://a.example/", headline="The town", blocks=blocks, extractor="1", language="en")

    shown = parser.fromstring(render(compare_revisions(text(1), text(2))))
    for fold in shown.xpath("//details"):
        fold.drop_tree()
    assert "a link changed" in shown.text_content()
    assert "Sentence 20 is" in shown.text_content()
    assert "Sentence 10 is" not in shown.text_content() or render is render_inline


def test_a_page_stands_alone():
    markup = page(compare("It rained.", "It snowed."), "A <title>")
    assert markup.startswith("<!doctype html>")
    assert "A &lt;title&gt;" in markup
    assert "http" not in markup
    assert "<script" not in markup
