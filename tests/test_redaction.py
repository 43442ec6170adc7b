"""Hidden words are found again by their hashes alone, however they are written, and nothing else is taken."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.model import Block, BlockKind, Extract, Link, Takedown, TakedownScope
from tracker.redaction import MARK, address_holds, folded, holds, page_holds, salted, withhold, without, words
from tracker.text import extract_fingerprint

SALT = b"salt" * 8
AT = datetime(2026, 3, 1, tzinfo=UTC)


def of_phrase(phrase: str, scope: TakedownScope = TakedownScope.PHRASE, *, texts: tuple[str, ...] = (), minutes: int = 0) -> Takedown:
    text, count = folded(phrase)
    hashes = {salted(SALT, "phrase", text), *(salted(SALT, "text", one) for one in texts)}
    return Takedown(
        id=phrase, at=AT + timedelta(minutes=minutes), scope=scope, reason="r", salt=SALT, hashes=frozenset(hashes), words_count=count
    )


def of_text(fingerprint: str, *, minutes: int = 0) -> Takedown:
    hashes = frozenset({salted(SALT, "text", fingerprint)})
    return Takedown(id=fingerprint, at=AT + timedelta(minutes=minutes), scope=TakedownScope.REVISION, reason="r", salt=SALT, hashes=hashes)


def article(*texts: str, headline: str = "Council agrees", **more) -> Extract:
    blocks = tuple(Block(kind=BlockKind.PARAGRAPH, text=text) for text in texts)
    return Extract(url="https://news.example/1", headline=headline, blocks=blocks, extractor="1", **more)


@pytest.mark.parametrize(
    "written",
    [
        "Anna Müller",
        "ANNA  MÜLLER",
        "Anna\nMu\u0308ller",
        "Anna\u00a0Mül\u00adler",
        "\u201cAnna\u201d Müller",
        "Ａｎｎａ Müller",
        "Anna-Müller",
        "Anna Müller's",
    ],
)
def test_a_phrase_is_found_however_it_is_set(written: str):
    assert MARK in without(f"They met {written}.", of_phrase("Anna Müller"))


@pytest.mark.parametrize("written", ["Annabel Müller", "Anna Muller", "Anna and Müller", "Müller Anna", "Anna"])
def test_other_words_are_left_alone(written: str):
    assert without(f"They met {written}.", of_phrase("Anna Müller")) == f"They met {written}."


def test_only_the_words_go_and_what_stands_around_them_stays():
    assert without("“Anna Müller’s house,” he said (Anna Müller).", of_phrase("anna müller")) == f"“{MARK}’s house,” he said ({MARK})."


def test_words_of_scripts_without_spaces_are_found_inside_a_run():
    assert without("昨日田中太郎は東京で", of_phrase("田中太郎")) == f"昨日{MARK}は東京で"
    assert [word.text for word in words("สวัสดี")] == list("สวัสดี") or MARK in without("พบสมชายวันนี้", of_phrase("สมชาย"))


def test_a_phrase_that_goes_on_in_the_next_paragraph_is_taken_from_both():
    found = withhold(article("It was said that Anna", "Müller had left."), [of_phrase("Anna Müller")])
    assert [block.text for block in found.blocks] == [f"It was said that {MARK}", f"{MARK} had left."]


def test_headline_byline_caption_section_and_addresses_are_looked_through():
    beside = {"byline": "By Anna Müller", "section": "Anna Müller", "image_caption": "Anna Müller", "body_reason": "Anna Müller"}
    addresses = {"canonical_url": "https://news.example/anna-m%C3%BCller", "image_url": "https://news.example/anna_müller.jpg"}
    found = withhold(article("Text.", headline="Anna Müller", **beside, **addresses), [of_phrase("Anna Müller")])
    assert (found.headline, found.byline, found.section, found.image_caption) == (MARK, f"By {MARK}", MARK, MARK)
    assert (found.canonical_url, found.image_url, found.url) == (None, None, "https://news.example/1")
    assert "Anna" not in repr(found)


def test_an_extract_without_the_words_is_the_same_one():
    extract = article("Nothing of it.")
    assert withhold(extract, [of_phrase("Anna Müller"), of_text("1-00")]) is extract


@given(st.text(), st.lists(st.sampled_from(["a b", "b c", "withdrawn", "b"]), unique=True))
def test_taking_out_twice_is_taking_out_once(text: str, phrases: list[str]):
    takedowns = [of_phrase(phrase, minutes=number) for number, phrase in enumerate(phrases)]
    once = withhold(article(text + " a b c", "c withdrawn a b"), takedowns)
    assert not any(holds(block.text, takedown) for block in once.blocks for takedown in takedowns)
    assert withhold(once, takedowns) == once


def test_a_hidden_text_leaves_neither_words_nor_its_own_fingerprint():
    extract = article("Anna Müller left.", headline="Anna Müller", language="de")
    found = withhold(extract, [of_text(extract_fingerprint(extract))])
    assert (found.headline, found.blocks, found.language) == ("", (), "de")
    assert extract_fingerprint(found).startswith("withdrawn-")
    assert extract_fingerprint(extract).removeprefix("1-") not in extract_fingerprint(found)
    assert extract_fingerprint(withhold(extract, [of_text(extract_fingerprint(extract))])) == extract_fingerprint(found)


def test_a_text_that_was_hidden_between_two_phrases_stays_hidden_when_it_is_read_again():
    extract = article("Anna Müller met Bo Ek.")
    first = of_phrase("Anna Müller")
    second = of_text(extract_fingerprint(withhold(extract, [first])), minutes=1)
    third = of_phrase("Bo Ek", minutes=2)
    assert withhold(extract, [third, second, first]).withdrawn is not None


def test_a_phrase_in_one_revision_is_left_in_every_other():
    one, other = article("Anna Müller left."), article("Anna Müller came.")
    takedown = of_phrase("Anna Müller", TakedownScope.PHRASE_IN_REVISION, texts=(extract_fingerprint(one),))
    assert withhold(one, [takedown]).text == f"{MARK} left."
    assert withhold(other, [takedown]) is other


@pytest.mark.parametrize(
    "page",
    [
        "<p>Anna <b>Müller</b> left",
        "<p>An<i>na</i> Müller",
        "<img alt='Anna Müller'>",
        "<script>{'name': 'Anna M\\u00fcller'}</script>",
        "<a href='/anna-m%C3%BCller'>",
        "<p>Anna&nbsp;M&uuml;ller",
    ],
)
def test_a_page_that_may_hold_the_words_is_told_whatever_its_markup(page: str):
    assert page_holds(page.encode(), [of_phrase("Anna Müller")])
    assert page_holds(page.encode("latin-1", "xmlcharrefreplace"), [of_phrase("Anna Müller")], "iso-8859-1")
    assert not page_holds(page.encode(), [of_phrase("Bo Ek")])


def test_a_page_in_no_encoding_that_there_is_can_be_looked_through():
    assert page_holds(b"<meta charset=rot13><p>Anna Muller", [of_phrase("Anna Muller")])


def test_an_address_is_read_as_words():
    assert address_holds("https://news.example/2026/anna-m%C3%BCller-arrested", of_phrase("Anna Müller"))
    assert not address_holds("https://news.example/2026/anna-arrested", of_phrase("Anna Müller"))


def test_links_of_a_block_that_lost_words_or_lead_to_an_address_with_the_words_are_not_known():
    def block(text: str, url: str) -> Block:
        return Block(kind=BlockKind.PARAGRAPH, text=text, links=(Link(start=0, end=4, url=url),))

    kept = block("Here is more.", "https://news.example/more")
    found = Extract(
        url="https://news.example/1",
        headline="Council agrees",
        blocks=(kept, block("Then Anna Müller left.", "https://news.example/then"), block("Who it was.", "https://news.example/anna-m%C3%BCller")),
        extractor="1",
    )
    first, reduced, leading = withhold(found, [of_phrase("Anna Müller")]).blocks
    assert first == kept
    assert (reduced.text, reduced.links) == ("Then [withdrawn] left.", None)
    assert (leading.text, leading.links) == ("Who it was.", None)
