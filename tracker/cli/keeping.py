"""Commands that look after the store."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tracker import upkeep
from tracker.cli.base import DEFAULT_CONFIG, POLLS_FAILED, STORE_UNUSABLE, AsJson, ConfigPath
from tracker.config import read_config

commands = typer.Typer()


@commands.command()
def backup(
    target: Annotated[Path, typer.Argument(metavar="PATH", help="A new file; nothing is overwritten.")],
    config: ConfigPath = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Copies the database into one file, consistent while all goes on, and reads the copy back."""
    upkeep.backup(read_config(config), target, as_json=as_json)


@commands.command()
def verify(config: ConfigPath = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Reads everything that is kept and names what is wrong: hashes, references, counts, emitted change feeds."""
    if not upkeep.verify(read_config(config), as_json=as_json):
        raise typer.Exit(STORE_UNUSABLE)


@commands.command()
def reindex(config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Makes the index of search anew, where tracker verify says that it is wrong: empties it, and tracker run fills it."""
    upkeep.reindex(read_config(config))


@commands.command()
def prune(config: ConfigPath = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Takes what is older than `retention` in config.yaml allows; `tracker run` does so once a day by itself."""
    upkeep.prune(read_config(config), as_json=as_json)


@commands.command(name="copy")
def copy_store(
    source: Annotated[str, typer.Argument(metavar="FROM", help="The store's address, such as sqlite:///storage/tracker.db.")],
    target: Annotated[str, typer.Argument(metavar="TO", help="An empty database's, such as postgresql://user@host/name.")],
    config: ConfigPath = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Copies the whole store into another database and compares every row; given again after a break, it goes on."""
    if not upkeep.copy(read_config(config), source, target, as_json=as_json):
        raise typer.Exit(STORE_UNUSABLE)


@commands.command(name="import")
def take_in(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="A list of feeds (OPML), an export, or diffengine's database.")],
    config: ConfigPath = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Follows the feeds of a list, takes another tracker's history in, or makes a store anew from its export."""
    if not upkeep.take_in(read_config(config), files, as_json=as_json):
        raise typer.Exit(POLLS_FAILED)
