"""Why an article's next look is when it is, in words. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from tracker.model import HOURS_IN_A_DAY, Article, ArticleStatus, Because, Habits
from tracker.scheduler.cadence import HINT_BELIEVED, Cadence, checked_until

# Fewer changes than these say little of a source's ways: it is taken for a usual one, and that is said.
TOLD_CHANGES = 10
# An hour with less than this share of the usual changes is told as one in which a source sleeps.
QUIET_HOUR = 0.5

_WHY = {
    Because.CADENCE: "by its cadence",
    Because.HINT: "because a feed said that it changed",
    Because.MANUAL: "because an operator asked for it",
    Because.CONFIRM: "to see again what the last look was not sure of",
    Because.WATCH: "because an operator watches it closely",
    Because.FIXED: "by the fixed pace of its source",
}


def explain(article: Article, cadence: Cadence, now: datetime, *, paused: bool) -> tuple[str, ...]:
    """Sentences, the answer first. `article` comes with the habits of its source."""
    return tuple(_sentences(article, cadence, now, paused=paused))


def _sentences(article: Article, cadence: Cadence, now: datetime, *, paused: bool) -> Iterator[str]:
    yield _answer(article, now, paused=paused)
    if article.status is ArticleStatus.HIDDEN:
        return
    if article.watch is not None and article.watch.until_at > now:
        every = duration(max(article.watch.every, cadence.floor))
        yield f"An operator has it looked at every {every} until {moment(article.watch.until_at)}."
    if article.failures_count:
        times = "once" if article.failures_count == 1 else f"{article.failures_count} times in a row"
        yield f"It could not be read {times}: such a look is tried again ever later, at least once a day."
    yield _history(article, now)
    if cadence.fixed is not None:
        fixed = cadence.fixed
        pace = f"every {duration(fixed.every)} for {duration(fixed.lasts)}"
        yield f"Its source's articles are looked at {pace} from their first sight on, whatever happens."
    else:
        bounds = f"never within {duration(cadence.floor)} and at least every {duration(cadence.ceiling)}"
        yield f"An average article gets {cadence.polls_per_article:g} looks in its first 30 days, {bounds}."
        yield "They come sooner the younger it is, the shorter ago it changed, and the more often it did."
        yield from _ways(article.habits)
    if article.status is not ArticleStatus.STOPPED:
        until = checked_until(article.first_seen_at, article.last_changed_at, cadence)
        yield f"The checks end on {until:%Y-%m-%d} if nothing changes until then."


def _answer(article: Article, now: datetime, *, paused: bool) -> str:
    if paused:
        return "There is no next look: its source is paused."
    if article.status is ArticleStatus.HIDDEN:
        return "There is no next look: it was taken down here."
    if article.next_poll_at is None:
        seen = f"last checked {moment(article.last_polled_at)}" if article.last_polled_at else "never checked"
        return f"There is no next look: it is {article.status}; {seen}, it may have changed since."
    late = now - article.next_poll_at
    why = _WHY[article.because]
    if late > timedelta(0):
        return f"The next look is due since {moment(article.next_poll_at)} ({duration(late)} ago), {why}."
    return f"The next look is due {moment(article.next_poll_at)} (in {duration(-late)}), {why}."


def _history(article: Article, now: datetime) -> str:
    born_at = min(article.published_at or article.first_seen_at, article.first_seen_at)
    word = "published" if article.published_at else "first seen"
    changes = "once" if article.changes_count == 1 else f"{article.changes_count} times"
    changed = f"changed {changes}, last {duration(now - article.last_changed_at)} ago" if article.last_changed_at else "has not changed"
    return f"It was {word} {duration(now - born_at)} ago and {changed}."


def _ways(habits: Habits) -> Iterator[str]:
    if habits.changes_count < TOLD_CHANGES:
        yield "Too little is known of its source's habits: it is taken for a usual one."
        return
    pace = "at the usual ages"
    if not 0.8 <= habits.stretch <= 1.25:
        pace = f"{1 / habits.stretch:.1f} times sooner than usual" if habits.stretch < 1 else f"{habits.stretch:.1f} times later than usual"
    yield f"Its source changes an article {habits.changes_mean:.1f} times on average, {pace} ({habits.changes_count} changes seen)."
    quiet = [hour for hour in range(HOURS_IN_A_DAY) if habits.hours[hour] < QUIET_HOUR]
    if quiet:
        yield f"It seldom changes anything in the hours {', '.join(f'{hour:02}' for hour in quiet)} (UTC): waits are longer then."
    if habits.hint_truth < HINT_BELIEVED:
        yield f"Only {habits.hint_truth:.0%} of its feeds' hints come true: they are believed that much less."


def moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def duration(span: timedelta) -> str:
    """In its largest unit, such as "3 hours"."""
    seconds = max(span.total_seconds(), 0)
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= 2 * length or seconds == length:
            return _counted(seconds / length, unit)
    return _counted(seconds, "second")


def _counted(number: float, unit: str) -> str:
    rounded = round(number)
    return f"{rounded} {unit}" if rounded == 1 else f"{rounded} {unit}s"
