"""Commands about what is followed: adding, pausing, looking at it, and when it is looked at next."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from tracker import app, pace, terminal
from tracker.cli.base import DEFAULT_CONFIG, POLLS_FAILED, AsJson, ConfigPath, duration, open_store
from tracker.config import read_config
from tracker.errors import (
    AlreadyTracked,
    FeedError,
    FetchError,
    SandboxError,
    TakenDown,
)
from tracker.furnishing import show_furniture
from tracker.model import Scope
from tracker.web.operating import LONGEST_WATCH

commands = typer.Typer()


@commands.command()
def add(
    urls: Annotated[list[str], typer.Argument(metavar="URL...", help="A feed, a page that announces feeds, or an article.")],
    config: ConfigPath = DEFAULT_CONFIG,
    source: Annotated[str | None, typer.Option(metavar="NAME", help="The source to add to; made where there is none.")] = None,
    as_json: AsJson = False,
) -> None:
    """Follows a feed, the feeds that a page announces, or one article."""
    failed = False
    for url in urls:
        try:
            added = asyncio.run(app.add(read_config(config), url, source=source))
        except (FetchError, FeedError, SandboxError, AlreadyTracked, TakenDown) as error:
            typer.echo(str(error), err=True)
            failed = True
        else:
            terminal.print_added(added, as_json=as_json)
            if added.pause is not None:
                typer.echo(added.pause, err=True)
    if failed:
        raise typer.Exit(POLLS_FAILED)


@commands.command()
def pause(source: Annotated[str, typer.Argument(metavar="NAME")], config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Stops polling a source; what is kept stays, and `resume` goes on."""
    with open_store(config) as store:
        store.articles.set_paused(source, True, app.now())
    typer.echo(f"{source} is paused; tracker resume {source} goes on.")


@commands.command()
def resume(source: Annotated[str, typer.Argument(metavar="NAME")], config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Polls a paused source again."""
    with open_store(config) as store:
        store.articles.set_paused(source, False, app.now())
        paused = store.articles.source(source).source.paused
    typer.echo(f"{source} stays paused: config.yaml no longer names it." if paused else f"{source} is polled again.")


@commands.command()
def remove(source: Annotated[str, typer.Argument(metavar="NAME")], config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Follows a source no longer that was added by command; what is kept of it stays."""
    with open_store(config) as store:
        store.articles.remove(source, app.now())
    typer.echo(f"{source} is followed no longer; what is kept of it stays. tracker add and tracker resume {source} follow it again.")


@commands.command(name="list")
def list_sources(config: ConfigPath = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """The sources, and how following them goes."""
    with open_store(config) as store:
        terminal.print_sources(store.articles.sources(), as_json=as_json)


@commands.command()
def show(
    article: Annotated[str | None, typer.Argument(metavar="ARTICLE", help="An article's id, or any of its addresses.")] = None,
    furniture: Annotated[str | None, typer.Option(metavar="SOURCE", help="What is furniture on the source's pages, and why.")] = None,
    config: ConfigPath = DEFAULT_CONFIG, as_json: AsJson = False,
) -> None:
    """One article's history; or what was learned of the furniture of a source's pages."""
    with open_store(config) as store:
        if article is None:
            show_furniture(store, furniture, as_json=as_json)
            return
        found = store.articles.find(article)
        events = store.revisions.events(Scope(article_id=found.id), limit=found.revisions_count + 1)
        terminal.print_article(found, store.revisions.history(found.id), events, as_json=as_json)


@commands.command()
def explain(
    article: Annotated[str, typer.Argument(metavar="ARTICLE", help="An article's id, or any of its addresses.")],
    config: ConfigPath = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Says why an article's next look is when it is."""
    pace.explain_next_look(read_config(config), article, as_json=as_json)


@commands.command()
def watch(
    article: Annotated[str, typer.Argument(metavar="URL", help="An article's address or id; a new address is added.")],
    every: Annotated[str, typer.Option(metavar="DURATION", help="How often to look; never within the source's floor.")] = "5m",
    lasts: Annotated[str, typer.Option("--for", metavar="DURATION", help="How long.")] = "48h",
    config: ConfigPath = DEFAULT_CONFIG,
) -> None:
    """Looks closely at one article for a while."""
    often, long = duration("--every", every, most=LONGEST_WATCH), duration("--for", lasts, most=LONGEST_WATCH)
    pace.watch(read_config(config), article, every=often, lasts=long)
