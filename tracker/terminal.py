"""How facts look in a terminal, or as JSON where a program reads them. Prints; decides nothing."""

from __future__ import annotations

import csv
import dataclasses
import json
import logging
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.logging import RichHandler
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from tracker.differ.document import diff_document
from tracker.differ.html import page
from tracker.model import (
    Article,
    Diff,
    EditKind,
    Event,
    EventKind,
    Poll,
    Revision,
    Sentence,
    SentenceEdit,
    SourceHealth,
    WordSpan,
)
from tracker.scheduler.add import Added
from tracker.scheduler.checkup import Finding
from tracker.tried import Effect, Previewed, TriedExample

# Unchanged sentences shown on each side of a change; the rest of a stretch is counted.
CONTEXT = 1
_STYLES = {"equal": "", "delete": "red strike", "insert": "green underline"}

out = Console(highlight=False, soft_wrap=True)


# What begins so, a spreadsheet takes for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
# What would begin a line of its own in a log, turn the direction of what follows, or is no character at all.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


class _Lines(logging.Formatter):
    """One record is one line, whatever a stranger's text has in it; only a traceback has more."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        return _UNPRINTABLE.sub(lambda found: found[0].encode("unicode_escape").decode(), super().formatMessage(record))


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC)
        line = {"at": rfc3339(at), "level": record.levelname.lower(), "logger": record.name, "message": record.getMessage()}
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(line, ensure_ascii=False))


def set_up_logging(*, level: int, as_json: bool) -> None:
    """Everything that is logged goes to standard error; libraries only when something is wrong."""
    console = Console(stderr=True)
    handler: logging.Handler = RichHandler(console=console, show_path=False, markup=False, log_time_format="%H:%M:%S")
    if as_json or not console.is_terminal:
        handler = logging.StreamHandler()
    line = _Lines("%(message)s" if console.is_terminal else "%(asctime)s %(levelname)s %(message)s")
    handler.setFormatter(_JsonLines() if as_json else line)
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("tracker").setLevel(level)


def say_listening(address: str) -> None:
    out.print(f"listening on {address} (Ctrl-C stops)")
    sys.stdout.flush()  # who reads through a pipe waits for this line


def print_json_line(value: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")


def _moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}" if at else "–"


def rfc3339(at: datetime | None) -> str | None:
    """In UTC, as all facts are printed for programs."""
    return at.isoformat().replace("+00:00", "Z") if at else None


# --- polls and findings ----------------------------------------------------------------------------


@contextmanager
def poll_progress(*, as_json: bool) -> Iterator[Callable[[Poll], None]]:
    """A progress line on a terminal, nothing elsewhere; yields what is called after each poll."""
    console = Console(stderr=True)
    columns = TextColumn("{task.completed} polled"), BarColumn(), TimeElapsedColumn(), TextColumn("{task.description}")
    with Progress(*columns, console=console, transient=True, disable=as_json or not console.is_terminal) as progress:
        task = progress.add_task("", total=None)

        def advance(poll: Poll) -> None:
            progress.update(task, advance=1, description=escape(poll.url))

        yield advance


def print_polls(polls: Sequence[Poll], bad: Sequence[Poll], *, as_json: bool) -> None:
    """One line a poll as JSON; for people the counts, and each bad one by name on standard error."""
    if as_json:
        for poll in polls:
            print_json_line(
                {
                    "type": "poll",
                    "article_id": poll.article_id,
                    "feed_id": poll.feed_id,
                    "at": rfc3339(poll.at),
                    "outcome": str(poll.outcome),
                    "because": str(poll.because),
                    "status": poll.status,
                    "bytes": poll.bytes,
                    "ms": poll.ms,
                    "url": poll.url,
                    "reason": poll.reason,
                }
            )
    else:
        feeds = [poll for poll in polls if poll.feed_id is not None]
        articles = [poll for poll in polls if poll.article_id is not None]
        for noun, some in (("feed", feeds), ("article", articles)):
            if some:
                out.print(f"{len(some)} {noun}{'' if len(some) == 1 else 's'} polled: {_counts(some)}")
        if not polls:
            out.print("Nothing was due.")
    for poll in bad:
        sys.stderr.write(f"{poll.outcome}: {poll.reason or poll.url}\n")


def _counts(polls: Sequence[Poll]) -> str:
    outcomes = dict.fromkeys(poll.outcome for poll in polls)
    return ", ".join(f"{sum(poll.outcome == outcome for poll in polls)} {outcome.replace('_', ' ')}" for outcome in outcomes)


def print_findings(findings: Iterable[Finding], *, as_json: bool) -> None:
    for finding in findings:
        if as_json:
            print_json_line({"about": finding.about, "good": finding.good, "sentence": finding.sentence})
        else:
            mark = Text("ok    ", style="green") if finding.good else Text("mend  ", style="red")
            out.print(Text.assemble(mark, finding.about, ": ", finding.sentence))


def print_added(added: Added, *, as_json: bool) -> None:
    for url in added.urls:
        if as_json:
            print_json_line({"added": added.what, "source": added.source, "url": url})
        else:
            out.print(Text(f"Following the {added.what} {url} (source {added.source})."))


# --- recipes -----------------------------------------------------------------------------------------


def print_tried(tried: Iterable[TriedExample], *, as_json: bool) -> None:
    for example in tried:
        if not as_json:
            out.print(Text(f"{example.page}, as {example.url}", style="bold"))
        for check in example.checks:
            if as_json:
                told = {"check": check.what, "expected": check.expected, "found": check.found, "good": check.good}
                print_json_line({"page": example.page, "url": example.url, **told})
            elif check.good:
                out.print(Text.assemble("  ", ("ok    ", "green"), f"{check.what}: {check.found}, as expected"))
            else:
                out.print(Text.assemble("  ", ("wrong ", "red"), f"{check.what}: expected {check.expected}, found {check.found}"))


def print_previewed(previewed: Sequence[Previewed], *, as_json: bool) -> None:
    if not previewed and not as_json:
        out.print("No article of it was read yet.")
    for one in previewed:
        article, effect = one.article, one.effect
        if as_json:
            told = dataclasses.asdict(effect) | {"matches": dict(effect.matches)} if isinstance(effect, Effect) else {"problem": effect}
            print_json_line({"article_id": article.id, "url": article.url, "headline": article.headline, **told})
            continue
        out.print(Text(f"{article.headline or '(no headline)'}  {article.url}  article {article.id}", style="bold"))
        if isinstance(effect, str):
            out.print(Text(f"  {effect}", style="red"))
            continue
        for selector, count in effect.matches:
            out.print(Text(f"  {selector} matches {count} {'element' if count == 1 else 'elements'}"))
        out.print(f"  {effect.before_count} blocks before, {effect.after_count} after")
        for sign, style, texts in (("-", "red", effect.removed), ("+", "green", effect.added)):
            for text in texts:
                out.print(Text(f"  {sign} {text}", style=style))


# --- what is kept ----------------------------------------------------------------------------------


def print_sources(sources: Iterable[SourceHealth], *, as_json: bool) -> None:
    if as_json:
        for health in sources:
            failure = health.last_failure
            print_json_line(
                {
                    "name": health.source.name,
                    "title": health.source.title,
                    "paused": health.source.paused,
                    "feeds": [feed.url for feed in health.feeds],
                    "articles": health.articles_count,
                    "changes": health.events_count,
                    "last_polled_at": rfc3339(health.last_polled_at),
                    "last_good_at": rfc3339(health.last_good_at),
                    "problem": failure.reason if failure else None,
                    "outage": health.last_looks.is_outage,
                    "good_share": round(health.good_count / health.polls_count, 3) if health.polls_count else None,
                    "next_poll_at": rfc3339(health.next_poll_at),
                    "alarms": [
                        {"kind": alarm.kind, "since": rfc3339(alarm.since_at), "sentence": alarm.sentence} for alarm in health.alarms
                    ],
                }
            )
        return
    table, told = Table("source", "articles", "changes", "last polled (UTC)", "health", box=None), []
    for health in sources:
        state, sentences = _state(health)
        table.add_row(health.source.name, str(health.articles_count), str(health.events_count), _moment(health.last_polled_at), state)
        told += [f"\n{health.source.name}: {' '.join(sentences)}"] if sentences else []
    out.print(table)
    out.print(Text("".join(told)), soft_wrap=True, end="\n" if told else "")


def _state(health: SourceHealth) -> tuple[str, list[str]]:
    if health.source.paused:
        return "paused", []
    if health.last_looks.is_outage:
        return "outage", [f"{health.last_looks.lost_count} of {health.last_looks.articles_count} articles not found or refused"]
    told = [alarm.sentence for alarm in health.alarms]
    if health.last_failure:
        told.append(health.last_failure.reason or "failed")
    if health.good_count == health.polls_count:
        return "see below" if told else "good" if health.polls_count else "not looked at yet", told
    several = f"{health.good_count} of the last {health.polls_count} looks were good."
    share = several if health.polls_count > 1 else "The last look was not good."
    return "see below", [*told, share]


def print_article(article: Article, revisions: Sequence[Revision], events: Sequence[Event], *, as_json: bool) -> None:
    """`events` in any order; each is named at the revision that it led to."""
    led_to = {event.to_revision_id: event for event in events if event.from_revision_id is not None}
    absences = [event for event in events if event.kind in {EventKind.REMOVED, EventKind.RESTORED, EventKind.WITHDRAWN}]
    if as_json:
        for revision in revisions:
            event = led_to.get(revision.id)
            print_json_line(
                {
                    "article_id": article.id,
                    "url": article.url,
                    "status": str(article.status),
                    "revision": revision.id,
                    "number": revision.number,
                    "first_seen_at": rfc3339(revision.first_seen_at),
                    "last_seen_at": rfc3339(revision.last_seen_at),
                    "summary": event.diff.summary if event else None,
                    "significance": str(event.diff.significance) if event else None,
                    "event": event.id if event else None,
                }
            )
        for event in absences:
            at = {"after": rfc3339(event.after_at), "before": rfc3339(event.before_at)}
            print_json_line({"article_id": article.id, "event": event.id, "kind": str(event.kind), **at, "summary": event.diff.summary})
        return
    out.print(Text(article.headline or ("(no headline)" if revisions else "(not read yet)"), style="bold"))
    out.print(Text(f"{article.url or '(no address)'}  source {article.source}, {article.status}"))
    changed = {0: "has not changed", 1: "has changed once"}.get(article.changes_count, f"has changed {article.changes_count} times")
    last = f", last changed {_moment(article.last_changed_at)}" if article.last_changed_at else ""
    out.print(f"first seen {_moment(article.first_seen_at)}, {changed}{last} (times in UTC)")
    out.print(f"last checked {_moment(article.last_polled_at)}, next check {_moment(article.next_poll_at)}")
    for revision in revisions:
        event = led_to.get(revision.id)
        seen = f"{_moment(revision.first_seen_at)} to {_moment(revision.last_seen_at)}"
        out.print(Text(f"version {revision.number} (revision {revision.id}), seen {seen}", style="bold"))
        out.print(Text(f"  {event.diff.summary if event else _without_event(revision)}"))
    for event in reversed(absences):
        out.print(Text(f"{event.kind}, {_moment(event.before_at)}", style="bold"))
        why = f" {event.diff.reason}" if event.kind is EventKind.WITHDRAWN else ""
        out.print(Text(f"  {event.diff.summary}{why}"))


def _without_event(revision: Revision) -> str:
    if revision.is_withdrawn:
        return "withdrawn here"
    if revision.origin == "reread":
        return "read in another way: by a newer version of this program, by other rules, or as a live page or no longer as one"
    return "the first text that was read" if revision.number == 1 else "read at another address of this article"


def write_json_lines(lines: Iterable[Mapping[str, Any]]) -> None:
    for line in lines:
        print_json_line(line)


def write_csv(lines: Iterable[Mapping[str, Any]]) -> None:
    """One table for all kinds of line: a column a key, lists and objects as JSON. Two passes would need a copy of
    the store, so the columns are those that the export documents. A spreadsheet must find no formula in a stranger's
    text: what looks like one begins with an apostrophe."""
    writer = csv.DictWriter(sys.stdout, fieldnames=EXPORT_COLUMNS, extrasaction="raise", lineterminator="\n")
    writer.writeheader()
    for line in lines:
        writer.writerow({key: _cell(value) for key, value in line.items()})


def _cell(value: object) -> object:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return "'" + value
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value


EXPORT_COLUMNS = (
    *("type", "seq", "id", "article_id", "feed_id", "source", "url", "keys", "first_seen_at", "last_seen_at", "last_changed_at"),
    *("next_poll_at", "status", "revisions", "number", "headline", "byline", "published_at", "modified_at", "language", "text"),
    *("sentences", "hash", "extractor", "origin", "kind", "from", "to", "after", "before", "significance", "reason", "facets"),
    *("noted", "date_moved", "reverts_to", "summary", "differ", "edits", "at", "outcome", "because", "bytes", "ms"),
    *("merged_into", "into", "undone_at", "alternates_with", "capture", "capture_dropped_at", "day", "count"),
    *("withdrawn", "scope", "revision_id", "words_count", "salt", "hashes", "event_id", "retracted_at"),
    *("name", "title", "include", "exclude", "declared", "paused", "publish_delay", "last_polled_at"),
    *("missing_since", "changes", "revisions_last_seen_at", "hidden_revisions", "received", "blocks", "page"),
    *("extract_hash", "counts", "evidence", "revision_ids", "into_url", "into_first_seen_at"),
)


# --- a diff ----------------------------------------------------------------------------------------


def print_diff(diff: Diff, *, form: str) -> None:
    """`form`: text (coloured on a terminal), html (one self-contained file), json."""
    match form:
        case "json":
            print_json_line(diff_document(diff))
        case "html":
            sys.stdout.write(page(diff, "What changed"))
        case _:
            for line in _diff_lines(diff):
                out.print(line)


def _diff_lines(diff: Diff) -> Iterator[Text]:
    yield Text(diff.summary or "Nothing changed.", style="bold")
    for field in diff.fields:
        yield Text.assemble(f"  {field.name.replace('_', ' ')}: ", *_spans(field.words, field.old, field.new))
    changed = [number for number, edit in enumerate(diff.edits) if edit.kind is not EditKind.KEPT]
    shown = {near for number in changed for near in range(number - CONTEXT, number + CONTEXT + 1)}
    skipped = 0
    for number, edit in enumerate(diff.edits):
        if number not in shown:
            skipped += 1
            continue
        if skipped:
            yield _skipped(skipped)
            skipped = 0
        if edit.kind is EditKind.KEPT:
            yield Text(f"{'':>10}  {_joined(edit.new)}", style="dim")
        else:
            yield Text.assemble(f"{_label(edit):>10}  ", *_spans(edit.words, _joined(edit.old), _joined(edit.new)))
    if skipped:
        yield _skipped(skipped)


def _skipped(count: int) -> Text:
    return Text(f"{'':>10}  … {count} unchanged {'sentence' if count == 1 else 'sentences'}", style="dim")


def _label(edit: SentenceEdit) -> str:
    return "moved*" if edit.moved and edit.kind is EditKind.EDITED else str(edit.kind)


def _joined(sentences: Sequence[Sentence]) -> str:
    return " ".join(sentence.text for sentence in sentences)


def _spans(words: Sequence[WordSpan], old: str | None, new: str | None) -> list[tuple[str, str]]:
    """Marked words; without marks whole texts stand as deleted or inserted. Signs as well as colours, for pipes."""
    if not words:
        words = [WordSpan(op="delete", text=old)] if old else []
        words += [WordSpan(op="insert", text=new)] if new else []
    signs = {"equal": ("", ""), "delete": ("[-", "-]"), "insert": ("{+", "+}")}
    return [(signs[span.op][0] + span.text + signs[span.op][1], _STYLES[span.op]) for span in words]
