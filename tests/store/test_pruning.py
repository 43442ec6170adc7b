"""Retention: polls become counts, captures lose their content, and every text, hash and event stays readable."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from tracker.errors import NotFound
from tracker.model import Capture, DateMoved, EventKind, NewEvent, Noted, Outcome, Pruned, Retention, Scope
from tracker.store import bodies, merging
from tracker.store.bodies import Packing
from tracker.store.schema import capture, poll_day

DAYS = Retention(polls=timedelta(days=90), captures=timedelta(days=30))
# Long enough that another one like it is a patch against it.
PAGE = "<p>" + " ".join(f"word-{number}" for number in range(300)) + "</p>"


@pytest.fixture
def verified(desk):
    """Whatever was pruned, the store is well at the end."""
    yield
    assert list(desk.store.verify(lambda *_: None)) == []


def prune(desk, retention: Retention = DAYS) -> Pruned:
    return sum(desk.store.prune(retention, desk.now), Pruned())


def change(desk, article, text: str):
    """A revision whose capture is a patch against the first one's."""
    desk.change(article, text, body=(PAGE + text).encode())
    return desk.store.revisions.latest(article.id).revision


def packings(desk) -> dict[int, tuple[int, int | None]]:
    with desk.store._database.reading() as connection:
        return {row.id: (row.packing, row.base_id) for row in connection.execute(select(capture).order_by(capture.c.id))}


def test_old_polls_become_counts_by_source_day_and_outcome(desk, verified):
    article = desk.track(1)
    for hours in (1, 5, 20):
        desk.later(hours=hours)
        desk.keep(desk.look(desk.store.articles.get(article.id)))
    desk.later(days=91)
    desk.keep(desk.look(desk.store.articles.get(article.id)))
    version = desk.store.version()
    assert prune(desk).polls_count == 4
    assert desk.store.version() > version
    with desk.store._database.reading() as connection:
        rows = connection.execute(select(poll_day.c.day, poll_day.c.outcome, poll_day.c.polls_count).order_by(poll_day.c.day)).all()
    first, second = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)
    assert sorted(rows) == [(first, Outcome.FIRST, 1), (first, Outcome.UNCHANGED, 2), (second, Outcome.UNCHANGED, 1)]
    assert [stored.poll.at for stored in desk.store.revisions.polls()] == [desk.now]
    assert prune(desk) == Pruned()


def test_counts_of_a_day_grow_where_its_polls_are_pruned_in_parts(desk, verified, monkeypatch):
    monkeypatch.setattr("tracker.store.pruning.POLLS_AT_ONCE", 2)
    article = desk.track(1)
    for _ in range(5):
        desk.keep(desk.look(desk.store.articles.get(article.id)))
    desk.later(days=91)
    steps = list(desk.store.prune(DAYS, desk.now))
    assert [step.polls_count for step in steps] == [2, 2, 2]
    with desk.store._database.reading() as connection:
        assert connection.execute(select(poll_day.c.outcome, poll_day.c.polls_count).order_by(poll_day.c.outcome)).all() == [
            (Outcome.FIRST, 1),
            (Outcome.UNCHANGED, 5),
        ]


def test_the_poll_by_which_an_article_still_fails_stays(desk, verified):
    article = desk.track(1)
    desk.keep(desk.look(desk.store.articles.get(article.id), Outcome.FAILED, reason="no answer", failures_count=1))
    desk.later(days=91)
    prune(desk)
    assert [stored.poll.reason for stored in desk.store.revisions.polls()] == ["no answer"]
    assert desk.store.articles.source("news").last_failure.reason == "no answer"


def test_an_old_capture_is_dropped_and_its_revision_says_when(desk, verified):
    article = desk.track(1)
    first = change(desk, article, "One.")
    desk.later(days=31)
    latest = change(desk, article, "Two.")
    version = desk.store.version()
    assert prune(desk).revisions_count == 1
    assert desk.store.version() > version
    dropped, kept = desk.store.revisions.history(article.id)
    assert (dropped.capture_id, dropped.capture_dropped_at) == (None, desk.now)
    assert (kept.capture_id, kept.capture_dropped_at) == (latest.capture_id, None)
    with pytest.raises(NotFound):
        desk.store.revisions.capture(first.capture_id)
    assert desk.store.revisions.pages(first.id) == ()
    assert desk.store.revisions.extract(first.id).text == "One."
    assert b"word-7" in desk.store.revisions.capture(latest.capture_id).body
    lines = [line for line in desk.store.export(segment=lambda text: [text]) if line["type"] == "revision"]
    assert [(line["capture"], line["capture_dropped_at"]) for line in lines] == [
        ("dropped", desk.now.isoformat().replace("+00:00", "Z")),
        ("kept", None),
    ]


def test_the_hash_of_a_dropped_capture_stays(desk, verified):
    article = desk.track(1)
    first = change(desk, article, "One.")
    with desk.store._database.reading() as connection:
        before = connection.execute(select(capture.c.hash).where(capture.c.id == first.capture_id)).scalar_one()
    change(desk, article, "Two.")
    desk.later(days=31)
    prune(desk)
    with desk.store._database.reading() as connection:
        row = connection.execute(select(capture).where(capture.c.id == first.capture_id)).one()
    assert (row.packing, row.data, row.hash) == (Packing.DROPPED, b"", before)


def test_captures_that_were_patches_against_a_dropped_one_are_packed_anew_and_read_as_before(desk, verified):
    article = desk.track(1)
    base = change(desk, article, "One.")
    desk.later(days=25)
    later = [change(desk, article, text) for text in ("Two.", "Three.", "Four.")]
    assert {packings(desk)[one.capture_id] for one in later} == {(Packing.PATCH, base.capture_id)}
    before = [desk.store.revisions.capture(one.capture_id) for one in later]
    desk.later(days=10)
    assert prune(desk).revisions_count == 1
    found = packings(desk)
    assert found[base.capture_id] == (Packing.DROPPED, None)
    assert [found[one.capture_id] for one in later] == [
        (Packing.ZSTD, None),
        (Packing.PATCH, later[0].capture_id),
        (Packing.PATCH, later[0].capture_id),
    ]
    assert [desk.store.revisions.capture(one.capture_id) for one in later] == before
    change(desk, article, "Five.")


def test_the_latest_revision_keeps_its_capture_however_old_it_is(desk, verified):
    article = desk.track(1)
    change(desk, article, "One.")
    desk.later(days=1000)
    assert prune(desk).revisions_count == 0
    assert len(desk.store.revisions.pages(1)) == 1


def test_a_capture_that_the_latest_revision_was_read_from_again_stays_for_both(desk, make, verified):
    article = desk.track(1)
    first = change(desk, article, "One.")
    reread = make.reread(first, "One, read better.")
    desk.later(days=40)
    desk.keep(replace(desk.look(desk.store.articles.get(article.id)), reread=reread))
    assert prune(desk).revisions_count == 0
    change(desk, article, "Two.")
    assert prune(desk).revisions_count == 2


def test_the_later_pages_of_a_revision_go_with_it(desk, verified):
    article = desk.track(1)
    decision = desk.new_text(article, "One.")
    second = replace(decision.revision.capture, body=b"<p>The second page.</p>")
    desk.keep(replace(decision, revision=replace(decision.revision, further=(second,))))
    change(desk, article, "Two.")
    desk.later(days=31)
    assert prune(desk).revisions_count == 1
    assert [packing for packing, _ in packings(desk).values()] == [Packing.DROPPED, Packing.DROPPED, Packing.ZSTD]


def test_the_evidence_of_a_removal_is_never_dropped(desk, make, verified):
    article = desk.track(1)
    latest = change(desk, article, "One.")
    evidence = Capture(url=article.url, status_line="HTTP/1.1 410 Gone", headers=(), body=b"gone", fetched_at=desk.now)
    removed = NewEvent(
        kind=EventKind.REMOVED,
        after_at=desk.now,
        before_at=desk.now,
        from_revision_id=latest.id,
        diff=make.summary(),
        noted=Noted.UNKNOWN,
        date_moved=DateMoved.ABSENT,
        capture=evidence,
    )
    desk.keep(replace(desk.look(desk.store.articles.get(article.id), Outcome.MISSING), event=removed))
    change(desk, article, "Two.")
    desk.later(days=31)
    assert prune(desk).revisions_count == 1
    event = next(event for event in desk.store.revisions.events(Scope()) if event.kind is EventKind.REMOVED)
    assert desk.store.revisions.capture(event.capture_id).body == b"gone"


def test_an_article_that_is_being_looked_at_is_left_for_the_next_time(desk, verified):
    article = desk.track(1)
    change(desk, article, "One.")
    change(desk, article, "Two.")
    desk.later(days=31)
    (claimed,) = desk.claim()
    assert prune(desk).revisions_count == 0
    desk.keep(desk.look(claimed))
    assert prune(desk).revisions_count == 1


def test_a_look_whose_lease_ran_out_keeps_nothing_after_its_base_was_dropped(desk, verified):
    article = desk.track(1)
    change(desk, article, "One.")
    desk.later(days=1)
    change(desk, article, "Two.")
    desk.later(days=29, hours=12)
    (claimed,) = desk.claim()
    desk.later(minutes=11)
    assert prune(desk).revisions_count == 1
    assert desk.keep(desk.new_text(claimed, "Three.")).lost == (article.id,)


def test_what_is_looked_at_between_plan_and_writing_is_left_alone(desk, verified, monkeypatch):
    article = desk.track(1)
    change(desk, article, "One.")
    change(desk, article, "Two.")
    desk.later(days=31)
    family = merging.family

    def meanwhile(connection, article_id):
        found = family(connection, article_id)
        monkeypatch.setattr("tracker.store.merging.family", family)
        change(desk, article, "Three.")
        return found

    monkeypatch.setattr("tracker.store.merging.family", meanwhile)
    assert prune(desk).revisions_count == 0
    assert prune(desk).revisions_count == 2


def test_articles_that_were_parted_again_do_not_lose_what_they_share(desk, verified):
    """After a merge the other article's next capture is a patch against this one's; parted, both still read."""
    one, other = desk.track(1), desk.track(2)
    first = change(desk, one, "One.")
    desk.store.articles.merge(one.id, other.id, reason="One story.", now=desk.now)
    desk.later(days=1)
    second = change(desk, other, "Two.")
    third = change(desk, other, "Three.")
    assert packings(desk)[second.capture_id] == (Packing.PATCH, first.capture_id)
    desk.store.articles.unmerge(one.id, desk.now)
    desk.later(days=31)
    assert prune(desk).revisions_count == 1  # the second: the first is the latest of its article again, the third of the other
    assert desk.store.revisions.capture(first.capture_id)
    assert desk.store.revisions.capture(third.capture_id)


def test_an_article_whose_latest_capture_was_dropped_before_it_was_parted_goes_on(desk, verified):
    one, other = desk.track(1), desk.track(2)
    change(desk, one, "One.")
    desk.store.articles.merge(one.id, other.id, reason="One story.", now=desk.now)
    desk.later(days=1)
    change(desk, other, "Two.")
    desk.later(days=31)
    assert prune(desk).revisions_count == 1
    desk.store.articles.unmerge(one.id, desk.now)
    assert desk.store.revisions.latest(one.id).revision.capture_id is None
    change(desk, one, "Three.")
    assert len(desk.store.revisions.pages(desk.store.revisions.latest(one.id).revision.id)) == 1


def test_nothing_is_taken_where_everything_is_kept(desk, verified):
    article = desk.track(1)
    change(desk, article, "One.")
    change(desk, article, "Two.")
    desk.later(days=10_000)
    assert list(desk.store.prune(Retention(), desk.now)) == []


def test_a_damaged_capture_keeps_its_article_as_it_is_and_no_other(desk, caplog):
    for number in (1, 2):
        article = desk.track(number)
        change(desk, article, "One.")
        desk.later(days=1)
        change(desk, article, "Two.")
    desk.later(days=29, hours=12)
    with desk.store._database.writing() as connection:
        connection.execute(capture.update().where(capture.c.id == 2).values(hash=b"wrong"))
    assert prune(desk).revisions_count == 1
    assert "the captures of article 1 stay as they are" in caplog.text
    assert bodies.Packing.DROPPED not in {packings(desk)[one][0] for one in (1, 2)}
