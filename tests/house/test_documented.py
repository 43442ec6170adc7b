"""Documentation is part of the program: every command, route and configuration key is documented."""

from __future__ import annotations

import re
from itertools import takewhile
from pathlib import Path

import pytest
import typer
import yaml
from builders import emitter_of
from pydantic import BaseModel
from starlette.routing import Mount, Route

from tracker.cli import commands
from tracker.config import Config, SourceConfig
from tracker.recipe import Example, Recipe
from tracker.sandbox import Sandbox
from tracker.scheduler.cadence import Cadence
from tracker.scheduler.health import Health
from tracker.store.store import Store
from tracker.web.api import front
from tracker.web.application import application
from tracker.web.operating import Operating
from tracker.web.site import Site

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
USE = (ROOT / "docs/use.md").read_text(encoding="utf-8")
CONFIG_LINES = (ROOT / "config.yaml").read_text(encoding="utf-8").splitlines()


def _keys(section: type[BaseModel], prefix: str = "") -> list[str]:
    found = []
    for name, field in section.model_fields.items():
        if name == "path":
            continue
        found.append(prefix + (field.alias or name))
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            found += _keys(field.annotation, f"{prefix}{name}.")
    return found


def _commands() -> dict:
    """By the words that a user types, those of a group too."""
    found: dict = {}
    for name, command in typer.main.get_command(commands).commands.items():
        inner = getattr(command, "commands", {})
        found |= {f"{name} {part}": below for part, below in inner.items()} or {name: command}
    return found


@pytest.mark.parametrize("key", [*_keys(Config), *(f"sources.{name}" for name in SourceConfig.model_fields)])
def test_every_key_stands_in_config_yaml_with_a_comment(key: str):
    section, _, name = key.rpartition(".")
    wanted = re.compile(rf"(?:[ #-]+){name}:(.*)" if section else rf"{name}:(.*)")
    told = [found[1] for line in _section(section) if (found := wanted.fullmatch(line))]
    assert any("#" in rest or not rest.strip() for rest in told), f"{key} is not documented"


def _section(name: str) -> list[str]:
    """The lines of one top-level section of config.yaml; all lines for the top itself."""
    if not name:
        return CONFIG_LINES
    start = next(number for number, line in enumerate(CONFIG_LINES) if line.startswith(f"{name}:"))
    return list(takewhile(lambda line: not line or line[0] in " #", CONFIG_LINES[start + 1 :]))


def test_every_key_in_config_yaml_is_one_that_the_program_knows_and_has_its_default():
    shipped = yaml.safe_load("\n".join(CONFIG_LINES))
    shipped.pop("sources")
    defaults = Config(path=ROOT / "config.yaml")
    assert Config(path=ROOT / "config.yaml", **shipped) == defaults


@pytest.mark.parametrize("key", [*Recipe.model_fields, *Example.model_fields])
def test_every_key_of_a_recipe_is_documented(key: str):
    assert key == "path" or f"| `{key}` |" in USE


@pytest.mark.parametrize("name", sorted(_commands()))
def test_every_command_is_documented_and_says_in_its_help_what_it_does(name: str):
    assert _commands()[name].help
    assert f"`tracker {name}" in USE


def test_every_route_is_documented(tmp_path, clock):
    store, sandbox = Store.open(f"sqlite:///{tmp_path / 'tracker.db'}"), Sandbox()
    emitter = emitter_of(store, sandbox, tmp_path)
    site = Site(base_url="http://x", operator_name=None, operator_contact=None, publish="full", version="1")
    rooms = {"store": store, "sandbox": sandbox, "emitter": emitter, "health": Health(store=store, clock=clock)}
    desk = {"adder": None, "hider": None, "cadence_of": lambda _: Cadence(), "folder": tmp_path}
    operating = Operating(store=store, emitter=emitter, clock=clock, **desk)
    routes = application(**rooms, operating=operating, site=site, checked_until=lambda _: clock(), clock=clock).routes
    store.close()
    paths = {re.sub(r"{(\w+):\w+}", r"{\1}", route.path) for route in routes if isinstance(route, Route)}
    (api,) = [route.app for route in routes if isinstance(route, Mount)]
    paths |= {f"{front.PATH}{path}" for path in api._whole.openapi()["paths"]}
    assert len(paths) > 10
    assert {path for path in paths if f"`{path}`" not in USE} == set()


def test_the_readme_names_the_two_commands_and_shows_the_diff_page():
    first_screen = "\n".join(README.splitlines()[:40])
    assert "make run" in first_screen
    assert "make test" in first_screen
    picture = re.search(r"!\[[^\]]+\]\((docs/[^)]+\.png)\)", first_screen)
    assert picture is not None
    assert (ROOT / picture[1]).stat().st_size > 10_000
