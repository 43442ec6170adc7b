"""The commands about the pace of one article: why its next look is when it is, and a close watch for a while."""

from __future__ import annotations

import asyncio
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

from rich.text import Text

from tracker import app
from tracker.config import Config, read_duration
from tracker.errors import ConfigError, FeedError, NotFound
from tracker.model import NO_HABITS, Article, Watch
from tracker.scheduler.explain import duration, explain, moment
from tracker.source_rules import cadences
from tracker.store.store import Store
from tracker.terminal import out, print_json_line


def explain_next_look(config: Config, key: str, *, as_json: bool) -> None:
    """Raises NotFound."""
    with closing(app.open_store(config)) as store:
        article, paused = _known(store, key)
    sentences = explain(article, cadences(config)(article.source), app.now(), paused=paused)
    if as_json:
        due = None if paused or article.next_poll_at is None else article.next_poll_at
        next_poll_at = due.isoformat().replace("+00:00", "Z") if due else None
        print_json_line({"article": article.id, "next_poll_at": next_poll_at, "because": article.because, "sentences": sentences})
    else:
        out.print(Text("\n".join(sentences)), soft_wrap=True)


def watch(config: Config, key: str, *, every: str, lasts: str) -> None:
    """An address that is not tracked yet is added first. Raises ConfigError for a duration that is none, and as `tracker add` does."""
    wish = Watch(every=_duration(config, "--every", every), until_at=app.now() + _duration(config, "--for", lasts))
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
    out.print(Text(told), soft_wrap=True)


def _find(store: Store, key: str) -> Article | None:
    """None for an address that is not tracked. Raises NotFound for an id."""
    try:
        return store.articles.find(key)
    except NotFound:
        if "://" not in key:
            raise
        return None


def _known(store: Store, key: str) -> tuple[Article, bool]:
    """The article with its source's habits, and whether its source is paused."""
    article = store.articles.find(key)
    habits = store.habits.all().get(article.source, NO_HABITS)
    return replace(article, habits=habits), store.articles.source(article.source).source.paused


def _duration(config: Config, option: str, given: str) -> timedelta:
    try:
        found = read_duration(given)
    except ValueError as error:
        raise ConfigError(str(config.path), [(None, f"{option}: {error}")]) from None
    if not isinstance(found, timedelta) or found <= timedelta(0):
        raise ConfigError(str(config.path), [(None, f"{option}: {given} is no time: write more than 0s, such as 5m")])
    return found
