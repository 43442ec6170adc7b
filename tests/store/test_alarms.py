"""Alarms stand until they end, told to whoever writes first; shares are of the last looks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tracker.model import Alarm, AlarmKind, Channel, NoticeKind, Outcome, Source, Wish
from tracker.store.alarms import LOOKS

SENTENCE = "Its feeds have listed nothing new for 9 hours."


def test_an_alarm_is_new_once_stands_for_its_source_and_ends_once(desk):
    alarm = Alarm(kind=AlarmKind.SILENT, source="news", since_at=desk.now, sentence=SENTENCE)
    alarms, version = desk.store.alarms, desk.store.version()
    assert alarms.settle("news", {AlarmKind.SILENT: SENTENCE, AlarmKind.UNREAD: None}, desk.now) == ((alarm,), ())
    assert desk.store.version() > version
    assert alarms.settle("news", {AlarmKind.SILENT: "Another sentence."}, desk.later(hours=1)) == ((), ())
    assert desk.store.articles.source("news").alarms == (alarm,)
    assert alarms.settle("news", {AlarmKind.UNREAD: None}, desk.now) == ((), ())
    assert alarms.settle("news", {AlarmKind.SILENT: None}, desk.now) == ((), (alarm,))
    assert alarms.settle("news", {AlarmKind.SILENT: None}, desk.now) == ((), ())
    assert alarms.standing() == ()


def test_an_alarm_about_all_stands_for_every_source(desk):
    desk.store.alarms.settle(None, {AlarmKind.CLOCK: "This machine's clock is wrong."}, desk.now)
    assert [health.alarms[0].kind for health in desk.store.articles.sources()] == [AlarmKind.CLOCK]


def test_the_share_of_good_looks_is_of_the_last_ones(desk):
    article = desk.track()
    for number in range(LOOKS + 10):
        desk.keep(desk.look(desk.claim()[0], Outcome.FAILED if number < 12 else Outcome.UNCHANGED))
        desk.store.articles.make_due(now=desk.later(minutes=1))
    health = desk.store.articles.source("news")
    assert article.source == "news"
    assert (health.polls_count, health.good_count) == (LOOKS, LOOKS - 2)


def test_facts_are_when_entries_came_and_how_pages_were_read_newest_first(desk):
    desk.read_feed(desk.entry(1))
    first_at = desk.now
    desk.later(hours=1)
    desk.read_feed(desk.entry(1), desk.entry(2))
    one, other = desk.claim()
    desk.keep(desk.look(one, Outcome.REFUSED), desk.look(other, Outcome.UNCHANGED))
    facts = desk.store.alarms.facts("news")
    assert facts.entries_at == (desk.now, first_at)
    assert facts.read == (Outcome.REFUSED,)


NEWS = Source(name="news", title="News", feeds=("https://news.example/feed",))
OTHER = Source(name="other", title="Other", declared=False)


@pytest.mark.parametrize(
    ("name", "unfollow"),
    [
        ("news", lambda desk: desk.store.articles.set_paused("news", True, desk.now)),
        ("news", lambda desk: desk.declare(replace(NEWS, paused=True))),
        ("news", lambda desk: desk.declare()),
        ("other", lambda desk: desk.store.articles.remove("other", desk.now)),
    ],
    ids=["paused by command", "paused by config.yaml", "named no longer", "removed"],
)
def test_the_alarms_of_a_source_that_nobody_looks_at_any_more_end_and_that_is_told(desk, name, unfollow):
    desk.store.articles.add_source(OTHER, desk.now)
    told = desk.store.subscriptions.add(Wish(channel=Channel.MAIL, target="ops@example.org", of_alarms=True), desk.now)
    for about in ("news", "other", None):
        desk.store.alarms.settle(about, {AlarmKind.SILENT: SENTENCE}, desk.now)
    before = desk.store.subscriptions.waiting(told, after=told.cursor, limit=9).until
    desk.later(minutes=1)
    unfollow(desk)
    assert {one.source for one in desk.store.alarms.standing()} == {"news", "other", None} - {name}
    (notice,) = desk.store.subscriptions.waiting(told, after=before, limit=9).notices
    assert (notice.kind, notice.alarm.source, notice.at) == (NoticeKind.RECOVERED, name, desk.now)


def test_a_look_that_had_begun_before_its_source_was_paused_raises_no_alarm(desk):
    desk.store.articles.set_paused("news", True, desk.now)
    assert desk.store.alarms.settle("news", {AlarmKind.SILENT: SENTENCE}, desk.now) == ((), ())
    desk.store.articles.set_paused("news", False, desk.now)
    assert desk.store.alarms.standing() == ()
    assert desk.store.alarms.settle("news", {AlarmKind.SILENT: SENTENCE}, desk.now)[0]
