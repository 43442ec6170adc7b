"""Recent checks: quiet looks stand together, what matters alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tracker.model import Because, Outcome, Poll
from tracker.web.checks import checks, failed_last
from tracker.web.words import outcome

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def polls(*outcomes, article_id=1):
    """Newest first, a minute apart."""
    return [
        Poll(at=NOON - timedelta(minutes=place), outcome=outcome, because=Because.CADENCE, url="https://example.org", article_id=article_id)
        for place, outcome in enumerate(outcomes)
    ]


def test_quiet_looks_in_a_row_stand_together_and_what_matters_alone():
    quiet, changed = Outcome.NOT_MODIFIED, Outcome.CHANGED
    found = checks(polls(quiet, quiet, changed, changed, quiet, Outcome.UNCHANGED), complete=True, limit=20)
    assert [(check.newest.outcome, len(check.polls)) for check in found] == [
        (quiet, 2),
        (changed, 1),
        (changed, 1),
        (quiet, 1),
        (Outcome.UNCHANGED, 1),
    ]
    assert (found[0].oldest.at, found[0].newest.at) == (NOON - timedelta(minutes=1), NOON)


@pytest.mark.parametrize("failed", [Outcome.FAILED, Outcome.REFUSED, Outcome.MISSING])
def test_looks_at_one_article_that_fail_in_the_same_way_stand_together(failed):
    looks = [*polls(failed, failed), *polls(failed, failed, article_id=2)]
    same = [replace(poll, reason="It answered with status 500.") for poll in looks]
    found = checks([*same, *polls(failed)], complete=True, limit=20)
    assert [(check.article_id, len(check.polls)) for check in found] == [(1, 2), (2, 2), (1, 1)]


def test_a_run_that_may_go_on_before_what_was_read_is_not_said_to_be_counted():
    found = checks(polls(Outcome.CHANGED, Outcome.UNCHANGED, Outcome.UNCHANGED), complete=False, limit=20)
    assert [check.complete for check in found] == [True, False]


def test_rows_are_limited_not_looks():
    found = checks(polls(Outcome.UNCHANGED, Outcome.UNCHANGED, Outcome.CHANGED, Outcome.FIRST), complete=True, limit=2)
    assert [check.newest.outcome for check in found] == [Outcome.UNCHANGED, Outcome.CHANGED]


def test_looks_at_several_articles_name_none_of_them():
    both = [*polls(Outcome.UNCHANGED), *polls(Outcome.UNCHANGED, article_id=2)]
    (check,) = checks(both, complete=True, limit=20)
    assert check.article_id is None


def test_quiet_looks_at_a_feed_and_its_articles_stand_together():
    feed = replace(polls(Outcome.UNCHANGED)[0], article_id=None, feed_id=1)
    (check,) = checks([feed, *polls(Outcome.UNCHANGED), feed, *polls(Outcome.UNCHANGED, article_id=2)], complete=True, limit=20)
    assert outcome(check.polls) == "nothing new"
    assert check.looked_at == "feed and 2 articles"
    assert outcome([feed, feed]) == "same list"


def test_quiet_looks_that_had_something_to_say_stand_together_with_their_like_only():
    said = [replace(poll, reason="It breaks off.") for poll in polls(Outcome.UNCHANGED, Outcome.UNCHANGED)]
    found = checks([*said, *polls(Outcome.UNCHANGED)], complete=True, limit=20)
    assert [(check.newest.reason, len(check.polls)) for check in found] == [("It breaks off.", 2), (None, 1)]


@pytest.mark.parametrize("came_to", Outcome)
def test_the_last_look_failed_only_if_the_newest_did(came_to):
    failed = came_to in {Outcome.FAILED, Outcome.REFUSED, Outcome.MISSING}
    newest, *_ = looks = polls(came_to, Outcome.FAILED)
    assert failed_last(looks) == (newest if failed else None)


def test_before_any_look_none_failed():
    assert failed_last([]) is None
