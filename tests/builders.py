"""Values that several rooms' tests begin from."""

from __future__ import annotations

from tracker.model import Source, SourceHealth


def health(**known: object) -> SourceHealth:
    """A source of which nothing was seen, but for what is known."""
    nothing = {"feeds": (), "articles_count": 0, "events_count": 0, "last_polled_at": None, "last_good_at": None}
    return SourceHealth(**({"source": Source(name="news", title="News")} | nothing | known))
