"""What one look means. Pure: values in, a Decision out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tracker.model import (
    Article,
    ArticleStatus,
    Because,
    Block,
    BlockKind,
    Capture,
    Continued,
    EventKind,
    Extract,
    Gates,
    Held,
    LastLooks,
    Latest,
    Moved,
    Outcome,
    Refusal,
    RefusalReason,
    Reversion,
    Revision,
    Validators,
)
from tracker.scheduler.cadence import Cadence, retry
from tracker.scheduler.decide import CONFIRM_AFTER, REMOVED_AFTER, decide
from tracker.scheduler.look import Elsewhere, Failed, Look, NotThere, Read, Same
from tracker.text import extract_fingerprint

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
NOW = START + timedelta(minutes=35)
URL = "https://news.example/story-1"
CADENCE = Cadence()
LOOK = Look(at=NOW, url=URL, status=200, bytes=5, ms=3)
OLD_GATES = Gates(validators=Validators(etag='"a"'), body_hash=b"a", visible_hash=b"a")
NEW_GATES = Gates(validators=Validators(etag='"b"'), body_hash=b"b", visible_hash=b"b")


def _extract(*paragraphs: str, headline: str = "A headline", canonical_url: str | None = None) -> Extract:
    blocks = tuple(Block(kind=BlockKind.PARAGRAPH, text=text) for text in paragraphs)
    return Extract(url=URL, headline=headline, blocks=blocks, extractor="1", language="en", canonical_url=canonical_url)


# When article 7 is tried again after its first failure.
SOON = retry(1, CADENCE, NOW, number=7)


def _article(**changed) -> Article:
    article = Article(
        id=7,
        source="news",
        url=URL,
        keys=("url:news.example/story-1",),
        status=ArticleStatus.TRACKED,
        first_seen_at=START,
        last_seen_at=START,
        last_polled_at=START,
        revisions_count=1,
        gates=OLD_GATES,
        lease=3,
    )
    return replace(article, **changed)


def _latest(extract: Extract, *earlier: tuple[str, int]) -> Latest:
    fingerprint = extract_fingerprint(extract)
    revision = Revision(
        id=11, seq=5, article_id=7, number=1, first_seen_at=START, last_seen_at=START, fingerprint=fingerprint, extractor="1"
    )
    return Latest(revision=revision, extract=extract, seen=((fingerprint, 11), *earlier))


def not_there(**last_looks: int) -> NotThere:
    capture = Capture(url=URL, status_line="HTTP/1.1 404 Not Found", headers=(), body=b"No such page", fetched_at=NOW)
    return NotThere(reason="It answered with status 404.", capture=capture, last_looks=LastLooks(**last_looks))


def _read(extract: Extract) -> Read:
    capture = Capture(url=URL, status_line="HTTP/1.1 200 OK", headers=(), body=b"x", fetched_at=NOW)
    return Read(extract=extract, capture=capture, gates=NEW_GATES)


def test_the_first_text_is_a_revision_without_an_event():
    decision = decide(_article(revisions_count=0), None, LOOK, _read(_extract("One.")), CADENCE)
    assert decision.poll.outcome is Outcome.FIRST
    assert decision.revision is not None
    assert decision.event is None
    assert decision.lease == 3


def test_another_text_is_a_revision_and_an_event_that_says_between_which_looks_it_changed():
    decision = decide(_article(), _latest(_extract("It was 5.")), LOOK, _read(_extract("It was 6.")), CADENCE)
    assert decision.poll.outcome is Outcome.CHANGED
    assert decision.event is not None
    assert decision.event.kind is EventKind.CHANGED
    assert (decision.event.after_at, decision.event.before_at) == (START, NOW)
    assert decision.event.from_revision_id == 11
    assert decision.event.diff.summary
    assert decision.next_poll_at == NOW + CADENCE.floor


def test_an_equal_text_is_no_revision_but_its_new_validators_are_kept():
    decision = decide(_article(), _latest(_extract("Same.")), LOOK, _read(_extract("Same.")), CADENCE)
    assert decision.poll.outcome is Outcome.UNCHANGED
    assert decision.revision is None
    assert decision.gates == NEW_GATES
    assert decision.seen_at == NOW


A, B = _extract("A."), _extract("B.")
WAS_A = (extract_fingerprint(A), 4)
HELD_A = Held(fingerprint=extract_fingerprint(A), since_at=NOW - CONFIRM_AFTER)


def test_a_text_that_was_there_before_is_held_for_a_second_look():
    decision = decide(_article(), _latest(B, WAS_A), LOOK, _read(A), CADENCE)
    assert (decision.poll.outcome, decision.revision) == (Outcome.HELD, None)
    assert "there before" in decision.poll.reason
    assert (decision.next_poll_at, decision.because) == (NOW + CONFIRM_AFTER, Because.CONFIRM)


def test_the_second_look_makes_it_a_revision_of_its_own_that_says_what_it_reverts_to():
    decision = decide(_article(held=HELD_A), _latest(B, WAS_A), LOOK, _read(A), CADENCE)
    assert decision.poll.outcome is Outcome.REVERTED
    assert decision.revision.first_seen_at == HELD_A.since_at
    assert (decision.event.reverts_to_id, decision.event.alternates_with) == (4, None)


def test_two_reversions_within_a_day_are_an_alternation_that_leaves_the_cadence_alone():
    changed_at = START - timedelta(days=10)
    article = _article(held=HELD_A, last_changed_at=changed_at, first_seen_at=changed_at)
    day_ago = HELD_A.since_at - timedelta(hours=24)
    for before, head in (
        (Reversion(event_id=8, before_at=day_ago), 8),
        (Reversion(event_id=9, before_at=day_ago, alternates_with=8), 8),
        (Reversion(event_id=8, before_at=day_ago - timedelta(seconds=1)), None),
    ):
        decision = decide(article, replace(_latest(B, WAS_A), reversion=before), LOOK, _read(A), CADENCE)
        assert (decision.poll.outcome, decision.event.alternates_with) == (Outcome.REVERTED, head)
        assert (decision.next_poll_at - NOW > timedelta(hours=6)) is (head is not None)


def test_what_lay_in_a_cache_was_last_seen_when_it_got_there_and_first_seen_when_we_read_it():
    cached = replace(LOOK, age=timedelta(minutes=5))
    assert decide(_article(), _latest(B), cached, _read(B), CADENCE).seen_at == NOW - timedelta(minutes=5)
    changed = decide(_article(), _latest(B), cached, _read(A), CADENCE)
    assert (changed.revision.first_seen_at, changed.event.before_at) == (NOW, NOW)


@pytest.mark.parametrize("outcome", [Outcome.NOT_MODIFIED, Outcome.UNCHANGED])
def test_a_gate_that_says_the_same_keeps_a_poll_and_nothing_else(outcome):
    decision = decide(_article(), None, LOOK, Same(outcome=outcome, gates=OLD_GATES), CADENCE)
    assert decision.poll.outcome is outcome
    assert decision.revision is None
    assert decision.seen_at == NOW
    assert decision.failures_count == 0


@pytest.mark.parametrize(
    ("found", "outcome"),
    [
        (Refusal(reason=RefusalReason.EMPTY, detail="The page is empty."), Outcome.REFUSED),
        (Failed(reason="It did not answer."), Outcome.FAILED),
    ],
)
def test_what_is_not_the_article_keeps_its_reason_and_the_old_gates_and_is_tried_again_soon(found, outcome):
    decision = decide(_article(), _latest(_extract("One.")), LOOK, found, CADENCE)
    assert decision.poll.outcome is outcome
    assert decision.poll.reason
    assert decision.revision is None
    assert decision.seen_at is None
    assert decision.gates == OLD_GATES
    assert decision.failures_count == 1
    assert decision.next_poll_at == SOON


# --- not there -----------------------------------------------------------------------------------


GONE = replace(LOOK, status=410)
TEXT = _extract("One.")


def _missing(hours: float, **more) -> Article:
    return _article(**({"missing_since": NOW - timedelta(hours=hours), "failures_count": 1} | more))


def test_an_article_that_is_not_found_once_is_asked_again_soon_before_anything_is_said():
    first = decide(_article(), _latest(TEXT), LOOK, not_there(), CADENCE)
    assert (first.poll.outcome, first.status, first.missing_since) == (Outcome.MISSING, ArticleStatus.TRACKED, NOW)
    assert (first.next_poll_at, first.event) == (SOON, None)


def test_not_found_twice_an_hour_apart_is_missing_since_the_first_time():
    again = decide(_missing(1), _latest(TEXT), LOOK, not_there(), CADENCE)
    assert (again.status, again.missing_since, again.event) == (ArticleStatus.MISSING, NOW - timedelta(hours=1), None)
    early = decide(_missing(0.5), _latest(TEXT), LOOK, not_there(), CADENCE)
    assert (early.status, early.missing_since) == (ArticleStatus.TRACKED, NOW - timedelta(hours=0.5))


def test_a_missing_article_is_looked_at_when_its_day_is_over():
    waits = decide(_missing(22, status=ArticleStatus.MISSING, failures_count=9), _latest(TEXT), LOOK, not_there(), CADENCE)
    assert waits.next_poll_at == NOW - timedelta(hours=22) + REMOVED_AFTER


def test_not_found_for_a_day_is_the_event_removed_with_its_evidence_and_interval():
    missing = _article(missing_since=NOW, status=ArticleStatus.MISSING)
    decision = decide(missing, _latest(TEXT), replace(LOOK, at=NOW + timedelta(hours=24)), not_there(), CADENCE)
    event = decision.event
    assert (decision.status, event.kind) == (ArticleStatus.REMOVED, EventKind.REMOVED)
    assert (event.from_revision_id, event.to_revision_id) == (11, None)
    assert (event.after_at, event.before_at) == (START, NOW)
    assert event.capture.status_line == "HTTP/1.1 404 Not Found"
    assert decision.next_poll_at > NOW


@pytest.mark.parametrize("status", [410, 451])
def test_a_site_that_says_gone_is_believed_at_once(status):
    decision = decide(_article(), _latest(TEXT), replace(LOOK, status=status), not_there(), CADENCE)
    assert (decision.status, decision.event.kind) == (ArticleStatus.REMOVED, EventKind.REMOVED)
    assert decision.event.before_at == NOW


def test_a_removed_article_that_is_still_not_there_is_no_further_event():
    removed = _missing(100, status=ArticleStatus.REMOVED, first_seen_at=NOW - timedelta(days=9))
    decision = decide(removed, _latest(TEXT), GONE, not_there(), CADENCE)
    assert (decision.status, decision.event) == (ArticleStatus.REMOVED, None)
    assert decision.next_poll_at > NOW + timedelta(hours=1)


def test_an_article_that_was_never_read_leaves_no_event_when_it_is_gone():
    decision = decide(_article(revisions_count=0), None, GONE, not_there(), CADENCE)
    assert (decision.status, decision.event) == (ArticleStatus.REMOVED, None)


@pytest.mark.parametrize("look", [LOOK, GONE])
def test_articles_that_vanish_together_are_their_sources_trouble(look):
    article = _missing(30, status=ArticleStatus.TRACKED)
    decision = decide(article, _latest(TEXT), look, not_there(articles_count=5, lost_count=3), CADENCE)
    assert (decision.status, decision.event) == (ArticleStatus.TRACKED, None)
    assert "3 of the last 5 articles of this source" in decision.poll.reason
    sudden = not_there(articles_count=99, lost_count=2, lately_count=2)
    assert decide(_article(), _latest(TEXT), GONE, sudden, CADENCE).event is None
    for few in (sudden, not_there(articles_count=2, lost_count=2), not_there(articles_count=6, lost_count=3)):
        assert decide(article, _latest(TEXT), look, few, CADENCE).event.kind is EventKind.REMOVED


def test_a_good_look_ends_that_an_article_is_missing():
    back = decide(_missing(2, status=ArticleStatus.MISSING), None, LOOK, Same(outcome=Outcome.UNCHANGED, gates=OLD_GATES), CADENCE)
    assert (back.status, back.missing_since, back.failures_count, back.event) == (ArticleStatus.TRACKED, None, 0, None)


def test_a_removed_article_that_is_back_is_the_event_restored():
    removed = _missing(48, status=ArticleStatus.REMOVED, last_polled_at=NOW - timedelta(hours=3))
    same = decide(removed, _latest(TEXT), LOOK, _read(TEXT), CADENCE)
    assert (same.status, same.event.kind, same.revision) == (ArticleStatus.TRACKED, EventKind.RESTORED, None)
    assert (same.event.from_revision_id, same.event.to_revision_id) == (None, 11)
    assert (same.event.after_at, same.event.before_at) == (NOW - timedelta(hours=3), NOW)
    other = decide(removed, _latest(TEXT), LOOK, _read(_extract("One and two.")), CADENCE)
    assert (other.event.kind, other.event.from_revision_id) == (EventKind.RESTORED, 11)
    assert other.revision is not None
    assert other.event.diff.summary


# --- another address -----------------------------------------------------------------------------


NEW_URL = "https://news.example/new-story-1"
LED = replace(LOOK, url=NEW_URL, hops=(URL,), moved_url=NEW_URL)
UNCHANGED = Same(outcome=Outcome.NOT_MODIFIED, gates=OLD_GATES)


def test_a_permanent_redirect_moves_the_address_after_three_looks_over_a_day():
    first = decide(_article(), None, LED, UNCHANGED, CADENCE)
    assert (first.moved, first.new_url) == (Moved(url=NEW_URL, since_at=NOW, looks_count=1), None)
    day_ago = NOW - timedelta(hours=24)
    third = decide(_article(moved=Moved(url=NEW_URL, since_at=day_ago, looks_count=2)), None, LED, UNCHANGED, CADENCE)
    assert (third.moved, third.new_url) == (None, NEW_URL)
    assert third.keys == ("url:news.example/new-story-1",)
    for too_few in (Moved(url=NEW_URL, since_at=day_ago, looks_count=1), Moved(url=NEW_URL, since_at=NOW, looks_count=5)):
        assert decide(_article(moved=too_few), None, LED, UNCHANGED, CADENCE).new_url is None


def test_an_answer_without_the_redirect_or_with_another_starts_the_count_anew():
    moved = Moved(url=NEW_URL, since_at=NOW - timedelta(days=3), looks_count=2)
    assert decide(_article(moved=moved), None, LOOK, UNCHANGED, CADENCE).moved is None
    other = replace(LED, url=NEW_URL + "0", moved_url=NEW_URL + "0")
    assert decide(_article(moved=moved), None, other, UNCHANGED, CADENCE).moved.looks_count == 1
    assert decide(_article(moved=moved), None, LOOK, Failed(reason="It did not answer."), CADENCE).moved == moved


def test_an_address_never_moves_to_another_site():
    for url in ("https://elsewhere.example.org/story-1", "https://other.example/story-1"):
        look = replace(LED, url=url, moved_url=url)
        moved = Moved(url=url, since_at=NOW - timedelta(days=3), looks_count=9)
        decision = decide(_article(moved=moved), None, look, UNCHANGED, CADENCE)
        assert (decision.moved, decision.new_url) == (None, None)


def test_a_story_that_goes_on_as_another_article_is_looked_at_there_at_once():
    continued = Continued(article_id=9, url=NEW_URL, reason="It leads there for good.")
    decision = decide(_article(failures_count=2), _latest(TEXT), LED, Elsewhere(continued=continued), CADENCE)
    assert (decision.poll.outcome, decision.poll.reason) == (Outcome.HELD, "It leads there for good.")
    assert (decision.continued, decision.next_poll_at, decision.revision) == (continued, NOW, None)


LONG = _extract(*(f"Sentence number {number} of an article that is long enough to be cut short." for number in range(10)))
SHORT = _extract("Sentence number 0 of an article that is long enough to be cut short.")


def test_a_text_that_lost_more_than_half_is_held_for_a_second_look():
    decision = decide(_article(), _latest(LONG), LOOK, _read(SHORT), CADENCE)
    assert decision.poll.outcome is Outcome.HELD
    assert "shrank" in decision.poll.reason
    assert (decision.revision, decision.event, decision.seen_at) == (None, None, None)
    assert decision.gates == OLD_GATES
    assert (decision.next_poll_at, decision.because) == (NOW + CONFIRM_AFTER, Because.CONFIRM)
    assert decision.held == Held(fingerprint=extract_fingerprint(SHORT), since_at=NOW)


def test_the_second_look_makes_it_a_revision_that_was_there_from_the_first_sight_on():
    article = _article(held=Held(fingerprint=extract_fingerprint(SHORT), since_at=NOW))
    early = decide(article, _latest(LONG), replace(LOOK, at=NOW + CONFIRM_AFTER / 2), _read(SHORT), CADENCE)
    assert (early.poll.outcome, early.held) == (Outcome.HELD, article.held)
    decision = decide(article, _latest(LONG), replace(LOOK, at=NOW + CONFIRM_AFTER), _read(SHORT), CADENCE)
    assert decision.poll.outcome is Outcome.CHANGED
    assert decision.revision.first_seen_at == NOW
    assert (decision.event.after_at, decision.event.before_at) == (START, NOW)
    assert decision.held is None


OTHER = _extract("We are working on our site and will be back soon. Thank you for your patience.", headline="Back soon")


def test_a_page_that_has_nothing_of_the_article_is_held_for_a_day():
    first = decide(_article(), _latest(LONG), LOOK, _read(OTHER), CADENCE)
    assert (first.poll.outcome, first.held.since_at) == (Outcome.HELD, NOW)
    assert first.next_poll_at == NOW + CONFIRM_AFTER
    waiting = _article(held=Held(fingerprint="x", since_at=NOW - timedelta(hours=23)), failures_count=9)
    later = decide(waiting, _latest(LONG), LOOK, _read(OTHER), CADENCE)
    assert (later.poll.outcome, later.next_poll_at) == (Outcome.HELD, NOW + timedelta(hours=1))
    waiting = _article(held=Held(fingerprint="x", since_at=NOW - timedelta(hours=24)))
    assert decide(waiting, _latest(LONG), LOOK, _read(OTHER), CADENCE).poll.outcome is Outcome.CHANGED


def test_a_new_headline_over_the_same_text_or_a_new_text_under_the_same_headline_or_a_longer_one_is_not_held():
    for found in (replace(LONG, headline="Another"), _extract(OTHER.text * 8), _extract(OTHER.text * 12, headline="Another")):
        assert decide(_article(), _latest(LONG), LOOK, _read(found), CADENCE).poll.outcome is Outcome.CHANGED


def test_a_short_text_that_is_another_each_time_is_not_held_for_ever():
    article = _article(held=Held(fingerprint=extract_fingerprint(SHORT), since_at=NOW - CONFIRM_AFTER))
    decision = decide(article, _latest(LONG), LOOK, _read(_extract("Seen by 4,711 readers.")), CADENCE)
    assert (decision.poll.outcome, decision.revision.first_seen_at) == (Outcome.CHANGED, NOW)


def test_what_was_held_is_forgotten_when_the_text_is_back_and_kept_when_a_look_fails():
    article = _article(held=Held(fingerprint=extract_fingerprint(SHORT), since_at=NOW))
    assert decide(article, _latest(LONG), LOOK, _read(LONG), CADENCE).held is None
    assert decide(article, _latest(LONG), LOOK, Failed(reason="It did not answer."), CADENCE).held == article.held


def test_an_article_that_is_no_longer_checked_is_stopped():
    look = replace(LOOK, at=START + timedelta(days=500))
    decision = decide(_article(), None, look, Same(outcome=Outcome.UNCHANGED, gates=OLD_GATES), CADENCE)
    assert (decision.status, decision.next_poll_at) == (ArticleStatus.STOPPED, None)


def test_the_poll_says_why_it_was_due():
    decision = decide(_article(because=Because.HINT), None, LOOK, Same(outcome=Outcome.UNCHANGED, gates=OLD_GATES), CADENCE)
    assert decision.poll.because is Because.HINT
