"""Values that several rooms' tests begin from."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from tracker.model import Source, SourceHealth
from tracker.sandbox import Sandbox
from tracker.scheduler.emit import Emitter
from tracker.store import Store


def health(**known: Any) -> SourceHealth:
    """A source of which nothing was seen, but for what is known."""
    nothing = {"feeds": (), "articles_count": 0, "events_count": 0, "last_polled_at": None, "last_good_at": None}
    return SourceHealth(**({"source": Source(name="news", title="News")} | nothing | known))


def emitter_of(store: Store, sandbox: Sandbox, folder: Path | None, **more: Any) -> Emitter:
    """Of change feeds below http://tracker.example, unless told otherwise."""
    usual = {"base_url": "http://tracker.example", "author": "A test", "generator": "tracker", "timeout": timedelta(seconds=30)}
    return Emitter(store=store, sandbox=sandbox, folder=folder, **(usual | more))
