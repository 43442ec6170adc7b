"""What feeds list: new articles, which article an entry joins, and hints of a change."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from tracker.errors import AlreadyTracked, NotFound
from tracker.model import ArticleStatus, Because, FeedEntry, Outcome, Source, TrackedEntry, Validators
from tracker.store import tracking
from tracker.store.schema import feed_entry

TWO = (
    Source(name="news", title="News", feeds=("https://news.example/feed",)),
    Source(name="other", title="Other", feeds=("https://other.example/feed",)),
)


def named(url_key: str, *more: str, guid: str | None = None, title: str = "Title") -> TrackedEntry:
    host, url = url_key.partition("/")[0], f"https://{url_key}"
    return TrackedEntry(entry=FeedEntry(url=url, guid=guid, title=title), url=url, host=host, keys=(f"url:{url_key}", *more))


def test_an_entry_that_is_new_becomes_an_article_that_is_due_at_once(desk, make):
    at = datetime(2026, 2, 28, 7, 0, tzinfo=UTC)
    tracked = desk.read_feed(make.entry(1, title="First headline", guid="a1", published_at=at))
    (article_id,) = tracked.new
    article = desk.store.articles.get(article_id)
    assert article.headline == "First headline"
    assert article.published_at == at
    assert article.first_seen_at == article.next_poll_at == desk.now
    assert article.keys == ("url:news.example/1", "guid:news.example:a1")
    assert (article.status, article.because, article.revisions_count) == (ArticleStatus.TRACKED, Because.CADENCE, 0)
    assert article.last_seen_at is None


def test_a_feed_read_again_tracks_nothing_twice(desk, make):
    entries = [make.entry(number) for number in range(5)]
    assert len(desk.read_feed(*entries).new) == 5
    assert desk.read_feed(*entries).new == ()
    assert len(desk.store.articles.listed(limit=100)) == 5


def test_an_entry_that_stands_twice_in_one_feed_is_one_article(desk, make):
    entry = make.entry(1, guid="a1")
    moved = named("news.example/moved", "guid:news.example:a1", guid="a1")
    assert len(desk.read_feed(entry, entry, moved).new) == 1
    (article,) = desk.store.articles.listed(limit=10)
    assert set(article.keys) == {"url:news.example/1", "url:news.example/moved", "guid:news.example:a1"}


def test_the_outcome_of_a_feeds_look_is_first_then_unchanged_then_changed(desk, make):
    assert desk.read_feed(make.entry(1)).outcome == Outcome.FIRST
    assert desk.read_feed(make.entry(1)).outcome == Outcome.UNCHANGED
    changed_at = desk.later(minutes=5)
    assert desk.read_feed(make.entry(1), make.entry(2)).outcome == Outcome.CHANGED
    desk.later(minutes=5)
    assert desk.read_feed(outcome=Outcome.NOT_MODIFIED).outcome == Outcome.NOT_MODIFIED
    (feed,) = desk.store.articles.source("news").feeds
    assert feed.last_changed_at == changed_at
    outcomes = [stored.poll.outcome for stored in desk.store.revisions.polls(feed_id=feed.id)]
    assert outcomes == [Outcome.NOT_MODIFIED, Outcome.CHANGED, Outcome.UNCHANGED, Outcome.FIRST]


def test_a_look_at_a_feed_leaves_what_the_next_one_needs(desk, make):
    (feed,) = desk.store.articles.claim_due_feeds(due_at=desk.now, now=desk.now, lease=make.lease, limit=1)
    validators = Validators(etag='"abc"', last_modified="Sun, 01 Mar 2026 12:00:00 GMT", read_at=desk.now)
    first_at = desk.now
    desk.store.keep_feed(replace(desk.feed_look(feed), validators=validators, failures_count=2), desk.now)
    desk.later(minutes=5)
    (feed,) = desk.store.articles.claim_due_feeds(due_at=desk.now, now=desk.now, lease=make.lease, limit=1)
    assert feed.validators == validators
    assert feed.failures_count == 2
    assert (feed.first_polled_at, feed.last_polled_at, feed.next_poll_at) == (first_at, first_at, first_at + make.floor)


def test_nothing_of_a_feeds_look_is_kept_under_a_lease_that_was_lost(desk, make):
    def claim():
        return desk.store.articles.claim_due_feeds(due_at=desk.now, now=desk.now, lease=make.lease, limit=1)

    (lost,) = claim()
    desk.later(minutes=10)
    (held,) = claim()
    tracked = desk.store.keep_feed(desk.feed_look(lost, make.entry(1)), desk.now)
    assert tracked.lost
    assert desk.store.articles.listed(limit=10) == ()
    assert desk.store.revisions.polls() == ()
    assert not desk.store.keep_feed(desk.feed_look(held, make.entry(1)), desk.now).lost


# --- which article -------------------------------------------------------------------------------


def test_an_entry_whose_address_moved_joins_its_article_by_its_guid_and_is_looked_for_there(desk):
    desk.read_feed(named("news.example/old-headline", "guid:news.example:7", guid="7"))
    tracked = desk.read_feed(named("news.example/new-headline", "guid:news.example:7", guid="7"))
    assert tracked.new == ()
    (article,) = desk.store.articles.listed(limit=10)
    assert article.url == "https://news.example/new-headline"
    assert article.keys == ("url:news.example/new-headline", "url:news.example/old-headline", "guid:news.example:7")


def test_an_address_that_an_article_had_before_does_not_move_it_back(desk):
    old, new = (named(f"news.example/{slug}", "guid:news.example:7", guid="7") for slug in ("old", "new"))
    for entry in (old, new, old):
        desk.read_feed(entry)
    assert desk.store.articles.find("https://news.example/old").url == "https://news.example/new"


def test_polls_made_at_an_old_address_still_say_so_after_it_moved(desk):
    desk.read_feed(named("news.example/old", "guid:news.example:7", guid="7"))
    (article,) = desk.store.articles.listed(limit=10)
    desk.change(article, "One.")
    desk.read_feed(named("news.example/new", "guid:news.example:7", guid="7"))
    desk.keep(desk.look(desk.store.articles.get(article.id)))
    polls = desk.store.revisions.polls(article_id=article.id)
    assert [stored.poll.url for stored in polls] == ["https://news.example/new", "https://news.example/old"]


def test_a_guid_that_another_sources_article_has_on_another_host_is_left_there(desk):
    desk.declare(*TWO)
    desk.read_feed(named("news.example/1", "guid:shared:7", guid="7"))
    tracked = desk.read_feed(named("other.example/1", "guid:shared:7", guid="7"), source="other")
    (article_id,) = tracked.new
    assert desk.store.articles.get(article_id).keys == ("url:other.example/1",)
    assert desk.store.articles.find("https://news.example/1").keys == ("url:news.example/1", "guid:shared:7")


def test_two_sources_that_list_one_address_share_the_article(desk):
    desk.declare(*TWO)
    desk.read_feed(named("news.example/1"))
    assert desk.read_feed(named("news.example/1"), source="other").new == ()
    assert len(desk.store.articles.listed(limit=10)) == 1


def test_an_entry_whose_keys_belong_to_two_articles_joins_the_one_with_its_address(desk):
    first = named("news.example/1", "guid:news.example:1", guid="1")
    second = named("news.example/2", "guid:news.example:2", guid="2")
    desk.read_feed(first, second)
    desk.read_feed(replace(first, keys=("url:news.example/1", "guid:news.example:2")))
    assert desk.store.articles.find("https://news.example/1").keys == ("url:news.example/1", "guid:news.example:1")
    assert desk.store.articles.find("https://news.example/2").keys == ("url:news.example/2", "guid:news.example:2")


def test_a_feed_that_gives_an_entry_another_address_at_each_reading_does_not_add_keys_for_ever(desk):
    for reading in range(tracking.MOST_KEYS + 20):
        desk.read_feed(named(f"news.example/1?session={reading}", "guid:news.example:7", guid="7"))
    (article,) = desk.store.articles.listed(limit=10)
    assert len(article.keys) == tracking.MOST_KEYS
    assert article.url in {f"https://{key.removeprefix('url:')}" for key in article.keys}


def test_keys_that_share_a_hash_stay_apart(desk, monkeypatch):
    monkeypatch.setattr("tracker.store.keys.hash64", lambda key: 42)
    desk.read_feed(named("news.example/1"), named("news.example/2"))
    desk.read_feed(named("news.example/3"))
    assert len(desk.store.articles.listed(limit=10)) == 3
    for number in (1, 2, 3):
        assert desk.store.articles.find(f"https://news.example/{number}").url == f"https://news.example/{number}"


def test_words_that_no_database_takes_do_not_stop_a_feed(desk):
    tracked = desk.read_feed(named("news.example/nul\0and\ud800", title="A\0B\udfff"))
    article = desk.store.articles.get(tracked.new[0])
    assert article.headline == "A�B�"
    assert desk.read_feed(named("news.example/nul\0and\ud800", title="A\0B\udfff")).new == ()


# --- hints ---------------------------------------------------------------------------------------


@pytest.fixture
def known(desk, make):
    """An article with one revision, not due, as its feed told of it."""
    (article_id,) = desk.read_feed(make.entry(1, updated_at=desk.now)).new
    desk.change(article_id, "One.")
    desk.later(minutes=1)
    return article_id


def test_the_first_reading_hints_at_nothing(desk, make):
    assert desk.read_feed(make.entry(1, updated_at=desk.now)).hinted == ()


def test_an_entry_that_says_the_same_is_no_hint(desk, make, known):
    assert desk.read_feed(make.entry(1, updated_at=desk.now - timedelta(minutes=1))).hinted == ()
    assert desk.claim() == ()


def test_a_newer_updated_makes_the_article_due_at_once(desk, make, known):
    assert desk.read_feed(make.entry(1, updated_at=desk.now)).hinted == (known,)
    (claimed,) = desk.claim()
    assert claimed.because == Because.HINT


def test_another_title_makes_the_article_due_at_once(desk, make, known):
    tracked = desk.read_feed(make.entry(1, title="Another title", updated_at=desk.now - timedelta(minutes=1)))
    assert tracked.hinted == (known,)
    assert tracked.outcome == Outcome.CHANGED


def test_one_change_in_the_feed_is_one_hint(desk, make, known):
    hint = make.entry(1, updated_at=desk.now)
    assert desk.read_feed(hint).hinted == (known,)
    assert desk.read_feed(hint).hinted == ()


def test_an_older_updated_or_none_is_no_hint_and_is_not_remembered_as_the_newest(desk, make, known):
    newest = desk.now
    desk.read_feed(make.entry(1, updated_at=newest))
    for updated_at in (newest - timedelta(hours=1), None, newest):
        assert desk.read_feed(make.entry(1, updated_at=updated_at)).hinted == ()


def test_two_entries_with_different_titles_that_lead_to_one_article_do_not_hint_for_ever(desk):
    entries = [named("news.example/1", "guid:news.example:a", guid="a"), named("news.example/1", guid="b", title="Live: the same")]
    desk.read_feed(*entries)
    assert desk.read_feed(*entries).hinted == ()


def test_a_hint_brings_back_an_article_that_was_given_up(desk, make, known):
    article = desk.store.articles.get(known)
    desk.keep(desk.look(article, status=ArticleStatus.STOPPED, next_poll_at=None))
    desk.read_feed(make.entry(1, updated_at=desk.now))
    (claimed,) = desk.claim()
    assert (claimed.id, claimed.status) == (known, ArticleStatus.TRACKED)


def test_a_hidden_article_is_not_looked_at_whatever_its_feed_says(desk, make, known):
    desk.keep(desk.look(desk.store.articles.get(known), status=ArticleStatus.HIDDEN, next_poll_at=None))
    assert desk.read_feed(make.entry(1, updated_at=desk.now)).hinted == ()
    assert desk.claim() == ()


def test_a_hint_that_comes_during_a_look_is_not_lost(desk, make, known):
    desk.later(minutes=4)
    (claimed,) = desk.claim()
    look = desk.look(claimed)
    desk.later(seconds=2)
    desk.read_feed(make.entry(1, updated_at=desk.now))
    desk.later(seconds=2)
    desk.keep(look)
    (again,) = desk.claim()
    assert again.because == Because.HINT


def test_an_entry_that_was_long_gone_from_its_feed_is_forgotten_there_and_the_article_stays(desk, make):
    desk.read_feed(make.entry(1), make.entry(2))
    for _ in range(13):
        desk.later(days=5)
        desk.read_feed(make.entry(2))
    with desk.store._database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(feed_entry)).scalar_one() == 1
    assert desk.read_feed(make.entry(1, title="Back again")).new == ()


# --- by command ----------------------------------------------------------------------------------


def test_an_article_can_be_added_by_command_and_only_once(desk, make):
    article_id = desk.store.articles.add_article("news", make.entry(1), desk.now)
    assert desk.store.articles.get(article_id).next_poll_at == desk.now
    assert desk.store.articles.source("news").articles_count == 1
    with pytest.raises(AlreadyTracked, match=r"news\.example/1"):
        desk.store.articles.add_article("news", make.entry(1), desk.now)
    with pytest.raises(NotFound, match="nobody"):
        desk.store.articles.add_article("nobody", make.entry(2), desk.now)


def test_a_feed_of_thousands_is_tracked_at_once(desk, make):
    entries = [make.entry(number, guid=f"g{number}") for number in range(2500)]
    tracked = desk.read_feed(*entries)
    assert len(set(tracked.new)) == 2500
    assert desk.store.articles.get(tracked.new[2100]).url == "https://news.example/2100"
    assert desk.read_feed(*entries).new == ()
