"""Decide what one look at an article means.

Pure: gets what was known and what was found, returns what to keep (model.Decision). Never fetches, stores,
reads the clock or the config; poll.py does that around it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from tracker.differ import compare_revisions
from tracker.differ.facets import date_moved, noted
from tracker.model import (
    Article,
    ArticleStatus,
    Because,
    Capture,
    Decision,
    EventKind,
    Extract,
    Gates,
    Held,
    Latest,
    NewEvent,
    NewRevision,
    Outcome,
    Poll,
    Refusal,
)
from tracker.scheduler.cadence import Cadence, Observed, checked_until, next_poll, retry
from tracker.text import extract_fingerprint
from tracker.urls import article_keys, host_of

# A text that keeps less than this share of the latest one waits for a second look, this much later.
SHRUNK_TO = 0.5
CONFIRM_AFTER = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One request as it went: `url` is the address that answered, `at` when it was asked."""

    at: datetime
    url: str
    status: int | None = None
    bytes: int | None = None
    ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Same:
    """A gate said that nothing changed, before anything was extracted."""

    outcome: Literal[Outcome.NOT_MODIFIED, Outcome.UNCHANGED]
    gates: Gates


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """The page holds the article. `id_pattern` is its source's, see PageRules."""

    extract: Extract
    capture: Capture
    gates: Gates
    id_pattern: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotThere:
    """The site says that there is no such page; `reason` in words."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """No answer that means anything; `reason` in words. The host wants to be left alone until `not_before`."""

    reason: str
    not_before: datetime | None = None


Found = Same | Read | Refusal | NotThere | Failed


def decide(article: Article, latest: Latest | None, look: Look, found: Found, cadence: Cadence) -> Decision:
    """What to keep of one look at `article`, whose history ends with `latest`."""
    match found:
        case Same():
            return _seen_again(article, look, found.outcome, found.gates, cadence)
        case Read() if latest is not None and extract_fingerprint(found.extract) == latest.revision.fingerprint:
            return _seen_again(article, look, Outcome.UNCHANGED, found.gates, cadence)
        case Read() if latest is not None and (held := _held(article, latest, look, found)) is not None:
            reason = f"The text shrank from {len(latest.extract.text)} to {len(found.extract.text)} characters; a second look decides."
            waits = _not_seen(article, look, Outcome.HELD, reason, cadence)
            return replace(waits, held=held, next_poll_at=look.at + CONFIRM_AFTER, because=Because.CONFIRM, failures_count=0)
        case Read():
            return _new_text(article, latest, look, found, cadence)
        case Refusal():
            return _not_seen(article, look, Outcome.REFUSED, f"{found.detail} ({found.reason})", cadence)
        case NotThere():
            missing = _not_seen(article, look, Outcome.MISSING, found.reason, cadence)
            return replace(missing, status=ArticleStatus.MISSING, missing_since=article.missing_since or look.at)
        case Failed():
            failed = _not_seen(article, look, Outcome.FAILED, found.reason, cadence)
            if failed.next_poll_at is None or found.not_before is None:
                return failed
            return replace(failed, next_poll_at=max(failed.next_poll_at, found.not_before))


def _held(article: Article, latest: Latest, look: Look, found: Read) -> Held | None:
    """What to wait for where a text lost more than half: a page cut short, or a paywall of no known form, is no revision.
    None: nothing to wait for, or this look confirms what was held."""
    if len(found.extract.text) >= SHRUNK_TO * len(latest.extract.text):
        return None
    fingerprint = extract_fingerprint(found.extract)
    if article.held is None or article.held.fingerprint != fingerprint:
        return Held(fingerprint=fingerprint, since_at=look.at)
    return article.held if look.at - article.held.since_at < CONFIRM_AFTER else None


def _poll(article: Article, look: Look, outcome: Outcome, reason: str | None = None) -> Poll:
    return Poll(
        at=look.at,
        outcome=outcome,
        because=article.because,
        url=look.url,
        article_id=article.id,
        status=look.status,
        bytes=look.bytes,
        ms=look.ms,
        reason=reason,
    )


def _seen(article: Article, look: Look, outcome: Outcome, gates: Gates, next_poll_at: datetime | None) -> Decision:
    """The article was there: whatever was wrong before is over."""
    return Decision(
        article_id=article.id,
        lease=article.lease,
        poll=_poll(article, look, outcome),
        status=ArticleStatus.STOPPED if next_poll_at is None else ArticleStatus.TRACKED,
        next_poll_at=next_poll_at,
        gates=gates,
        seen_at=look.at,
    )


def _seen_again(article: Article, look: Look, outcome: Outcome, gates: Gates, cadence: Cadence) -> Decision:
    observed = Observed(
        published_at=article.published_at,
        first_seen_at=article.first_seen_at,
        last_polled_at=look.at,
        last_changed_at=article.last_changed_at,
        changes_count=article.changes_count,
    )
    return _seen(article, look, outcome, gates, next_poll(observed, cadence, look.at))


def _new_text(article: Article, latest: Latest | None, look: Look, found: Read, cadence: Cadence) -> Decision:
    fingerprint = extract_fingerprint(found.extract)
    # A text that was held was there from its first sight on.
    first_seen_at = article.held.since_at if article.held and article.held.fingerprint == fingerprint else look.at
    reverts_to_id = dict(latest.seen).get(fingerprint) if latest else None
    outcome = Outcome.FIRST if latest is None else Outcome.CHANGED if reverts_to_id is None else Outcome.REVERTED
    observed = Observed(
        published_at=found.extract.published_at,
        first_seen_at=article.first_seen_at,
        last_polled_at=look.at,
        last_changed_at=first_seen_at if latest else None,
        changes_count=article.changes_count + (1 if latest else 0),
    )
    return replace(
        _seen(article, look, outcome, found.gates, next_poll(observed, cadence, look.at)),
        keys=_keys(article, look, found),
        revision=NewRevision(extract=found.extract, fingerprint=fingerprint, capture=found.capture, first_seen_at=first_seen_at),
        event=_change(latest, first_seen_at, found.extract, reverts_to_id) if latest else None,
    )


def _change(latest: Latest, before_at: datetime, new: Extract, reverts_to_id: int | None) -> NewEvent:
    return NewEvent(
        kind=EventKind.CHANGED,
        after_at=latest.revision.last_seen_at,
        before_at=before_at,
        from_revision_id=latest.revision.id,
        diff=compare_revisions(latest.extract, new).condensed(),
        noted=noted(latest.extract, new),
        date_moved=date_moved(latest.extract, new),
        reverts_to_id=reverts_to_id,
    )


def _keys(article: Article, look: Look, found: Read) -> tuple[str, ...]:
    """Further addresses of the article: where it was found, on its own host, and what it calls itself, where that shares
    a key with what is known of it already. Any page can claim another's canonical address."""
    pattern, canonical_url = found.id_pattern, found.extract.canonical_url
    found_at = article_keys(look.url, id_pattern=pattern) if host_of(look.url) == host_of(article.url) else ()
    known = {*article.keys, *article_keys(article.url, id_pattern=pattern), *found_at}
    claimed = article_keys(canonical_url, id_pattern=pattern) if canonical_url else ()
    return tuple(dict.fromkeys((*found_at, *(claimed if known & set(claimed) else ()))))


def _not_seen(article: Article, look: Look, outcome: Outcome, reason: str, cadence: Cadence) -> Decision:
    """The article was not seen: what was known stays, and the next try comes soon, then ever later, while it is checked at all."""
    failures_count = article.failures_count + 1
    ends_at = checked_until(article.first_seen_at, article.last_changed_at, cadence)
    return Decision(
        article_id=article.id,
        lease=article.lease,
        poll=_poll(article, look, outcome, reason),
        status=article.status,
        next_poll_at=retry(failures_count, cadence, look.at) if look.at <= ends_at else None,
        gates=article.gates,
        failures_count=failures_count,
        missing_since=article.missing_since,
        held=article.held,
    )
