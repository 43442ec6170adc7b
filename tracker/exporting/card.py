"""The data card of an export: what it is, by what it was made, and how far each source can be trusted to have been watched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise

from tracker.model.card import Holding, SourceHolding

SCHEMA = "tracker.card/1"


def card(holding: Holding, *, installation: str, program: str, config_hash: str, made_at: datetime) -> Mapping[str, object]:
    """JSON types only. `config_hash` is the SHA-256 of config.yaml."""
    return {
        "schema": SCHEMA,
        "made_at": made_at.isoformat().replace("+00:00", "Z"),
        "installation": installation,
        "cursor": holding.cursor,
        "program": program,
        "database_schema": holding.schema,
        "config_sha256": config_hash,
        "revisions": [
            {"extractor": extractor, "origin": origin, "count": count} for (extractor, origin), count in holding.revisions.items()
        ],
        "events": [{"differ": differ, "count": count} for differ, count in holding.differs.items()],
        "takedowns": holding.takedowns_count,
        "sources": [_source(one) for one in holding.sources],
    }


def _source(one: SourceHolding) -> Mapping[str, object]:
    return {
        "name": one.name,
        "title": one.title,
        "feeds": list(one.feeds),
        "articles": one.articles_count,
        "events": one.events_count,
        "first_good_day": str(one.good_days[0]) if one.good_days else None,
        "last_good_day": str(one.good_days[-1]) if one.good_days else None,
        "good_days": len(one.good_days),
        "gaps": [{"from": str(first), "to": str(last), "days": (last - first).days + 1} for first, last in gaps(one.good_days)],
    }


def gaps(days: Sequence[date]) -> list[tuple[date, date]]:
    """The stretches between the first and the last of these days, which are in order, that hold none of them: first and last day."""
    day = timedelta(days=1)
    return [(before + day, after - day) for before, after in pairwise(days) if after - before > day]
