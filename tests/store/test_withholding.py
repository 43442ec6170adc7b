"""What readers do not see yet: the events of a source whose publishing waits, and all that they would give away."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tracker.errors import NotFound
from tracker.model import ArticleStatus, Because, Channel, EventKind, Filter, NewEvent, NoticeKind, Outcome, Scope, Source, Wish

EVERYTHING = Scope()
DELAY = timedelta(minutes=30)


@pytest.fixture
def delayed(desk, make, clock):
    """An article of a source that waits half an hour: it changed an hour ago, and ten minutes ago to another headline."""
    desk.declare(Source(name="news", title="News", feeds=("https://news.example/feed",), publish_delay=DELAY))
    article = desk.track()
    for text, headline, minutes in (("First.", "Old", 60), ("Second.", "Old", 50), ("Third.", "New", 10)):
        desk.change(article, text, extract=make.extract(text, headline=headline))
        desk.later(minutes=minutes)
    return desk, desk.store.for_readers(clock), article.id


def test_a_young_event_is_in_no_list_and_comes_when_its_time_is_there(delayed):
    desk, shown, article = delayed
    for scope in (EVERYTHING, Scope(source="news"), Scope(article_id=article)):
        assert [one.event.id for one in shown.revisions.changes(scope)] == [1]
        assert [one.id for one in shown.revisions.events(scope)] == [1]
    assert len(desk.store.revisions.changes(EVERYTHING)) == 2, "the program itself reads all there is"
    desk.later(minutes=20)
    assert [one.event.id for one in shown.revisions.changes(EVERYTHING)] == [2, 1]


def test_the_version_that_it_led_to_is_not_found(delayed):
    desk, shown, article = delayed
    assert [one.number for one in shown.revisions.history(article)] == [1, 2]
    for ask in (shown.revisions.get, shown.revisions.extract, shown.revisions.pages, lambda new: shown.revisions.pair(1, new)):
        with pytest.raises(NotFound):
            ask(3)
    assert shown.revisions.event_between(2, 3) is None
    assert shown.revisions.latest_ids([article])[article] == 2
    desk.later(minutes=20)
    assert shown.revisions.get(3).number == 3
    assert shown.revisions.latest_ids([article])[article] == 3


def test_the_article_reads_as_it_did_before(delayed):
    desk, shown, article = delayed
    first = desk.store.revisions.event(1)
    for found in (shown.articles.get(article), shown.articles.find(str(article)), *shown.articles.listed(limit=5)):
        assert (found.headline, found.revisions_count, found.changes_count) == ("Old", 2, 1)
        assert found.last_changed_at == first.before_at
    assert shown.revisions.changes(EVERYTHING)[0].article.headline == "Old"
    assert shown.figures.of("news").changes_count == 1
    assert shown.figures.most_edited(EVERYTHING, limit=5) == ()
    assert desk.store.articles.get(article).headline == "New"


def test_the_look_that_found_it_is_not_told_either(delayed):
    desk, shown, article = delayed
    outcomes = [one.poll.outcome for one in shown.revisions.polls(article_id=article)]
    assert outcomes == [Outcome.CHANGED, Outcome.FIRST]
    desk.later(minutes=20)
    assert len(shown.revisions.polls(article_id=article)) == 3


def test_the_version_of_the_store_rises_when_an_event_is_kept_and_when_it_is_shown(delayed):
    desk, shown, article = delayed
    seen = [shown.version()]
    desk.later(minutes=20)
    seen.append(shown.version())
    desk.change(article, "Fourth.")
    seen.append(shown.version())
    desk.later(minutes=30)
    seen.append(shown.version())
    assert seen == sorted(set(seen))


def test_a_source_is_named_once_the_wait_of_an_event_has_ended(delayed):
    desk, shown, _ = delayed
    ends_at = desk.now + timedelta(minutes=20)
    later = [ends_at + timedelta(seconds=seconds) for seconds in (-1, 0, 1)]
    for store in (shown, desk.store):
        assert store.revisions.shown_between(desk.now, later[0]) == frozenset()
        assert store.revisions.shown_between(later[0], later[1]) == {"news"}
        assert store.revisions.shown_between(later[1], later[2]) == frozenset()


def test_a_removal_waits_too_and_the_article_is_only_missing_meanwhile(delayed, make):
    desk, shown, article = delayed
    desk.later(hours=1)
    known = desk.store.articles.get(article)
    gone = NewEvent(
        kind=EventKind.REMOVED,
        after_at=known.last_seen_at,
        before_at=desk.now,
        from_revision_id=3,
        diff=make.summary(),
        noted=desk.store.revisions.event(1).noted,
        date_moved=desk.store.revisions.event(1).date_moved,
    )
    look = desk.look(known, Outcome.MISSING, status=ArticleStatus.REMOVED, missing_since=desk.now, seen_at=None)
    desk.keep(replace(look, event=gone, because=Because.CADENCE))
    assert shown.articles.get(article).status is ArticleStatus.MISSING
    assert shown.articles.get(article).revisions_count == 3
    desk.later(minutes=31)
    assert shown.articles.get(article).status is ArticleStatus.REMOVED


def test_other_sources_do_not_wait(delayed):
    desk, shown, _ = delayed
    desk.declare(
        Source(name="news", title="News", feeds=("https://news.example/feed",), publish_delay=DELAY),
        Source(name="other", title="Other", feeds=("https://other.example/feed",)),
    )
    article = desk.track(7, source="other", host="other.example")
    desk.change(article, "One.")
    desk.change(article, "Two.")
    assert [one.event.source for one in shown.revisions.changes(EVERYTHING)] == ["other", "news"]
    assert shown.articles.get(article.id).changes_count == 1


def test_many_young_events_are_all_withheld(delayed, monkeypatch):
    desk, shown, article = delayed
    monkeypatch.setattr("tracker.store.withholding._BATCH", 2)
    for number in range(5):
        desk.change(article, f"Text {number}.")
    assert [one.event.id for one in shown.revisions.changes(EVERYTHING)] == [1]
    assert [one.number for one in shown.revisions.history(article)] == [1, 2]


def test_a_delay_that_is_taken_back_shows_all_at_once(delayed):
    desk, shown, _ = delayed
    desk.declare(Source(name="news", title="News", feeds=("https://news.example/feed",)))
    assert len(shown.revisions.changes(EVERYTHING)) == 2
    assert desk.store.articles.source("news").source.publish_delay == timedelta(0)


# --- merged with an article of a source that does not wait -------------------------------------------


@pytest.fixture
def merged(desk, clock):
    """Article 2, of a source that waits an hour, changed; then article 1 did, of one that does not; then they became one."""
    waits = Source(name="local", title="Local", feeds=("https://local.example/feed",), publish_delay=timedelta(hours=1))
    desk.declare(Source(name="news", title="News", feeds=("https://news.example/feed",)), waits)
    open_one, young_one = desk.track(1), desk.track(2, source="local", host="local.example")
    for article, text in ((young_one, "Local."), (open_one, "News.")):
        desk.change(article, text)
    desk.later(hours=5)
    young = desk.change(young_one, "Local, young.")
    desk.later(minutes=15)
    told = desk.change(open_one, "News, told.")
    desk.later(minutes=5)
    return desk, desk.store.for_readers(clock), open_one.id, young_one.id, young, told


@pytest.mark.parametrize("into_young", [False, True])
def test_a_merge_withholds_neither_the_other_sources_events_nor_what_they_led_to(merged, into_young):
    desk, shown, open_one, young_one, young, told = merged
    pair = (open_one, young_one) if into_young else (young_one, open_one)
    desk.store.articles.merge(*pair, reason="One story.", now=desk.now)
    for scope in (EVERYTHING, Scope(source="news"), Scope(article_id=pair[1])):
        assert [(one.event.id, one.new.number) for one in shown.revisions.changes(scope)] == [(told.events[0].id, 4)]
    assert [one.number for one in shown.revisions.history(pair[1])] == [1, 2, 4]
    old, new = shown.revisions.pair(told.events[0].from_revision_id, told.events[0].to_revision_id)
    assert (old[1].text, new[1].text) == ("News.", "News, told.")
    with pytest.raises(NotFound):
        shown.revisions.get(young.events[0].to_revision_id)
    assert shown.revisions.latest_ids([pair[1]]) == {pair[1]: told.events[0].to_revision_id}
    article = shown.articles.get(pair[1])
    assert (article.revisions_count, article.changes_count) == (3, 1)
    desk.later(hours=1)
    assert len(shown.revisions.changes(EVERYTHING)) == 2
    assert [one.number for one in shown.revisions.history(pair[1])] == [1, 2, 3, 4]


def test_an_event_of_another_source_that_goes_on_from_a_withheld_version_waits_with_it(merged):
    """It would tell the words that are gone again. So do those after it; and the version of the store and the change feeds follow."""
    desk, shown, open_one, young_one, _, told = merged
    desk.change(young_one, "Local, young again.")
    desk.store.articles.merge(young_one, open_one, reason="One story.", now=desk.now)
    seen = [shown.version()]
    for text in ("News, after the young one.", "News, later."):
        desk.later(minutes=1)
        (event,) = desk.change(open_one, text).events
        assert event.source == "news"
        seen.append(shown.version())
    assert [one.event.id for one in shown.revisions.changes(EVERYTHING)] == [told.events[0].id]
    followed = shown.following.events(Scope(source="news"), Filter(), after=0, limit=9)
    assert [one.id for one in followed.events] == [told.events[0].id]
    assert [one.number for one in shown.revisions.history(open_one)] == [1, 2, 4]
    with pytest.raises(NotFound):
        shown.revisions.event(event.id)
    desk.store.articles.unmerge(young_one, desk.now)
    assert [one.event.id for one in shown.revisions.changes(EVERYTHING)] == [told.events[0].id]
    assert [shown.revisions.extract(one.id).text for one in shown.revisions.history(open_one)] == ["News.", "News, told."]
    begun = desk.now
    desk.later(hours=1)
    seen.append(shown.version())
    assert seen == sorted(set(seen))
    assert shown.revisions.shown_between(begun, desk.now) == {"news", "local"}
    assert len(shown.revisions.changes(EVERYTHING)) == 5


def test_a_retraction_of_a_withheld_event_is_not_told_before_it(delayed):
    desk, shown, _ = delayed
    made = shown.subscriptions.add(Wish(channel=Channel.WEBHOOK, target="https://hooks.example/1"), desk.now)
    desk.store.retract(2, reason="An error of ours.", now=desk.now)
    waiting = shown.subscriptions.waiting(made, after=made.cursor, limit=9)
    assert (waiting.notices, waiting.until) == ((), made.cursor)
    desk.later(minutes=20)
    assert [one.kind for one in shown.subscriptions.waiting(made, after=made.cursor, limit=9).notices] == [NoticeKind.RETRACTED]
