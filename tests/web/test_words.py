"""The words that pages use for values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from builders import health

from tracker.model import (
    Article,
    ArticleStatus,
    Because,
    DateMoved,
    Diff,
    EventKind,
    Extract,
    Noted,
    Outcome,
    Significance,
)
from tracker.web import words

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def article(**values: Any) -> Article:
    known = {"id": 1, "source": "bbc", "url": "https://example.org/a", "keys": (), "status": ArticleStatus.TRACKED, "first_seen_at": NOON}
    return Article(**(known | values))


@pytest.mark.parametrize(
    ("words_for", "values"),
    [
        (words.OUTCOMES, Outcome),
        (words.FEED_OUTCOMES, Outcome),
        (words.BECAUSE, set(Because) - {Because.CADENCE}),
        (words.SIGNIFICANCE, Significance),
        (words.NOTED, Noted),
        (words.DATE_MOVED, DateMoved),
        (words.KINDS, EventKind),
    ],
)
def test_every_value_has_its_words(words_for, values):
    assert set(words_for) == set(values)
    assert all(words_for.values())


@pytest.mark.parametrize(
    ("revisions_count", "changes_count", "said"),
    [
        (0, 0, "Its text has not been read yet."),
        (1, 0, "It has not changed since it was first seen."),
        (2, 0, "It has not changed since it was first seen."),
        (2, 1, "It has changed once since it was first seen."),
        (3, 2, "It has changed twice since it was first seen."),
        (4, 3, "It has changed 3 times since it was first seen."),
    ],
)
def test_how_often_an_article_changed_counts_changes_not_versions(revisions_count, changes_count, said):
    assert words.how_often(article(revisions_count=revisions_count, changes_count=changes_count)) == said


@pytest.mark.parametrize(
    ("reason", "summary", "said"),
    [
        ("numbers changed", "Four numbers changed.", ""),
        ("quoted words changed; 4 sentences added", "A quotation changed; and other edits.", "4 sentences added"),
        ("headline changed; 4 sentences added", "Headline changed; 4 sentences added.", ""),
        ("only spelling, punctuation or case changed", "1 sentence reworded.", "only spelling, punctuation or case changed"),
        ("", "No change.", ""),
    ],
)
def test_a_reason_is_told_only_as_far_as_the_summary_is_silent_on_it(reason, summary, said):
    assert words.further_reason(Diff(edits=(), pairs=(), reason=reason, summary=summary)) == said


@pytest.mark.parametrize(("minutes", "told"), [(None, False), (-60, False), (10, False), (20, True)])
def test_looks_that_run_late_are_told(minutes, told):
    waiting_since = None if minutes is None else NOON - timedelta(minutes=minutes)
    assert words.is_late(health(last_polled_at=NOON, waiting_since=waiting_since)) is told


@pytest.mark.parametrize(
    ("good", "polls", "told"),
    [
        (0, 1, "The last look was not good."),
        (1, 1, "The last look was good."),
        (2, 3, "2 of the last 3 looks were good."),
        (3, 3, "All of the last 3 looks were good."),
    ],
)
def test_the_share_of_good_looks_in_words(good, polls, told):
    assert words.good_share(health(polls_count=polls, good_count=good)) == told


@pytest.mark.parametrize("said", [words.NOTED[Noted.NO], words.DATE_MOVED[DateMoved.NO]])
def test_no_publisher_is_called_silent_or_stealthy(said):
    assert "silent" not in said
    assert "stealth" not in said


@pytest.mark.parametrize(
    ("status", "next_poll_at", "checked"),
    [
        (ArticleStatus.TRACKED, NOON, True),
        (ArticleStatus.MISSING, NOON, True),
        (ArticleStatus.TRACKED, None, False),
        (ArticleStatus.STOPPED, None, False),
        (ArticleStatus.STOPPED, NOON, False),
    ],
)
def test_an_article_is_checked_while_another_look_is_planned(status, next_poll_at, checked):
    assert words.is_checked(article(status=status, next_poll_at=next_poll_at)) is checked


@pytest.mark.parametrize(
    ("url", "linked"),
    [
        ("https://example.org/a", True),
        ("HTTP://example.org/a", True),
        ("javascript:alert(1)", False),
        (" javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//example.org/a", False),
        ("https:///a", False),
        ("", False),
    ],
)
def test_a_reader_is_sent_to_the_web_only(url, linked):
    assert (words.web_link(url) == url) is linked


@pytest.mark.parametrize(
    ("contact", "link"),
    [
        ("ada@example.org", "mailto:ada@example.org"),
        ("https://example.org/contact", "https://example.org/contact"),
        ("Ada, 2nd floor", None),
        ("javascript:alert(1)@example.org", None),
    ],
)
def test_the_operators_contact_is_linked_where_it_is_an_address(contact, link):
    assert words.contact_link(contact) == link


def test_a_title_is_one_line_without_hidden_characters():
    assert words.one_line("One\u202e two\x00\nthree\u2066 ") == "One two three"
    assert words.one_line("word " * 30_000) == "word " * 39 + "word…"
    assert len(words.one_line("w" * 100_000)) == words.TITLE_LENGTH


@pytest.mark.parametrize(("given", "kept"), [("en", "en"), ("pt-BR", "pt-BR"), ('en" onload="x', None), ("", None), (None, None)])
def test_a_language_is_used_only_if_it_is_one(given, kept):
    extract = Extract(url="https://example.org", headline="x", blocks=(), extractor="1", language=given)
    assert words.language(extract) == kept


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [(1, 3, "1 of 3"), (0, 40, "0 %"), (1, 400, "1 %"), (399, 400, "99 %"), (400, 400, "100 %"), (100, 400, "25 %")],
)
def test_a_share_is_never_rounded_to_all_or_nothing(part, whole, said):
    assert words.share(part, whole) == said


def test_a_share_and_what_it_is_of_tell_the_number_once():
    assert (words.share(1, 3), words.counted(3, "changes")) == ("1 of 3", "changes")
    assert (words.share(10, 40), words.counted(40, "changes")) == ("25 %", "of 40 changes")
