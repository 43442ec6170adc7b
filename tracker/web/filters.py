"""What a list of changes is asked to leave out: read from an address, written back into one, said in words."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException

from tracker.differ.facets import assessed
from tracker.model import DateMoved, Filter, Noted, Significance
from tracker.web import times, words

E = TypeVar("E", bound=StrEnum)

FACETS = tuple(sorted(assessed("en")))  # English is the language in which all are looked for
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def asked(query: QueryParams) -> Filter:
    """What an address asks for; empty fields of a form ask for nothing."""
    facet = query.get("facet") or None
    if facet is not None and facet not in FACETS:
        raise HTTPException(400, f"“facet” in the address is one of {', '.join(FACETS)}.")
    until = _day(query, "to")
    return Filter(
        significance=_one_of(query, "significance", Significance),
        facet=facet,
        noted=_one_of(query, "noted", Noted),
        date_moved=_one_of(query, "date_moved", DateMoved),
        since_at=_day(query, "from"),
        before_at=until + timedelta(days=1) if until else None,
    )


def _one_of(query: QueryParams, name: str, members: type[E]) -> E | None:
    given = query.get(name) or None
    if given is not None and given not in set(members):
        raise HTTPException(400, f"“{name}” in the address is one of {', '.join(members)}.")
    return members(given) if given else None


def _day(query: QueryParams, name: str) -> datetime | None:
    given = query.get(name) or None
    if given is None:
        return None
    try:
        return datetime.fromisoformat(given if _DAY.fullmatch(given) and given < "9999" else "").replace(tzinfo=UTC)
    except ValueError:
        raise HTTPException(400, f"“{name}” in the address must be a day such as 2026-03-01.") from None


def lasting(only: Filter) -> Filter:
    """The filter of a feed: what is to come has no period."""
    return replace(only, since_at=None, before_at=None)


def query_of(only: Filter, **others: str | int | None) -> str:
    """ "?significance=major" and the like, in one order; empty where nothing is filtered."""
    values: dict[str, str | int | None] = {
        "significance": only.significance,
        "facet": only.facet,
        "noted": only.noted,
        "date_moved": only.date_moved,
        "from": f"{only.since_at:%Y-%m-%d}" if only.since_at else None,
        "to": f"{only.before_at - timedelta(days=1):%Y-%m-%d}" if only.before_at else None,
    }
    given = {name: str(value) for name, value in (values | others).items() if value is not None}
    return f"?{urlencode(given)}" if given else ""


def said(only: Filter) -> tuple[str, ...]:
    """What is let through, in words."""
    found = [words.SIGNIFICANCE[only.significance]] if only.significance else []
    found += [only.facet.replace("_", " ")] if only.facet else []
    found += [words.NOTED[only.noted]] if only.noted else []
    found += [words.DATE_MOVED[only.date_moved]] if only.date_moved else []
    found += [f"from {times.day(only.since_at)}"] if only.since_at else []
    found += [f"to {times.day(only.before_at - timedelta(days=1))}"] if only.before_at else []
    return tuple(found)
