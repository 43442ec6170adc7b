"""What the newsroom remembers: when it opened, and how far its stories have turned."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tracker.errors import NewsroomError
from tracker.newsroom.state import State

from .conftest import OPENED_AT

FIVE = timedelta(seconds=5)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "storage" / "newsroom.json"


@pytest.fixture
def bbc(stories):
    return stories[0]


def open_state(file, now=OPENED_AT) -> State:
    return State(file, now=now, change_after=FIVE)


def test_a_story_that_nobody_read_stays_at_its_first_text(file, bbc):
    edition = open_state(file).edition(bbc, OPENED_AT + timedelta(days=9))
    assert (edition.number, edition.published_at, edition.modified_at) == (0, OPENED_AT, OPENED_AT)


def test_a_story_turns_some_seconds_after_it_was_first_read(file, bbc):
    state = open_state(file)
    read_at = OPENED_AT + timedelta(minutes=1)
    state.note_reading(bbc, read_at)
    state.note_reading(bbc, read_at + timedelta(seconds=4))
    assert state.edition(bbc, read_at + timedelta(seconds=4.9)).number == 0
    turned = state.edition(bbc, read_at + FIVE)
    assert (turned.number, turned.modified_at, turned.published_at) == (1, read_at + FIVE, OPENED_AT)


def test_a_story_of_three_texts_turns_twice_and_then_stays(file, bbc):
    third = replace(bbc, versions=(*bbc.versions, bbc.versions[0]))
    state = open_state(file)
    state.note_reading(third, OPENED_AT)
    assert [state.edition(third, OPENED_AT + timedelta(seconds=after)).number for after in (4, 5, 9, 10, 3600)] == [0, 1, 1, 2, 2]


def test_a_restart_goes_on_where_it_was(file, bbc):
    state = open_state(file)
    state.note_reading(bbc, OPENED_AT)
    again = open_state(file, OPENED_AT + timedelta(hours=1))
    edition = again.edition(bbc, OPENED_AT + timedelta(hours=1))
    assert (edition.number, edition.published_at, edition.modified_at) == (1, OPENED_AT, OPENED_AT + FIVE)


def test_a_story_never_goes_back_whatever_the_clock_does(file, bbc):
    state = open_state(file)
    state.note_reading(bbc, OPENED_AT)
    assert state.edition(bbc, OPENED_AT + FIVE).number == 1
    assert state.edition(bbc, OPENED_AT - timedelta(days=1)).number == 1
    assert open_state(file).edition(bbc, OPENED_AT - timedelta(days=1)).number == 1


def test_a_clock_that_was_set_back_before_the_turn_breaks_nothing(file, bbc):
    state = open_state(file)
    state.note_reading(bbc, OPENED_AT)
    assert state.edition(bbc, OPENED_AT - timedelta(days=1)).number == 0


def test_a_story_with_one_text_needs_no_memory(file, stories):
    state = open_state(file)
    state.note_reading(stories[1], OPENED_AT)
    assert json.loads(file.read_text(encoding="utf-8"))["stories"] == {}


def test_the_file_is_replaced_whole_and_leaves_nothing_beside_it(file, bbc):
    open_state(file).note_reading(bbc, OPENED_AT)
    assert [found.name for found in file.parent.iterdir()] == ["newsroom.json"]
    assert json.loads(file.read_text(encoding="utf-8")) == {
        "opened_at": "2026-03-01T12:00:00+00:00",
        "stories": {"/bbc/uk-england-tyne-33590863": {"first_read_at": "2026-03-01T12:00:00+00:00", "version": 0}},
    }


def test_a_story_that_the_file_does_not_know_yet_begins_with_its_first_text(file, bbc):
    file.parent.mkdir()
    gone = '{"/gone/long-ago": {"first_read_at": "2026-01-01T00:00:00Z", "version": 1}}'
    file.write_text(f'{{"opened_at": "2026-01-01T00:00:00Z", "stories": {gone}}}', encoding="utf-8")
    edition = open_state(file).edition(bbc, OPENED_AT)
    assert (edition.number, edition.published_at) == (0, datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"opened_at": "yesterday", "stories": {}}',
        '{"opened_at": "2026-01-01T00:00:00", "stories": {}}',
        '{"opened_at": "2026-01-01T00:00:00Z", "stories": {"/a/b": {"first_read_at": "2026-01-01T00:00:00Z", "version": -1}}}',
        '{"opened_at": "2026-01-01T00:00:00Z", "stories": {}, "more": 1}',
    ],
)
def test_a_broken_file_is_a_sentence_that_says_what_to_do(file, text):
    file.parent.mkdir()
    file.write_text(text, encoding="utf-8")
    with pytest.raises(NewsroomError, match=r"newsroom\.json is damaged \(.+\): delete it, and the newsroom begins again"):
        open_state(file)
    assert file.read_text(encoding="utf-8") == text


def test_a_file_that_cannot_be_read_is_told(file):
    file.mkdir(parents=True)
    with pytest.raises(NewsroomError, match=r"cannot read its state file .*newsroom\.json"):
        open_state(file)


def test_a_folder_that_cannot_be_written_is_told_and_nothing_is_remembered(file, bbc):
    state = open_state(file)
    file.unlink()
    file.parent.rmdir()
    file.parent.write_text("in the way", encoding="utf-8")
    with pytest.raises(NewsroomError, match=r"cannot write its state file .*newsroom\.json"):
        state.note_reading(bbc, OPENED_AT)
    assert state.edition(bbc, OPENED_AT + FIVE).number == 0


def test_the_time_until_the_change_must_be_longer_than_nothing(file):
    with pytest.raises(ValueError, match="longer than nothing"):
        State(file, now=OPENED_AT, change_after=timedelta(0))
