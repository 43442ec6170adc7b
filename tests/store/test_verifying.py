"""Whatever is wrong in a store is found and named; a store that is well has nothing to say."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest

from tracker.errors import Busy
from tracker.model import Capture, DateMoved, EventKind, NewEvent, Noted, Outcome, Retention
from tracker.store import Store, verifying
from tracker.store.hiding import Wanted

ANOTHER = "(SELECT fingerprint FROM revision WHERE id = 3)"
LONG = " ".join(f"word-{number}" for number in range(200))


def verify(store: Store) -> list[str]:
    return [fault.sentence for fault in store.verify(lambda *_: None)]


def change(desk, article, text: str) -> int:
    desk.later(minutes=10)
    desk.change(article, f"{LONG}\n\n{text}", body=f"<p>{LONG}</p><p>{text}</p>".encode())
    return desk.store.revisions.latest(article.id).revision.id


@pytest.fixture
def full(desk, make) -> Store:
    """Of everything a little: patches, a reversion, pages, a merge, an unmerge, a removal, a failure, pruned captures and polls.

    Article 1 has revisions 1 to 3, the first without its capture; article 2 has 4 to 6, of which 5 was article 3's.
    """
    one, two, three, four = (desk.track(number) for number in (1, 2, 3, 4))
    change(desk, one, "One.")
    desk.later(days=100)
    for text in ("Two.", "One."):
        change(desk, one, text)
    change(desk, two, "Other.")
    change(desk, three, "Third.")
    desk.store.articles.merge(three.id, two.id, reason="One story.", now=desk.now)
    decision = desk.new_text(desk.store.articles.get(two.id), f"{LONG}\n\nOther, later.")
    page = replace(decision.revision.capture, body=b"<p>The second page.</p>")
    desk.keep(replace(decision, revision=replace(decision.revision, further=(page,))))
    desk.store.articles.merge(four.id, one.id, reason="One story.", now=desk.now)
    desk.store.articles.unmerge(four.id, desk.now)
    evidence = Capture(url=one.url, status_line="HTTP/1.1 410 Gone", headers=(), body=b"gone", fetched_at=desk.now)
    removed = NewEvent(
        kind=EventKind.REMOVED,
        after_at=desk.now,
        before_at=desk.now,
        from_revision_id=3,
        diff=make.summary(),
        noted=Noted.UNKNOWN,
        date_moved=DateMoved.ABSENT,
        capture=evidence,
    )
    desk.keep(replace(desk.look(desk.store.articles.get(one.id), Outcome.MISSING), event=removed))
    desk.keep(desk.look(desk.store.articles.get(four.id), Outcome.FAILED, reason="no answer", failures_count=1))
    list(desk.store.prune(Retention(polls=timedelta(days=90), captures=timedelta(days=90)), desk.now))
    return desk.store


@pytest.mark.parametrize("wanted", [{}, {"revision_id": 1}, {"revision_id": 2}, {"phrase": "Two"}, {"phrase": "One", "revision_id": 3}])
def test_a_store_of_which_something_was_taken_down_is_well(full, desk, wanted):
    for article_id in (1, 2) if not wanted else (1,):
        hidden = full.takedowns.hide(Wanted(article_id=article_id, reason="A court said so.", **wanted), desk.now, lambda *_: True)
        assert hidden.revisions_count
    assert verify(full) == []
    list(full.prune(Retention(captures=timedelta(0)), desk.now))
    assert verify(full) == []


@pytest.mark.parametrize(
    ("wanted", "statement", "sentence"),
    [
        ({}, "UPDATE article SET status = 1 WHERE id = 1", "The article 1 was taken down, and is shown."),
        ({}, "UPDATE article SET headline = 'Back' WHERE id = 1", "The article 1 is hidden, and still says what or where it was."),
        ({}, "UPDATE article SET url = 'https://news.example/back' WHERE id = 1", "The article 1 is hidden, and still says"),
        ({"revision_id": 2}, f"UPDATE revision SET fingerprint = {ANOTHER} WHERE id = 2", "The revision 2 was taken down, and is shown."),
        ({"phrase": "One"}, "UPDATE takedown SET seq = 999999", "The number 999999 of a takedown is beyond the counter"),
        ({"phrase": "One"}, "UPDATE takedown SET seq = (SELECT seq FROM event WHERE id = 1)", "was given to more than one row."),
    ],
)
def test_a_takedown_that_does_not_hold_is_named(full, desk, url, wanted, statement, sentence):
    full.takedowns.hide(Wanted(article_id=1, reason="A court said so.", **wanted), desk.now, lambda *_: True)
    assert verify(full) == []
    damage(url, statement)
    assert any(sentence in one for one in verify(full)), verify(full)


def test_a_store_that_is_well_has_nothing_to_say_and_every_stage_tells_how_far_it_is(full, monkeypatch):
    for batch in ("verifying.ARTICLES_AT_ONCE", "verifying.EVENTS_AT_ONCE", "facts.ARTICLES_AT_ONCE", "facts.ROWS_AT_ONCE"):
        monkeypatch.setattr(f"tracker.store.{batch}", 2)
    monkeypatch.setattr("tracker.store.facts.NUMBERS_AT_ONCE", 7)
    told: dict[str, list[tuple[int, int]]] = {}
    faults = list(full.verify(lambda stage, done, total: told.setdefault(stage, []).append((done, total))))
    assert faults == []
    assert {stage: steps[-1] for stage, steps in told.items() if stage in {"contents", "evidence", "articles"}} == {
        "contents": (2, 2),
        "evidence": (4, 4),
        "articles": (4, 4),
    }
    assert all(done == sorted(done) and done[-1] == total for done, total in ([[d for d, _ in s], s[-1][1]] for s in told.values()))


def test_an_empty_store_is_well(store):
    assert verify(store) == []


def damage(url: str, statement: str) -> None:
    """Past every constraint, as a failing disk or another program would."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as connection:
            connection.execute(statement)
        return
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(re.sub(r"x'(\w*)'", r"'\\x\1'::bytea", statement))


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("UPDATE body SET data = x'00' WHERE revision_id = 2", "The text of revision 2 does not match its hash."),
        ("UPDATE body SET hash = x'00' WHERE revision_id = 4", "The text of revision 4 does not match its hash."),
        ("DELETE FROM body WHERE revision_id = 2", "The revision 2 has no text."),
        ("UPDATE body SET data = x'00' WHERE revision_id = 1", "2 cannot be read: its keyframe, 1, is missing, damaged, or none."),
        ("UPDATE body SET keyframe_id = 2 WHERE revision_id = 3", "The text of revision 3 cannot be read: its keyframe, 2,"),
        ("UPDATE body SET keyframe_id = NULL WHERE revision_id = 2", "it is a patch against nothing"),
        ("UPDATE body SET keyframe_id = 4 WHERE revision_id = 1", "it names a keyframe, 4, and is no patch"),
        ("UPDATE capture SET data = x'00' WHERE id = 2", "The capture 2 does not match its hash."),
        ("UPDATE capture SET data = x'00' WHERE id = 2", "The capture 3 cannot be read: its keyframe, 2,"),
        ("UPDATE capture SET data = x'00' WHERE id = 1", "The capture 1 was dropped, but something of it is still there."),
        ("UPDATE revision SET capture_dropped_at = NULL WHERE id = 1", "1 says that its capture was kept, but capture 1 is dropped."),
        ("UPDATE revision SET capture_dropped_at = 5 WHERE id = 2", "2 says that its capture was dropped, but capture 2 is there."),
        ("UPDATE article SET revisions_count = 4 WHERE id = 1", "The article 1 says that it has 4 revisions, and has 3."),
        ("UPDATE revision SET number = 7 WHERE id = 3", "The article 1 has 3 revisions, numbered from 1 to 7."),
        ("UPDATE article SET changes_count = 9 WHERE id = 1", "The article 1 says that it changed 9 times, and has 2 changes."),
        ("UPDATE article SET last_seen_at = 1 WHERE id = 1", "The article 1 says that it was last seen before its latest revision was."),
        ("UPDATE revision SET article_id = 3, number = 1 WHERE id = 3", "The article 3 is part of article 2, but still has revisions"),
        ("UPDATE article SET failure_poll_id = 99 WHERE id = 1", "The article 1 fails by poll 99, which is not there."),
        ("UPDATE feed SET failure_poll_id = 99", "The feed 1 fails by poll 99, which is not there."),
        ("UPDATE event SET to_revision_id = 4 WHERE id = 1", "The event 1 of article 1 names revision 4, which is article 2's."),
        ("UPDATE event SET reverts_to_id = 99 WHERE id = 2", "The event 2 names revision 99, which is not there."),
        ("UPDATE event SET capture_id = 99 WHERE capture_id IS NOT NULL", "names the capture 99, which is not there."),
        ("UPDATE article_key SET key = 'url:news.example/x' WHERE article_id = 1", "The key url:news.example/x is not found by its hash."),
        ("UPDATE article_key SET article_id = 3 WHERE article_id = 1", "leads to article 3, which is part of article 2."),
        ("UPDATE article_key SET article_id = 99 WHERE article_id = 1", "leads to article 99, which is not there."),
        ("UPDATE article SET merged_into_id = NULL WHERE id = 3", "3 is part of article 2? A merge says so, but the article does not."),
        ("UPDATE merge SET undone_at = 5 WHERE from_id = 3", "The article 3 is part of article 2? The article says so, but no merge does."),
        ("UPDATE source SET articles_count = 9", "The source news says that it has 9 articles, and has 3."),
        ("UPDATE source SET events_count = 9", "The source news says that it has 9 changes, and has "),
        ("UPDATE revision SET seq = (SELECT seq FROM event WHERE id = 1) WHERE id = 1", "was given to more than one row."),
        ("UPDATE revision SET seq = 999999 WHERE id = 1", "The number 999999 of a revision is beyond the counter"),
        ("UPDATE revision SET seq = -1 WHERE id = 2", "The revision 2 has a lower number than the one before it."),
    ],
)
def test_what_is_wrong_is_named(full, url, statement, sentence):
    damage(url, statement)
    assert any(sentence in said for said in verify(full)), verify(full)


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_reference_to_nothing_and_a_damaged_page_of_the_file_are_named(full, url, tmp_path):
    damage(url, "UPDATE poll SET article_id = 99 WHERE id = (SELECT max(id) FROM poll)")
    assert any(re.fullmatch(r"The poll \d+ names something in the table article that is not there\.", said) for said in verify(full))
    full._database.close()
    file = tmp_path / "tracker.db"
    whole = bytearray(file.read_bytes())
    whole[4096 * 12 : 4096 * 13] = b"\xff" * 4096
    file.write_bytes(whole)
    assert any("file" in said for said in verify(full))


def test_a_stage_that_cannot_be_read_is_a_fault_and_the_others_go_on(full, monkeypatch):
    def unreadable(*_):
        raise Busy("sqlite:///x")

    monkeypatch.setattr(verifying, "_contents", unreadable)
    (said,) = verify(full)
    assert said.startswith("The contents could not all be read: The database")
