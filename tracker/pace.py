"""The commands about the pace of one article: why its next look is when it is, and a close watch for a while."""

from __future__ import annotations

import asyncio
from contextlib import closing
from datetime import timedelta

from rich.text import Text

from tracker import app
from tracker.config import Config
from tracker.errors import FeedError, NotFound
from tracker.model import Article, Watch
from tracker.scheduler.explain import duration, moment
from tracker.source_rules import cadences
from tracker.store.store import Store
from tracker.terminal import out, print_json_line, rfc3339
from tracker.web.operating import explained


def explain_next_look(config: Config, key: str, *, as_json: bool) -> None:
    """Raises NotFound."""
    with closing(app.open_store(config)) as store:
        article = store.articles.find(key)
        paused = store.articles.source(article.source).source.paused
        sentences = explained(store, article, cadences(config), app.now())
    if as_json:
        next_poll_at = None if paused else rfc3339(article.next_poll_at)
        print_json_line({"article": article.id, "next_poll_at": next_poll_at, "because": article.because, "sentences": sentences})
    else:
        out.print(Text("\n".join(sentences)), soft_wrap=True)


def watch(config: Config, key: str, *, every: timedelta, lasts: timedelta) -> None:
    """An address that is not tracked yet is added first. Raises TakenDown, and as `tracker add` does."""
    wish = Watch(every=every, until_at=app.now() + lasts)
    with closing(app.open_store(config)) as store:
        article = _find(store, key)
        if article is None:
            added = asyncio.run(app.add(config, key, source=None))
            if added.what != "article":
                raise FeedError(key, f"{key} led to {added.urls[0]}, a feed, which is followed now: watch looks at one article.")
            article = store.articles.find(added.urls[0])
        store.articles.watch(article.id, wish, app.now())
    pace = max(wish.every, cadences(config)(article.source).floor)
    told = f"Article {article.id} is looked at every {duration(pace)} until {moment(wish.until_at)} while tracker run is at work."
    if pace > wish.every:
        told += f" Every {duration(wish.every)} would be below its source's floor (cadence.floor in config.yaml)."
    out.print(Text(told), soft_wrap=True)


def _find(store: Store, key: str) -> Article | None:
    """None for an address that is not tracked. Raises NotFound for an id."""
    try:
        return store.articles.find(key)
    except NotFound:
        if "://" not in key:
            raise
        return None
