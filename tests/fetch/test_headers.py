"""What headers say, and what is not believed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.fetch.headers import age_of, charset_of, content_type_of, is_clean, moment_of, retry_after


@pytest.mark.parametrize(
    ("header", "charset"),
    [
        ("text/html; charset=utf-8", "utf-8"),
        ("text/html;charset='Windows-1251' ; q=1", "windows-1251"),
        ('text/html; boundary=x; CHARSET="Shift_JIS"', "shift_jis"),
        ("text/html; charset=utf-7", None),
        ("text/html; charset=UTF_7", None),
        ("text/html; charset=unicode_escape", None),
        ("text/html; charset=rot13", None),
        ("text/html; charset=hex", None),
        ("text/html; charset=nonsense", None),
        ("text/html; charset=", None),
        ("text/html; charset=a\x00b", None),
        ("text/html", None),
        (None, None),
    ],
)
def test_a_charset_is_one_that_text_on_the_web_may_have(header, charset):
    assert charset_of(header) == charset


def test_a_media_type_is_bare_and_in_lower_case():
    assert content_type_of("Text/HTML ; charset=x") == "text/html"
    assert content_type_of(" ") is None
    assert content_type_of(None) is None


def test_dates_are_aware_and_in_utc():
    assert moment_of("Tue, 03 Mar 2026 10:00:00 +0200") == datetime(2026, 3, 3, 8, tzinfo=UTC)
    assert moment_of("Tue, 03 Mar 2026 10:00:00 -0000") == datetime(2026, 3, 3, 10, tzinfo=UTC)


@given(st.text(max_size=200))
def test_no_header_is_an_error(text):
    now = datetime(2026, 3, 1, tzinfo=UTC)
    moment = moment_of(text)
    assert moment is None or moment.tzinfo is UTC
    wait = retry_after(text, now)
    assert wait is None or wait.total_seconds() >= 0
    assert timedelta() <= age_of(text, text, now) <= timedelta(days=1)
    charset_of(f"text/html; charset={text}")
    content_type_of(text)


@given(st.text())
def test_what_is_clean_fits_into_one_header_line(text):
    if is_clean(text):
        assert not {"\r", "\n", "\0"} & set(text.encode("latin-1").decode("latin-1"))


@pytest.mark.parametrize(
    ("age", "date", "minutes"),
    [
        (None, None, 0),
        ("600", None, 10),
        (None, "Sun, 01 Mar 2026 11:55:00 GMT", 5),
        ("600", "Sun, 01 Mar 2026 11:55:00 GMT", 10),
        ("60", "Sun, 01 Mar 2026 11:55:00 GMT", 5),
        ("-60", "Sun, 01 Mar 2026 12:55:00 GMT", 0),
        ("1.5", "yesterday", 0),
        ("90000", "Fri, 27 Feb 2026 12:00:00 GMT", 0),
    ],
)
def test_the_age_of_an_answer_is_what_a_cache_or_its_date_says_within_a_day(age, date, minutes):
    assert age_of(age, date, datetime(2026, 3, 1, 12, tzinfo=UTC)) == timedelta(minutes=minutes)
