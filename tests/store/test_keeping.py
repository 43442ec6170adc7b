"""keep: all of a look or nothing of it, in commit order, under the lease it was made under."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from sqlalchemy import event as hooks
from sqlalchemy import func, select

from tracker.model import ArticleStatus, EventKind, Gates, Outcome, Validators
from tracker.store import Store
from tracker.store.schema import metadata


def contents(store):
    """Every row of every table."""
    with store._database.reading() as connection:
        return {table.name: sorted(map(tuple, connection.execute(select(table))), key=repr) for table in metadata.sorted_tables}


def test_a_first_look_leaves_a_revision_its_body_and_capture_and_a_poll_but_no_event(desk, make):
    article = desk.track()
    kept = desk.change(article, "One.", extract=make.extract("One.", headline="As read", language="en"))
    assert kept.events == ()
    known = desk.store.articles.get(article.id)
    assert (known.headline, known.revisions_count, known.changes_count) == ("As read", 1, 0)
    assert (known.last_polled_at, known.last_seen_at, known.last_changed_at) == (desk.now, desk.now, None)
    latest = desk.store.revisions.latest(article.id)
    assert latest.extract == make.extract("One.", headline="As read", language="en")
    assert (latest.revision.number, latest.revision.origin, latest.revision.extractor) == (1, "poll", "1")
    assert desk.store.revisions.capture(latest.revision.capture_id).body == b"<p>One.</p>"
    assert desk.store.revisions.polls(article_id=article.id)[0].poll.outcome == Outcome.FIRST


def test_a_change_leaves_a_second_revision_and_an_event_with_its_summary(desk, make):
    article = desk.track()
    first_at = desk.now
    desk.change(article, "One.")
    desk.later(minutes=35)
    (event,) = desk.change(article, "Two.").events
    old, new = desk.store.revisions.history(article.id)
    assert [old.number, new.number] == [1, 2]
    assert (event.from_revision_id, event.to_revision_id) == (old.id, new.id)
    assert (event.kind, event.article_id, event.source) == (EventKind.CHANGED, article.id, "news")
    assert (event.after_at, event.before_at, event.at) == (first_at, desk.now, desk.now)
    assert event.diff == make.summary()
    assert desk.store.revisions.event(event.id) == event
    known = desk.store.articles.get(article.id)
    assert (known.last_changed_at, known.changes_count) == (desk.now, 1)


def test_a_revision_was_last_seen_when_its_text_was_and_keeps_that_when_the_next_one_comes(desk):
    article = desk.track()
    first_at = desk.now
    desk.change(article, "One.")
    desk.later(hours=1)
    seen_at = desk.now
    desk.keep(desk.look(desk.store.articles.get(article.id)))
    desk.later(hours=1)
    desk.keep(desk.look(desk.store.articles.get(article.id), Outcome.FAILED, seen_at=None, reason="It did not answer."))
    (only,) = desk.store.revisions.history(article.id)
    assert (only.first_seen_at, only.last_seen_at) == (first_at, seen_at)
    desk.later(hours=1)
    desk.change(article, "Two.")
    old, new = desk.store.revisions.history(article.id)
    assert old.last_seen_at == seen_at
    assert new.last_seen_at == new.first_seen_at == desk.now


def test_the_same_text_again_is_a_third_revision_that_says_which_one_it_is_like(desk):
    article = desk.track()
    for text in ("A.", "B.", "A."):
        desk.later(hours=1)
        kept = desk.change(article, text)
    first, _, third = desk.store.revisions.history(article.id)
    assert kept.events[0].reverts_to_id == first.id
    assert first.fingerprint == third.fingerprint
    assert dict(desk.store.revisions.latest(article.id).seen)[first.fingerprint] == third.id


def test_a_look_leaves_what_the_next_one_needs(desk):
    article = desk.track()
    gates = Gates(validators=Validators(etag='"1"', last_modified="today", read_at=desk.now), body_hash=b"b" * 16, visible_hash=b"v" * 16)
    missing_since = desk.now
    desk.keep(
        desk.look(
            article,
            Outcome.MISSING,
            gates=gates,
            failures_count=3,
            status=ArticleStatus.MISSING,
            missing_since=missing_since,
            seen_at=None,
            keys=("url:news.example/1", "url:news.example/redirected"),
        )
    )
    known = desk.store.articles.get(article.id)
    assert known.gates == gates
    assert (known.failures_count, known.status, known.missing_since) == (3, ArticleStatus.MISSING, missing_since)
    assert known.last_seen_at is None
    assert known.keys == ("url:news.example/1", "url:news.example/redirected")


def test_a_removal_is_an_event_without_a_new_revision(desk):
    article = desk.track()
    desk.change(article, "One.")
    desk.later(hours=1)
    template = desk.new_text(desk.store.articles.get(article.id), "unused").event
    gone = desk.look(desk.store.articles.get(article.id), Outcome.MISSING, status=ArticleStatus.REMOVED, seen_at=None)
    (event,) = desk.keep(replace(gone, event=replace(template, kind=EventKind.REMOVED))).events
    (only,) = desk.store.revisions.history(article.id)
    assert (event.kind, event.from_revision_id, event.to_revision_id) == (EventKind.REMOVED, only.id, None)


def test_a_key_that_belongs_to_another_article_is_left_there(desk):
    one, other = desk.track(1), desk.track(2)
    desk.keep(desk.look(one, keys=("url:news.example/2", "url:news.example/free")))
    assert desk.store.articles.get(one.id).keys == ("url:news.example/1", "url:news.example/free")
    assert desk.store.articles.get(other.id).keys == ("url:news.example/2",)


def test_two_looks_in_one_batch_that_find_one_free_key_do_not_both_get_it(desk):
    one, other = desk.track(1), desk.track(2)
    kept = desk.keep(desk.look(one, keys=("url:news.example/same",)), desk.look(other, keys=("url:news.example/same",)))
    assert kept.lost == ()
    assert desk.store.articles.find("https://news.example/same").id == one.id


def test_a_poll_says_what_happened_where_and_why(desk):
    article = desk.track()
    decision = desk.look(article, Outcome.FAILED, url="https://news.example/hop", reason="It answered with status 500.")
    poll = replace(decision.poll, status=500, bytes=12, ms=345)
    desk.keep(replace(decision, poll=poll))
    assert desk.store.revisions.polls(article_id=article.id)[0].poll == poll


# --- leases --------------------------------------------------------------------------------------


def test_nothing_is_kept_under_a_lease_that_was_lost_and_the_rest_of_the_batch_is(desk):
    lost, fine = desk.track(1), desk.track(2)
    (stale, *_) = desk.claim()
    desk.later(minutes=10)
    held = {article.id: article for article in desk.claim()}
    kept = desk.keep(desk.new_text(stale, "Stale."), desk.new_text(held[fine.id], "Fine."))
    assert kept.lost == (lost.id,)
    assert desk.store.revisions.history(lost.id) == ()
    assert len(desk.store.revisions.history(fine.id)) == 1
    assert desk.store.articles.get(lost.id).lease == held[lost.id].lease
    assert [stored.poll.article_id for stored in desk.store.revisions.polls() if stored.poll.article_id] == [fine.id]


def test_a_decision_that_is_kept_twice_is_kept_once(desk):
    """A commit whose answer was lost may be tried again."""
    article = desk.track()
    decision = desk.new_text(article, "One.")
    assert desk.keep(decision).lost == ()
    before = contents(desk.store)
    assert desk.keep(decision).lost == (article.id,)
    assert desk.keep(desk.look(article), desk.look(article)).lost == (article.id, article.id)
    assert contents(desk.store) == before


def test_a_second_decision_on_one_article_in_a_batch_is_lost(desk):
    article = desk.track()
    assert desk.keep(desk.look(article), desk.look(article)).lost == (article.id,)
    assert len(desk.store.revisions.polls(article_id=article.id)) == 1


def test_an_article_that_is_not_there_is_lost(desk):
    article = replace(desk.track(), id=999)
    assert desk.keep(desk.look(article)).lost == (999,)


def test_keeping_ends_the_lease(desk):
    desk.track()
    (claimed,) = desk.claim()
    desk.keep(desk.look(claimed, next_poll_at=desk.now))
    (again,) = desk.claim()
    assert again.lease > claimed.lease


# --- all or nothing ------------------------------------------------------------------------------


def test_what_keep_gives_back_is_what_was_kept(desk, make):
    articles = [desk.track(number) for number in (1, 2)]
    for article in articles:
        desk.keep(desk.new_text(article, "One.", extract=make.extract("One.", headline="Old", language="en")))
    desk.later(hours=1)
    known = [desk.store.articles.get(article.id) for article in articles]
    kept = desk.keep(*(desk.new_text(one, "Two.", extract=make.extract("Two.", headline="New", language="nl")) for one in known))
    assert kept.events == tuple(desk.store.revisions.event(event.id) for event in kept.events)
    assert [event.article_id for event in kept.events] == [article.id for article in articles]
    now = desk.store.articles.get(articles[0].id)
    assert (now.headline, now.language) == ("New", "nl")


@pytest.mark.parametrize("table", ["capture", "revision", "body", "event", "article", "article_key", "poll", "source", "counter"])
def test_a_crash_at_any_write_leaves_nothing_of_the_batch(desk, table):
    article, other = desk.track(1), desk.track(2)
    desk.change(article, "One.")
    desk.later(hours=1)
    decisions = [
        desk.new_text(desk.store.articles.get(article.id), "Two.", keys=("url:news.example/new",)),
        desk.look(desk.store.articles.get(other.id)),
    ]
    before = contents(desk.store)
    engine = desk.store._database._writers

    def crash(_connection, _cursor, statement, *_):
        if statement.startswith((f"INSERT INTO {table} ", f"UPDATE {table} ")):
            raise RuntimeError

    hooks.listen(engine, "after_cursor_execute", crash)
    with pytest.raises(RuntimeError):
        desk.keep(*decisions)
    hooks.remove(engine, "after_cursor_execute", crash)
    assert contents(desk.store) == before
    assert desk.keep(*decisions).lost == ()
    assert len(desk.store.revisions.history(article.id)) == 2


# --- order ---------------------------------------------------------------------------------------


def numbers(store):
    return [line["seq"] for line in store.export(segment=lambda text: [text], polls=True)]


def test_every_row_that_a_reader_sees_has_its_own_number_in_the_order_of_commits(desk):
    article = desk.track()
    seen = numbers(desk.store)
    for text in ("A.", "B.", "C."):
        desk.later(hours=1)
        desk.change(article, text)
        after = [number for number in numbers(desk.store) if number > max(seen)]
        assert after == sorted(set(after))
        assert len(after) >= 3
        seen = after
    assert desk.store.version() == max(seen)


def test_a_poll_that_found_nothing_gives_the_article_no_new_number(desk):
    article = desk.track()
    desk.change(article, "One.")
    version = desk.store.version()
    desk.keep(desk.look(desk.store.articles.get(article.id)))
    lines = [line["type"] for line in desk.store.export(segment=lambda text: [text], polls=True, since=version)]
    assert lines == ["poll"]
    assert desk.store.version() == version + 1


def test_readers_beside_many_writers_never_miss_a_number(url, desk, make):
    """Each reader goes on from the last number it saw: had a lower one been committed later, it would be missing."""
    desk.read_feed(*(make.entry(number) for number in range(40)))
    stores = [Store.open(url) for _ in range(4)]
    done = threading.Event()
    seen: list[int] = []

    def write(store, articles):
        for article in articles:
            decision = desk.look(article)
            store.keep([decision], desk.now)

    def read(store):
        last = 0
        while True:
            ending = done.is_set()
            for line in store.export(segment=lambda text: [text], polls=True, since=last):
                last = line["seq"]
                seen.append(last)
            if ending:
                return

    claimed = desk.claim()
    writers = [threading.Thread(target=write, args=(store, claimed[place::3])) for place, store in enumerate(stores[:3])]
    reader = threading.Thread(target=read, args=(stores[3],))
    for thread in (reader, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    reader.join()
    for store in stores:
        store.close()
    polls = [number for number in seen if number in {stored.seq for stored in desk.store.revisions.polls(limit=1000)}]
    assert len(polls) == 41
    assert polls == sorted(set(polls))


def test_ids_are_never_given_again(desk):
    article = desk.track()
    desk.change(article, "One.")
    desk.later(hours=1)
    first = desk.change(article, "Two.").events[0]
    with desk.store._database.writing() as connection:
        for name in ("event", "body", "revision", "capture"):
            connection.execute(metadata.tables[name].delete())
        assert connection.execute(select(func.count()).select_from(metadata.tables["revision"])).scalar_one() == 0
    # what remains of the article says that it has no revision
    known = desk.track(2)
    desk.later(hours=1)
    desk.change(known, "One.")
    desk.later(hours=1)
    second = desk.change(known, "Two.").events[0]
    assert second.id > first.id
    assert second.from_revision_id > first.to_revision_id


def test_keeping_nothing_writes_nothing(desk):
    version = desk.store.version()
    assert desk.keep() == type(desk.keep())()
    assert desk.store.version() == version
