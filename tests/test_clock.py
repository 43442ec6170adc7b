"""The clock: this machine's, or the database server's, whichever way this machine's is set."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import pytest

from tracker import clock as clocks
from tracker.clock import Clock

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def counted(monkeypatch):
    """Seconds that this machine counts, set by the test."""

    class Counter:
        seconds = 1000.0

    monkeypatch.setattr(clocks, "_counted", lambda: Counter.seconds)
    return Counter


def test_without_a_server_it_is_this_machines():
    clock = Clock(lambda: None)
    clock.ask()
    before = datetime.now(UTC)
    assert before <= clock() <= datetime.now(UTC)


def test_with_a_server_only_what_passed_since_is_this_machines(counted):
    clock = Clock(lambda: NOON)
    clock.ask()
    assert clock() == NOON
    counted.seconds += 90
    assert clock() == NOON + timedelta(seconds=90)


def test_it_follows_the_server(counted):
    answers = iter([NOON, NOON + timedelta(seconds=61)])
    clock = Clock(lambda: next(answers))
    clock.ask()
    counted.seconds += 60
    clock.ask()
    assert clock() == NOON + timedelta(seconds=61)


def test_the_server_spoke_in_the_middle_of_the_wait_for_its_answer(counted):
    def ask() -> datetime:
        counted.seconds += 0.5
        return NOON

    clock = Clock(ask)
    clock.ask()
    assert clock() == NOON + timedelta(seconds=0.25)


def test_a_late_answer_does_not_replace_a_good_one(counted):
    slow = False

    def ask() -> datetime:
        counted.seconds += 5 if slow else 0
        return NOON

    clock = Clock(ask)
    clock.ask()
    slow = True
    clock.ask()
    assert clock() == NOON + timedelta(seconds=5)


def test_a_machine_whose_clock_is_off_is_told_once(counted, caplog):
    ahead = datetime.now(UTC) - timedelta(hours=1)
    clock = Clock(lambda: ahead)
    with caplog.at_level(logging.WARNING):
        clock.ask()
        clock.ask()
    assert [record.getMessage() for record in caplog.records] == [
        "this machine's clock is 3600 s ahead of the database server's, which counts here"
    ]
