"""What counts as the same text."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tracker.model import Block, BlockKind, Extract
from tracker.text import extract_fingerprint, fingerprint, normalise

AWKWARD = st.text(alphabet="a1é5.-–—−'’‘\"“«»`… \u00a0\u200b\u00ad&;#amplt38<\u0301\u0338ﬁ\n")

SAME = [
    ("It’s “safe”, he said", 'It\'s "safe", he said'),
    ("It's 'safe', he said", 'It\'s "safe", he said'),
    ("„Ja“, sagte er", "»Ja«, sagte er"),
    ("Elle dit : « Oui »", 'Elle dit : "Oui"'),
    ("ten\u00a0million", "ten million"),
    ("child\u00adren", "children"),
    ("zero\u200bwidth", "zerowidth"),
    ("\ufefffirst", "first"),
    ("a line\nand its end\r\n", "a line and its end"),
    ("re\u0301sume\u0301", "résumé"),
    ("the council—once again—said", "the council – once again – said"),
    ("the council -- once again", "the council - once again"),
    ("2015–16", "2015-16"),
    ("−5C", "-5C"),
    ("Marks &amp; Spencer", "Marks & Spencer"),
    ("Marks &amp;amp; Spencer", "Marks & Spencer"),
    ("ten&nbsp;million", "ten million"),
    ("and then…", "and then..."),
    ("ﬁrst", "first"),
]

DISTINCT = [
    ("1.5", "15"),
    ("1,500", "1500"),
    ("1.5", "1,5"),
    ("5-3", "53"),
    ("-5C", "5C"),
    ("−5C", "5C"),
    ("£5.4m", "£54m"),
    ("resume", "résumé"),
    ("it is safe", "it is not safe"),
    ("10m²", "10m2"),
    ("re-form", "reform"),
    ("well", "we'll"),
    ("5'", '5"'),
    ("Council", "council"),
    ("a b", "ab"),
    ("&lt;", "&gt;"),
    ("2 000", "2000"),
    ("½", "12"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_a_difference_of_encoding_or_style_is_no_difference(one, other):
    assert normalise(one) == normalise(other)
    assert fingerprint([one]) == fingerprint([other])


@pytest.mark.parametrize(("one", "other"), DISTINCT)
def test_a_difference_of_meaning_stays(one, other):
    assert normalise(one) != normalise(other)
    assert fingerprint([one]) != fingerprint([other])


@given(st.one_of(st.text(), AWKWARD))
@example("ﬁ\u0301")
@example("&&shy;amp;")
@example("'''")
@example("&amp;#38;amp;lt;")
def test_normalising_twice_is_normalising_once(text):
    assert normalise(normalise(text)) == normalise(text)


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_two_numbers_never_normalise_alike(one, other):
    if one != other:
        assert normalise(f"about {one:,} people") != normalise(f"about {other:,} people")


def test_an_overlong_entity_is_left_as_it_stands():
    assert normalise("&#1114112; &#xD800; &#0; &nosuchentity;") == "&#1114112; &#xD800; &#0; &nosuchentity;"


def test_a_lone_surrogate_has_a_fingerprint():
    assert fingerprint(["\ud800"]) != fingerprint(["\udc00"])


def test_a_fingerprint_names_its_version_and_has_32_hex_digits():
    version, digest = fingerprint(["a"]).split("-")
    assert version == "1"
    assert len(digest) == 32
    int(digest, 16)


@given(st.lists(st.text(alphabet="ab "), max_size=4), st.lists(st.text(alphabet="ab "), max_size=4))
def test_parts_cut_otherwise_have_another_fingerprint(one, other):
    alike = [normalise(part) for part in one] == [normalise(part) for part in other]
    assert (fingerprint(one) == fingerprint(other)) == alike


def an_extract(*texts: str, headline: str = "A headline", byline: str | None = "Jo Blogs", **more: object) -> Extract:
    blocks = tuple(Block(kind=BlockKind.PARAGRAPH, text=text) for text in texts)
    return Extract(url="https://example.org/a", headline=headline, byline=byline, blocks=blocks, extractor="1", **more)


def test_a_paragraph_broken_elsewhere_is_the_same_text():
    assert extract_fingerprint(an_extract("One. Two.", "Three.")) == extract_fingerprint(an_extract("One.", "Two. Three."))


def test_a_new_headline_byline_or_word_is_another_text():
    prints = {
        extract_fingerprint(an_extract("One.")),
        extract_fingerprint(an_extract("One.", headline="Another headline")),
        extract_fingerprint(an_extract("One.", byline=None)),
        extract_fingerprint(an_extract("Ones.")),
    }
    assert len(prints) == 4


def test_links_and_the_extractor_are_not_the_text():
    other = Extract(
        url="https://example.org/b",
        headline="A headline",
        byline="Jo Blogs",
        extractor="2",
        language="en",
        blocks=(Block(kind=BlockKind.QUOTE, text="One."),),
        canonical_url="https://example.org/c",
    )
    assert extract_fingerprint(an_extract("One.")) == extract_fingerprint(other)
