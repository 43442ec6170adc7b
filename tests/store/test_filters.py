"""Lists of changes that leave some out, and how far back one page of them looks."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tracker.model import DateMoved, Filter, Noted, Scope, Significance
from tracker.store import filters

EVERYTHING = Scope()


@pytest.fixture
def listed(desk):
    """Five changes of one article, an hour apart; what the look finds of each is minor, numbers and names, no note, the date moved."""
    article = desk.track()
    desk.change(article, "Text 0.")
    for number in range(1, 6):
        desk.later(hours=1)
        desk.change(article, f"Text {number}.")
    return desk


def seqs(desk, only, **more):
    return [change.event.seq for change in desk.store.revisions.changes(EVERYTHING, only=only, **more)]


@pytest.mark.parametrize(
    ("only", "count"),
    [
        (Filter(), 5),
        (Filter(significance=Significance.MINOR), 5),
        (Filter(significance=Significance.MAJOR), 0),
        (Filter(facet="numbers"), 5),
        (Filter(facet="name"), 0),
        (Filter(facet="number%"), 0),
        (Filter(noted=Noted.NO, date_moved=DateMoved.YES), 5),
        (Filter(noted=Noted.YES), 0),
        (Filter(date_moved=DateMoved.ABSENT), 0),
    ],
)
def test_a_filter_lets_through_what_it_names(listed, only, count):
    assert len(seqs(listed, only)) == count


def test_a_period_holds_what_was_seen_from_its_start_to_before_its_end(listed):
    now = listed.now
    whole = seqs(listed, Filter())
    assert seqs(listed, Filter(since_at=now - timedelta(hours=2))) == whole[:3]
    assert seqs(listed, Filter(before_at=now - timedelta(hours=2))) == whole[3:]
    assert seqs(listed, Filter(since_at=now - timedelta(hours=3), before_at=now)) == whole[1:4]


def test_a_page_looks_through_a_bounded_stretch_and_the_next_goes_on_where_it_stopped(listed, monkeypatch):
    whole = seqs(listed, Filter())
    monkeypatch.setattr(filters, "LOOKED_THROUGH", 2)
    only, found, before = Filter(significance=Significance.MINOR), [], None
    for _ in range(2):
        found += seqs(listed, only, before=before)
        before = listed.store.figures.looked_through(EVERYTHING, only, before)
        assert before == found[-1]
    found += seqs(listed, only, before=before)
    assert found == whole
    assert listed.store.figures.looked_through(EVERYTHING, only, before) is None


def test_whoever_goes_on_from_page_to_page_gets_all_though_a_page_is_empty(listed, make, monkeypatch):
    new = listed.new_text(listed.store.articles.get(1), "Text 6.")
    listed.keep(replace(new, event=replace(new.event, diff=make.summary(significance=Significance.MAJOR))))
    newest, *older = seqs(listed, Filter())
    monkeypatch.setattr(filters, "LOOKED_THROUGH", 1)
    page = listed.store.page_of_changes
    for only, wanted in (
        (Filter(), [newest, *older]),
        (Filter(significance=Significance.MAJOR), [newest]),
        (Filter(significance=Significance.MINOR), older),
        (Filter(facet="none such"), []),
    ):
        for limit in (1, 2, 9):
            found, before = page(EVERYTHING, only, None, limit)
            while before is not None:
                more, before = page(EVERYTHING, only, before, limit)
                found += more
            assert [change.event.seq for change in found] == wanted


def test_nothing_lies_beyond_the_start_of_a_period(listed, monkeypatch):
    monkeypatch.setattr(filters, "LOOKED_THROUGH", 2)
    only = Filter(since_at=listed.now)
    assert listed.store.figures.looked_through(EVERYTHING, only, None) is None
