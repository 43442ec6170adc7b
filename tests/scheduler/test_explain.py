"""Why the next look is when it is, in sentences."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tracker.model import HOURS_IN_A_DAY, Article, ArticleStatus, Because, Habits, Watch
from tracker.scheduler.cadence import Cadence, Fixed
from tracker.scheduler.explain import explain

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ARTICLE = Article(
    id=7,
    source="news",
    url="https://news.example/7",
    keys=(),
    status=ArticleStatus.TRACKED,
    first_seen_at=NOW - timedelta(days=2),
    published_at=NOW - timedelta(days=3),
    last_polled_at=NOW - timedelta(hours=1),
    last_changed_at=NOW - timedelta(hours=5),
    changes_count=2,
    next_poll_at=NOW + timedelta(hours=3),
)


def _told(article: Article, cadence: Cadence | None = None, *, paused: bool = False) -> str:
    return " ".join(explain(article, cadence or Cadence(), NOW, paused=paused))


def test_the_answer_comes_first_and_then_what_it_rests_on():
    told = explain(ARTICLE, Cadence(), NOW, paused=False)
    assert told[0] == "The next look is due 2026-03-01 15:00 UTC (in 3 hours), by its cadence."
    assert told[1] == "It was published 3 days ago and changed 2 times, last 5 hours ago."
    assert told[-1] == "The checks end on 2027-04-05 if nothing changes until then."


def test_a_look_that_is_late_says_since_when_it_is_due():
    assert "due since 2026-03-01 11:20 UTC (40 minutes ago), because a feed said" in _told(
        replace(ARTICLE, next_poll_at=NOW - timedelta(minutes=40), because=Because.HINT)
    )


def test_of_what_was_taken_down_nothing_more_is_said():
    watch = Watch(every=timedelta(minutes=5), until_at=NOW + timedelta(hours=1))
    hidden = replace(ARTICLE, status=ArticleStatus.HIDDEN, next_poll_at=None, watch=watch)
    assert _told(hidden) == "There is no next look: it was taken down here."


def test_an_article_that_is_no_longer_checked_may_have_changed_since():
    stopped = replace(ARTICLE, status=ArticleStatus.STOPPED, next_poll_at=None)
    assert "There is no next look: it is stopped; last checked 2026-03-01 11:00 UTC, it may have changed since." in _told(stopped)
    assert "its source is paused" in _told(ARTICLE, paused=True)


def test_habits_are_told_once_enough_is_known():
    assert "Too little is known" in _told(ARTICLE)
    hours = tuple(0.2 if hour < 4 else 1.16 for hour in range(HOURS_IN_A_DAY))
    known = Habits(changes_count=500, changes_mean=0.8, stretch=0.5, hours=hours, hint_truth=0.02, hints_count=900)
    told = _told(replace(ARTICLE, habits=known))
    assert "0.8 times on average, 2.0 times sooner than usual (500 changes seen)" in told
    assert "in the hours 00, 01, 02, 03 (UTC)" in told
    assert "Only 2% of its feeds' hints come true" in told


def test_a_fixed_pace_and_a_close_watch_are_told():
    watched = replace(ARTICLE, watch=Watch(every=timedelta(minutes=1), until_at=NOW + timedelta(hours=1)), because=Because.WATCH)
    told = _told(watched, Cadence(fixed=Fixed(every=timedelta(minutes=30), lasts=timedelta(hours=72))))
    assert "every 5 minutes until 2026-03-01 13:00 UTC" in told
    assert "every 30 minutes for 3 days from their first sight on" in told
