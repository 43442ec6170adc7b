"""The export: exactly the lines of the contract, oldest first, and nothing twice or missing between two cursors."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from tracker.model import ArticleStatus, Retention, Scope, Source
from tracker.store import export

# What is told of a revision of a hidden article.
HIDDEN = ["extractor", "first_seen_at", "id", "last_seen_at", "number", "origin", "seq"]


def lines(desk, **more):
    return list(desk.store.export(segment=lambda text: text.split("\n\n"), **more))


@pytest.fixture
def article(desk, make):
    """Tracked at 12:00, read at 12:00 and, changed, at 12:35."""
    article = desk.track(1, guid="a1")
    desk.change(article, "One.\n\nTwo.", extract=make.extract("One.\n\nTwo.", byline="A. Writer", language="en", published_at=desk.now))
    desk.later(minutes=35)
    desk.change(article, "One.\n\nThree.")
    return desk.store.articles.get(article.id)


def test_the_lines_are_those_of_the_contract(desk, article, make):
    first, second = desk.store.revisions.history(article.id)
    (event,) = desk.store.revisions.events(Scope())
    polls = desk.store.revisions.polls(article_id=article.id)
    by_type = {}
    for line in lines(desk, polls=True):
        by_type.setdefault(line["type"], []).append(line)
    assert by_type["article"] == [
        {
            "type": "article",
            "seq": by_type["article"][0]["seq"],
            "id": article.id,
            "source": "news",
            "url": "https://news.example/1",
            "keys": ["url:news.example/1", "guid:news.example:a1"],
            "first_seen_at": "2026-03-01T12:00:00Z",
            "last_seen_at": "2026-03-01T12:35:00Z",
            "last_changed_at": "2026-03-01T12:35:00Z",
            "next_poll_at": "2026-03-01T12:40:00Z",
            "status": "tracked",
            "revisions": 2,
            "merged_into": None,
            "headline": "Headline",
            "language": None,
            "published_at": "2026-03-01T12:00:00Z",
            "missing_since": None,
            "last_polled_at": "2026-03-01T12:35:00Z",
            "because": "cadence",
            "changes": 1,
            "revisions_last_seen_at": [[first.id, "2026-03-01T12:00:00Z"], [second.id, "2026-03-01T12:35:00Z"]],
            "hidden_revisions": [],
        }
    ]
    assert by_type["revision"][0] == {
        "type": "revision",
        "seq": first.seq,
        "id": first.id,
        "article_id": article.id,
        "number": 1,
        "first_seen_at": "2026-03-01T12:00:00Z",
        "headline": "Headline",
        "byline": "A. Writer",
        "published_at": "2026-03-01T12:00:00Z",
        "modified_at": None,
        "language": "en",
        "text": "One.\n\nTwo.",
        "sentences": ["One.", "Two."],
        "hash": make.fingerprint("One.\n\nTwo."),
        "extractor": "1",
        "origin": "poll",
        "capture": "kept",
        "capture_dropped_at": None,
        "withdrawn": False,
        "received": [{"hash": by_type["revision"][0]["received"][0]["hash"], "at": "2026-03-01T12:00:00Z"}],
        "blocks": [["paragraph", 4], ["paragraph", 4]],
        "page": {"url": "https://news.example/1"},
        "extract_hash": by_type["revision"][0]["extract_hash"],
    }
    assert by_type["event"] == [
        {
            "type": "event",
            "seq": event.seq,
            "id": event.id,
            "kind": "changed",
            "article_id": article.id,
            "from": first.id,
            "to": second.id,
            "after": "2026-03-01T12:00:00Z",
            "before": "2026-03-01T12:35:00Z",
            "significance": "minor",
            "reason": "a word changed",
            "facets": ["names", "numbers"],
            "noted": "no",
            "date_moved": "yes",
            "reverts_to": None,
            "alternates_with": None,
            "summary": "One sentence edited.",
            "retracted_at": None,
            "differ": "1.0",
            "edits": [],
            "source": "news",
            "at": "2026-03-01T12:35:00Z",
            "counts": {"edited": 1, "kept": 3},
            "evidence": None,
        }
    ]
    newest = polls[0]
    assert by_type["poll"][-1] == {
        "type": "poll",
        "seq": newest.seq,
        "id": newest.id,
        "article_id": article.id,
        "feed_id": None,
        "at": "2026-03-01T12:35:00Z",
        "outcome": "changed",
        "because": "cadence",
        "status": 200,
        "bytes": 1000,
        "ms": 20,
        "url": "https://news.example/1",
        "reason": None,
    }
    json.dumps(by_type)


def test_sources_and_feeds_have_lines_that_come_again_when_they_change(desk):
    source, feed = lines(desk)
    assert (source["type"], source["name"], source["title"], source["declared"]) == ("source", "news", "News", True)
    assert (feed["type"], feed["source"], feed["url"], feed["withdrawn"]) == ("feed", "news", "https://news.example/feed", False)
    cursor = feed["seq"]
    desk.declare(Source(name="news", title="News", feeds=("https://news.example/feed",)))
    desk.read_feed()
    assert lines(desk, since=cursor) == []
    desk.declare(Source(name="news", title="Other", feeds=("https://news.example/new",)))
    found = [(line["type"], line.get("url"), line["withdrawn"]) for line in lines(desk, since=cursor)]
    new, old = "https://news.example/new", "https://news.example/feed"
    assert found == [("source", None, False), ("feed", old, True), ("feed", new, False)]


def test_what_was_received_is_told_whether_it_is_kept_or_not(desk, article):
    before = [line["received"] for line in lines(desk) if line["type"] == "revision"]
    list(desk.store.prune(Retention(captures=timedelta(0)), desk.later(days=1)))
    after = [line for line in lines(desk) if line["type"] == "revision"]
    assert [line["capture"] for line in after] == ["dropped", "kept"]
    assert [line["received"] for line in after] == before
    assert len({one["hash"] for pages in before for one in pages}) == 2


def test_a_retraction_is_told_of_no_more_than_its_event(desk, article):
    desk.store.retract(1, reason="Ours.", now=desk.now)
    assert [line["type"] for line in lines(desk)].count("retraction") == 1
    desk.keep(desk.look(article, status=ArticleStatus.HIDDEN, next_poll_at=None))
    assert [line["type"] for line in lines(desk)].count("retraction") == 0


def test_lines_come_in_the_order_of_seq_across_kinds_and_batches(desk, make, monkeypatch):
    monkeypatch.setattr(export, "BATCH", 3)
    desk.read_feed(*(make.entry(number) for number in range(10)))
    for article in desk.claim():
        desk.change(article, "One.")
        desk.later(minutes=1)
        desk.change(article, "Two.")
    found = lines(desk, polls=True)
    numbers = [line["seq"] for line in found]
    assert numbers == sorted(set(numbers))
    assert {kind: sum(line["type"] == kind for line in found) for kind in ("article", "revision", "event", "poll")} == {
        "article": 10,
        "revision": 20,
        "event": 10,
        "poll": 21,
    }


def test_polls_are_only_there_when_asked_for(desk, article):
    assert {line["type"] for line in lines(desk)} == {"source", "feed", "article", "revision", "event"}


def test_an_export_since_the_last_one_has_what_came_after_it_and_repeats_an_article_that_changed(desk, article):
    before = lines(desk, polls=True)
    cursor = before[-1]["seq"]
    assert lines(desk, polls=True, since=cursor) == []
    desk.later(hours=1)
    desk.change(article, "Three.")
    after = lines(desk, polls=True, since=cursor)
    assert [line["type"] for line in after] == ["article", "revision", "event", "poll"]
    assert after[0]["id"] == article.id


def test_what_is_written_during_an_export_is_left_for_the_next(desk, article):
    running = desk.store.export(segment=lambda text: [text], polls=True)
    first = next(running)
    desk.later(hours=1)
    desk.change(article, "Three.")
    rest = [first, *running]
    cursor = rest[-1]["seq"]
    assert {line["type"] for line in lines(desk, polls=True, since=cursor)} == {"article", "revision", "event", "poll"}
    assert not any(line["type"] == "revision" and line["number"] == 3 for line in rest)


def test_an_export_has_the_line_of_every_article_whatever_changes_while_it_runs(desk, make, monkeypatch):
    monkeypatch.setattr(export, "BATCH", 2)
    desk.read_feed(*(make.entry(number) for number in range(6)))
    articles = desk.claim()
    for one in articles:
        desk.change(one, "One.")
    running = desk.store.export(segment=lambda text: [text])
    first = next(running)
    desk.later(hours=1)
    for one in articles:
        desk.change(one, "Two.")
    told = [first, *running]
    assert sorted(line["id"] for line in told if line["type"] == "article") == sorted(one.id for one in articles)
    assert {line["revisions"] for line in told if line["type"] == "article"} == {1}
    assert not any(line["type"] == "event" for line in told)


def test_edits_are_filled_in_by_who_can_compare(desk, article):
    found = lines(desk, edits=lambda old, new: [{"old": old.text, "new": new.text}])
    (event,) = [line for line in found if line["type"] == "event"]
    assert event["edits"] == [{"old": "One.\n\nTwo.", "new": "One.\n\nThree."}]


def test_a_hidden_article_is_told_of_but_not_its_words(desk, article):
    desk.keep(desk.look(article, status=ArticleStatus.HIDDEN, next_poll_at=None))
    found = lines(desk)
    assert [line["type"] for line in found] == ["source", "feed", "article"]
    assert found[2]["status"] == "hidden"
    assert [sorted(one) for one in found[2]["hidden_revisions"]] == [HIDDEN, HIDDEN]


def test_polls_that_retention_took_are_told_by_day_after_the_cursor(desk, article):
    def days(since: int) -> list[dict]:
        return [line for line in lines(desk, polls=True, since=since) if line["type"] == "polls"]

    desk.later(days=1)
    list(desk.store.prune(Retention(polls=timedelta(days=1)), desk.now))
    (first,) = days(0)
    assert first == {"type": "polls", "seq": desk.store.version(), "source": "news", "day": "2026-03-01", "outcome": "first", "count": 2}
    list(desk.store.prune(Retention(polls=timedelta(minutes=1)), desk.now))
    assert [(line["outcome"], line["count"]) for line in days(first["seq"])] == [("changed", 1)]
    assert len(days(0)) == 2
