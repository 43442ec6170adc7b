"""Subscriptions at hubs: asked when it is time, confirmed, renewed, run out; and what a push makes due."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tracker.model import Because, FeedDecision, HubOffer, Outcome, Poll, Source
from tracker.store.hub_subscriptions import DENIED_FOR, FIRST_WAIT, LONGEST_WAIT, PUSHED_APART, RENEWED_APART

FEED = "https://news.example/feed"
OFFER = HubOffer(hub_url="https://hub.example/", topic_url=FEED)
DAY, LEASE, HOUR = timedelta(days=1), timedelta(minutes=3), timedelta(hours=1)


class Followed:
    """One feed that is read as the test says, and its hub."""

    def __init__(self, store, clock):
        self.store = store
        self.clock = clock
        store.articles.declare([Source(name="news", title="News", feeds=(FEED,))], clock())

    def begin(self):
        """A look begins."""
        now = self.clock()
        self.store.articles.make_due(now=now)
        (self.claimed,) = self.store.articles.claim_due_feeds(due_at=now, now=now, lease=LEASE, limit=1)
        self.began_at = now

    def end(self, offers=(OFFER,), outcome=Outcome.UNCHANGED):
        feed, failures_count = self.claimed, int(outcome is Outcome.FAILED)
        poll = Poll(at=self.began_at, outcome=outcome, because=feed.because, url=FEED, feed_id=feed.id)
        decision = FeedDecision(feed_id=feed.id, lease=feed.lease, poll=poll, next_poll_at=self.began_at + HOUR, offers=offers)
        self.store.keep_feed(replace(decision, failures_count=failures_count), self.clock())

    def read(self, *offers, **more):
        self.begin()
        self.end(offers, **more)

    def asked(self):
        return self.store.hub_subscriptions.claim_to_ask(self.clock(), limit=10)

    def now(self, token):
        return self.store.hub_subscriptions.by_token(token)

    def push(self):
        return self.store.hub_subscriptions.pushed(self.feed().id, self.clock())

    def feed(self):
        return self.store.articles.source("news").feeds[0]


@pytest.fixture
def followed(store, clock):
    return Followed(store, clock)


def test_a_hub_is_asked_once_the_feed_names_it_and_later_and_later_while_it_does_not_confirm(followed, clock):
    assert followed.asked() == ()
    followed.read(OFFER)
    waits = []
    for _ in range(9):
        (asked,) = followed.asked()
        assert followed.asked() == ()
        now = followed.now(asked.token)
        waits.append(now.ask_at - clock())
        clock.at = now.ask_at
    assert waits == [min(FIRST_WAIT * 2**count, LONGEST_WAIT) for count in range(9)]
    assert waits[-1] == LONGEST_WAIT


def test_a_subscription_is_renewed_with_the_same_token_before_its_lease_ends(followed, clock):
    followed.read(OFFER)
    (first,) = followed.asked()
    followed.store.hub_subscriptions.verified(first.token, lease=4 * DAY, now=clock())
    assert followed.now(first.token).leased_until == clock() + 4 * DAY
    clock.advance(days=2)
    assert followed.asked() == ()
    clock.advance(days=1)
    (again,) = followed.asked()
    assert (again.token, again.secret) == (first.token, first.secret)
    assert followed.now(first.token).failures_count == 1
    followed.store.hub_subscriptions.verified(first.token, lease=4 * DAY, now=clock())
    assert followed.now(first.token).failures_count == 0


def test_however_short_a_lease_its_hub_is_not_asked_all_the_time(followed, clock):
    followed.read(OFFER)
    (asked,) = followed.asked()
    followed.store.hub_subscriptions.verified(asked.token, lease=timedelta(seconds=1), now=clock())
    assert followed.now(asked.token).ask_at == clock() + RENEWED_APART


def test_a_hub_that_denies_is_left_alone_for_a_week(followed, clock):
    followed.read(OFFER)
    (asked,) = followed.asked()
    followed.store.hub_subscriptions.verified(asked.token, lease=DAY, now=clock())
    followed.store.hub_subscriptions.denied(asked.token, clock())
    now = followed.now(asked.token)
    assert (now.verified_at, now.leased_until, now.ask_at) == (None, None, clock() + DENIED_FOR)


def test_a_feed_that_names_no_hub_any_more_lets_its_lease_run_out(followed, clock):
    followed.read(OFFER)
    (asked,) = followed.asked()
    followed.store.hub_subscriptions.verified(asked.token, lease=DAY, now=clock())
    followed.read()
    clock.advance(days=10)
    assert followed.asked() == ()
    assert followed.now(asked.token).verified_at is not None


@pytest.mark.parametrize("outcome", [Outcome.NOT_MODIFIED, Outcome.FAILED])
def test_a_look_that_does_not_tell_changes_nothing(followed, outcome):
    followed.read(OFFER)
    (asked,) = followed.asked()
    before = followed.now(asked.token)
    followed.begin()
    followed.end(offers=None, outcome=outcome)
    assert followed.now(asked.token) == before


def test_another_hub_gets_another_token_and_secret_and_the_old_address_is_gone(followed, clock):
    followed.read(OFFER)
    (first,) = followed.asked()
    followed.read(replace(OFFER, hub_url="https://other.example/"))
    assert followed.asked() == ()
    assert followed.now(first.token) is None
    clock.advance(hours=1)
    (second,) = followed.asked()
    assert second.offer.hub_url == "https://other.example/"
    assert not {first.token, first.secret} & {second.token, second.secret}


def test_a_feed_that_names_its_hub_now_and_then_has_it_asked_no_more_often(followed, clock):
    followed.read(OFFER)
    assert len(followed.asked()) == 1
    for _ in range(3):
        followed.read()
        followed.read(OFFER)
        assert followed.asked() == ()


def test_hubs_of_paused_sources_are_not_asked(followed):
    followed.read(OFFER)
    followed.store.articles.set_paused("news", True, followed.clock())
    assert followed.asked() == ()


def test_a_push_makes_the_feed_due_at_once(followed, clock):
    followed.read(OFFER)
    clock.advance(minutes=5)
    assert followed.push()
    assert (followed.feed().next_poll_at, followed.feed().because) == (clock(), Because.HINT)
    clock.advance(seconds=1)
    version = followed.store.version()
    assert not followed.push()
    assert followed.store.version() == version


def test_a_push_brings_no_second_look_within_a_minute(followed, clock):
    followed.read(OFFER)
    read_at = clock()
    clock.advance(seconds=5)
    assert followed.push()
    assert followed.feed().next_poll_at == read_at + PUSHED_APART


def test_a_push_during_a_look_brings_another_one(followed, clock):
    followed.read(OFFER)
    clock.advance(minutes=5)
    followed.begin()
    clock.advance(seconds=5)
    followed.push()
    clock.advance(seconds=5)
    followed.end()
    assert (followed.feed().next_poll_at, followed.feed().because) == (followed.began_at + PUSHED_APART, Because.HINT)


def test_a_push_that_led_to_the_look_brings_no_other(followed, clock):
    followed.read(OFFER)
    clock.advance(minutes=5)
    followed.push()
    (followed.claimed,) = followed.store.articles.claim_due_feeds(due_at=clock(), now=clock(), lease=LEASE, limit=1)
    followed.began_at = clock.advance(seconds=1)
    followed.end()
    assert (followed.feed().next_poll_at, followed.feed().because) == (followed.began_at + HOUR, Because.CADENCE)


def test_a_push_does_not_hurry_a_feed_that_fails(followed, clock):
    followed.read(OFFER)
    followed.begin()
    followed.end(offers=None, outcome=Outcome.FAILED)
    clock.advance(minutes=5)
    assert not followed.push()
    assert followed.feed().next_poll_at == followed.began_at + HOUR
