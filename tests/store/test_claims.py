"""What is due is claimed once, whoever asks; a lease that ends gives it back."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from tracker.errors import NotFound, TakenDown
from tracker.model import ArticleStatus, Because, Source
from tracker.store import Store
from tracker.store.hiding import Wanted

LEASE = timedelta(minutes=10)


def hosts(desk, **more):
    return desk.store.articles.due_hosts(due_at=desk.now, now=desk.now, limit=more.pop("limit", 10), **more)


def test_a_new_article_is_due_at_once_under_its_host(desk):
    article = desk.track()
    assert hosts(desk) == ("news.example",)
    (claimed,) = desk.claim()
    assert claimed.id == article.id
    assert claimed.keys == ("url:news.example/1",)


def test_what_is_claimed_is_claimed_once_and_its_host_is_not_due_again(desk):
    desk.track()
    (claimed,) = desk.claim()
    assert claimed.lease == 1
    assert desk.claim() == ()
    assert hosts(desk) == ()


def test_a_lease_that_ended_gives_the_article_to_the_next_one_who_asks(desk):
    desk.track()
    (first,) = desk.claim()
    desk.later(minutes=9, seconds=59)
    assert desk.claim() == ()
    desk.later(seconds=1)
    (second,) = desk.claim()
    assert second.id == first.id
    assert second.lease == first.lease + 1


def test_what_is_given_back_is_due_again_at_once(desk):
    desk.track()
    claimed = desk.claim()
    desk.store.articles.release(claimed)
    assert len(desk.claim()) == 1


def test_a_lease_that_was_lost_cannot_be_given_back(desk):
    desk.track()
    lost = desk.claim()
    desk.later(minutes=10)
    desk.claim()
    desk.store.articles.release(lost)
    assert desk.claim() == ()


def test_nothing_of_a_look_that_was_given_back_is_kept(desk):
    article = desk.track()
    claimed = desk.claim()
    desk.store.articles.release(claimed)
    assert desk.keep(desk.new_text(claimed[0], "Late.")).lost == (article.id,)
    assert desk.store.revisions.history(article.id) == ()


@pytest.mark.parametrize("passed", [LEASE, LEASE + timedelta(seconds=1)])
def test_a_look_that_outlives_its_lease_is_not_kept_though_nobody_else_asked(desk, passed):
    article = desk.track()
    (claimed,) = desk.claim()
    look = desk.new_text(claimed, "Late.")
    desk.later(seconds=passed.total_seconds())
    assert desk.keep(look).lost == (article.id,)
    assert desk.store.revisions.history(article.id) == ()
    assert len(desk.claim()) == 1


def test_a_look_within_its_lease_is_kept(desk):
    article = desk.track()
    (claimed,) = desk.claim()
    look = desk.new_text(claimed, "In time.")
    desk.later(seconds=LEASE.total_seconds() - 1)
    assert desk.keep(look).lost == ()
    assert len(desk.store.revisions.history(article.id)) == 1


def test_of_two_looks_at_one_article_only_that_of_the_newer_claim_is_kept(desk):
    article = desk.track()
    (cut_off,) = desk.claim()
    desk.later(seconds=LEASE.total_seconds())
    (held,) = desk.claim()
    assert desk.keep(desk.new_text(cut_off, "From before.")).lost == (article.id,)
    assert desk.keep(desk.new_text(held, "Now.")).lost == ()
    assert desk.keep(desk.new_text(cut_off, "From before.")).lost == (article.id,)
    assert [revision.number for revision in desk.store.revisions.history(article.id)] == [1]


def test_a_reading_of_a_feed_that_outlives_its_lease_tracks_nothing(desk, make):
    (feed,) = desk.store.articles.claim_due_feeds(due_at=desk.now, now=desk.now, lease=LEASE, limit=5)
    reading = desk.feed_look(feed, make.entry(1))
    desk.later(seconds=LEASE.total_seconds())
    assert desk.store.keep_feed(reading, desk.now).lost
    assert desk.store.articles.listed(limit=9) == ()
    (again,) = desk.store.articles.claim_due_feeds(due_at=desk.now, now=desk.now, lease=LEASE, limit=5)
    assert not desk.store.keep_feed(desk.feed_look(again, make.entry(1)), desk.now).lost


def test_what_is_longest_due_comes_first_and_no_more_than_asked_for(desk):
    late = desk.track(1)
    desk.later(minutes=1)
    later = desk.track(2)
    desk.later(minutes=1)
    desk.track(3)
    assert [article.id for article in desk.claim(limit=2)] == [late.id, later.id]


def test_where_looks_are_far_behind_what_waited_for_the_most_of_its_waits_comes_first(desk):
    """Two articles, the one looked at each month due for a day, the other, looked at each hour, for half of that; and a new one."""
    rare, often = desk.track(1), desk.track(2)
    desk.change(rare, "One.", next_poll_at=desk.now + timedelta(days=30))
    desk.later(days=30, hours=11)
    desk.change(often, "Two.", next_poll_at=desk.now + timedelta(hours=1))
    desk.later(hours=13)
    new = desk.track(3)
    assert [article.id for article in desk.claim(limit=1)] == [new.id]
    assert [article.id for article in desk.claim(limit=1)] == [often.id]
    assert [article.id for article in desk.claim(limit=1)] == [rare.id]


def test_a_source_whose_cap_is_spent_is_not_claimed(desk):
    desk.track()
    assert desk.store.articles.due_hosts(due_at=desk.now, now=desk.now, limit=9, spent={"news"}) == ()
    claim = desk.store.articles.claim_due
    assert claim(["news.example"], due_at=desk.now, now=desk.now, lease=timedelta(minutes=1), limit=9, spent={"news"}) == {}


def test_no_more_are_claimed_together_than_may_be_begun(desk):
    for number, host in enumerate(["a.example", "a.example", "b.example", "b.example"]):
        desk.track(number, host=host)
    claim = desk.store.articles.claim_due
    claimed = claim(["a.example", "b.example"], due_at=desk.now, now=desk.now, lease=timedelta(minutes=1), limit=9, at_most=3)
    assert {host: len(articles) for host, articles in claimed.items()} == {"a.example": 2, "b.example": 1}


def test_times_from_a_clock_that_ran_ahead_are_mended_one_after_another(desk):
    first, second = desk.track(1), desk.track(2)
    desk.later(days=2000)
    desk.change(first, "One.")
    desk.change(second, "Two.")
    desk.claim()
    desk.later(minutes=5)
    assert len(desk.claim()) == 2
    desk.store.articles.pause_host("slow.example", desk.now + timedelta(hours=1))
    desk.later(days=-2000)
    limits = {"latest": timedelta(days=400), "longest_pause": timedelta(days=2)}
    assert desk.store.articles.mend_times(now=desk.now, **limits) == 5
    assert desk.store.articles.mend_times(now=desk.now, **limits) == 0
    assert desk.store.articles.paused_hosts() == {"slow.example": desk.now}
    dues = [desk.store.articles.get(one.id).next_poll_at - desk.now for one in (first, second)]
    assert dues == [timedelta(seconds=1), timedelta(seconds=2)]
    desk.later(hours=1)
    assert len(desk.claim()) == 2


def test_hosts_come_longest_due_first_and_no_more_than_asked_for(desk):
    for number, host in enumerate(["b.example", "a.example", "c.example"]):
        desk.later(minutes=1)
        desk.track(number, host=host)
    assert hosts(desk, limit=2) == ("b.example", "a.example")


def test_what_is_not_yet_due_is_not_claimed(desk):
    article = desk.track()
    desk.change(article, "One.")
    assert desk.claim() == ()
    desk.later(minutes=5)
    assert [claimed.id for claimed in desk.claim()] == [article.id]


def test_a_paused_source_has_nothing_due(desk):
    desk.track()
    desk.store.articles.set_paused("news", True, desk.now)
    assert hosts(desk) == ()
    assert desk.claim() == ()
    assert desk.store.articles.next_due_at() is None
    assert desk.store.articles.make_due(now=desk.now) == 0


def test_one_source_can_be_asked_for(desk):
    desk.declare(Source(name="news", title="News", feeds=("https://news.example/feed",)), Source(name="other", title="Other"))
    article = desk.track()
    assert hosts(desk, source="other") == ()
    claim = desk.store.articles.claim_due
    assert claim(["news.example"], due_at=desk.now, now=desk.now, lease=LEASE, limit=5, source="other") == {}
    ((claimed,),) = claim(["news.example"], due_at=desk.now, now=desk.now, lease=LEASE, limit=5, source="news").values()
    assert claimed.id == article.id
    with pytest.raises(NotFound):
        hosts(desk, source="nobody")


def test_a_feed_is_claimed_like_an_article(desk):
    def ask():
        return desk.store.articles.claim_due_feeds(due_at=desk.now, now=desk.now, lease=LEASE, limit=5)

    (feed,) = ask()
    assert (feed.source, feed.lease) == ("news", 1)
    assert ask() == ()
    desk.store.articles.release_feeds([feed])
    assert len(ask()) == 1
    desk.later(minutes=10)
    (again,) = ask()
    assert again.lease > feed.lease


def test_everything_can_be_made_due_and_says_why(desk):
    article = desk.track()
    desk.change(article, "One.")
    assert desk.store.articles.make_due(now=desk.now) == 2
    (claimed,) = desk.claim()
    assert claimed.because == Because.MANUAL
    (feed,) = desk.store.articles.claim_due_feeds(due_at=desk.now, now=desk.now, lease=LEASE, limit=5)
    assert feed.because == Because.MANUAL


def test_what_was_given_up_is_not_made_due_with_the_rest(desk):
    article = desk.track()
    desk.keep(desk.look(article, status=ArticleStatus.STOPPED, next_poll_at=None))
    assert desk.store.articles.make_due(now=desk.now) == 1  # its feed
    assert desk.claim() == ()


def test_what_is_made_due_during_a_look_is_due_again_after_it(desk):
    desk.track()
    (claimed,) = desk.claim()
    look = desk.look(claimed)
    desk.later(seconds=3)
    desk.store.articles.make_due(now=desk.now)
    desk.later(seconds=3)
    desk.keep(look)
    assert [again.because for again in desk.claim()] == [Because.MANUAL]


def test_what_was_made_due_before_a_look_is_done_with_that_look(desk):
    desk.track()
    desk.later(seconds=3)
    desk.store.articles.make_due(now=desk.now)
    (claimed,) = desk.claim()
    desk.keep(desk.look(claimed))
    assert desk.claim() == ()


def test_the_next_time_is_that_of_the_first_thing_due(desk):
    article = desk.track()
    desk.read_feed()
    desk.change(article, "One.")
    feed_at = desk.now + timedelta(minutes=5)
    assert desk.store.articles.next_due_at() == feed_at
    desk.later(minutes=2)
    desk.keep(desk.look(desk.store.articles.get(article.id), next_poll_at=desk.now + timedelta(minutes=1)))
    assert desk.store.articles.next_due_at() == desk.now + timedelta(minutes=1)


def test_what_is_leased_is_next_due_when_its_lease_ends(desk):
    desk.track()
    desk.read_feed()
    desk.claim()
    desk.later(minutes=5)
    (feed,) = desk.store.articles.claim_due_feeds(due_at=desk.now, now=desk.now, lease=LEASE, limit=5)
    assert desk.store.articles.next_due_at() == desk.now + timedelta(minutes=5)
    desk.store.articles.release_feeds([feed])
    assert desk.store.articles.next_due_at() == feed.next_poll_at


def test_nothing_to_follow_is_never_due(store):
    assert store.articles.next_due_at() is None


def test_many_who_claim_at_once_share_the_articles_and_none_goes_to_two(url, desk, make):
    """Two stores stand for two processes, each with two threads."""
    desk.read_feed(*(make.entry(number) for number in range(200)))
    other = Store.open(url)
    start = threading.Barrier(4)
    claimed: list[list[int]] = [[] for _ in range(4)]

    def work(place, store):
        start.wait()
        while batch := store.articles.claim_due(["news.example"], due_at=desk.now, now=desk.now, lease=LEASE, limit=7).get("news.example"):
            claimed[place] += [article.id for article in batch]

    threads = [threading.Thread(target=work, args=(place, (desk.store, other)[place % 2])) for place in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    together = [article_id for part in claimed for article_id in part]
    assert len(together) == 200
    assert len(set(together)) == 200


def test_one_article_is_asked_for_by_hand_also_when_its_checks_ended(desk):
    one, other = desk.track(1), desk.track(2)
    for article, status in ((one, ArticleStatus.STOPPED), (other, ArticleStatus.TRACKED)):
        desk.keep(desk.look(article, status=status, next_poll_at=None))
    desk.store.articles.poll_now(one.id, desk.now)
    (claimed,) = desk.claim()
    assert (claimed.id, claimed.status, claimed.because) == (one.id, ArticleStatus.TRACKED, Because.MANUAL)


def test_what_is_hidden_merged_or_unknown_is_not_asked_for(desk):
    one, other, third = (desk.track(number).id for number in (1, 2, 3))
    desk.store.takedowns.hide(Wanted(article_id=one, reason="A court asked for it."), desk.now, lambda *_: True)
    desk.store.articles.merge(other, third, reason="One story.", now=desk.now)
    with pytest.raises(TakenDown):
        desk.store.articles.poll_now(one, desk.now)
    for gone in (other, 99):
        with pytest.raises(NotFound):
            desk.store.articles.poll_now(gone, desk.now)
