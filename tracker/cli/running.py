"""Commands that poll and serve, and the two that come before: `init`, `check`."""

from __future__ import annotations

import asyncio
import shlex
from pathlib import Path
from typing import Annotated

import typer

from tracker import app, processes, terminal
from tracker.cli.base import DEFAULT_CONFIG, POLLS_FAILED, AsJson, ConfigPath
from tracker.config import read_config
from tracker.model import Outcome, Poll
from tracker.workfolder import lay_out

_BAD_OUTCOMES = {Outcome.FAILED, Outcome.REFUSED, Outcome.MISSING}

commands = typer.Typer()


@commands.command()
def run(config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Polls in the background and serves pages and change feeds, in one process."""
    asyncio.run(processes.run(read_config(config), listening=terminal.say_listening))


@commands.command()
def schedule(config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Polls in the background without serving; with queue.workers it wakes `tracker work` processes instead."""
    asyncio.run(processes.schedule(read_config(config)))


@commands.command()
def work(config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Polls what `tracker schedule` finds due, on any number of machines; needs queue.workers and a PostgreSQL store."""
    asyncio.run(processes.work(read_config(config)))


@commands.command()
def serve(config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Serves pages and change feeds without polling."""
    asyncio.run(processes.serve(read_config(config), listening=terminal.say_listening))


@commands.command()
def poll(
    config: ConfigPath = DEFAULT_CONFIG,
    everything: Annotated[bool, typer.Option("--all", help="Read every feed, then look at every tracked article once.")] = False,
    source: Annotated[str | None, typer.Option(metavar="NAME", help="Only this source.")] = None,
    no_pace: Annotated[bool, typer.Option("--no-pace", help="No pauses, for hosts that fetch.allow_private_addresses names.")] = False,
    as_json: AsJson = False,
) -> None:
    """Polls what is due once, and exits when all is kept."""
    polls: list[Poll] = []
    with terminal.poll_progress(as_json=as_json) as advance:

        def report(one: Poll) -> None:
            polls.append(one)
            advance(one)

        looks = app.poll_once(read_config(config), source=source, everything=everything, pace=not no_pace, report=report)
        broken_count = asyncio.run(looks)
    bad = [one for one in polls if one.outcome in _BAD_OUTCOMES]
    terminal.print_polls(polls, bad, as_json=as_json)
    if bad or broken_count:
        raise typer.Exit(POLLS_FAILED)


@commands.command()
def init(folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.")]) -> None:
    """Lays out a working folder: config.yaml, seeds/, storage/."""
    lay_out(folder)
    enter = "" if folder.resolve() == Path.cwd() else f"cd {shlex.quote(str(folder))} && "
    typer.echo(f"{folder} is ready. Next: {enter}tracker run")


@commands.command()
def check(config: ConfigPath = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Validates config.yaml, the database and whether each feed answers; says what to do."""
    findings = asyncio.run(app.check(read_config(config)))
    terminal.print_findings(findings, as_json=as_json)
    if any(not finding.good for finding in findings):
        raise typer.Exit(POLLS_FAILED)
