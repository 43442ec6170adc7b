"""Sources: config.yaml wins, what was added by command stays, and health is told without reading all polls."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tracker.errors import AlreadyTracked, Declared, NotFound
from tracker.model import ArticleStatus, Outcome, Source

BBC = Source(name="bbc", title="BBC News", feeds=("https://bbc.example/a", "https://bbc.example/b"), exclude=("/sport/",))
PAPER = Source(name="paper", title="The Paper", feeds=("https://paper.example/feed",), declared=False)


def names(desk):
    return [health.source.name for health in desk.store.articles.sources()]


def due(desk, source=None):
    claimed = desk.store.articles.claim_due_feeds(due_at=desk.now, now=desk.now, lease=timedelta(minutes=1), limit=100, source=source)
    desk.store.articles.release_feeds(claimed)
    return sorted(feed.url for feed in claimed)




@pytest.fixture
def bare(desk):
    """No source but those that the test names."""
    desk.declare()
    return desk


def test_a_declared_source_is_there_with_its_rules_and_its_feeds_are_due_at_once(bare):
    bare.declare(BBC)
    health = bare.store.articles.source("bbc")
    assert health.source == BBC
    assert [feed.url for feed in health.feeds] == list(BBC.feeds)
    assert due(bare) == sorted(BBC.feeds)
    assert (health.articles_count, health.events_count, health.last_polled_at, health.last_failure) == (0, 0, None, None)


def test_declaring_the_same_again_changes_nothing_that_a_reader_sees(bare):
    bare.declare(BBC)
    version = bare.store.version()
    bare.later(hours=1)
    bare.declare(BBC)
    assert bare.store.version() == version


def test_what_config_says_anew_is_what_counts(bare):
    bare.declare(BBC)
    changed = Source(name="bbc", title="BBC", feeds=BBC.feeds, include=("/news/",))
    bare.declare(changed)
    assert bare.store.articles.source("bbc").source == changed


def test_a_source_that_config_no_longer_names_is_paused_and_goes_on_when_it_is_named_again(bare):
    bare.declare(BBC)
    bare.declare()
    assert bare.store.articles.source("bbc").source.paused
    assert due(bare) == []
    bare.declare(BBC)
    assert not bare.store.articles.source("bbc").source.paused
    assert due(bare) == sorted(BBC.feeds)


def test_a_feed_that_config_no_longer_names_is_asked_no_more_until_it_is_named_again(bare):
    bare.declare(BBC)
    first, second = BBC.feeds
    bare.declare(Source(name="bbc", title="BBC News", feeds=(first,), exclude=("/sport/",)))
    assert due(bare) == [first]
    assert bare.store.articles.source("bbc").source.feeds == (first,)
    bare.declare(BBC)
    assert due(bare) == [first, second]


def test_a_source_that_config_pauses_is_paused_whatever_is_commanded(bare):
    bare.declare(BBC)
    bare.declare(Source(name="bbc", title="BBC News", feeds=BBC.feeds, paused=True))
    bare.store.articles.set_paused("bbc", False, bare.now)
    assert bare.store.articles.source("bbc").source.paused


def test_a_command_pauses_and_resumes_and_outlives_the_next_start(bare):
    bare.declare(BBC)
    bare.store.articles.set_paused("bbc", True, bare.now)
    bare.declare(BBC)
    assert bare.store.articles.source("bbc").source.paused
    assert due(bare) == []
    bare.store.articles.set_paused("bbc", False, bare.now)
    assert due(bare) == sorted(BBC.feeds)


def test_what_was_added_by_command_is_left_alone_by_config(bare):
    bare.declare(BBC)
    bare.store.articles.add_source(PAPER, bare.now)
    added = bare.store.articles.add_feed("bbc", "https://bbc.example/c", bare.now)
    bare.declare(BBC)
    assert bare.store.articles.source("paper").source == PAPER
    assert [feed.id for feed in bare.store.articles.source("bbc").feeds][-1] == added
    assert due(bare) == sorted([*BBC.feeds, *PAPER.feeds, "https://bbc.example/c"])


def test_a_source_added_by_command_becomes_configs_once_config_names_it(bare):
    bare.store.articles.add_source(PAPER, bare.now)
    bare.declare(Source(name="paper", title="The Paper", feeds=PAPER.feeds))
    bare.declare()
    assert bare.store.articles.source("paper").source.paused
    assert due(bare) == []


def test_a_name_or_feed_that_is_taken_is_refused(bare):
    bare.declare(BBC)
    with pytest.raises(AlreadyTracked, match="bbc"):
        bare.store.articles.add_source(Source(name="bbc", title="Another"), bare.now)
    with pytest.raises(AlreadyTracked, match=r"bbc\.example/a"):
        bare.store.articles.add_feed("bbc", "https://bbc.example/a", bare.now)
    with pytest.raises(AlreadyTracked, match=r"bbc\.example/a"):
        bare.store.articles.add_source(Source(name="other", title="Other", feeds=("https://bbc.example/a",)), bare.now)
    assert "other" not in names(bare)


def test_a_feed_that_config_dropped_can_be_added_by_command_and_then_stays(bare):
    bare.declare(BBC)
    bare.declare(Source(name="bbc", title="BBC News", feeds=BBC.feeds[:1], exclude=("/sport/",)))
    bare.store.articles.add_feed("bbc", BBC.feeds[1], bare.now)
    bare.declare(Source(name="bbc", title="BBC News", feeds=BBC.feeds[:1], exclude=("/sport/",)))
    assert due(bare) == sorted(BBC.feeds)


@pytest.mark.parametrize("ask", ["source", "set_paused", "add_feed"])
def test_a_source_that_is_not_there_is_named_in_the_error(desk, ask):
    articles = desk.store.articles
    calls = {
        "source": lambda: articles.source("nobody"),
        "set_paused": lambda: articles.set_paused("nobody", True, desk.now),
        "add_feed": lambda: articles.add_feed("nobody", "https://x.example/feed", desk.now),
    }
    with pytest.raises(NotFound, match="There is no source nobody"):
        calls[ask]()


def test_health_tells_the_last_look_the_last_good_one_and_the_failure_since(desk):
    desk.read_feed()
    good_at = desk.now
    failed_at = desk.later(minutes=5)
    desk.read_feed(outcome=Outcome.FAILED, reason="https://news.example/feed answered with status 500.")
    health = desk.store.articles.source("news")
    assert (health.last_polled_at, health.last_good_at) == (failed_at, good_at)
    assert health.last_failure.reason == "https://news.example/feed answered with status 500."
    assert health.last_failure.feed_id == health.feeds[0].id


def test_the_next_good_look_clears_the_failure(desk):
    desk.read_feed(outcome=Outcome.FAILED, reason="It did not answer.")
    desk.later(minutes=5)
    desk.read_feed()
    assert desk.store.articles.source("news").last_failure is None


def test_a_feed_that_fails_is_told_even_while_articles_are_read_well(desk):
    article = desk.track()
    desk.later(minutes=5)
    desk.read_feed(outcome=Outcome.FAILED, reason="The feed is broken.")
    desk.later(minutes=5)
    desk.change(article, "One.")
    assert desk.store.articles.source("news").last_failure.reason == "The feed is broken."


def test_an_article_that_fails_is_told_even_while_others_are_read_well(desk):
    failing, good = desk.track(1), desk.track(2)
    desk.keep(desk.look(failing, Outcome.FAILED, reason="It did not answer."))
    desk.later(minutes=5)
    desk.change(good, "One.")
    (problem,) = desk.store.articles.source("news").problems
    assert (problem.article_id, problem.reason) == (failing.id, "It did not answer.")


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.MISSING, Outcome.FAILED])
def test_an_article_that_was_not_seen_is_told_until_the_next_good_look(desk, outcome):
    article = desk.track()
    desk.keep(desk.look(article, outcome, reason="What was wrong."))
    assert desk.store.articles.source("news").last_failure.reason == "What was wrong."
    desk.keep(desk.look(desk.store.articles.get(article.id), Outcome.HELD))
    assert desk.store.articles.source("news").last_failure is None


def test_articles_and_events_are_counted_by_source(desk):
    desk.declare(Source(name="news", title="News", feeds=("https://news.example/feed",)), BBC)
    one, _ = desk.track(1), desk.track(2)
    desk.change(one, "One.")
    desk.later(hours=1)
    desk.change(one, "Two.")
    health = desk.store.articles.source("news")
    assert (health.articles_count, health.events_count) == (2, 1)
    assert desk.store.articles.source("bbc").articles_count == 0


def test_sources_are_listed_by_name(bare):
    bare.declare(PAPER, BBC)
    assert names(bare) == ["bbc", "news", "paper"]


def test_all_sources_at_once_are_told_as_each_by_itself_but_for_their_older_problems(desk):
    """One good source, one whose articles vanish together, one whose feed fails, one that was never asked."""
    quiet = Source(name="quiet", title="Quiet", feeds=("https://quiet.example/feed",))
    desk.declare(Source(name="news", title="News", feeds=("https://news.example/feed",)), BBC, PAPER, quiet)
    desk.change(desk.track(1), "One.")
    for number in range(1, 5):
        article = desk.track(number, source="bbc", host="bbc.example")
        desk.later(minutes=1)
        desk.keep(desk.look(article, Outcome.MISSING if number < 4 else Outcome.UNCHANGED, reason="It is not there."))
    for reason in ("It did not answer.", "It is broken."):
        desk.later(minutes=1)
        desk.read_feed(source="paper", outcome=Outcome.FAILED, reason=reason)
    together = desk.store.articles.sources()
    alone = [desk.store.articles.source(health.source.name) for health in together]
    assert list(together) == [replace(health, problems=health.problems[:1]) for health in alone]
    outages = {health.source.name: (health.last_looks.articles_count, health.last_looks.lost_count) for health in together}
    assert outages == {"bbc": (4, 3), "news": (1, 0), "paper": (0, 0), "quiet": (0, 0)}
    assert [health.last_failure and health.last_failure.reason for health in together] == ["It is not there.", None, "It is broken.", None]


def test_looks_at_removed_articles_and_older_looks_at_the_same_one_do_not_count(desk):
    gone, back = desk.track(1), desk.track(2)
    desk.keep(desk.look(gone, Outcome.MISSING, status=ArticleStatus.REMOVED), desk.look(back, Outcome.MISSING))
    desk.later(minutes=5)
    desk.keep(desk.look(desk.store.articles.get(back.id)))
    looks = desk.store.articles.last_looks("news", desk.now)
    assert (looks.articles_count, looks.lost_count) == (1, 0)


def test_a_source_is_called_by_its_title(bare):
    bare.declare(PAPER)
    assert bare.store.articles.titles() == {"news": "News", "paper": PAPER.title}


def test_a_source_that_was_added_is_followed_no_longer_and_can_be_followed_again(bare):
    articles = bare.store.articles
    articles.add_source(PAPER, bare.now)
    articles.remove("paper", bare.now)
    assert due(bare) == []
    assert articles.source("paper").source.paused
    assert articles.source("paper").feeds == ()
    articles.add_feed("paper", PAPER.feeds[0], bare.now)
    articles.set_paused("paper", False, bare.now)
    assert due(bare) == list(PAPER.feeds)


def test_a_source_that_the_configuration_names_is_taken_out_there(bare):
    bare.declare(BBC)
    with pytest.raises(Declared, match="take its lines out"):
        bare.store.articles.remove("bbc", bare.now)
    assert due(bare) == sorted(BBC.feeds)
    with pytest.raises(NotFound):
        bare.store.articles.remove("none", bare.now)
