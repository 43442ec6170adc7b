"""What the JSON API answers beside the documents themselves: lists, what writing came to, errors."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from tracker.model import Side, TakedownScope
from tracker.web.api.documents import (
    Article,
    Count,
    Document,
    Event,
    Furniture,
    Id,
    Poll,
    Retraction,
    RevisionSummary,
    Source,
)


class Sources(Document):
    sources: list[Source]


class Articles(Document):
    """By id. `next`: `after` of the next page; null: this is the last."""

    articles: list[Article]
    next: Id | None


class Revisions(Document):
    """By number. `next`: as of Articles."""

    revisions: list[RevisionSummary]
    next: Id | None


class Events(Document):
    """The oldest first. `next` is `after` for what comes later, now or in a year: nothing is ever kept below it. `more`: ask at once."""

    events: list[Event]
    next: Count
    more: bool


class Retractions(Document):
    """The oldest first, by when they were made or undone; `next` and `more` as of Events."""

    retractions: list[Retraction]
    next: Count
    more: bool


class Polls(Document):
    """The newest first. `next`: `before` of the next page; null: this is the last."""

    polls: list[Poll]
    next: Id | None


class FurnitureList(Document):
    furniture: list[Furniture]


# --- what was found ---------------------------------------------------------------------------------


class FoundSpan(Document):
    """A piece of what is quoted. `op` says what became of it where it is of a change."""

    op: Literal["equal", "delete", "insert"]
    text: str
    match: bool


class FoundArticle(Document):
    """`since_at`: when the text that was found was first seen. `excerpt`: null where texts are not shown."""

    article: Article
    since_at: datetime
    excerpt: list[FoundSpan] | None


class FoundArticles(Document):
    """The newest text first. `next`: `before` of the next page; null: this is the last. One that is filtered may be empty though more
    follow. `complete`: all that is kept is indexed, but for what was kept a moment ago."""

    found: list[FoundArticle]
    next: Id | None
    complete: bool


class FoundChange(Document):
    """`sides` in which it was found, and some of the sentences: none of what was withdrawn or was an error of ours."""

    event: Event
    headline: str | None
    sides: list[Side]
    sentences: list[list[FoundSpan]]


class FoundChanges(Document):
    """The newest first; `next` and `complete` as of FoundArticles."""

    found: list[FoundChange]
    next: Id | None
    complete: bool


# --- what writing answers ---------------------------------------------------------------------------


class Added(Document):
    """`what` is followed now as part of `source`."""

    what: Literal["feed", "article"]
    source: str
    urls: list[str]
    article_id: Id | None


class Hidden(Document):
    """What a takedown took out. `addresses` still hold a hidden phrase; `copies` are files beside the database that still do."""

    takedown: str
    article_id: Id | None
    scope: TakedownScope
    reason: str
    articles: Count
    revisions: Count
    captures: Count
    addresses: list[str]
    copies: list[str]


class Error(Document):
    """A problem in the sense of RFC 9457. `errors`: each thing in the request that is not as it must be."""

    type: Literal["about:blank"] = "about:blank"
    title: str
    status: Annotated[int, Field(ge=400, le=599)]
    detail: str
    errors: list[Mistake] | None = None


class Mistake(Document):
    place: str = Field(description='Where, such as "query after" or "body reason".')
    detail: str
