"""What pages, change feeds and the timer ask of the store, as they ask it, page by page as tracker/web/application.py routes them.

A page's parts are told apart, since each is its own short transaction. What is computed from texts (diffs, blame, pictures)
is not the store's.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from made import fill, news
from tracker.model import Filter, Noted, Scope, Significance
from tracker.scheduler.batches import BATCH
from tracker.scheduler.emit import ENTRIES
from tracker.scheduler.tick import JOBS_AT_ONCE
from tracker.store import Store
from tracker.urls import article_keys
from tracker.web.article_page import EVENTS_OF_AN_ARTICLE
from tracker.web.lists import ARTICLES_A_PAGE, CHANGES_A_PAGE, MOST_EDITED
from tracker.web.pages import POLLS_READ

LEASE = timedelta(minutes=3)
LARGE = "news0"
CHOICES = 200

Ask = Callable[[Random], object]


def queries(store: Store, articles_count: int, now: datetime) -> dict[str, Ask]:
    """Each is given chance to choose what it is about."""
    one = _Chosen(store, articles_count)
    return _lists(store, one, now) | _articles(store, one) | _revisions(store, one) | _feeds(store, one) | _looks(store, one, now)


class _Chosen:
    """Articles, pairs of revisions and addresses to ask about, chosen once."""

    def __init__(self, store: Store, articles_count: int) -> None:
        self.articles_count = articles_count
        self.version = store.version()
        histories = [store.revisions.history(self.article(Random(number))) for number in range(CHOICES)]
        self.pairs = [(history[0].id, history[1].id) for history in histories]
        self.threes = [(history[0].id, history[1].id, history[-1].id) for history in histories]
        self.histories = [[revision.id for revision in history] for history in histories]
        self.urls = [store.articles.get(self.article(Random(number))).url for number in range(CHOICES)]
        page = store.revisions.changes(Scope(), limit=CHANGES_A_PAGE)
        self.page = {change.article.id for change in page}

    def article(self, chance: Random) -> int:
        return chance.randrange(self.articles_count) + 1

    def seq(self, chance: Random) -> int:
        return chance.randrange(self.version) + 1


def _lists(store: Store, one: _Chosen, now: datetime) -> dict[str, Ask]:
    revisions, articles, figures = store.revisions, store.articles, store.figures
    limit = CHANGES_A_PAGE + 1
    everything, large = Scope(), Scope(source=LARGE)
    length = now - news.FIRST_AT
    past = Filter(since_at=news.FIRST_AT + length / 4, before_at=news.FIRST_AT + length / 2)
    filters = {
        "weight": Filter(significance=Significance.MAJOR),
        "kind": Filter(facet="numbers"),
        "none such": Filter(noted=Noted.YES),
        "none such, kind": Filter(facet="links"),
        "a past period": past,
        "none such in it": Filter(noted=Noted.YES, since_at=past.since_at, before_at=past.before_at),
    }
    asked: dict[str, Ask] = {
        "any page: version": lambda _: store.version(),
        "home: changes": lambda _: revisions.changes(everything, limit=limit),
        "home: older changes": lambda chance: revisions.changes(everything, before=one.seq(chance), limit=limit),
    }
    for place, scope in (("home", everything), ("source", large)):
        for name, only in filters.items():
            asked[f"{place}: filter, {name}"] = lambda _, scope=scope, only=only: revisions.changes(scope, only=only, limit=limit)
        asked[f"{place}: filter, where it ends"] = lambda _, scope=scope: figures.looked_through(scope, filters["none such"], None)
        asked[f"{place}: most edited"] = lambda _, scope=scope: figures.most_edited(scope, limit=MOST_EDITED)
    return asked | {
        "lists: latest revisions": lambda _: revisions.latest_ids(one.page),
        "lists: texts of a new change": lambda chance: revisions.extracts(chance.choice(one.threes)),
        "lists: titles of sources": lambda _: articles.titles(),
        "sources: health of all": lambda _: articles.sources(),
        "source: health": lambda _: articles.source(LARGE),
        "source: figures": lambda _: figures.of(LARGE),
        "source: changes": lambda _: revisions.changes(large, limit=limit),
        "source: articles": lambda chance: articles.listed(source=LARGE, after_id=one.article(chance), limit=ARTICLES_A_PAGE + 1),
        "source: checks": lambda _: revisions.polls(source=LARGE, limit=POLLS_READ),
    }


def _articles(store: Store, one: _Chosen) -> dict[str, Ask]:
    revisions, articles = store.revisions, store.articles
    return {
        "article: article": lambda chance: articles.get(one.article(chance)),
        "article: versions": lambda chance: revisions.history(one.article(chance)),
        "article: texts of all versions": lambda chance: revisions.extracts(chance.choice(one.histories)),
        "article: events": lambda chance: revisions.events(Scope(article_id=one.article(chance)), limit=EVENTS_OF_AN_ARTICLE),
        "article: checks": lambda chance: revisions.polls(article_id=one.article(chance), limit=POLLS_READ),
        "article: merges": lambda chance: articles.merged(one.article(chance)),
    }


def _revisions(store: Store, one: _Chosen) -> dict[str, Ask]:
    revisions = store.revisions
    return {
        "diff: pair": lambda chance: revisions.pair(*chance.choice(one.pairs)),
        "diff: event between": lambda chance: revisions.event_between(*chance.choice(one.pairs)),
        "revision: revision": lambda chance: revisions.get(chance.choice(one.pairs)[1]),
        "revision: text": lambda chance: revisions.extract(chance.choice(one.pairs)[1]),
    }


def _feeds(store: Store, one: _Chosen) -> dict[str, Ask]:
    revisions = store.revisions
    major = Filter(significance=Significance.MAJOR)
    return {
        "feed of all": lambda _: revisions.changes(Scope(), limit=ENTRIES),
        "feed of a source": lambda _: revisions.changes(Scope(source=LARGE), limit=ENTRIES),
        "feed of a source, filtered": lambda _: revisions.changes(Scope(source=LARGE), only=major, limit=ENTRIES),
        "feed of an article": lambda chance: revisions.changes(Scope(article_id=one.article(chance)), limit=ENTRIES),
        "feeds: texts of a new entry": lambda chance: revisions.extracts(chance.choice(one.pairs)),
    }


def _looks(store: Store, one: _Chosen, now: datetime) -> dict[str, Ask]:
    revisions, articles = store.revisions, store.articles
    return {
        "look: what was known": lambda chance: revisions.latest(one.article(chance)),
        "look: pages it came on": lambda chance: revisions.pages(chance.choice(one.histories)[-1]),
        "look: whose keys": lambda chance: articles.owners(article_keys(chance.choice(one.urls))),
        "look: others of the source": lambda _: articles.last_looks(LARGE, now),
        "find by URL": lambda chance: articles.find(chance.choice(one.urls)),
        "due hosts": lambda _: articles.due_hosts(due_at=now, now=now, limit=JOBS_AT_ONCE),
        "next due": lambda _: articles.next_due_at(),
        "feeds due, none": lambda _: articles.claim_due_feeds(due_at=news.FIRST_AT - LEASE, now=now, lease=LEASE, limit=JOBS_AT_ONCE),
    }


def claims(store: Store, now: datetime, timed: Callable[[Callable[[], object]], tuple[float, object]]) -> dict[str, float]:
    """Claims and what gives them back, which is not timed."""
    times: dict[str, float] = {}
    claim, host = store.articles.claim_due, fill.host_name(0)
    for name, limit in (("claim a batch", BATCH), (f"claim {fill.DUE} due", fill.DUE)):
        times[name], by_host = timed(lambda limit=limit: claim([host], due_at=now, now=now, lease=LEASE, limit=limit))
        claimed = by_host.get(host, ())
        assert len(claimed) == limit, f"{len(claimed)} articles are due, not {limit}"
        store.articles.release(claimed)
    return times
