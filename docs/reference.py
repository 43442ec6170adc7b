"""The reference of commands, configuration keys and addresses, as Markdown, from the program itself.

What a key means stands in config.yaml, what an address shows in use.md: nothing is described twice.
"""

from __future__ import annotations

import logging
import re
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from pathlib import Path
from typing import Any

import typer
from pydantic import BaseModel
from starlette.routing import Mount, Route

from tracker.cli import commands
from tracker.config import ENVIRONMENT_PREFIX, Config
from tracker.sandbox import Sandbox
from tracker.scheduler.cadence import Cadence
from tracker.scheduler.emit import Emitter
from tracker.scheduler.health import Health
from tracker.store.store import Store
from tracker.web.application import application
from tracker.web.operating import Operating
from tracker.web.site import Site

ROOT = Path(__file__).resolve().parents[1]
logging.getLogger("alembic").setLevel(logging.WARNING)  # the store that the addresses are asked of is made for it


def cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


# --- commands ------------------------------------------------------------------------------------


def every_command() -> Iterator[tuple[str, Any]]:
    """By the words that a user types, in the order of `tracker --help`."""
    for name, command in typer.main.get_command(commands).commands.items():
        inner = getattr(command, "commands", None)
        yield from ((f"{name} {part}", below) for part, below in inner.items()) if inner else [(name, command)]


def command_reference() -> str:
    return "\n".join(_command(name, command) for name, command in every_command())


def _command(name: str, command: Any) -> str:  # noqa: ANN401 - typer carries its own copy of click, which has no public types
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    options = [one for one in command.params if one.param_type_name == "option" and one.name != "help"]
    words = " ".join((one.metavar or one.name.upper()) if one.required else f"[{one.metavar or one.name.upper()}]" for one in arguments)
    lines = [f"## tracker {name}", "", f"`tracker {name} {words}`".replace(" `", "`"), "", command.help or "", ""]
    told = [(one.metavar or one.name.upper(), one.help or "") for one in arguments if getattr(one, "help", None)]
    for one in options:
        value = "" if one.is_flag else f" {one.metavar or one.name.upper()}"
        default = "" if one.is_flag or one.default in {None, ""} else f" Default: `{getattr(one.default, 'value', one.default)}`."
        told.append((f"{', '.join(one.opts)}{value}", f"{one.help or ''}{default}"))
    if told:
        lines += ["| | |", "|---|---|", *(f"| `{cell(left)}` | {cell(right)} |" for left, right in told), ""]
    return "\n".join(lines)


# --- configuration -------------------------------------------------------------------------------


def key_reference() -> str:
    lines = (ROOT / "config.yaml").read_text(encoding="utf-8").splitlines()
    parts = []
    for name, field in Config.model_fields.items():
        if name == "path":
            continue
        kind = field.annotation
        model = kind if isinstance(kind, type) and issubclass(kind, BaseModel) else _model_in_list(kind)
        start = next(number for number, line in enumerate(lines) if line.startswith(f"{name}:"))
        inside = list(takewhile(lambda line: not line or line[0] in " #", lines[start + 1 :]))
        parts += [f"## {name}", "", "| key | as shipped | says | in the environment |", "|---|---|---|---|"]
        for key, inner in model.model_fields.items():
            parts.append(_key(name, inner.alias or key, key, inside, in_list=kind is not model))
        parts.append("")
    return "\n".join(parts)


def _model_in_list(kind: Any) -> type[BaseModel]:  # noqa: ANN401 - an annotation
    return next(part for part in kind.__args__ if isinstance(part, type) and issubclass(part, BaseModel))


def _key(section: str, key: str, name: str, inside: list[str], *, in_list: bool) -> str:
    found = [match for line in inside if (match := re.fullmatch(rf"(?:[ #-]+){key}:(.*)", line))]
    told = next((match[1] for match in found if "#" in match[1]), found[0][1])
    value, _, comment = told.partition(" #")
    variable = "" if in_list else f"`{ENVIRONMENT_PREFIX}{section.upper()}__{name.upper()}`"
    return f"| `{key}` | {f'`{cell(value)}`' if value.strip() else ''} | {cell(comment)} | {variable} |"


# --- addresses -----------------------------------------------------------------------------------


def route_reference() -> str:
    told = dict(re.findall(r"^\| `(/[^`]*)` \| (.*) \|$", (ROOT / "docs/use.md").read_text(encoding="utf-8"), re.MULTILINE))
    lines = ["| address | methods | shows |", "|---|---|---|"]
    for path, methods in every_route():
        lines.append(f"| `{path}` | {methods} | {told.get(path, '')} |")
    return "\n".join([*lines, ""])


def every_route() -> list[tuple[str, str]]:
    """Each address with its methods; what is mounted as a whole ends in /."""
    with tempfile.TemporaryDirectory() as folder:
        store, sandbox = Store.open(f"sqlite:///{folder}/tracker.db"), Sandbox()
        try:
            return [_route(one) for one in _application(store, sandbox, Path(folder)).routes]
        finally:
            sandbox.close()
            store.close()


def _application(store: Store, sandbox: Sandbox, folder: Path) -> Any:  # noqa: ANN401 - a Starlette application
    def clock() -> datetime:
        return datetime.now(UTC)

    emitter = Emitter(
        store=store,
        sandbox=sandbox,
        base_url="http://127.0.0.1:8000",
        folder=folder,
        author="tracker",
        generator="tracker",
        timeout=timedelta(seconds=20),
    )
    # Nothing is asked of it: only its addresses are read.
    desk: dict[str, Any] = {"adder": None, "hider": None, "cadence_of": lambda _source: Cadence(), "folder": folder}
    site = Site(base_url="http://127.0.0.1:8000", operator_name=None, operator_contact=None, publish="full", version="")
    return application(
        store=store,
        sandbox=sandbox,
        emitter=emitter,
        health=Health(store=store, clock=clock),
        site=site,
        checked_until=lambda _article: clock(),
        operating=Operating(store=store, emitter=emitter, clock=clock, **desk),
        clock=clock,
    )


def _route(one: object) -> tuple[str, str]:
    if isinstance(one, Mount):
        return f"{one.path}/", "see its own description"
    assert isinstance(one, Route)
    return re.sub(r"{(\w+):\w+}", r"{\1}", one.path), ", ".join(sorted((one.methods or {"GET"}) - {"HEAD"}))


PAGES = {"reference/commands": command_reference, "reference/configuration": key_reference, "reference/addresses": route_reference}
