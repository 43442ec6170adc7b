"""Values come back from their columns as they went in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from tracker.differ.facets import assessed
from tracker.model import ArticleStatus, Because, DateMoved, EditKind, EventKind, Noted, Outcome, Significance
from tracker.store import columns

DIALECT = sqlite.dialect()


def back(column, value):
    kept, read = column.process_bind_param(value, DIALECT), column.result_processor(DIALECT, None)
    return read(kept) if read else kept


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_moment_comes_back_to_the_microsecond_and_aware(at):
    assert back(columns.Utc(), at) == at
    assert back(columns.Utc(), at).tzinfo is UTC


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)))
def test_moments_sort_in_the_database_as_in_time(one, other):
    utc = columns.Utc()
    assert (utc.process_bind_param(one, DIALECT) < utc.process_bind_param(other, DIALECT)) == (one < other)


def test_a_moment_without_a_time_zone_is_refused():
    with pytest.raises(TypeError):
        columns.Utc().process_bind_param(datetime(2026, 3, 1) - timedelta(0), DIALECT)  # noqa: DTZ001 (that is the point)


@given(st.text())
def test_any_text_comes_back_as_a_fingerprint(text):
    assert back(columns.Fingerprint(), text) == text


@given(st.integers(1, 255), st.binary(min_size=16, max_size=16))
def test_a_fingerprint_takes_half_its_length(version, digest):
    text = f"{version}-{digest.hex()}"
    assert back(columns.Fingerprint(), text) == text
    assert len(columns.Fingerprint().process_bind_param(text, DIALECT)) == 17


@pytest.mark.parametrize(
    ("members", "kind"),
    [
        (columns.OUTCOMES, Outcome),
        (columns.BECAUSES, Because),
        (columns.STATUSES, ArticleStatus),
        (columns.EVENT_KINDS, EventKind),
        (columns.SIGNIFICANCES, Significance),
        (columns.NOTED, Noted),
        (columns.DATES_MOVED, DateMoved),
    ],
)
def test_every_member_of_an_enumeration_has_its_own_code(members, kind):
    assert sorted(members) == sorted(kind)
    assert [back(columns.Coded(members), member) for member in members] == list(members)


def test_not_assessed_and_nothing_found_stay_distinct():
    names = columns.Facets()
    assert back(names, None) is None
    assert back(names, frozenset()) == frozenset()
    assert back(names, frozenset({"quotes", "names"})) == {"quotes", "names"}
    assert back(names, frozenset({"quotes", "another", "its"})) == {"quotes", "another", "its"}
    assert back(names, frozenset({"another"})) == {"another"}


def test_every_facet_that_the_differ_finds_is_one_sign_of_its_own():
    found = [columns.facet_sign(name) for name in sorted(assessed("en"))]
    assert len(set(found)) == len(found)
    assert all(len(sign) == 1 and sign != " " for sign in found)


def test_a_name_of_two_words_is_refused_since_it_would_come_back_as_two():
    with pytest.raises(ValueError, match="single words"):
        columns.Facets().process_bind_param(frozenset({"two words"}), DIALECT)


def test_counts_of_edits_come_back():
    counts = ((EditKind.EDITED, 2), (EditKind.KEPT, 40))
    assert back(columns.Counts(), counts) == counts
    assert back(columns.Counts(), ()) == ()
    every = tuple((kind, 12) for kind in EditKind)
    assert back(columns.Counts(), every) == every


def test_counts_that_were_kept_in_full_words_are_still_read():
    assert columns.Counts().process_result_value("edited:3 kept:20", DIALECT) == ((EditKind.EDITED, 3), (EditKind.KEPT, 20))


@given(st.text(st.characters(max_codepoint=40)) | st.lists(st.sampled_from((*columns.PHRASES, "x", "\n", "\x1f", "\x01"))).map("".join))
def test_any_sentence_comes_back(text):
    assert back(columns.Phrased(), text) == columns.plain(text)


def test_a_sentence_of_ours_takes_half_its_length_and_one_kept_in_full_is_still_read():
    sentence = "A number changed; 1 sentence removed; 2 sentences added."
    kept = columns.Phrased().process_bind_param(sentence, DIALECT)
    assert len(kept) < len(sentence) / 2
    assert columns.Phrased().process_result_value(sentence, DIALECT) == sentence


def test_phrases_are_told_apart():
    assert len(columns.PHRASES) == len(set(columns.PHRASES)) <= 27
    assert [back(columns.Phrased(), phrase) for phrase in columns.PHRASES] == list(columns.PHRASES)


@given(st.text())
def test_a_strangers_text_can_be_stored_and_is_left_alone_where_it_can(text):
    kept = columns.plain(text)
    kept.encode()
    assert "\0" not in kept
    assert len(kept) == len(text)
    assert columns.plain(kept) == kept
    if "\0" not in text:
        assert kept == text


@given(st.text())
def test_a_hash_of_a_key_fits_the_column(text):
    assert -(2**63) <= columns.hash64(text) < 2**63
