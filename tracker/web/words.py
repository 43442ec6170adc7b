"""What the pages say for the program's values: outcomes, states, facts about a change. Plain English, never more than was seen."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta

from tracker.differ.facets import RULES
from tracker.model import (
    AlarmKind,
    Article,
    ArticleStatus,
    Because,
    DateMoved,
    Diff,
    Event,
    EventKind,
    Extract,
    Noted,
    Outcome,
    Poll,
    Significance,
    SourceHealth,
)
from tracker.web.times import moment, times

# Readers are told of looks that are this far behind.
LATE_TOLD = timedelta(minutes=15)

OUTCOMES = {
    Outcome.FIRST: "read for the first time",
    Outcome.CHANGED: "changed",
    Outcome.REVERTED: "back to an earlier text",
    Outcome.UNCHANGED: "same text",
    Outcome.NOT_MODIFIED: "not modified, says the server",
    Outcome.HELD: "held until confirmed",
    Outcome.REFUSED: "the answer is not the article",
    Outcome.MISSING: "not found",
    Outcome.FAILED: "failed",
}
# What the newest look did not do, where it brought no article.
LAST_LOOK = {
    Outcome.REFUSED: "did not find the article",
    Outcome.MISSING: "did not find the article",
    Outcome.FAILED: "failed",
}
FEED_OUTCOMES = OUTCOMES | {
    Outcome.FIRST: "list read for the first time",
    Outcome.CHANGED: "list read",
    Outcome.UNCHANGED: "same list",
    Outcome.REFUSED: "the answer is not a feed",
}
# Why a check came out of turn; most come in turn, which needs no words.
BECAUSE = {
    Because.HINT: "since the feed announced something new",
    Because.MANUAL: "asked for by the operator",
    Because.CONFIRM: "to confirm the check before",
    Because.WATCH: "watched closely",
    Because.FIXED: "at its source's fixed pace",
}
SIGNIFICANCE = {
    Significance.NONE: "no change of meaning found",
    Significance.MINOR: "minor",
    Significance.MAJOR: "major",
}
NOTED = {
    Noted.YES: "a correction or update note was found",
    Noted.NO: "no note found",
    Noted.UNKNOWN: "not assessed whether there is a note",
}
DATE_MOVED = {
    DateMoved.YES: "the page’s own date moved",
    DateMoved.NO: "the page’s own date did not move",
    DateMoved.ABSENT: "the page gives no date of its last change",
}
KINDS = {
    EventKind.CHANGED: "The text changed.",
    EventKind.REMOVED: "The article was not found at its address.",
    EventKind.RESTORED: "The article was found at its address again.",
    EventKind.WITHDRAWN: "This entry was withdrawn.",
}

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,4}")
# Controls, line ends, and the characters that turn the direction of what follows them: no place for them in a title.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
TITLE_LENGTH = 200
LISTED_LENGTH = 300
SHOWN_LENGTH = 500  # a headline over its own page; whole only where the text is shown as read


def outcome(polls: Sequence[Poll]) -> str:
    """What looks that came to the same came to, of feeds, of articles or of both."""
    said = {(FEED_OUTCOMES if poll.feed_id else OUTCOMES)[poll.outcome] for poll in polls}
    return said.pop() if len(said) == 1 else "nothing new"


def how_often(article: Article) -> str:
    """The sentence on how often the article changed. Not every version is a change: the first, and one read again, are none."""
    if article.revisions_count == 0:
        return "Its text has not been read yet."
    if article.changes_count == 0:
        return "It has not changed since it was first seen."
    return f"It has changed {times(article.changes_count)} since it was first seen."


def is_checked(article: Article) -> bool:
    """Whether another look is planned."""
    return article.next_poll_at is not None and article.status not in {ArticleStatus.STOPPED, ArticleStatus.HIDDEN}


def is_missing(article: Article) -> bool:
    """Whether to say that it is not found: once is too little."""
    return article.missing_since is not None and article.status in {ArticleStatus.MISSING, ArticleStatus.REMOVED}


def absence(event: Event) -> str:
    """When an article that was removed or restored was there, and when it was not."""
    before_at = moment(event.before_at)
    if event.kind is EventKind.REMOVED:
        return f"Not found since {before_at}" + (f", last seen {moment(event.after_at)}." if event.after_at else ".")
    return f"Found again {before_at}" + (f", not found when last looked for, {moment(event.after_at)}." if event.after_at else ".")


ALARMS = {
    AlarmKind.SILENT: "Nothing new for long.",
    AlarmKind.UNREAD: "No page can be read.",
    AlarmKind.CLOCK: "Our clock is wrong.",
    AlarmKind.TEMPLATE: "Its pages were made anew.",
    AlarmKind.UNDELIVERED: "A subscription is paused.",
}


def good_share(health: SourceHealth) -> str:
    """How many of the last looks at a source found what was asked for."""
    if health.polls_count == 1:
        return "The last look was good." if health.good_count else "The last look was not good."
    good = "All" if health.good_count == health.polls_count else str(health.good_count)
    return f"{good} of the last {health.polls_count} looks were good."


def is_late(health: SourceHealth) -> bool:
    """Whether looks are so far behind that readers should know."""
    return health.late_by >= LATE_TOLD


def outage(health: SourceHealth) -> str:
    """The sentence on a source whose articles vanish together."""
    looks = health.last_looks
    return f"Of the {looks.articles_count} articles that were looked at last, {looks.lost_count} were not found or refused."


def told(event: Event) -> str:
    """The plain sentence of an event; of a retracted one, why it is none."""
    if event.retracted is not None:
        return f"Retracted: this is an error of this tracker, no change of the publisher’s. {event.retracted.reason}"
    return event.diff.summary or KINDS[event.kind]


def sentence(text: str) -> str:
    """With the full stop that some reasons lack."""
    return text if text.endswith((".", "!", "?")) else f"{text}."


def further_reason(diff: Diff) -> str:
    """What the reason of a significance says that the summary does not: nothing where it only names what the summary tells."""
    summary = diff.summary.lower()
    phrases = {rule.phrase for rule in RULES}
    return "; ".join(part for part in diff.reason.split("; ") if part not in phrases and part.lower() not in summary)


FEW = 20  # of fewer, a share in per cent says more than is known


def counted(number: int, nouns: str) -> str:
    """What a share is of, to be read after it: "2 of 4" changes, "35 %" of 120 changes."""
    return nouns if number < FEW else f"of {number} {nouns}"


def share(part: int, whole: int) -> str:
    """In per cent, never rounded to all or nothing; of a few, as they are."""
    if whole < FEW:
        return f"{part} of {whole}"
    return f"{min(max(round(100 * part / whole), 1), 99) if 0 < part < whole else 100 * part // whole} %"


def facets(names: frozenset[str] | None) -> tuple[str, ...]:
    return tuple(sorted(name.replace("_", " ") for name in names)) if names else ()


def language(text: Extract | Article | None) -> str | None:
    """Its own language as an attribute may carry it; None where it says nothing usable."""
    if text is None or text.language is None or not _LANGUAGE.fullmatch(text.language):
        return None
    return text.language


def without_unseen(text: str) -> str:
    return _UNSEEN.sub(" ", text)


def one_line(text: str, length: int = TITLE_LENGTH) -> str:
    """For titles and attributes: one line, no hidden characters, cut at `length`."""
    line = " ".join(_UNSEEN.sub(" ", text[: length * 4]).split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


def cut(text: str, length: int = LISTED_LENGTH) -> str:
    """For lists: a headline of any sensible length stays whole."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def contact_link(contact: str) -> str | None:
    """Where a click on the operator's contact leads: a page, or a letter to an address; None where it is neither."""
    if re.fullmatch(r"[\w.+-]+@[\w-]+(\.[\w-]+)+", contact, re.ASCII):
        return f"mailto:{contact}"
    return web_link(contact)


def web_link(url: str) -> str | None:
    """The address if a reader may be sent there, None for javascript:, data: and the like."""
    return url if re.match(r"https?://[^\s/]", url, re.IGNORECASE) else None
