"""Every error of the program.

TrackerError
├ ConfigError(path, problems, also)  every mistake at once
├ FetchError(url)
│ ├ Unreachable(url, why)            no connection, or it broke
│ ├ TimedOut(url, after)             the whole look took longer than the cap
│ ├ TooLarge(url, cap)               more bytes than the cap, after decompression
│ ├ Truncated(url)                   fewer bytes than were promised
│ ├ TooManyRedirects(url, hops)
│ ├ UnsafeAddress(url, why)          an address or form of URL that we never ask
│ ├ BadAnswer(url, why)              what came is not HTTP, or cannot be decoded
│ ├ HostPaused(url, until)           the host asked to be left alone until then
│ ├ RobotsDisallowed(url)
│ ├ RobotsUnreadable(url, why)       RFC 9309: without an answer, nothing is allowed
│ └ BadStatus(url, status)           an answer that is neither the page nor its absence
├ FeedError(url)
│ └ NotAFeed(url, why)
├ SandboxError(task)
│ ├ TaskTimedOut(task, after)        the worker was killed
│ └ TaskCrashed(task, why)           the worker died or ran out of memory, or the function raised
├ NotDelivered(why)                  a subscription's receiver did not take what it was told
├ CompareError(what)                 a name leads to nothing that can be compared
├ TakedownError(why)                 nothing can be taken down as it was asked
├ NewsroomError(why)
├ NotExported(path, why)
├ NotImported(path, why)             a file that cannot be taken in
├ SearchError(why)                 what was typed cannot be looked for
└ StoreError
  ├ NotFound(noun, key)
  ├ AlreadyTracked(url)
  ├ Declared(source)                 config.yaml rules over it
  ├ SecretTaken(subscription_id)     a subscription made by command has it already
  ├ TakenDown(what)                  what was hidden is not tracked again
  ├ NotMergeable(from_id, into_id, why)
  ├ NotScrubbed(why)                 what was hidden may still lie in a file
  ├ NotBackedUp(path, why)
  ├ NotCopied(source, target, why)
  ├ NotRestored(why, line)           an export that no store can be made of
  ├ HalfCopied(url, origin)          half a copy of another store is none
  ├ SchemaTooNew(found, known)
  ├ Corrupt(noun, key)               a stored hash does not match
  ├ Busy(url)
  └ Unusable(url, why)

Expected faces of the web (not modified, gone, a paywall) are values, not errors.
Every error carries its nouns and its text is a sentence that a user can act on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Self


class TrackerError(Exception):
    """The root: `except TrackerError` catches what the program itself can explain.

    Worker processes raise these too. An exception whose __init__ takes other things than its
    message does not unpickle by itself, so what it was made with is kept and given again.
    """

    _made_with: tuple[tuple[object, ...], dict[str, object]]

    def __new__(cls, *args: object, **nouns: object) -> Self:
        error = super().__new__(cls, *args)
        error._made_with = (args, nouns)
        return error

    def __reduce__(self) -> tuple[Callable[..., Self], tuple[object, ...]]:
        args, nouns = self._made_with
        return partial(type(self), **nouns), args


class ConfigError(TrackerError):
    """`problems` are (line or None, sentence) pairs in the file's order; `also` are those of files that this one leads to."""

    def __init__(self, path: str, problems: Sequence[tuple[int | None, str]], also: Sequence[ConfigError] = ()) -> None:
        self.path = path
        self.problems = tuple(problems)
        self.also = tuple(also)
        lines = [f"{path}:{line}: {text}" if line else f"{path}: {text}" for line, text in self.problems]
        super().__init__("\n".join([*lines, *map(str, self.also)]))


class FetchError(TrackerError):
    """One request failed; `url` is the address that was asked last."""

    def __init__(self, url: str, message: str) -> None:
        self.url = url
        super().__init__(message)


class Unreachable(FetchError):
    def __init__(self, url: str, why: str) -> None:
        self.why = why
        super().__init__(url, f"{url} could not be reached: {why}.")


class TimedOut(FetchError):
    def __init__(self, url: str, after: timedelta) -> None:
        self.after = after
        super().__init__(url, f"{url} did not answer in full within {after.total_seconds():g} s.")


class TooLarge(FetchError):
    def __init__(self, url: str, cap: int) -> None:
        self.cap = cap
        super().__init__(url, f"{url} sent more than the {cap} bytes that are allowed.")


class Truncated(FetchError):
    def __init__(self, url: str) -> None:
        super().__init__(url, f"{url} broke off before the answer was complete.")


class TooManyRedirects(FetchError):
    def __init__(self, url: str, hops: int) -> None:
        self.hops = hops
        super().__init__(url, f"{url} redirected more than {hops} times.")


class UnsafeAddress(FetchError):
    def __init__(self, url: str, why: str) -> None:
        self.why = why
        super().__init__(url, f"{url} is not asked: {why}.")


class BadAnswer(FetchError):
    def __init__(self, url: str, why: str) -> None:
        self.why = why
        super().__init__(url, f"{url} sent an answer that cannot be read: {why}.")


class HostPaused(FetchError):
    def __init__(self, url: str, until: datetime) -> None:
        self.until = until
        super().__init__(url, f"{url} is not asked before {until:%Y-%m-%d %H:%M} UTC: the site wants to be left alone until then.")


class RobotsDisallowed(FetchError):
    def __init__(self, url: str) -> None:
        super().__init__(url, f"The site's robots.txt does not allow {url}.")


class RobotsUnreadable(FetchError):
    def __init__(self, url: str, why: str) -> None:
        self.why = why
        super().__init__(url, f"{url} is not asked: the site's robots.txt could not be read ({why}).")


_UNASKED = {206: "a part of the page", 304: "nothing has changed"}


class BadStatus(FetchError):
    """`retry_after` is the server's wish, unclamped, where it sent one."""

    def __init__(self, url: str, status: int, retry_after: timedelta | None = None) -> None:
        self.status = status
        self.retry_after = retry_after
        unasked = _UNASKED.get(status)
        super().__init__(url, f"{url} answered with status {status}{f': {unasked}, which was not asked' if unasked else ''}.")


class FeedError(TrackerError):
    def __init__(self, url: str, message: str) -> None:
        self.url = url
        super().__init__(message)


class NotAFeed(FeedError):
    def __init__(self, url: str, why: str) -> None:
        self.why = why
        super().__init__(url, f"{url} is not a feed: {why}.")


class SandboxError(TrackerError):
    def __init__(self, task: str, message: str) -> None:
        self.task = task
        super().__init__(message)


class TaskTimedOut(SandboxError):
    def __init__(self, task: str, after: timedelta) -> None:
        self.after = after
        super().__init__(task, f"{task} took longer than {after.total_seconds():g} s and was stopped.")


class TaskCrashed(SandboxError):
    def __init__(self, task: str, why: str) -> None:
        self.why = why
        super().__init__(task, f"{task} failed: {why}.")


class NotDelivered(TrackerError):
    """`is_final`: the receiver wants no more. `retry_after` is its wish, unclamped, where it sent one."""

    def __init__(self, why: str, *, is_final: bool = False, retry_after: timedelta | None = None) -> None:
        self.why = why
        self.is_final = is_final
        self.retry_after = retry_after
        super().__init__(why)


class CompareError(TrackerError):
    """What was named cannot be compared; the text says why and what could be."""


class TakedownError(TrackerError):
    """What was asked cannot be taken down; the text says why and what could be."""


class SearchError(TrackerError):
    """`why` is a sentence that says what to type."""


class NewsroomError(TrackerError):
    """The seed newsroom cannot publish; the text says what is in the way."""


class NotExported(TrackerError):
    def __init__(self, path: str, why: str) -> None:
        self.path = path
        super().__init__(f"Nothing is exported to {path}: {why}.")


class NotImported(TrackerError):
    def __init__(self, path: str, why: str) -> None:
        self.path = path
        super().__init__(f"{path} is not imported: {why}.")


class StoreError(TrackerError):
    """The store cannot do what was asked."""


class NotFound(StoreError):
    def __init__(self, noun: str, key: object) -> None:
        self.noun = noun
        self.key = key
        super().__init__(f"There is no {noun} {key!s}.")


class AlreadyTracked(StoreError):
    def __init__(self, url: str) -> None:
        self.url = url
        super().__init__(f"{url} is already tracked.")


class Declared(StoreError):
    def __init__(self, source: str) -> None:
        self.source = source
        super().__init__(f"config.yaml names {source}: take its lines out there, and it is followed no longer.")


class SecretTaken(StoreError):
    """The secret itself is not repeated."""

    def __init__(self, subscription_id: int) -> None:
        self.subscription_id = subscription_id
        told = f"A webhook in notify.alarms has the secret of subscription {subscription_id}"
        super().__init__(f"{told}: give it one of its own in config.yaml.")


class TakenDown(StoreError):
    """`what` is an address, or an article by its id."""

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(f"{what} was taken down here: it is not tracked again.")


class NotMergeable(StoreError):
    def __init__(self, from_id: int, into_id: int, why: str) -> None:
        self.from_id = from_id
        self.into_id = into_id
        super().__init__(f"Article {from_id} cannot be merged into article {into_id}: {why}.")


class NotScrubbed(StoreError):
    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(f"The text is hidden, but its words may still lie in a file: give the same command again. {why}")


class NotBackedUp(StoreError):
    """The place cannot take a copy, or the store is none that is copied like this."""

    def __init__(self, path: str, why: str) -> None:
        self.path = path
        super().__init__(f"No backup was made at {path}: {why}.")


class NotCopied(StoreError):
    """The store was not copied into the other database, or not wholly."""

    def __init__(self, source: str, target: str, why: str) -> None:
        self.source = source
        self.target = target
        super().__init__(f"{source} is not copied to {target}: {why}.")


class NotRestored(StoreError):
    """No store comes of these lines; `line` is the number of the one that is wrong, where it is one."""

    def __init__(self, why: str, *, line: int | None = None) -> None:
        self.line = line
        self.why = why if line is None else f"line {line}: {why}"
        super().__init__(f"The export is not taken in: {self.why}.")


class HalfCopied(StoreError):
    """`origin` is the address of the store that it is to be a copy of."""

    def __init__(self, url: str, origin: str) -> None:
        self.url = url
        self.origin = origin
        what = f"The database {url} is only half a copy of {origin}"
        super().__init__(f"{what}: give tracker copy {origin} {url} again, which goes on where it ended, or empty it.")


class SchemaTooNew(StoreError):
    def __init__(self, found: str, known: str) -> None:
        self.found = found
        self.known = known
        super().__init__(f"The database is at schema {found}, this program knows {known}: install the newer tracker, or restore a backup.")


class Corrupt(StoreError):
    def __init__(self, noun: str, key: object) -> None:
        self.noun = noun
        self.key = key
        super().__init__(f"The stored {noun} {key!s} does not match its hash: restore it from a backup.")


class Busy(StoreError):
    def __init__(self, url: str) -> None:
        super().__init__(f"The database {url} is locked by another program: try again, or stop that program.")


class Unusable(StoreError):
    def __init__(self, url: str, why: str) -> None:
        self.why = why
        super().__init__(f"The database {url} cannot be used: {why}.")
