"""An article's or a source's recent checks, so that what matters is seen: looks that came to the same stand together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from tracker.model import Outcome, Poll

UNREMARKABLE = frozenset({Outcome.UNCHANGED, Outcome.NOT_MODIFIED})
NOT_FOUND = frozenset({Outcome.FAILED, Outcome.REFUSED, Outcome.MISSING})
"""Looks that did not bring the article."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """Looks in a row that came to the same, newest first; one alone where it came to something.

    `complete` is false where more such looks may lie before those that were read.
    """

    polls: tuple[Poll, ...]
    complete: bool = True

    @property
    def newest(self) -> Poll:
        return self.polls[0]

    @property
    def oldest(self) -> Poll:
        return self.polls[-1]

    @property
    def article_id(self) -> int | None:
        """The one article that was looked at; None where they are several, or feeds."""
        ids = {poll.article_id for poll in self.polls}
        return self.newest.article_id if len(ids) == 1 else None

    @property
    def looked_at(self) -> str:
        """What was looked at, where it was not one article."""
        feeds, articles = ({poll.feed_id for poll in self.polls} - {None}, {poll.article_id for poll in self.polls} - {None})
        several = (("feed", len(feeds)), ("article", len(articles)))
        return " and ".join(noun if count == 1 else f"{count} {noun}s" for noun, count in several if count)


def checks(polls: Iterable[Poll], *, complete: bool, limit: int) -> tuple[Check, ...]:
    """At most `limit` rows of polls, newest first; `complete`: there are no older polls than these."""
    runs = [tuple(run) for _, run in groupby(enumerate(polls), key=_kind)]
    found = [Check(polls=tuple(poll for _, poll in run), complete=complete or place < len(runs) - 1) for place, run in enumerate(runs)]
    return tuple(found[:limit])


def failed_last(polls: Iterable[Poll]) -> Poll | None:
    """The newest look, if it did not bring the article."""
    newest = next(iter(polls), None)
    return newest if newest is not None and newest.outcome in NOT_FOUND else None


def _kind(numbered: tuple[int, Poll]) -> tuple[object, ...]:
    """What makes looks equal, what they say included; one that brought something is equal to none, a failed one to its
    like at the same article or feed."""
    place, poll = numbered
    alike: object = None if poll.outcome in UNREMARKABLE else (poll.article_id, poll.feed_id) if poll.outcome in NOT_FOUND else (place,)
    return poll.outcome, poll.because, poll.reason, alike
