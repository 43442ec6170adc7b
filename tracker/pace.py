"""The commands about the pace of one article: why its next look is when it is, and a close watch for a while."""

from __future__ import annotations

import asyncio
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import typer
from rich.text import Text

from tracker import app
from tracker.config import Config
from tracker.errors import FeedError, NotFound
from tracker.model import NO_HABITS, Article, Watch
from tracker.scheduler.explain import duration, explain, moment
from tracker.source_rules import cadences
from tracker.store.store import Store
from tracker.terminal import out, print_json_line
from tracker.units import read_duration

# As long as the checks of an article that does not change.
LONGEST_WATCH = timedelta(days=400)


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
    """An address that is not tracked yet is added first.

    Raises BadParameter for a duration that is none, TakenDown, and as `tracker add` does.
    """
    wish = Watch(every=_duration("--every", every), until_at=app.now() + _duration("--for", lasts))
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


def _known(store: Store, key: str) -> tuple[Article, bool]:
    """The article with its source's habits, and whether its source is paused."""
    article = store.articles.find(key)
    habits = store.habits.all().get(article.source, NO_HABITS)
    return replace(article, habits=habits), store.articles.source(article.source).source.paused


def _duration(option: str, given: str) -> timedelta:
    try:
        found = read_duration(given)
    except (ValueError, OverflowError) as error:
        raise typer.BadParameter(str(error), param_hint=option) from None
    if not isinstance(found, timedelta) or not timedelta(0) < found <= LONGEST_WATCH:
        message = f"{given} is no time to watch for: write more than 0s, such as 5m, and at most {LONGEST_WATCH.days}d"
        raise typer.BadParameter(message, param_hint=option)
    return found
