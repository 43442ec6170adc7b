"""The article page beyond its facts: the timeline, the text with its history, the text as of a time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tracker.errors import TaskTimedOut
from tracker.web import article_page

RAIN = "It rained on {} days in the old town."
REST = "The road to the coast is closed. Buses run."


@pytest.fixture
def article(desk, clock):
    """Three versions: read at 10:02, 11:02 (and last at 11:32) and 12:02."""
    found = desk.article()
    for number in (1, 2, 3):
        desk.read(found, desk.text(f"Headline {min(number, 2)}", RAIN.format(number), REST))
        clock.advance(minutes=30)
        if number == 2:
            desk.read(found, desk.text("Headline 2", RAIN.format(number), REST))
        clock.advance(minutes=30)
    return found


async def test_the_history_is_drawn_and_told_in_words_to_those_who_do_not_see_it(reader, article):
    page = (await reader.get(f"/articles/{article}")).text
    assert '<svg role="img" aria-label="3 versions and 2 changes along a line of time' in page
    assert 'data-at="2026-03-01T10:02:00Z">1 Mar</text>' in page
    assert 'data-at="2026-03-01T10:02:00Z">10:02</text>' in page
    assert page.count("<circle") == 2
    assert " style=" not in page


async def test_each_sentence_leads_to_the_change_that_brought_it_and_tells_its_wording_before(reader, article):
    answer = await reader.get(f"/articles/{article}")
    assert answer.text.count('class="brought"') == 1
    assert 'class="brought" href="/diff/2..3" aria-label="since version 3: see the change">3</a>' in answer.text
    assert f"Until version 2: {RAIN.format(2)}" in answer.words


async def test_the_headlines_so_far_are_listed(reader, article):
    page = (await reader.get(f"/articles/{article}")).words
    assert "Headline 2 version 2 to 3 Headline 1 version 1" in page


@pytest.mark.parametrize("at", ["2026-03-01T11:10", "2026-03-01T11:10:00Z", "2026-03-01T12:10:00+01:00", "2026-03-01T12:10%2B01:00"])
async def test_the_text_as_of_a_time_is_the_version_that_stood_then(reader, article, at):
    page = (await reader.get(f"/articles/{article}?at={at}")).words
    assert "The text as of 1 March 2026, 11:10 UTC Version 2, first seen" in page
    assert RAIN.format(2) in page
    assert f"Until version 1: {RAIN.format(1)}" in page
    assert RAIN.format(3) not in page.partition("The text as of")[2]


async def test_between_two_looks_either_version_may_have_stood(reader, article):
    page = (await reader.get(f"/articles/{article}?at=2026-03-01T11:45Z")).words
    assert "It became version 3 between 11:32 and 12:02 UTC on 1 March 2026: at that time either may have stood there." in page


async def test_before_the_first_and_after_the_last_look_nothing_is_claimed(reader, article):
    early = (await reader.get(f"/articles/{article}?at=2026-03-01T09:00Z")).words
    assert "It had not been read yet at that time: the first look was 1 March 2026, 10:02 UTC." in early
    assert "It has not been looked at since." in (await reader.get(f"/articles/{article}?at=2027-01-01T00:00Z")).words


@pytest.mark.parametrize("at", ["yesterday", "2026-13-01T10:00", "2026-03-01", "0001-01-01T00:00+14:00", "<script>"])
async def test_what_is_no_time_is_told_so(reader, article, at):
    answer = await reader.get(f"/articles/{article}?at={at}")
    assert answer.status == 400
    assert "2026-03-01T10:30Z" in answer.text
    assert "<script>" not in answer.text


async def test_a_long_history_is_followed_through_its_newest_versions_only(reader, article, monkeypatch):
    monkeypatch.setattr(article_page, "VERSIONS_READ", 2)
    page = (await reader.get(f"/articles/{article}")).words
    assert "came later than version 2, the earliest that was looked through" in page


async def test_a_history_that_cannot_be_compared_leaves_the_text_readable(reader_with, article):
    class Slow:
        async def run(self, function, *args, **limits):
            raise TaskTimedOut("blame", timedelta(seconds=10))

    page = (await reader_with(sandbox=Slow()).get(f"/articles/{article}")).words
    assert RAIN.format(3) in page


async def test_a_history_is_compared_once_for_each_version(reader_with, sandbox, article):
    class Counting:
        runs_count = 0

        async def run(self, function, *args, **limits):
            Counting.runs_count += 1
            return await sandbox.run(function, *args, **limits)

    reader = reader_with(sandbox=Counting())
    for _ in range(2):
        await reader.get(f"/articles/{article}")
    assert Counting.runs_count == 1
