"""Where an article's versions, changes and absences lie on its line of time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from tracker.model import DiffSummary, Event, EventKind, Revision, Significance
from tracker.web.timeline import FIRST, LABEL, LABEL_WHERE_ROOMY, LAST, TICKS_APART, timeline

START = datetime(2026, 3, 1, 10, tzinfo=UTC)
SUMMARY = DiffSummary(significance=Significance.MAJOR, reason="r", summary="A number changed.", facets=None, counts=(), differ="1")


def version(number, hours):
    at = START + timedelta(hours=hours)
    return Revision(
        id=number, seq=number, article_id=1, number=number, first_seen_at=at, last_seen_at=at, fingerprint=f"1-{number}", extractor="1"
    )


def event(seq, kind, after, before, to=None):
    times = {"at": START, "after_at": START + timedelta(hours=after), "before_at": START + timedelta(hours=before)}
    return Event(id=seq, seq=seq, kind=kind, article_id=1, source="bbc", from_revision_id=None, to_revision_id=to, diff=SUMMARY, **times)


def test_the_line_runs_from_the_first_look_to_the_last_without_gaps_between_versions():
    line = timeline([version(1, 0), version(2, 3)], [], START + timedelta(days=30))
    assert line.versions[0].x == FIRST
    assert abs(line.versions[0].x + line.versions[0].width - line.versions[1].x) < 0.02
    assert abs(line.versions[1].x + line.versions[1].width - LAST) < 0.02


def test_the_first_hours_are_drawn_wider_than_later_ones():
    line = timeline([version(1, 0), version(2, 3)], [], START + timedelta(days=365))
    assert line.versions[0].width > 100 * 3 / (365 * 24)
    assert line.versions[0].width > 20


def test_a_change_is_marked_where_it_was_found_with_the_time_since_the_last_look():
    (mark,) = timeline([version(1, 0), version(2, 3)], [event(5, EventKind.CHANGED, 1, 3, to=2)], START + timedelta(days=1)).changes
    assert FIRST < mark.since < mark.x < LAST
    assert mark.name == "Version 2: A number changed."


def test_an_absence_lasts_from_the_removal_to_the_return_or_to_the_last_look():
    gone, back = event(5, EventKind.REMOVED, 1, 2), event(6, EventKind.RESTORED, 9, 10)
    end = START + timedelta(days=1)
    (closed,) = timeline([version(1, 0)], [back, gone], end).absences
    (still_open,) = timeline([version(1, 0)], [gone], end).absences
    assert closed.x == still_open.x
    assert closed.width < still_open.width
    assert abs(still_open.x + still_open.width - LAST) < 0.02


def test_labels_do_not_run_into_each_other():
    for days in (0.1, 1, 3, 40, 400, 4000):
        ticks = timeline([version(1, 0)], [], START + timedelta(days=days)).ticks
        places = [FIRST, *(tick.x for tick in ticks)]
        assert all(b - a >= TICKS_APART for a, b in pairwise(places))


def test_times_stand_over_what_happened_and_do_not_run_into_each_other():
    for hours in (0.01, 0.1, 1, 30, 1000, 20000):
        history = [version(number, number * hours / 40) for number in range(1, 30)]
        events = [event(number, EventKind.CHANGED, (number - 1) * hours / 40, number * hours / 40, to=number) for number in range(2, 30)]
        labels = timeline(history, events, START + timedelta(hours=hours)).labels
        for width, shown in ((LABEL, [one for one in labels if not one.wants_room]), (LABEL_WHERE_ROOMY, labels)):
            starts = sorted(one.start(width) for one in shown)
            assert starts[0] >= 0
            assert starts[-1] + width <= 100
            assert all(b - a >= width for a, b in pairwise(starts))


def test_the_last_look_and_a_major_change_are_told_before_the_first_look():
    labels = timeline([version(1, 0), version(2, 0.01)], [event(5, EventKind.CHANGED, 0, 0.01, to=2)], START + timedelta(days=1)).labels
    assert [one.at for one in labels] == [START + timedelta(hours=0.01), START + timedelta(days=1)]


def test_an_absence_is_told_with_its_times():
    gone, back = event(5, EventKind.REMOVED, 1, 2), event(6, EventKind.RESTORED, 9, 10)
    labels = timeline([version(1, 0)], [back, gone], START + timedelta(days=1)).labels
    assert {START, START + timedelta(hours=2), START + timedelta(days=1)} <= {one.at for one in labels}


def test_seconds_are_told_where_a_minute_holds_several_times():
    soon, late = (timeline([version(1, 0), version(2, hours)], [], START + timedelta(hours=hours)).labels for hours in (0.01, 2))
    assert [one.seconds for one in (*soon, *late)] == [True, True, False, False]


def test_one_look_makes_no_line():
    assert timeline([version(1, 0)], [], START) is None
    assert timeline([], [], START) is None
