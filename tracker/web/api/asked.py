"""What the JSON API is asked: queries and bodies. Nothing that is not named here is accepted."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from tracker.model import DateMoved, Filter, Noted, Scope, Side, Significance
from tracker.terms import LONGEST_QUERY, read_query
from tracker.web.api.documents import LARGEST, Count, Id
from tracker.web.filters import FACETS
from tracker.web.operating import LONGEST_WATCH

MOST = 500
USUAL = 100
# Each that is found costs the reading of a text.
MOST_FOUND = 100
USUALLY_FOUND = 20
LONGEST_TEXT = 2_000
NAME = r"^[a-z0-9]+(?:-[a-z0-9]+)*$"


# One line with something to see in it.
_LINE = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
Words = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT, pattern=_LINE), AfterValidator(str.strip)]
_HOW = 'Words that must all be there; "a phrase"; -without.'
Sought = Annotated[str, Field(min_length=1, max_length=LONGEST_QUERY, pattern=_LINE, description=_HOW)]
Url = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT, pattern=r"^https?://[^\x00-\x20\x7f]+$")]
SourceName = Annotated[str, Field(max_length=64, pattern=NAME)]
Limit = Annotated[int, Field(ge=1, le=MOST, description="How many at most.")]


def _is_facet(name: str) -> str:
    if name not in FACETS:
        message = f"is one of {', '.join(FACETS)}"
        raise ValueError(message)
    return name


def _as_a_day(given: object) -> object:
    """Pydantic would also take a number of seconds."""
    if isinstance(given, str) and not _DAY.fullmatch(given):
        message = "must be a day such as 2026-03-01"
        raise ValueError(message)
    return given


_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
Day = Annotated[date, BeforeValidator(_as_a_day)]
Facet = Annotated[str, AfterValidator(_is_facet), Field(json_schema_extra={"enum": list(FACETS)})]


class Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


# --- queries ----------------------------------------------------------------------------------------


class ArticlesAsked(Asked):
    source: SourceName | None = None
    url: Url | None = Field(None, description="Only the article that is known by this address, if there is one.")
    after: Count = Field(0, le=LARGEST, description="The id of the last article that you have.")
    limit: Limit = USUAL


class RevisionsAsked(Asked):
    after: Count = Field(0, le=LARGEST, description="The number of the last revision that you have.")
    limit: Limit = USUAL


class PollsAsked(Asked):
    before: Id | None = Field(None, description="The id of the last look that you have.")
    limit: Limit = USUAL


class FollowAsked(Asked):
    after: Count = Field(0, le=LARGEST, description="The `next` of your last answer; 0: from the beginning.")
    limit: Limit = USUAL


class _Period(Asked):
    source: SourceName | None = None
    first_day: Day | None = Field(None, alias="from", description="Kept on this day (UTC) or later.")
    last_day: Day | None = Field(None, alias="to", description="Kept on this day (UTC) or before.")

    @property
    def only(self) -> Filter:
        until = _beginning(self.last_day)
        before_at = until + timedelta(days=1) if until and until.date() < date.max else None
        return Filter(since_at=_beginning(self.first_day), before_at=before_at)


class _Filtered(_Period):
    """The filters of the change feeds."""

    significance: Significance | None = None
    facet: Facet | None = None
    noted: Noted | None = None
    date_moved: DateMoved | None = None

    @property
    def only(self) -> Filter:
        period = super().only
        return replace(period, significance=self.significance, facet=self.facet, noted=self.noted, date_moved=self.date_moved)


class EventsAsked(FollowAsked, _Filtered):
    article: Id | None = Field(None, description="An article's id.")

    @property
    def scope(self) -> Scope:
        return Scope(source=self.source, article_id=self.article)


class _Sought(Asked):
    q: Sought
    before: Id | None = Field(None, description="The `next` of your last answer.")
    limit: Annotated[int, Field(ge=1, le=MOST_FOUND, description="How many at most.")] = USUALLY_FOUND


class ArticlesSought(_Sought, _Period):
    """A text that did not change has neither weight nor kind: of the filters, only the days."""

    @property
    def scope(self) -> Scope:
        """Raises SearchError."""
        return Scope(source=self.source, search=read_query(self.q, None))


class ChangesSought(_Sought, _Filtered):
    side: Side | None = Field(None, description="Only words that were taken out, or put in; null: either.")

    @property
    def scope(self) -> Scope:
        """Raises SearchError."""
        return Scope(source=self.source, search=read_query(self.q, self.side))


def _beginning(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), UTC)


# --- bodies -----------------------------------------------------------------------------------------


class Add(Asked):
    url: Url = Field(description="A feed, a page that announces feeds, a sitemap, or an article.")
    source: SourceName | None = Field(None, description="The source to add to, made where there is none; null: named by the host.")


class Hide(Asked):
    reason: Words = Field(description="Readers are told.")
    phrase: Words | None = Field(None, description="Only these words; null: all of it.")
    revision: Id | None = Field(None, description="Only this revision, by its id; null: the whole article.")


class Merge(Asked):
    into: Id = Field(description="The article that goes on.")


class Retract(Asked):
    reason: Words = Field(description="What went wrong. Readers are told.")


class WatchAsked(Asked):
    """Seconds."""

    every: Annotated[int, Field(ge=1, le=int(LONGEST_WATCH.total_seconds()))] = 300
    lasts: Annotated[int, Field(ge=1, le=int(LONGEST_WATCH.total_seconds()), alias="for")] = 172_800
