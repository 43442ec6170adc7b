"""How often a feed is read: by how often it brings something new. Pure.

A feed goes on for years, so its age says nothing; the usual time between two readings that found something new does. It is read
twice in that time, and less often while it is silent for longer than usual, as at night.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from tracker.model import Feed, FeedDecision, FeedPace, Outcome, Poll, TrackedEntry, Validators
from tracker.scheduler.cadence import HINT_BELIEVED, Cadence, retry

# A feed is a list of what is new: it is never left alone for as long as an old article is.
FEED_CEILING = timedelta(hours=1)
# What a feed is taken for until it has brought something new twice.
USUAL_GAP = timedelta(minutes=20)
GAP_SHARE = 0.5
QUIET_SHARE = 0.25
# The newest gap's weight in the usual one: the last dozen gaps count for most of it.
NEWEST_WEIGHT = 0.15


def next_reading(feed: Feed, cadence: Cadence, now: datetime) -> datetime:
    """When nothing new was found now."""
    last_news_at = feed.last_changed_at or feed.first_polled_at or now
    return now + _within(max((feed.news_gap or USUAL_GAP) * GAP_SHARE, (now - last_news_at) * QUIET_SHARE), cadence)


def after_news(feed: Feed, cadence: Cadence, now: datetime) -> FeedPace:
    """When something new was found now."""
    known = feed.news_gap or USUAL_GAP
    gap = known
    if feed.last_changed_at is not None and now > feed.last_changed_at:
        gap = known * (1 - NEWEST_WEIGHT) + (now - feed.last_changed_at) * NEWEST_WEIGHT
    return FeedPace(next_poll_at=now + _within(gap * GAP_SHARE, cadence), news_gap=gap)


def hint_pull(feed: Feed, cadence: Cadence) -> float:
    """The share of their wait that hinted articles are spared. None at a fixed pace: hints come where changes are, and would bias it."""
    return 0.0 if cadence.fixed is not None else min(feed.habits.hint_truth / HINT_BELIEVED, 1.0)


def _within(wait: timedelta, cadence: Cadence) -> timedelta:
    ceiling = max(cadence.floor, min(cadence.ceiling, FEED_CEILING))
    return min(max(wait, cadence.floor), ceiling)


def not_before(decision: FeedDecision, until: datetime) -> FeedDecision:
    news = decision.after_news
    return replace(
        decision,
        next_poll_at=max(decision.next_poll_at, until),
        after_news=replace(news, next_poll_at=max(news.next_poll_at, until)) if news else None,
    )


def decide_feed(
    feed: Feed, poll: Poll, cadence: Cadence, validators: Validators, entries: tuple[TrackedEntry, ...]
) -> FeedDecision:
    """What one look at a feed leaves, and when to read it again, whether it brings news or not."""
    failures_count = feed.failures_count + 1 if poll.outcome in {Outcome.FAILED, Outcome.MISSING} else 0
    regular = next_reading(feed, cadence, poll.at)
    return FeedDecision(
        feed_id=feed.id,
        lease=feed.lease,
        poll=poll,
        next_poll_at=retry(failures_count, cadence, poll.at, number=feed.id) if failures_count else regular,
        validators=validators,
        failures_count=failures_count,
        entries=entries,
        after_news=after_news(feed, cadence, poll.at),
        hint_pull=hint_pull(feed, cadence),
    )
