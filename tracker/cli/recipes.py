"""The commands about sources' recipes: `tracker recipe ...`."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from tracker import app, terminal
from tracker.cli.base import DEFAULT_CONFIG, POLLS_FAILED, AsJson, ConfigPath
from tracker.config import read_config
from tracker.recipe import named_recipe
from tracker.tried import try_examples

commands = typer.Typer(no_args_is_help=True, help="Tries a source's recipe: on its own examples, on what was kept.")


@commands.command(name="test")
def try_recipe(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A recipe: seeds/sources/NAME.yaml, or a shipped one.")],
    config: ConfigPath = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Reads a recipe's example pages by it: what was expected, what was found."""
    tried = try_examples(named_recipe(name, config.parent))
    terminal.print_tried(tried, as_json=as_json)
    if any(not check.good for example in tried for check in example.checks):
        raise typer.Exit(POLLS_FAILED)


@commands.command(name="preview")
def preview_recipe(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A source, or the recipe that sources take.")],
    config: ConfigPath = DEFAULT_CONFIG,
    article: Annotated[str | None, typer.Option(metavar="ARTICLE", help="Only this one: an id, or any of its addresses.")] = None,
    as_json: AsJson = False,
) -> None:
    """Shows what the selectors do to the last captures of a source's newest articles; writes nothing."""
    terminal.print_previewed(asyncio.run(app.preview_recipe(read_config(config), name, article=article)), as_json=as_json)
