"""config.yaml and the environment -> one frozen Config.

Every mistake is reported in one go, with its line and what would be allowed. No room below `app` reads this:
`app` hands out plain values. Every key is documented where it stands, in config.yaml.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from tracker.errors import ConfigError
from tracker.fetch.guard import Gate

ENVIRONMENT_PREFIX = "TRACKER_"
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_NAME, _FEED, _BASE, _STORE = r"^[a-z0-9]+(-[a-z0-9]+)*$", r"^https?://\S+$", r"^https?://[^/?#\s]+(/[^?#\s]*)?$", r"^(sqlite:///|postgresql\+psycopg://).+"
_LINE = r"^[^\x00-\x1f\x7f]+$"
_PATTERNS = {
    _LINE: "write it on one line, without control characters",
    _NAME: "write lower-case letters, digits and dashes, such as bbc-news",
    _FEED: "write an address that begins with http:// or https://",
    _BASE: "write an address such as https://changes.example.org",
    _STORE: "write sqlite:///path/to/file.db or postgresql+psycopg://user:password@host/database",
}
_SIZES = {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}


def read_duration(value: object) -> object:
    """'5m' -> timedelta; raises ValueError with what would be allowed."""
    if isinstance(value, timedelta):
        return value
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd])", str(value).strip())
    if found is None:
        message = f"{value!r} is not a duration: write a number and one of the units s, m, h, d, such as 5m"
        raise ValueError(message)
    try:
        return timedelta(**{_UNITS[found[2]]: float(found[1])})
    except OverflowError:
        message = f"{value!r} is longer than any time that can be told: write at most 999999999d"
        raise ValueError(message) from None


def read_size(value: object) -> object:
    """'10MiB' -> bytes; raises ValueError with what would be allowed."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value  # bytes, as the defaults below are given
    found = re.fullmatch(r"(\d+)(B|KiB|MiB|GiB)", str(value).strip())
    if found is None:
        message = f"{value!r} is not a size: write a whole number and one of the units B, KiB, MiB, GiB, such as 10MiB"
        raise ValueError(message)
    return int(found[1]) * _SIZES[found[2]]


Duration = Annotated[timedelta, BeforeValidator(read_duration)]
PositiveDuration = Annotated[Duration, Field(gt=timedelta(0))]
Size = Annotated[int, BeforeValidator(read_size), Field(gt=0)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


class OperatorConfig(_Section):
    name: str | None = Field(None, pattern=_LINE)
    contact: str | None = Field(None, pattern=_LINE)


class StoreConfig(_Section):
    url: str = Field("sqlite:///storage/tracker.db", pattern=_STORE)


class WebConfig(_Section):
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=0, le=65535)
    base_url: str | None = Field(None, pattern=_BASE)


class FetchConfig(_Section):
    per_host_delay: Duration = timedelta(seconds=1)
    timeout: PositiveDuration = timedelta(seconds=30)
    max_article_bytes: Size = 10 * 2**20
    max_feed_bytes: Size = 15 * 2**20
    max_redirects: int = Field(5, ge=0, le=20)
    proxy: str | None = Field(None, pattern=_FEED)
    allow_private_addresses: tuple[str, ...] = ()


class SandboxConfig(_Section):
    workers: int = Field(2, ge=1, le=64)
    memory: Size = 2**30
    timeout: PositiveDuration = timedelta(seconds=20)


class CadenceConfig(_Section):
    polls_per_article: int = Field(40, ge=1, le=100_000)
    floor: Duration = timedelta(minutes=5)
    ceiling: Duration = timedelta(days=30)
    stop_after: Duration = timedelta(days=400)

    @model_validator(mode="after")
    def _floor_below_ceiling(self) -> Self:
        if not timedelta(0) < self.floor <= self.ceiling:
            message = "the floor must be more than 0s and at most the ceiling"
            raise ValueError(message)
        return self


class NewsroomConfig(_Section):
    port: int = Field(8765, ge=1, le=65535)
    change_after: PositiveDuration = timedelta(seconds=5)


class SourceConfig(_Section):
    name: str = Field(pattern=_NAME, max_length=64)
    kind: Literal["feeds", "newsroom"] = "feeds"
    title: str | None = None
    feeds: tuple[Annotated[str, Field(pattern=_FEED)], ...] = ()
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    cadence: CadenceConfig | None = None

    @model_validator(mode="after")
    def _feeds_fit_the_kind(self) -> Self:
        if self.kind == "feeds" and not self.feeds:
            message = f'the source {self.name} names no feeds: add feeds: ["https://..."]'
            raise ValueError(message)
        return self


class Config(_Section):
    """The whole configuration; `path` is the file it was read from, relative paths count from its folder."""

    path: Path
    operator: OperatorConfig = OperatorConfig()
    store: StoreConfig = StoreConfig()
    web: WebConfig = WebConfig()
    fetch: FetchConfig = FetchConfig()
    sandbox: SandboxConfig = SandboxConfig()
    cadence: CadenceConfig = CadenceConfig()
    newsroom: NewsroomConfig = NewsroomConfig()
    sources: tuple[SourceConfig, ...] = ()

    @property
    def folder(self) -> Path:
        return self.path.parent


def read_config(path: Path, environment: Mapping[str, str] | None = None) -> Config:
    """The configuration in `path`, overridden by `environment` (default: the process's).

    Raises ConfigError with every mistake at once.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        advice = "there is no such file: `tracker init DIR` lays one out, or name yours with --config"
        raise ConfigError(str(path), [(None, advice)]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(str(path), [(None, f"the file cannot be read: {error}")]) from None
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        raw = yaml.safe_load(text) or {}
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise ConfigError(str(path), [(line, f"this is not YAML: {error.problem}")]) from None
    if not isinstance(raw, dict):
        raise ConfigError(str(path), [(1, "the file must hold keys and values, such as `web: {port: 8000}`")])

    problems: list[tuple[int | None, str]] = list(_duplicate_keys(root))
    overridden = _apply_environment(raw, os.environ if environment is None else environment)
    _spread_cadence(raw)
    try:
        config = Config(**{**raw, "path": path.resolve()})
    except ValidationError as error:
        problems += [_problem(dict(detail), root, overridden) for detail in error.errors()]
    else:
        problems += list(_beyond_types(config, root))
        if not problems:
            return config
    raise ConfigError(str(path), sorted(problems, key=lambda problem: problem[0] or 0))


def _apply_environment(raw: dict[Any, Any], environment: Mapping[str, str]) -> dict[tuple[str, ...], str]:
    """Sets TRACKER_WEB__PORT=8001 as web.port; returns which variable set which place."""
    places: dict[tuple[str, ...], str] = {}
    for name, value in sorted(environment.items()):
        if not name.startswith(ENVIRONMENT_PREFIX):
            continue
        place = tuple(name.removeprefix(ENVIRONMENT_PREFIX).lower().split("__"))
        places[place] = name
        section = raw
        for key in place[:-1]:
            if not isinstance(section.get(key), dict):
                section[key] = {}
            section = section[key]
        try:
            section[place[-1]] = yaml.safe_load(value)
        except yaml.YAMLError:
            section[place[-1]] = value
    return places


def _spread_cadence(raw: dict[Any, Any]) -> None:
    """A source's cadence says only what differs: the rest comes from the general one."""
    general = raw.get("cadence")
    for source in raw.get("sources") or () if isinstance(raw.get("sources"), list) else ():
        own = source.get("cadence") if isinstance(source, dict) else None
        if isinstance(own, dict) and isinstance(general, dict):
            source["cadence"] = {**general, **own}


def _duplicate_keys(node: yaml.Node | None) -> Iterator[tuple[int, str]]:
    """YAML lets the last of two equal keys win in silence; that is a mistake here."""
    if isinstance(node, yaml.MappingNode):
        names = [key.value for key, _ in node.value]
        for position, (key, value) in enumerate(node.value):
            if key.value in names[:position]:
                yield key.start_mark.line + 1, f"the key {key.value} stands twice: keep one"
            yield from _duplicate_keys(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _duplicate_keys(value)


def _beyond_types(config: Config, root: yaml.Node | None) -> Iterator[tuple[int | None, str]]:
    names = [source.name for source in config.sources]
    for position, name in enumerate(names):
        if name in names[:position]:
            yield _line(root, ("sources", position, "name")), f"two sources are named {name}: each needs a name of its own"
    try:
        Gate(config.fetch.allow_private_addresses)
    except ValueError as error:
        place = "fetch", "allow_private_addresses"
        yield _line(root, place), f"fetch.allow_private_addresses: {error}"
    if config.web.host in {"0.0.0.0", "::"} and config.web.base_url is None:  # noqa: S104 - named to be refused
        sentence = "web.base_url must be set where web.host is every address: links in change feeds begin with it"
        yield _line(root, ("web", "host")), sentence
    if [source.kind for source in config.sources].count("newsroom") > 1:
        yield _line(root, ("sources",)), "only one source may be of kind newsroom"


def _line(node: yaml.Node | None, place: tuple[str | int, ...]) -> int | None:
    """The line of the key at `place`, or of the deepest part of it that stands in the file."""
    line = node.start_mark.line + 1 if node else None
    for step in place:
        if isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == step), None)
            if found is None:
                return line
            line, node = found[0].start_mark.line + 1, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
        else:
            return line
    return line


def _problem(detail: dict[str, Any], root: yaml.Node | None, overridden: Mapping[tuple[str, ...], str]) -> tuple[int | None, str]:
    """One of pydantic's errors as (line, sentence)."""
    place: tuple[str | int, ...] = tuple(detail["loc"])
    name = ".".join(str(step + 1) if isinstance(step, int) else step for step in place)
    variable = next((overridden[key] for key in overridden if key == place[: len(key)]), None)
    line = None if variable else _line(root, place)
    where = f"{name} (set by {variable} in the environment)" if variable else name
    if detail["type"] == "extra_forbidden":
        return line, f"unknown key {where}: {_allowed_keys(place)}"
    context = detail.get("ctx", {})
    if detail["type"] == "value_error":
        return line, f"{where}: {context['error']}"
    if detail["type"] == "missing":
        return line, f"{where} is missing"
    advice = _PATTERNS.get(context.get("pattern", ""), detail["msg"][:1].lower() + detail["msg"][1:])
    return line, f"{where}: {detail['input']!r} does not fit: {advice}"


def _allowed_keys(place: tuple[str | int, ...]) -> str:
    """What may stand where an unknown key stood."""
    section: type[BaseModel] = Config
    for step in place[:-1]:
        if isinstance(step, str):
            annotation = section.model_fields[step].annotation
            section = SourceConfig if step == "sources" else annotation if isinstance(annotation, type) else section
    keys = [key for key in section.model_fields if key != "path"]
    return f"allowed here are {', '.join(keys)}"
