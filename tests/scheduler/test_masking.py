"""Two texts compared without their source's furniture, and what differs beside it."""

from __future__ import annotations

import pytest

from tracker.model import Block, BlockKind, Extract, Mask
from tracker.scheduler.masking import is_template_change, masked, may_be_template, moved, without_lost_byline

BODY, BOX, LIST = "article > p", "article > div.box > p", "article > ul > li"
TEXT = "The council agreed on the plan on Monday, after a debate of four hours."


def extract(*blocks: tuple[str, str], headline: str = "The bridge", byline: str | None = None) -> Extract:
    kinds = {LIST: BlockKind.LIST_ITEM}
    made = tuple(Block(kind=kinds.get(place, BlockKind.PARAGRAPH), text=text, place=place) for text, place in blocks)
    return Extract(url="https://echo.example/1", headline=headline, blocks=made, extractor="5", byline=byline)


def mask(**more: object) -> Mask:
    return Mask(**{"body": frozenset({BODY}), "held_by": {BODY: 9, BOX: 9}, "articles_count": 9} | more)


def test_a_mask_hides_and_never_empties():
    whole = extract((TEXT, BODY), ("Tonight at nine.", BOX))
    assert masked(whole, mask(places=frozenset({BOX}))) == extract((TEXT, BODY))
    assert masked(whole, mask(places=frozenset({BOX, BODY}))) == whole


def test_the_text_under_a_new_name_of_its_box_is_no_furniture():
    other = "Another paragraph, which the article has in the place of one that is gone."
    found = moved(extract((TEXT, BODY), (TEXT[::-1], BODY)), extract((TEXT, "main > p.new"), (other, "main > p.new")))
    assert found.places == {BODY, "main > p.new"}
    assert not found.replaced | found.renewed


def test_a_template_with_other_names_has_moved_nothing():
    assert not moved(extract((TEXT, BODY), ("More.", BOX)), extract((TEXT, "main > p"), ("More.", "main > div > p"))).places


@pytest.mark.parametrize(
    ("old", "new", "is_replaced"),
    [
        ("Tonight at nine: our film.", "Ten walks along the river.", True),
        ("12 people read this", "47 people read this", True),
        ("The minister said on Monday that the bridge was safe.", "The minister said on Monday that the bridge was not safe.", False),
    ],
)
def test_other_words_or_numbers_replace_a_text_and_an_edit_does_not(old, new, is_replaced):
    found = moved(extract((TEXT, BODY), (old, BOX)), extract((TEXT, BODY), (new, BOX)))
    assert found.places == {BOX}
    assert bool(found.replaced) == is_replaced


@pytest.mark.parametrize(("others", "is_known"), [({2, 3}, True), ({1, 3}, False)])
def test_what_two_other_articles_changed_too_is_the_templates(others, is_known):
    found = moved(extract((TEXT, BODY)), extract((TEXT, BODY), ("Tonight at nine.", BOX)))
    assert is_template_change(found, mask(moving={BOX: frozenset(others)}), 1) == is_known


@pytest.mark.parametrize(
    "new",
    [
        extract((TEXT.replace("four", "five"), BODY), ("Tonight at nine.", BOX)),
        extract((TEXT, BODY), ("Tonight at nine.", BOX), headline="The new bridge"),
        extract((TEXT, BODY), ("Correction: an earlier version of this article said that it was three.", BOX)),
    ],
)
def test_an_edit_beside_a_change_of_the_template_is_told(new):
    found = moved(extract((TEXT, BODY)), new)
    known = mask(moving={place: frozenset({2, 3, 4}) for place in (BODY, BOX)})
    assert not is_template_change(found, known, 1)
    assert not may_be_template(found, known)


@pytest.mark.parametrize(
    ("old", "new", "is_doubtful"),
    [
        ([("Tonight at nine.", BOX)], [("Ten walks along the river.", BOX)], True),
        ([], [("Never seen there.", "article > div.new > p")], True),
        ([("In 1931 it was built.", BOX)], [("In 1936 it was built.", BOX)], False),
        ([], [("Item", LIST)], False),
        ([], [("A new paragraph.", BODY)], False),
    ],
)
def test_only_whole_paragraphs_in_a_place_of_the_template_wait_for_a_second_look(old, new, is_doubtful):
    found = moved(extract((TEXT, BODY), *old), extract((TEXT, BODY), *new))
    assert may_be_template(found, mask()) == is_doubtful
    assert not may_be_template(found, mask(articles_count=4))


def test_a_byline_that_many_pages_lost_at_once_is_not_compared():
    one, other = extract((TEXT, BODY), byline="Jo Fenwick"), extract((TEXT, BODY))
    assert without_lost_byline(one, other, mask(places=frozenset({"byline"}))).byline is None
    assert without_lost_byline(one, other, mask()).byline == "Jo Fenwick"
    assert without_lost_byline(one, one, mask(places=frozenset({"byline"}))).byline == "Jo Fenwick"
