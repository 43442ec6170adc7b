"""Habits: what is counted of a source, what is kept, and what a claim brings; hints that are half believed; close watches."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tracker.errors import NotFound, TakenDown
from tracker.model import NO_HABITS, ArticleStatus, Because, FeedPace, Habits, Outcome, Source, Watch
from tracker.store.hiding import Wanted

QUARTER = timedelta(days=90)


@pytest.fixture
def known(desk, make):
    """An article with one revision that is due in an hour."""
    (article_id,) = desk.read_feed(make.entry(1, updated_at=desk.now)).new
    desk.change(article_id, "One.", next_poll_at=desk.now + timedelta(hours=1))
    desk.later(minutes=1)
    return article_id


def test_changes_are_counted_by_age_and_hour_and_articles_once_they_showed_most_of_theirs(desk, make):
    article = desk.track(1)
    desk.change(article, "One.")
    desk.later(minutes=30)
    changed_at = desk.now
    desk.change(article, "Two.")
    desk.later(days=2)
    desk.track(2)
    counted = desk.store.habits.counted("news", since=desk.now - QUARTER, now=desk.now)
    assert counted.articles_count == 1
    assert counted.ages == (30.0,)
    assert counted.hours[(changed_at - timedelta(minutes=15)).hour] == sum(counted.hours) == 1


def test_what_is_older_than_asked_for_and_another_source_s_changes_do_not_count(desk, make):
    desk.declare(*(Source(name=name, title=name, feeds=(f"https://{name}.example/feed",)) for name in ("news", "other")))
    desk.change(desk.track(1), "One.")
    desk.later(minutes=30)
    desk.change(1, "Two.")
    desk.later(days=100)
    assert desk.store.habits.counted("news", since=desk.now - QUARTER, now=desk.now).ages == ()
    assert desk.store.habits.counted("other", since=desk.now - 2 * QUARTER, now=desk.now).ages == ()


def test_hints_are_counted_and_those_that_came_true(desk, make, known):
    for text in ("Two.", None, None, "Three."):
        desk.read_feed(make.entry(1, updated_at=desk.now))
        (claimed,) = desk.claim()
        desk.keep(desk.new_text(claimed, text) if text else desk.look(claimed, Outcome.UNCHANGED))
        desk.later(minutes=10)
    counted = desk.store.habits.counted("news", since=desk.now - QUARTER, now=desk.now)
    assert (counted.hints_count, counted.true_hints_count) == (4, 2)


def test_habits_are_kept_and_come_with_what_is_claimed(desk, make):
    fitted = Habits(fitted_at=desk.now, changes_mean=0.7, stretch=2.5, hours=(0.5,) * 12 + (1.5,) * 12, hint_truth=0.04, changes_count=9)
    desk.track(1)
    (before,) = desk.claim()
    assert before.habits == NO_HABITS
    desk.store.articles.release([before])
    desk.store.habits.keep("news", replace(fitted, stretch=1.0))
    desk.store.habits.keep("news", fitted)
    assert desk.store.habits.all() == {"news": fitted}
    (claimed,) = desk.claim()
    assert claimed.habits == fitted
    (feed,) = desk.store.articles.claim_due_feeds(due_at=desk.later(days=1), now=desk.now, lease=make.lease, limit=9)
    assert feed.habits == fitted
    with pytest.raises(NotFound):
        desk.store.habits.keep("nobody", fitted)


# --- hints that are half believed ------------------------------------------------------------------


def _hint(desk, make, pull: float) -> None:
    (feed,) = desk.store.articles.source("news").feeds
    desk.store.keep_feed(replace(desk.feed_look(feed, make.entry(1, updated_at=desk.now)), hint_pull=pull), desk.now)


def test_a_half_believed_hint_spares_half_of_the_wait_once_until_the_next_look(desk, make, known):
    due_at = desk.store.articles.get(known).next_poll_at
    half_way = desk.now + (due_at - desk.now) / 2
    _hint(desk, make, 0.5)
    desk.later(minutes=1)
    _hint(desk, make, 0.5)
    article = desk.store.articles.get(known)
    assert (article.next_poll_at, article.because) == (half_way, Because.HINT)


def test_a_hint_that_is_not_believed_changes_nothing(desk, make, known):
    before = desk.store.articles.get(known)
    _hint(desk, make, 0)
    after = desk.store.articles.get(known)
    assert (after.next_poll_at, after.because) == (before.next_poll_at, before.because)


def test_a_half_believed_hint_does_not_bring_back_an_article_that_was_given_up(desk, make, known):
    desk.keep(desk.look(desk.store.articles.get(known), status=ArticleStatus.STOPPED, next_poll_at=None))
    _hint(desk, make, 0.5)
    assert desk.store.articles.get(known).status == ArticleStatus.STOPPED


# --- the pace of feeds, close watches ----------------------------------------------------------------


def test_what_follows_news_is_kept_only_where_there_is_news(desk, make):
    (feed,) = desk.store.articles.source("news").feeds
    pace = FeedPace(next_poll_at=desk.now + timedelta(minutes=7), news_gap=timedelta(minutes=14))
    desk.store.keep_feed(replace(desk.feed_look(feed, make.entry(1)), after_news=pace), desk.now)
    (brought,) = desk.store.articles.source("news").feeds
    assert (brought.next_poll_at, brought.news_gap) == (pace.next_poll_at, pace.news_gap)
    desk.later(minutes=7)
    silent = replace(desk.feed_look(brought, make.entry(1)), after_news=replace(pace, news_gap=timedelta(hours=9)))
    desk.store.keep_feed(silent, desk.now)
    (silent_feed,) = desk.store.articles.source("news").feeds
    assert (silent_feed.next_poll_at, silent_feed.news_gap) == (silent.next_poll_at, pace.news_gap)


def test_a_close_watch_begins_at_once_also_for_an_article_that_was_given_up(desk, make, known):
    desk.keep(desk.look(desk.store.articles.get(known), status=ArticleStatus.STOPPED, next_poll_at=None))
    wish = Watch(every=timedelta(minutes=5), until_at=desk.now + timedelta(hours=48))
    desk.store.articles.watch(known, wish, desk.now)
    (claimed,) = desk.claim()
    assert (claimed.watch, claimed.because, claimed.status) == (wish, Because.WATCH, ArticleStatus.TRACKED)
    desk.store.articles.watch(known, None, desk.now)
    assert desk.store.articles.get(known).watch is None
    with pytest.raises(NotFound):
        desk.store.articles.watch(99, wish, desk.now)


def test_what_was_taken_down_is_not_watched(desk, make, known):
    desk.store.takedowns.hide(Wanted(article_id=known, reason="A court order."), desk.now, lambda *_: True)
    with pytest.raises(TakenDown, match=f"Article {known} was taken down here"):
        desk.store.articles.watch(known, Watch(every=timedelta(minutes=5), until_at=desk.now + timedelta(hours=48)), desk.now)
    assert desk.claim() == ()
