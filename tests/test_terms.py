"""The words by which a text is found, and what is shown of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.model import Extract
from tracker.terms import GAP, LONGEST_TERM, excerpt, folded, head_terms, marked, read_query, terms


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Zoë’s résumé", ["zoe", "s", "resume"]),
        ("U.S.-led", ["u", "s", "led"]),
        ("ЁЛКА й", ["елка", "и"]),
        ("Straße", ["strasse"]),
        ("東京 tower", ["東", "京", "tower"]),
        ("서울에서", ["서울에서"]),
        ("مَدِينَة", ["مدينة"]),
        ("ＡＢＣ ⑴ ½", ["abc", "1", "1⁄2"]),
        ("[withdrawn] words", ["withdrawn", "words"]),
        ("x" * 200, ["x" * LONGEST_TERM]),
        ("😀 !? \0", []),
    ],
)
def test_text_is_folded_into_terms(text, found):
    assert [term for term, _, _ in terms(text)] == found


@given(st.text())
def test_a_term_is_one_word_of_any_index_and_stays_what_it_is(text):
    for term, start, end in terms(text):
        assert not any(sign.isspace() or (sign.isascii() and not sign.isalnum()) for sign in term)
        assert 0 < len(term) <= LONGEST_TERM
        assert "".join(one for one, _, _ in terms(text[start:end])) == term


@given(st.text())
def test_what_is_indexed_of_a_text_are_its_terms(text):
    extract = Extract(url="https://a.example/", headline=text, blocks=(), extractor="1")
    assert head_terms(extract) == [term for term, _, _ in terms(text)] + [GAP] * bool(terms(text)) * 2 or len(terms(text)) > 255


def test_words_of_the_query_are_marked_wherever_they_stand_and_a_phrase_as_one():
    spans = marked("The Prime Minister met a minister.", read_query('"prime minister" minister'))
    assert [span.text for span in spans if span.is_match] == ["Prime Minister", "minister"]
    assert "".join(span.text for span in spans) == "The Prime Minister met a minister."


@given(st.text(alphabet="ab é.\n", max_size=900), st.sampled_from(["a", "b", "e", '"a b"', "ab"]))
def test_an_excerpt_shows_the_first_match_and_is_short(text, typed):
    query = read_query(typed)
    shown = excerpt(text, query)
    assert len("".join(span.text for span in shown)) <= 330 or not any(sign.isspace() for sign in text)
    if any(span.is_match for span in marked(text, query)) and " " in text:
        assert any(span.is_match for span in shown)


def test_folding_is_idempotent():
    for word in ("zoë", "ΣΊΣΥΦΟΣ", "ﷺ", "½", "ﬁnd"):
        assert folded(folded(word)) == folded(word)


@pytest.mark.parametrize("typed", ["fell to −5 degrees", "fell to –5 degrees", "fell to −−5 degrees"])
def test_a_minus_in_copied_text_leaves_no_number_out(typed):
    query = read_query(typed)
    assert (query.wanted, query.unwanted) == ((("fell",), ("to",), ("5",), ("degrees",)), ())


@pytest.mark.parametrize(("typed", "unwanted"), [("vote -2020", "2020"), ("vote –spring", "spring"), ("vote −spring", "spring")])
def test_a_hyphen_before_a_number_and_any_dash_before_a_word_leave_it_out(typed, unwanted):
    assert read_query(typed).unwanted == ((unwanted,),)
