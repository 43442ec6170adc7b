"""What every command shares: common options, exit codes, the store.

Exit codes: 0 done, 1 some polls failed (each named), 2 wrong usage or configuration, 3 the store is unusable.
Facts go to standard output, errors are sentences on standard error.
"""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from tracker import app
from tracker.config import read_config
from tracker.shipped import CONFIG_NAME
from tracker.store.store import Store
from tracker.units import read_duration

POLLS_FAILED, WRONG_USAGE, STORE_UNUSABLE = 1, 2, 3

ConfigPath = Annotated[Path, typer.Option("--config", metavar="PATH", help="The configuration to use.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print facts as JSON, one object a line.")]
DEFAULT_CONFIG = Path(CONFIG_NAME)


def duration(option: str, given: str, *, most: timedelta) -> timedelta:
    """What an option gives as a duration. Raises BadParameter."""
    try:
        found = read_duration(given)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from None
    if not isinstance(found, timedelta) or not timedelta(0) < found <= most:
        message = f"{given} is too short or too long: write more than 0s, such as 5m, and at most {most.days}d"
        raise typer.BadParameter(message, param_hint=option)
    return found


def open_store(path: Path) -> closing[Store]:
    return closing(app.open_store(read_config(path)))
