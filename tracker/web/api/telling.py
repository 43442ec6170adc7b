"""The values of the store as documents of the JSON API. What may be told at all is decided by those who call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from tracker.differ.document import diff_document
from tracker.differ.places import Gap, near_changes, places
from tracker.differ.sentences import segment
from tracker.model import Article, Diff, Event, Extract, Figures, Furniture, Hidden, Poll, Retraction, Revision, SourceHealth, StoredPoll
from tracker.web.api import answers, documents


def source(health: SourceHealth) -> documents.Source:
    one = health.source
    return documents.Source(
        name=one.name,
        title=one.title,
        kind=one.kind,
        declared=one.declared,
        paused=one.paused,
        publish_delay=_seconds(one.publish_delay),
        feeds=[
            documents.Feed(
                id=feed.id,
                url=feed.url,
                last_polled_at=feed.last_polled_at,
                last_changed_at=feed.last_changed_at,
                next_poll_at=None if one.paused else feed.next_poll_at,
                failures=feed.failures_count,
            )
            for feed in health.feeds
        ],
        articles=health.articles_count,
        events=health.events_count,
        last_polled_at=health.last_polled_at,
        last_good_at=health.last_good_at,
        next_poll_at=None if one.paused else health.next_poll_at,
        late_by=_seconds(health.late_by),
        polls=health.polls_count,
        good_polls=health.good_count,
        problems=[_problem(problem) for problem in health.problems],
        alarms=[documents.Alarm(kind=alarm.kind, since_at=alarm.since_at, sentence=alarm.sentence) for alarm in health.alarms],
    )


def _problem(poll: Poll) -> documents.Problem:
    return documents.Problem(at=poll.at, outcome=poll.outcome, url=poll.url, status=poll.status, reason=poll.reason)


def figures(found: Figures) -> documents.Figures:
    return documents.Figures(
        articles=found.articles_count,
        changed_articles=found.changed_articles_count,
        changes=found.changes_count,
        major=found.major_count,
        noted=found.noted_count,
        noted_of=found.assessed_count,
        date_moved=found.moved_count,
        date_moved_of=found.dated_count,
        reversions=found.reversions_count,
        typical_delay=None if found.typical_delay is None else _seconds(found.typical_delay),
    )


def furniture(one: Furniture, sample: str | None) -> documents.Furniture:
    return documents.Furniture(
        number=one.id, kind=one.kind, place=one.place, reason=one.reason, sample=sample, learned_at=one.learned_at, kept_at=one.kept_at
    )


def article(one: Article, latest: int | None) -> documents.Article:
    return documents.Article(
        id=one.id,
        source=one.source,
        url=one.url,
        keys=list(one.keys),
        headline=one.headline,
        language=one.language,
        published_at=one.published_at,
        first_seen_at=one.first_seen_at,
        last_seen_at=one.last_seen_at,
        last_polled_at=one.last_polled_at,
        last_changed_at=one.last_changed_at,
        missing_since=one.missing_since,
        next_poll_at=one.next_poll_at,
        because=one.because,
        status=one.status,
        held=documents.Held(since_at=one.held.since_at) if one.held else None,
        watch=documents.Watch(every=_seconds(one.watch.every), until_at=one.watch.until_at) if one.watch else None,
        revisions=one.revisions_count,
        changes=one.changes_count,
        failures=one.failures_count,
        latest=latest,
        merged_into=one.merged_into,
    )


def revision_summary(one: Revision) -> documents.RevisionSummary:
    return documents.RevisionSummary(
        seq=one.seq,
        id=one.id,
        article_id=one.article_id,
        number=one.number,
        first_seen_at=one.first_seen_at,
        last_seen_at=one.last_seen_at,
        hash=one.fingerprint,
        extractor=one.extractor,
        origin=one.origin,
        capture=None if one.capture_id is None else "dropped" if one.capture_dropped_at else "kept",
        capture_dropped_at=one.capture_dropped_at,
        withdrawn=one.is_withdrawn,
    )


def revision(one: Revision, extract: Extract, masked: Mapping[int, str], *, whole: bool) -> documents.Revision:
    """`masked`: the reasons of blocks that are furniture, by their place."""
    blocks = [
        documents.Block(kind=block.kind, text=block.text, furniture=masked.get(place)) for place, block in enumerate(extract.blocks)
    ]
    return documents.Revision(
        **revision_summary(one).model_dump(),
        url=extract.url,
        headline=extract.headline,
        byline=extract.byline,
        published_at=extract.published_at,
        modified_at=extract.modified_at,
        language=extract.language,
        section=extract.section,
        kind=extract.kind,
        reserved=extract.reserved,
        text=extract.text if whole else None,
        sentences=[sentence.text for sentence in segment(extract.text)] if whole else None,
        blocks=blocks if whole else None,
    )


def event(one: Event) -> documents.Event:
    return documents.Event(
        seq=one.seq,
        id=one.id,
        kind=one.kind,
        article_id=one.article_id,
        source=one.source,
        at=one.at,
        from_=one.from_revision_id,
        to=one.to_revision_id,
        after=one.after_at,
        before=one.before_at,
        significance=one.diff.significance,
        reason=one.diff.reason,
        facets=None if one.diff.facets is None else sorted(one.diff.facets),
        noted=one.noted,
        date_moved=one.date_moved,
        reverts_to=one.reverts_to_id,
        alternates_with=one.alternates_with,
        summary=one.diff.summary,
        retracted_at=one.retracted.at if one.retracted else None,
        retraction=one.retracted.reason if one.retracted else None,
        differ=one.diff.differ,
    )


def retraction(one: Retraction) -> documents.Retraction:
    return documents.Retraction(seq=one.seq, event_id=one.event_id, at=one.at, reason=one.reason, undone_at=one.undone_at)


def poll(stored: StoredPoll) -> documents.Poll:
    one = stored.poll
    return documents.Poll(
        seq=stored.seq,
        id=stored.id,
        article_id=one.article_id,
        feed_id=one.feed_id,
        at=one.at,
        outcome=one.outcome,
        because=one.because,
        status=one.status,
        bytes=one.bytes,
        ms=one.ms,
        url=one.url,
        reason=one.reason,
    )


def diff(found: Diff, *, whole: bool) -> documents.Diff:
    """Not `whole`: as the diff page shows it then, changes and their neighbours."""
    document = diff_document(found)
    if whole:
        return documents.Diff.model_validate(document)
    near = {place.number for place in near_changes(places(found.edits)) if not isinstance(place, Gap)}
    edits = [told for number, told in enumerate(document["edits"]) if number in near]
    return documents.Diff.model_validate({**document, "edits": edits})


def hidden(found: Hidden, copies: Sequence[str]) -> answers.Hidden:
    made = found.takedown
    return answers.Hidden(
        takedown=made.id,
        article_id=made.article_id,
        scope=made.scope,
        reason=made.reason,
        articles=found.articles_count,
        revisions=found.revisions_count,
        captures=found.captures_count,
        addresses=list(found.addresses),
        copies=list(copies),
    )


def _seconds(span: timedelta) -> float:
    return span.total_seconds()
