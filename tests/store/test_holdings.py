"""What a store holds, in numbers."""

from __future__ import annotations

from datetime import date, timedelta

from tracker.model import Outcome, Retention


def test_good_days_are_those_with_a_look_that_did_not_fail_also_when_retention_counted_them(desk):
    article = desk.track(1)
    desk.change(article, "One.")
    first = desk.now.date()
    for outcome in (Outcome.FAILED, Outcome.UNCHANGED, Outcome.MISSING):
        desk.later(days=1)
        desk.keep(desk.look(desk.store.articles.get(article.id), outcome))
    (news,) = desk.store.holding().sources
    good = (first, first + timedelta(days=2))
    assert (news.name, news.good_days, news.articles_count) == ("news", good, 1)
    assert all(isinstance(day, date) for day in news.good_days)
    desk.later(days=100)
    assert list(desk.store.prune(Retention(polls=timedelta(days=90)), desk.now))
    assert desk.store.holding().sources[0].good_days == good


def test_revisions_are_counted_by_what_read_them_and_events_by_what_compared(desk):
    article = desk.track(1)
    for text in ("One.", "Two."):
        desk.later(minutes=1)
        desk.change(article, text)
    found = desk.store.holding()
    assert (found.revisions, found.differs, found.takedowns_count) == ({("1", "poll"): 2}, {"1.0": 1}, 0)
    assert found.cursor > 0
    assert found.schema
