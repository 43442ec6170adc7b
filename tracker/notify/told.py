"""One thing to tell as the channels take it: a Notice beside the entry that change feeds have for it; and the words all share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from tracker.feeds import ChangeEntry
from tracker.feeds.change_feed import one_line
from tracker.model import Notice, NoticeKind, Subscription

# Of a headline in a subject line.
LONGEST_TITLE = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """`entry` None: it is about an alarm. Without a notice it is a test."""

    at: datetime
    notice: Notice | None = None
    entry: ChangeEntry | None = None

    @property
    def title(self) -> str:
        """One line, harmless to the words around it."""
        if self.notice is None:
            return "A test: this subscription works"
        if self.entry is not None:
            again = self.notice.kind is NoticeKind.REINSTATED
            return one_line(f"No error after all: {self.entry.title}" if again else self.entry.title)
        assert self.notice.alarm is not None
        about = self.notice.alarm.source or "tracker"
        return one_line(f"Recovered: {about}" if self.notice.kind is NoticeKind.RECOVERED else f"Alarm: {about}")

    @property
    def summary(self) -> str:
        """A sentence or two."""
        if self.notice is None:
            return "Nothing has changed. What you read shows that messages of this subscription arrive."
        if self.entry is not None:
            return one_line(self.entry.summary)
        assert self.notice.alarm is not None
        over = "This is over: " if self.notice.kind is NoticeKind.RECOVERED else ""
        return one_line(over + self.notice.alarm.sentence)


# Sends all of these as one message. Raises NotDelivered, and StoreErrors.
Send = Callable[[Subscription, Sequence[Told]], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """One channel. `at_once` notices make one message, `of_a_day` where it is a digest's."""

    send: Send
    at_once: int
    of_a_day: int


def subject(told: Sequence[Told]) -> str:
    first = told[0].title
    if len(first) > LONGEST_TITLE:
        first = first[: LONGEST_TITLE - 1].rstrip() + "…"
    if len(told) == 1:
        return first
    noun = "changes" if told[0].entry is not None else "notices"
    return f"{len(told)} {noun}: {first}, …"
