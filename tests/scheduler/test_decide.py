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
    EventKind,
    Extract,
    Gates,
    Held,
    Latest,
    Outcome,
    Refusal,
    RefusalReason,
    Revision,
    Validators,
)
from tracker.scheduler.cadence import Cadence
from tracker.scheduler.decide import CONFIRM_AFTER, Failed, Look, NotThere, Read, Same, decide
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


def test_a_text_that_was_there_before_is_a_revision_of_its_own_that_says_what_it_reverts_to():
    before = _extract("A.")
    decision = decide(_article(), _latest(_extract("B."), (extract_fingerprint(before), 4)), LOOK, _read(before), CADENCE)
    assert decision.poll.outcome is Outcome.REVERTED
    assert decision.revision is not None
    assert decision.event is not None
    assert decision.event.reverts_to_id == 4


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
        (NotThere(reason="It answered with status 404."), Outcome.MISSING),
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
    assert decision.next_poll_at == NOW + CADENCE.floor


def test_a_missing_article_says_since_when_and_a_good_look_ends_it():
    first = decide(_article(), None, LOOK, NotThere(reason="Status 404."), CADENCE)
    assert (first.status, first.missing_since) == (ArticleStatus.MISSING, NOW)
    since = NOW - timedelta(hours=2)
    missing = _article(status=ArticleStatus.MISSING, missing_since=since, failures_count=4)
    assert decide(missing, None, LOOK, NotThere(reason="Status 404."), CADENCE).missing_since == since
    back = decide(missing, None, LOOK, Same(outcome=Outcome.UNCHANGED, gates=OLD_GATES), CADENCE)
    assert (back.status, back.missing_since, back.failures_count) == (ArticleStatus.TRACKED, None, 0)


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


def test_a_canonical_address_gives_a_key_only_where_it_agrees_with_what_is_known():
    fresh = _article(revisions_count=0, url="https://news.example/a/6213456/old-name.html", keys=())
    look = replace(LOOK, url=fresh.url)
    same = _extract("One.", canonical_url="https://news.example/a/6213456/new-name.html")
    assert any("new-name" in key for key in decide(fresh, None, look, _read(same), CADENCE).keys)
    for claimed in ("https://news.example/another-story", "https://news.example/", "https://www.bbc.co.uk/news/uk-33590863"):
        keys = decide(fresh, None, look, _read(_extract("One.", canonical_url=claimed)), CADENCE).keys
        assert set(keys) == set(decide(fresh, None, look, _read(_extract("One.")), CADENCE).keys)


def test_a_canonical_address_agrees_by_the_sources_own_ids_too():
    fresh = _article(revisions_count=0, url="https://news.example/story/cbridge/old-name", keys=())
    look = replace(LOOK, url=fresh.url)
    found = _read(_extract("One.", canonical_url="https://news.example/story/cbridge/new-name"))
    assert not any("new-name" in key for key in decide(fresh, None, look, found, CADENCE).keys)
    keys = decide(fresh, None, look, replace(found, id_pattern="/story/(c[a-z]+)/"), CADENCE).keys
    assert {"url:news.example/story/cbridge/new-name", "id:news.example:cbridge"} <= set(keys)
