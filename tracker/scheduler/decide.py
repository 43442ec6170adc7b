"""Decide what one look at an article means.

Pure: gets what was known and what was found, returns what to keep (model.Decision). Never fetches, stores,
reads the clock or the config; poll.py does that around it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tracker.differ import compare_revisions
from tracker.differ.changed import changed_sentences
from tracker.differ.compare import DIFFER
from tracker.differ.facets import date_moved, noted
from tracker.model import (
    Article,
    ArticleStatus,
    Because,
    DateMoved,
    Decision,
    DiffSummary,
    EventKind,
    Extract,
    Gates,
    Held,
    Latest,
    NewEvent,
    NewRevision,
    Noted,
    Outcome,
    Poll,
    Refusal,
    RefusalReason,
    Reversion,
    Significance,
)
from tracker.redaction import UNTOLD
from tracker.scheduler.cadence import Cadence, Observed, checked_until, next_due, retry
from tracker.scheduler.identity import followed, is_same_story, keys_of, next_address
from tracker.scheduler.look import Elsewhere, Failed, Found, Look, NotThere, Read, Same
from tracker.text import extract_fingerprint, normalise
from tracker.urls import article_keys

# A text that keeps less than this share of the latest one waits for a second look, this much later; one that has nothing of
# it, for so long as a site may be out of order.
SHRUNK_TO = 0.5
CONFIRM_AFTER = timedelta(minutes=10)
OTHER_AFTER = timedelta(hours=24)
# Two reversions so close are an alternation: headlines on trial, or caches that do not agree.
ALTERNATES_WITHIN = timedelta(hours=24)
# Not found twice, so far apart, is worth telling; not found for so long is an event. A site that says "gone", or "not for
# legal reasons", is believed at once.
MISSING_AFTER = timedelta(hours=1)
REMOVED_AFTER = timedelta(hours=24)
_GONE_FOR_GOOD = frozenset({410, 451})


def decide(article: Article, latest: Latest | None, look: Look, found: Found, cadence: Cadence) -> Decision:
    """What to keep of one look at `article`, whose history ends with `latest`."""
    match found:
        case Same():
            return _seen_again(article, latest, look, found, cadence)
        case Read() if latest is not None and extract_fingerprint(found.text) == latest.revision.fingerprint:
            return _seen_again(article, latest, look, Same(outcome=Outcome.UNCHANGED, gates=found.gates), cadence)
        case Read(as_live=Extract()) if latest is not None:
            return _live_no_more(article, latest, look, found, cadence)
        case Read() if latest is not None and (doubt := _doubt(latest, found)) and (held := _held(article, look, found, doubt)):
            waits = _answered(_not_seen(article, look, Outcome.HELD, f"{doubt.reason}; a later look decides.", cadence))
            again_at = max(waits.next_poll_at or look.at, look.at + CONFIRM_AFTER)
            return replace(waits, held=held, next_poll_at=min(again_at, held.since_at + doubt.lasts), because=Because.CONFIRM)
        case Read():
            return _new_text(article, latest, look, found, cadence)
        case Refusal():
            refused = _not_seen(article, look, Outcome.REFUSED, f"{found.detail} ({found.reason})", cadence)
            if article.missing_since and (url := next_address(article)):
                return _look_elsewhere(refused, url)
            return refused if found.reason is RefusalReason.SOFT_404 else _answered(refused)
        case NotThere():
            return _not_there(article, latest, look, found, cadence)
        case Elsewhere():
            waits = _not_seen(article, look, Outcome.HELD, found.continued.reason, cadence)
            return replace(waits, continued=found.continued, next_poll_at=look.at, because=Because.CONFIRM, failures_count=0)
        case Failed():
            failed = _not_seen(article, look, Outcome.FAILED, found.reason, cadence)
            if failed.next_poll_at is None or found.not_before is None:
                return failed
            return replace(failed, next_poll_at=max(failed.next_poll_at, found.not_before))


def _answered(waits: Decision) -> Decision:
    """Something stands at the address: it is not to be said that nothing is found there."""
    status = ArticleStatus.TRACKED if waits.status is ArticleStatus.MISSING else waits.status
    return replace(waits, status=status, missing_since=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Doubt:
    """Why a text is not believed at first sight, and for how long."""

    reason: str
    lasts: timedelta = CONFIRM_AFTER


def _doubt(latest: Latest, found: Read) -> _Doubt | None:
    """A page cut short, or a paywall of no known form, is no revision; a cache may give an old page once more; and an error page
    of no known form, which has nothing of the article, may stand for hours. A text that was taken down is known for what it is."""
    new = found.text
    if found.template == "changed":
        return _Doubt(reason="Other articles of this source changed in the same place, beside their text, within a day", lasts=OTHER_AFTER)
    if found.template == "doubtful":
        return _Doubt(reason="What changed stands in a place of the template, beside the text")
    if new.withdrawn is None and (doubt := _lost(latest.extract, new)) is not None:
        return doubt
    if extract_fingerprint(new) in dict(latest.seen):
        return _Doubt(reason="The text is one that was there before")
    return None


def _lost(old: Extract, new: Extract) -> _Doubt | None:
    if len(new.text) < len(old.text) and normalise(new.headline) != normalise(old.headline) and not is_same_story(old, new):
        return _Doubt(reason="The page has neither the headline nor the text of the article", lasts=OTHER_AFTER)
    if len(new.text) < SHRUNK_TO * len(old.text):
        return _Doubt(reason=f"The text shrank from {len(old.text)} to {len(new.text)} characters")
    return None


def _held(article: Article, look: Look, found: Read, doubt: _Doubt) -> Held | None:
    """What to wait for; None where this look confirms it: the doubt is as old, whether the text is the very same or not."""
    if article.held is None:
        return Held(fingerprint=extract_fingerprint(found.extract), since_at=look.at)
    return article.held if look.at - article.held.since_at < doubt.lasts else None


def _not_there(article: Article, latest: Latest | None, look: Look, found: NotThere, cadence: Cadence) -> Decision:
    since = article.missing_since or look.at
    missing = replace(_not_seen(article, look, Outcome.MISSING, found.reason, cadence), missing_since=since)
    if article.status is ArticleStatus.REMOVED:
        next_poll_at, because = _next(article, look, cadence, last_changed_at=since)
        return replace(missing, next_poll_at=next_poll_at, because=because)
    if (url := next_address(article)) is not None:
        return _look_elsewhere(missing if article.missing_since else replace(missing, failures_count=1), url)
    if found.last_looks.is_outage:
        others = f"so were {found.last_looks.lost_count} of the last {found.last_looks.articles_count} articles of this source"
        reason = f"{found.reason.removesuffix('.')}; {others}: the site has a trouble, not the article."
        return replace(missing, poll=replace(missing.poll, reason=reason))
    is_gone = look.status in _GONE_FOR_GOOD and not found.last_looks.is_sudden
    if is_gone or look.at - since >= REMOVED_AFTER:
        event = _removed(latest, since, found) if latest else None
        next_poll_at, because = _next(article, look, cadence, last_changed_at=since)
        return replace(missing, status=ArticleStatus.REMOVED, next_poll_at=next_poll_at, because=because, event=event)
    day_over = since + REMOVED_AFTER
    return replace(
        missing,
        status=ArticleStatus.MISSING if look.at - since >= MISSING_AFTER else article.status,
        next_poll_at=min(missing.next_poll_at, day_over) if missing.next_poll_at else None,
    )


def _look_elsewhere(waits: Decision, url: str) -> Decision:
    """At another address of the article, at once."""
    told = replace(waits.poll, reason=f"{waits.poll.reason} Next it is looked for at {url}, another address of it.")
    return replace(waits, poll=told, new_url=url, gates=Gates(), next_poll_at=waits.poll.at, because=Because.CONFIRM)


def _removed(latest: Latest, since: datetime, found: NotThere) -> NewEvent:
    return NewEvent(
        kind=EventKind.REMOVED,
        after_at=min(latest.revision.last_seen_at, since),
        before_at=since,
        from_revision_id=latest.revision.id,
        diff=_without_text("The article was not found at its address.", found.reason),
        noted=Noted.UNKNOWN,
        date_moved=DateMoved.ABSENT,
        capture=found.capture,
    )


def _restored(article: Article, latest: Latest, look: Look) -> NewEvent:
    return NewEvent(
        kind=EventKind.RESTORED,
        after_at=article.last_polled_at,
        before_at=look.at,
        from_revision_id=None,
        to_revision_id=latest.revision.id,
        diff=_without_text("The article was found at its address again, with the same text.", "the article is back"),
        noted=Noted.UNKNOWN,
        date_moved=DateMoved.ABSENT,
    )


def _without_text(summary: str, reason: str) -> DiffSummary:
    """What an event says that is about no text."""
    return DiffSummary(significance=Significance.MAJOR, reason=reason, summary=summary, facets=frozenset(), counts=(), differ=DIFFER)


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


def _seen(article: Article, look: Look, outcome: Outcome, gates: Gates, due: tuple[datetime | None, Because]) -> Decision:
    """The article was there: whatever was wrong before is over."""
    moved, new_url = followed(article, look.moved_url, look.at)
    return Decision(
        article_id=article.id,
        lease=article.lease,
        poll=_poll(article, look, outcome),
        status=ArticleStatus.STOPPED if due[0] is None else ArticleStatus.TRACKED,
        next_poll_at=due[0],
        because=due[1],
        gates=gates,
        seen_at=look.at - look.age,  # of a copy from a cache, no more is known
        moved=moved,
        new_url=new_url,
        keys=article_keys(new_url) if new_url else (),
    )


def _next(article: Article, look: Look, cadence: Cadence, *, last_changed_at: datetime | None) -> tuple[datetime | None, Because]:
    observed = Observed(
        published_at=article.published_at,
        first_seen_at=article.first_seen_at,
        last_polled_at=look.at,
        last_changed_at=last_changed_at,
        changes_count=article.changes_count,
        habits=article.habits,
    )
    return next_due(observed, cadence, look.at, article.watch)


def _seen_again(article: Article, latest: Latest | None, look: Look, found: Same, cadence: Cadence) -> Decision:
    due = _next(article, look, cadence, last_changed_at=article.last_changed_at)
    seen = _seen(article, look, found.outcome, found.gates, due)
    if article.status is ArticleStatus.REMOVED and latest is not None:
        return replace(seen, event=_restored(article, latest, look))
    return seen


def _live_no_more(article: Article, latest: Latest, look: Look, found: Read, cadence: Cadence) -> Decision:
    """A live page that became an ordinary article: only its headline and summary can be compared. Where these are what they were,
    the whole text is a version without an event; what it was before is not known."""
    if found.as_live is not None and extract_fingerprint(found.as_live) != latest.revision.fingerprint:
        return decide(article, latest, look, replace(found, extract=found.as_live, bare=None, further=(), as_live=None), cadence)
    seen = _seen_again(article, latest, look, Same(outcome=Outcome.UNCHANGED, gates=found.gates), cadence)
    if seen.event is not None:
        return seen
    whole = NewRevision(
        extract=found.extract,
        fingerprint=extract_fingerprint(found.extract),
        capture=found.capture,
        first_seen_at=look.at,
        origin="reread",
        further=found.further,
    )
    return replace(seen, revision=whole)


def _new_text(article: Article, latest: Latest | None, look: Look, found: Read, cadence: Cadence) -> Decision:
    fingerprint = extract_fingerprint(found.extract)
    # A text that was held was there from its first sight on.
    first_seen_at = article.held.since_at if article.held and article.held.fingerprint == fingerprint else look.at
    reverts_to_id = dict(latest.seen).get(extract_fingerprint(found.text)) if latest else None
    outcome = Outcome.FIRST if latest is None else Outcome.CHANGED if reverts_to_id is None else Outcome.REVERTED
    event = _change(article, latest, first_seen_at, found.text, reverts_to_id) if latest else None
    # A text that goes back and forth is no news: it does not bring the next look nearer.
    is_news = event is not None and event.alternates_with is None
    observed = Observed(
        published_at=found.extract.published_at,
        first_seen_at=article.first_seen_at,
        last_polled_at=look.at,
        last_changed_at=first_seen_at if is_news else article.last_changed_at,
        changes_count=article.changes_count + is_news,
        habits=article.habits,
    )
    seen = _seen(article, look, outcome, found.gates, next_due(observed, cadence, look.at, article.watch))
    place = look.url if not look.hops or look.moved_url else article.url
    return replace(
        seen,
        keys=tuple(dict.fromkeys((*seen.keys, *keys_of(article, place, found.extract, found.id_pattern)))),
        revision=NewRevision(
            extract=found.extract,
            fingerprint=fingerprint,
            capture=found.capture,
            first_seen_at=first_seen_at,
            further=found.further,
        ),
        event=event,
    )


def _change(article: Article, latest: Latest, before_at: datetime, new: Extract, reverts_to_id: int | None) -> NewEvent:
    was_removed = article.status is ArticleStatus.REMOVED
    changed = NewEvent(
        kind=EventKind.RESTORED if was_removed else EventKind.CHANGED,
        after_at=latest.revision.last_seen_at,
        before_at=before_at,
        from_revision_id=latest.revision.id,
        diff=_without_text(UNTOLD, "one of the texts was taken down"),
        noted=Noted.UNKNOWN,
        date_moved=DateMoved.ABSENT,
        reverts_to_id=reverts_to_id,
        alternates_with=_alternates_with(latest.reversion, before_at) if reverts_to_id is not None else None,
    )
    if latest.extract.withdrawn is not None or new.withdrawn is not None:
        return changed
    diff = compare_revisions(latest.extract, new)
    return replace(
        changed,
        diff=diff.condensed(),
        changed=changed_sentences(diff),
        noted=noted(latest.extract, new),
        date_moved=date_moved(latest.extract, new),
    )


def _alternates_with(before: Reversion | None, at: datetime) -> int | None:
    """The first of the reversions that this one follows within a day."""
    if before is None or at - before.before_at > ALTERNATES_WITHIN:
        return None
    return before.alternates_with or before.event_id


def _not_seen(article: Article, look: Look, outcome: Outcome, reason: str, cadence: Cadence) -> Decision:
    """The article was not seen: what was known stays, and the next try comes soon, then ever later, while it is checked at all."""
    failures_count = article.failures_count + 1
    ends_at = checked_until(article.first_seen_at, article.last_changed_at, cadence)
    return Decision(
        article_id=article.id,
        lease=article.lease,
        poll=_poll(article, look, outcome, reason),
        status=article.status,
        next_poll_at=retry(failures_count, cadence, look.at, number=article.id) if look.at <= ends_at else None,
        gates=article.gates,
        failures_count=failures_count,
        missing_since=article.missing_since,
        held=article.held,
        moved=article.moved,
    )
