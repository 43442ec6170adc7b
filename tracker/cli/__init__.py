"""The commands. No logic of their own: they read the configuration, call a room, and print."""

from __future__ import annotations

import logging
import sys
from enum import StrEnum
from typing import Annotated, Never

import typer

from tracker import __version__, terminal
from tracker.cli import following, judging, keeping, reading, recipes, running, subscribing, tokens
from tracker.cli.base import POLLS_FAILED, STORE_UNUSABLE, WRONG_USAGE
from tracker.errors import (
    AlreadyTracked,
    CompareError,
    ConfigError,
    Declared,
    NewsroomError,
    NotBackedUp,
    NotCopied,
    NotExported,
    NotFound,
    NotImported,
    NotMergeable,
    StoreError,
    TakedownError,
    TakenDown,
    TrackerError,
)

_WRONG = (
    AlreadyTracked,
    CompareError,
    ConfigError,
    Declared,
    NewsroomError,
    NotBackedUp,
    NotCopied,
    NotExported,
    NotFound,
    NotImported,
    NotMergeable,
    TakedownError,
    TakenDown,
)

commands = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Watches news articles change: every revision kept, compared sentence by sentence, published as change feeds.",
)
for part in (running, following, reading, subscribing, judging, keeping):  # the order of `tracker --help`
    commands.add_typer(part.commands)
commands.add_typer(recipes.commands, name="recipe")
commands.add_typer(tokens.commands, name="token")


class LogForm(StrEnum):
    TEXT = "text"
    JSON = "json"


def main() -> None:
    """The entry point: what the program can explain is a sentence, never a traceback."""
    try:
        commands()
    except _WRONG as error:
        _leave(error, WRONG_USAGE)
    except StoreError as error:
        _leave(error, STORE_UNUSABLE)
    except TrackerError as error:
        _leave(error, POLLS_FAILED)
    except BrokenPipeError:
        # `tracker export | head`: nobody reads on. Python would complain once more when it flushes at exit.
        sys.stdout = None  # keeps the exit silent
        sys.exit(1)


def _leave(error: TrackerError, code: int) -> Never:
    typer.echo(str(error), err=True)
    sys.exit(code)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"tracker {__version__}")
        raise typer.Exit


@commands.callback()
def options(
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log more.")] = False,
    log: Annotated[LogForm, typer.Option(help="How to log, on standard error.")] = LogForm.TEXT,
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    terminal.set_up_logging(level=logging.DEBUG if verbose else logging.INFO, as_json=log is LogForm.JSON)
