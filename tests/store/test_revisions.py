"""Histories, texts and lists read back: newest first, by keyset, in few queries that use an index."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event as hooks
from sqlalchemy import text

from tracker.errors import NotFound
from tracker.model import ArticleStatus, Filter, Outcome, Scope, Significance, Source

EVERYTHING = Scope()


@pytest.fixture
def busy(desk):
    """Two sources; three articles with three revisions each, changed in turn."""
    desk.declare(
        Source(name="news", title="News", feeds=("https://news.example/feed",)),
        Source(name="other", title="Other", feeds=("https://other.example/feed",)),
    )
    ids = [desk.track(1).id, desk.track(2).id, desk.track(3, source="other", host="other.example").id]
    return desk, ids


@pytest.fixture
def changed(busy):
    desk, ids = busy
    for text_ in ("A.", "B.", "C."):
        for article_id in ids:
            desk.later(minutes=10)
            desk.change(article_id, f"{text_} {article_id}")
    return desk, ids


def test_before_the_first_revision_there_is_no_latest(desk):
    article = desk.track(1)
    assert desk.store.revisions.latest(article.id) is None
    assert desk.store.revisions.history(article.id) == ()
    assert desk.store.revisions.latest(999) is None


def test_a_history_is_in_the_order_of_numbers_and_ends_with_the_latest(changed):
    desk, (article_id, *_) = changed
    history = desk.store.revisions.history(article_id)
    assert [revision.number for revision in history] == [1, 2, 3]
    latest = desk.store.revisions.latest(article_id)
    assert latest.revision == history[-1]
    assert latest.extract.text == f"C. {article_id}"
    assert desk.store.revisions.get(history[1].id) == history[1]
    assert [revision_id for _, revision_id in latest.seen] == [revision.id for revision in history]


def test_any_two_revisions_make_a_pair_in_the_order_asked_for(changed):
    desk, (one, other, _) = changed
    a, b = desk.store.revisions.history(one)[2], desk.store.revisions.history(other)[0]
    (first, old), (second, new) = desk.store.revisions.pair(a.id, b.id)
    assert (first, second) == (a, b)
    assert (old.text, new.text) == (f"C. {one}", f"A. {other}")
    assert desk.store.revisions.pair(a.id, a.id)[0] == desk.store.revisions.pair(a.id, a.id)[1]


@pytest.mark.parametrize("ask", ["get", "extract", "event", "pair"])
def test_what_is_not_there_is_named_in_the_error(changed, ask):
    desk, _ = changed
    revisions = desk.store.revisions
    calls = {
        "get": lambda: revisions.get(77),
        "extract": lambda: revisions.extract(77),
        "event": lambda: revisions.event(77),
        "pair": lambda: revisions.pair(1, 77),
    }
    with pytest.raises(NotFound, match=f"There is no {'event' if ask == 'event' else 'revision'} 77"):
        calls[ask]()


def test_events_come_newest_first_and_go_on_after_the_last_one_read(changed):
    desk, _ = changed
    events = desk.store.revisions.events(EVERYTHING)
    assert len(events) == 6
    assert [one.seq for one in events] == sorted((one.seq for one in events), reverse=True)
    pages = desk.store.revisions.events(EVERYTHING, limit=4)
    pages += desk.store.revisions.events(EVERYTHING, before=pages[-1].seq, limit=4)
    assert pages == events


def test_events_of_a_source_or_an_article_are_only_those(changed):
    desk, ids = changed
    assert {one.article_id for one in desk.store.revisions.events(Scope(source="other"))} == {ids[2]}
    assert {one.article_id for one in desk.store.revisions.events(Scope(article_id=ids[0]))} == {ids[0]}
    with pytest.raises(NotFound):
        desk.store.revisions.events(Scope(source="nobody"))


def test_the_event_between_two_revisions_is_found_in_its_direction_only(changed):
    desk, (article_id, *_) = changed
    a, b, c = desk.store.revisions.history(article_id)
    event = desk.store.revisions.event_between(a.id, b.id)
    assert (event.from_revision_id, event.to_revision_id) == (a.id, b.id)
    assert desk.store.revisions.event_between(b.id, a.id) is None
    assert desk.store.revisions.event_between(a.id, c.id) is None


def test_events_of_a_hidden_article_are_left_out(changed):
    desk, ids = changed
    desk.keep(desk.look(desk.store.articles.get(ids[0]), status=ArticleStatus.HIDDEN, next_poll_at=None))
    assert {one.article_id for one in desk.store.revisions.events(EVERYTHING)} == set(ids[1:])


def test_a_change_has_its_article_and_both_revisions(changed, clock):
    desk, ids = changed
    newest, *_ = desk.store.revisions.changes(EVERYTHING)
    assert newest.article == desk.store.articles.get(ids[2])
    _, *both = desk.store.revisions.history(ids[2])
    assert [newest.old, newest.new] == both
    assert (newest.event.from_revision_id, newest.event.to_revision_id) == (newest.old.id, newest.new.id)


def test_several_texts_are_read_at_once(changed):
    desk, ids = changed
    a, b, _ = desk.store.revisions.history(ids[0])
    found = desk.store.revisions.extracts([b.id, a.id, b.id])
    assert {key: extract.text for key, extract in found.items()} == {a.id: f"A. {ids[0]}", b.id: f"B. {ids[0]}"}
    with pytest.raises(NotFound, match="revision 999"):
        desk.store.revisions.extracts([a.id, 999])


def test_polls_come_newest_first_by_source_article_or_feed(changed):
    desk, ids = changed
    every = desk.store.revisions.polls()
    assert [stored.id for stored in every] == sorted((stored.id for stored in every), reverse=True)
    assert len(every) == 12
    assert {stored.poll.article_id for stored in desk.store.revisions.polls(article_id=ids[0])} == {ids[0]}
    assert len(desk.store.revisions.polls(source="other")) == 4
    (feed,) = desk.store.articles.source("other").feeds
    (only,) = desk.store.revisions.polls(feed_id=feed.id)
    assert (only.poll.url, only.poll.outcome) == ("https://other.example/feed", Outcome.FIRST)
    assert desk.store.revisions.polls(limit=5) + desk.store.revisions.polls(before=every[4].id) == every


# --- speed that does not depend on how much is kept -------------------------------------------------


def watched(store, calls):
    """The statements of each call."""
    found: list[tuple[str, str, object]] = []
    name = ""

    def note(_connection, _cursor, statement, parameters, *_):
        if not statement.startswith(("BEGIN", "PRAGMA", "SET")):
            found.append((name, statement, parameters))

    for engine in {store._database._readers, store._database._writers}:
        hooks.listen(engine, "after_cursor_execute", note)
    for name, call in calls.items():  # noqa: B007 (the listener reads it)
        call()
    for engine in {store._database._readers, store._database._writers}:
        hooks.remove(engine, "after_cursor_execute", note)
    return found


def test_a_list_of_changes_takes_as_few_queries_for_six_as_for_one(changed, clock):
    desk, _ = changed
    revisions = desk.store.revisions
    one = watched(desk.store, {"": lambda: revisions.changes(EVERYTHING, limit=1)})
    six = watched(desk.store, {"": lambda: revisions.changes(EVERYTHING, limit=6)})
    assert len(six) <= len(one) == 5


BIG = ("article", "article_key", "revision", "further_page", "body", "capture", "event", "poll", "feed_entry", "host")


def full_scans(connection, statement, parameters):
    """The steps of a statement's plan that would read all of a big table."""
    if statement.startswith("INSERT"):
        return []  # SQLite plans a scan for references here that it runs only where one is broken
    if connection.dialect.name == "sqlite":
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
        sorting = {parent for _, parent, _, step in plan if "TEMP B-TREE" in step}
        scans = [(parent, step) for _, parent, _, step in plan if step.startswith("SCAN") and step.split()[1] in BIG]
        # Without sorting, an index is walked down from its end, as far as a page goes.
        return [step for parent, step in scans if "LIMIT" not in statement or parent in sorting]
    connection.execute(text("SET LOCAL enable_seqscan = off"))  # else a table of three rows is just read
    steps = [row[0] for row in connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)]
    return [step for step in steps if "Seq Scan on" in step and step.split("Seq Scan on ")[1].split()[0] in BIG]


def test_no_query_of_a_page_feed_or_tick_reads_a_whole_table(changed, clock):
    desk, (article_id, *_) = changed
    store, articles, revisions = desk.store, desk.store.articles, desk.store.revisions
    due = {"due_at": clock(), "now": clock(), "limit": 10}
    one, other, _ = revisions.history(article_id)
    calls = {
        "version": store.version,
        "get": lambda: articles.get(article_id),
        "find": lambda: articles.find("https://news.example/1"),
        "listed": lambda: articles.listed(limit=10, after_id=1),
        "listed of a source": lambda: articles.listed(source="news", limit=10, after_id=1),
        "source": lambda: articles.source("news"),
        "due_hosts": lambda: articles.due_hosts(**due),
        "claim_due_feeds": lambda: articles.claim_due_feeds(lease=timedelta(minutes=1), **due),
        "claim_due": lambda: articles.claim_due(["news.example"], lease=timedelta(minutes=1), **due),
        "next_due_at": articles.next_due_at,
        "host": lambda: articles.host("news.example"),
        "titles": articles.titles,
        "last_looks": lambda: articles.last_looks("news", clock()),
        "latest_ids": lambda: revisions.latest_ids([article_id]),
        "train": lambda: store.train(clock()),
        "extracts": lambda: revisions.extracts([one.id, other.id]),
        "latest": lambda: revisions.latest(article_id),
        "history": lambda: revisions.history(article_id),
        "pair": lambda: revisions.pair(one.id, other.id),
        "capture": lambda: revisions.capture(one.capture_id),
        "pages": lambda: revisions.pages(one.id),
        "events": lambda: revisions.events(EVERYTHING, before=99),
        "events of a source": lambda: revisions.events(Scope(source="news"), before=99),
        "events of an article": lambda: revisions.events(Scope(article_id=article_id), before=99),
        "changes": lambda: revisions.changes(EVERYTHING),
        "filtered changes": lambda: revisions.changes(EVERYTHING, only=Filter(facet="numbers", before_at=clock()), before=99),
        "filtered changes of a source": lambda: revisions.changes(Scope(source="news"), only=Filter(significance=Significance.MAJOR)),
        "looked_through": lambda: store.figures.looked_through(EVERYTHING, Filter(before_at=clock()), 99),
        "figures of a source": lambda: store.figures.of("news"),
        "most edited": lambda: store.figures.most_edited(EVERYTHING, limit=5),
        "most edited of a source": lambda: store.figures.most_edited(Scope(source="news"), limit=5),
        "event_between": lambda: revisions.event_between(one.id, other.id),
        "polls": revisions.polls,
        "polls of a source": lambda: revisions.polls(source="news"),
        "polls of an article": lambda: revisions.polls(article_id=article_id),
        "polls of a feed": lambda: revisions.polls(feed_id=1),
        "export": lambda: list(store.export(segment=lambda text_: [text_], since=5, polls=True)),
        "change": lambda: desk.change(article_id, "D."),
        "unchanged": lambda: desk.keep(desk.look(articles.get(article_id))),
        "read_feed": lambda: desk.read_feed(desk.entry(1), desk.entry(9)),
    }
    statements = watched(store, calls)
    assert {name for name, *_ in statements} == set(calls)
    with store._database.reading() as connection:
        for name, statement, parameters in statements:
            given = parameters[0] if isinstance(parameters, list) else parameters
            assert full_scans(connection, statement, given) == [], f"{name}: {statement}"


def test_the_plan_test_would_notice(changed):
    desk, _ = changed
    with desk.store._database.reading() as connection:
        assert full_scans(connection, "SELECT * FROM event ORDER BY at LIMIT 5", ())
