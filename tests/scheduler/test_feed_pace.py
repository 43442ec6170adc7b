"""A feed is read as often as it brings something new."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tracker.model import Feed, Habits
from tracker.scheduler.cadence import Cadence, Fixed
from tracker.scheduler.feed_pace import FEED_CEILING, after_news, hint_pull, next_reading

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
CADENCE = Cadence()
MONTHS_OLD = Feed(id=1, url="https://news.example/feed", source="news", first_polled_at=NOW - timedelta(days=300))


def test_a_feed_that_brings_news_every_hour_is_read_twice_in_that_time():
    feed = replace(MONTHS_OLD, last_changed_at=NOW - timedelta(hours=1), news_gap=timedelta(hours=1))
    assert after_news(feed, CADENCE, NOW).next_poll_at == NOW + timedelta(minutes=30)


def test_a_feed_s_pace_follows_its_news():
    feed, at = replace(MONTHS_OLD, last_changed_at=NOW), NOW
    for _ in range(60):
        at += timedelta(minutes=12)
        pace = after_news(feed, CADENCE, at)
        feed = replace(feed, last_changed_at=at, news_gap=pace.news_gap)
    assert feed.news_gap == pytest.approx(timedelta(minutes=12), abs=timedelta(seconds=5))


def test_a_feed_that_is_silent_for_longer_than_usual_is_read_less_often_but_each_hour():
    feed = replace(MONTHS_OLD, news_gap=timedelta(minutes=12))
    waits = [
        next_reading(replace(feed, last_changed_at=NOW - timedelta(minutes=quiet)), CADENCE, NOW) - NOW for quiet in (1, 60, 120, 10_000)
    ]
    assert waits == [timedelta(minutes=6), timedelta(minutes=15), timedelta(minutes=30), FEED_CEILING]


def test_no_feed_is_read_more_often_than_its_source_s_floor():
    slow = Cadence(floor=timedelta(hours=2))
    feed = replace(MONTHS_OLD, last_changed_at=NOW, news_gap=timedelta(minutes=12))
    assert next_reading(feed, slow, NOW) == after_news(feed, slow, NOW).next_poll_at == NOW + slow.floor


def test_hints_spare_as_much_of_the_wait_as_they_come_true_and_nothing_of_a_fixed_pace():
    stamping, honest = (replace(MONTHS_OLD, habits=Habits(hint_truth=truth)) for truth in (0.015, 0.5))
    assert hint_pull(stamping, CADENCE) == pytest.approx(0.1)
    assert hint_pull(honest, CADENCE) == 1
    assert hint_pull(honest, Cadence(fixed=Fixed(every=timedelta(hours=1), lasts=timedelta(days=3)))) == 0
