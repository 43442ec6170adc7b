"""The operator's decisions: on identity, on errors of ours, on what is taken down, on furniture."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from tracker import takedown, upkeep
from tracker.cli.base import DEFAULT_CONFIG, AsJson, ConfigPath, open_store
from tracker.config import read_config
from tracker.furnishing import keep_in_text
from tracker.web.operating import SAID_ONE_STORY

commands = typer.Typer()


@commands.command()
def merge(
    article: Annotated[str, typer.Argument(metavar="FROM", help="The article that becomes part of the other: its id or address.")],
    into: Annotated[str, typer.Argument(metavar="INTO", help="The article that goes on.")],
    config: ConfigPath = DEFAULT_CONFIG,
) -> None:
    """Makes one history of two articles that are one story; `unmerge` undoes it."""
    with open_store(config) as store:
        old, new = store.articles.find(article), store.articles.find(into)
        store.articles.merge(old.id, new.id, reason=SAID_ONE_STORY, now=datetime.now(UTC))
    typer.echo(f"Article {old.id} is part of article {new.id} now; tracker unmerge {old.id} undoes it.")


@commands.command()
def unmerge(
    article_id: Annotated[int, typer.Argument(metavar="FROM", min=1, help="The id of the article that was merged.")],
    config: ConfigPath = DEFAULT_CONFIG,
) -> None:
    """Gives an article back what a merge took: its versions, changes and addresses."""
    with open_store(config) as store:
        store.articles.unmerge(article_id, datetime.now(UTC))
    typer.echo(f"Article {article_id} has its own history again.")


@commands.command()
def retract(
    event: Annotated[str, typer.Argument(metavar="EVENT", help="An event's id, or the address of the change's page.")],
    config: ConfigPath = DEFAULT_CONFIG,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="What went wrong. Readers are told.")] = "",
    undo: Annotated[bool, typer.Option("--undo", help="It was a change after all.")] = False,
) -> None:
    """Marks a change as an error of ours, on the pages and in the change feeds; `--undo` takes that back."""
    if not undo and not reason.strip():
        message = "Say what went wrong with --reason: readers are told."
        raise typer.BadParameter(message)
    upkeep.retract(read_config(config), event, reason=None if undo else reason.strip())


@commands.command()
def hide(
    target: Annotated[str | None, typer.Argument(metavar="TARGET", help="An article's id or address; with @NUMBER, a version.")] = None,
    *,
    config: ConfigPath = DEFAULT_CONFIG,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why. Readers are told.")] = "",
    phrase: Annotated[str | None, typer.Option(metavar="WORDS", help="Only these words; - reads them from standard input.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again.")] = False,
    replay: Annotated[Path | None, typer.Option(metavar="FILE", help="Carry out what a list of takedowns or an export names.")] = None,
    as_json: AsJson = False,
) -> None:
    """Takes down an article, a version, or words in them, for good: what is hidden is deleted, and nothing brings it back."""
    words = sys.stdin.read() if phrase == "-" else phrase
    takedown.hide(read_config(config), target, reason=reason.strip(), phrase=words, replay=replay, sure=yes, as_json=as_json)


@commands.command()
def keep(
    source: Annotated[str, typer.Argument(metavar="SOURCE")], number: Annotated[int, typer.Argument(metavar="NUMBER", min=1)],
    undo: Annotated[bool, typer.Option("--undo", help="Takes that back.")] = False, config: ConfigPath = DEFAULT_CONFIG,
) -> None:
    """Keeps in the text what was learned to be furniture: NUMBER is that of `tracker show --furniture SOURCE`."""
    with open_store(config) as store:
        keep_in_text(store, source, number, None if undo else datetime.now(UTC))
