"""config.yaml and the environment -> one frozen Config.

Every mistake is reported in one go, with its line and what would be allowed, those of the recipes that sources take
included. No room below `app` reads this: `app` hands out plain values. Every key is documented where it stands, in config.yaml.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import time, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import Field, ValidationError, model_validator

from tracker.errors import ConfigError
from tracker.fetch.guard import PORTS, Gate
from tracker.mistakes import (
    ADDRESS,
    BASE,
    CONTACT,
    HOST,
    LINE,
    MAIL,
    NAME,
    SENDER,
    SIGNING,
    STORE,
    Place,
    Problem,
    Section,
    duplicate_keys,
    in_order,
    line_of,
    problem,
    read_yaml,
)
from tracker.recipe import Recipe, SourceKeys, find_recipe, no_recipe, read_recipe
from tracker.units import Duration, KeptFor, Network, PositiveDuration, Size, TimeOfDay, Zone

ENVIRONMENT_PREFIX = "TRACKER_"


class OperatorConfig(Section):
    name: str | None = Field(None, pattern=LINE)
    contact: str | None = Field(None, pattern=CONTACT)


class StoreConfig(Section):
    url: str = Field("sqlite:///storage/tracker.db", pattern=STORE)


class WebConfig(Section):
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=0, le=65535)
    base_url: str | None = Field(None, pattern=BASE)
    publish: Literal["full", "changes"] | None = None
    trusted_proxies: tuple[Network, ...] = ()
    hub: str | None = Field(None, pattern=ADDRESS)
    reserved: Literal["changes", "full"] = "changes"
    access: Literal["open", "token"] = "open"
    api_rate: int | None = Field(600, ge=1)


class FetchConfig(Section):
    per_host_delay: Duration = timedelta(seconds=1)
    timeout: PositiveDuration = timedelta(seconds=30)
    max_article_bytes: Size = 10 * 2**20
    max_feed_bytes: Size = 15 * 2**20
    max_redirects: int = Field(5, ge=0, le=20)
    polls_per_hour: int | None = Field(None, ge=1)
    websub: bool = True
    proxy: str | None = Field(None, pattern=ADDRESS)
    ports: tuple[Annotated[int, Field(ge=1, le=65535)], ...] = tuple(sorted(PORTS))
    allow_private_addresses: tuple[str, ...] = ()


class SandboxConfig(Section):
    workers: int = Field(2, ge=1, le=64)
    memory: Size = 2**30
    timeout: PositiveDuration = timedelta(seconds=20)


class CadenceConfig(Section):
    """`every` and `lasts`, which the file calls `for`, count where the mode is fixed."""

    mode: Literal["learned", "fixed"] = "learned"
    polls_per_article: float = Field(40, ge=1, le=100_000)
    floor: Duration = timedelta(minutes=5)
    ceiling: Duration = timedelta(days=30)
    stop_after: Duration = timedelta(days=400)
    every: PositiveDuration | None = None
    lasts: PositiveDuration | None = Field(None, alias="for")
    polls_per_hour: int | None = Field(None, ge=1)

    @model_validator(mode="after")
    def _floor_below_ceiling(self) -> Self:
        if not timedelta(0) < self.floor <= self.ceiling:
            message = "the floor must be more than 0s and at most the ceiling"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _fixed_is_whole(self) -> Self:
        if self.mode == "fixed" and (self.every is None or self.lasts is None or self.every < self.floor):
            message = "mode fixed needs `every`, at least the floor, and `for`, such as {mode: fixed, every: 30m, for: 72h}"
            raise ValueError(message)
        return self


class RetentionConfig(Section):
    polls: KeptFor = timedelta(days=90)
    captures: KeptFor = None


class QueueConfig(Section):
    workers: bool = False


class NewsroomConfig(Section):
    port: int = Field(8765, ge=1, le=65535)
    change_after: PositiveDuration = timedelta(seconds=5)


class MailConfig(Section):
    """`sender` is what the file calls `from`."""

    host: str | None = Field(None, pattern=HOST)
    port: int = Field(587, ge=1, le=65535)
    username: str | None = Field(None, pattern=LINE)
    password: str | None = Field(None, pattern=LINE)
    sender: str | None = Field(None, alias="from", pattern=SENDER)
    tls: Literal["starttls", "tls", "none"] = "starttls"

    @model_validator(mode="after")
    def _says_who_sends(self) -> Self:
        if self.host is not None and self.sender is None:
            message = "a mail server needs `from` as well, such as from: tracker@example.org"
            raise ValueError(message)
        return self


class AlarmTargetConfig(Section):
    """One of the three; `secret` signs what the webhook gets."""

    webhook: str | None = Field(None, pattern=ADDRESS)
    secret: str | None = Field(None, pattern=SIGNING)
    mail: str | None = Field(None, pattern=MAIL)
    apprise: str | None = Field(None, pattern=NAME)

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if [self.webhook, self.mail, self.apprise].count(None) != 2 or (self.webhook is None) != (self.secret is None):
            message = "each is one of {mail: ADDRESS}, {webhook: ADDRESS, secret: whsec_...} or {apprise: NAME}"
            raise ValueError(message)
        return self


class NotifyConfig(Section):
    digest_at: TimeOfDay = time(7)
    time_zone: Zone = "UTC"
    give_up_after: PositiveDuration = timedelta(days=5)
    apprise: dict[Annotated[str, Field(pattern=NAME)], Annotated[str, Field(pattern=LINE)]] = Field(default_factory=dict)
    alarms: tuple[AlarmTargetConfig, ...] = ()


class SourceConfig(SourceKeys):
    """What stands here wins over the recipe; `recipe` is the one that is in force."""

    name: str = Field(pattern=NAME, max_length=64)
    kind: Literal["feeds", "newsroom"] = "feeds"
    recipe: str | None = Field(None, pattern=NAME)
    publish_delay: Duration = timedelta(0)
    cadence: CadenceConfig | None = None

    def by(self, recipe: Recipe) -> Self:
        given = {key: getattr(recipe, key) for key in SourceKeys.model_fields if key in recipe.model_fields_set - self.model_fields_set}
        return self.model_copy(update={**given, "recipe": recipe.name})


class Config(Section):
    """The whole configuration; `path` is the file it was read from, relative paths count from its folder."""

    path: Path
    operator: OperatorConfig = OperatorConfig()
    store: StoreConfig = StoreConfig()
    web: WebConfig = WebConfig()
    fetch: FetchConfig = FetchConfig()
    sandbox: SandboxConfig = SandboxConfig()
    cadence: CadenceConfig = CadenceConfig()
    retention: RetentionConfig = RetentionConfig()
    mail: MailConfig = MailConfig()
    notify: NotifyConfig = NotifyConfig()
    queue: QueueConfig = QueueConfig()
    newsroom: NewsroomConfig = NewsroomConfig()
    sources: tuple[SourceConfig, ...] = ()

    @property
    def folder(self) -> Path:
        return self.path.parent


def read_config(path: Path, environment: Mapping[str, str] | None = None) -> Config:
    """The configuration in `path`, overridden by `environment` (default: the process's).

    Raises ConfigError with every mistake at once.
    """
    raw, root = read_yaml(path, absent="there is no such file: `tracker init DIR` lays one out, or name yours with --config")
    problems: list[Problem] = list(duplicate_keys(root))
    overridden = _apply_environment(raw, os.environ if environment is None else environment)
    _spread_cadence(raw)
    recipes = _read_recipes(raw, path.parent)
    mistakes = [found for found in recipes.values() if isinstance(found, ConfigError)]
    try:
        config = Config(**{**raw, "path": path.resolve()})
    except ValidationError as error:
        problems += [problem(dict(detail), root, Config, overridden) for detail in error.errors()]
    else:
        config = config.model_copy(update={"sources": tuple(_with_recipe(source, recipes) for source in config.sources)})
        problems += _beyond_types(config, root, recipes)
        if not problems and not mistakes:
            return config
    raise ConfigError(str(path), in_order(problems), also=mistakes)


def _read_recipes(raw: Mapping[Any, Any], folder: Path) -> dict[str, Recipe | ConfigError]:
    """The recipes that sources may take, by name, or what is wrong in them."""
    found: dict[str, Recipe | ConfigError] = {}
    for source in raw.get("sources") or () if isinstance(raw.get("sources"), list) else ():
        name = source.get("recipe", source.get("name")) if isinstance(source, dict) else None
        if isinstance(name, str) and name not in found and (path := find_recipe(name, folder)):
            try:
                found[name] = read_recipe(path)
            except ConfigError as error:
                found[name] = error
    return found


def _with_recipe(source: SourceConfig, recipes: Mapping[str, Recipe | ConfigError]) -> SourceConfig:
    """By the recipe that it names, or else by the one of its own name; `recipe: null` is none."""
    name = source.recipe if "recipe" in source.model_fields_set else source.name
    match recipes.get(name or ""):
        case Recipe() as recipe:
            return source.by(recipe)
        case ConfigError():
            return source.model_copy(update={"recipe": name})
        case None:
            return source


def _apply_environment(raw: dict[Any, Any], environment: Mapping[str, str]) -> dict[Place, str]:
    """Sets TRACKER_WEB__PORT=8001 as web.port; returns which variable set which place."""
    places: dict[Place, str] = {}
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


def _beyond_types(config: Config, root: yaml.Node | None, recipes: Mapping[str, Recipe | ConfigError]) -> Iterator[Problem]:
    names = [source.name for source in config.sources]
    for position, name in enumerate(names):
        if name in names[:position]:
            yield line_of(root, ("sources", position, "name")), f"two sources are named {name}: each needs a name of its own"
    for position, source in enumerate(config.sources):
        if source.recipe and source.recipe not in recipes:
            yield line_of(root, ("sources", position, "recipe")), no_recipe(source.recipe, config.folder)
        elif source.kind == "feeds" and not source.feeds and not isinstance(recipes.get(source.recipe or ""), ConfigError):
            sentence = f'the source {source.name} names no feeds: add feeds: ["https://..."]'
            yield line_of(root, ("sources", position)), sentence
    try:
        Gate(config.fetch.allow_private_addresses)
    except ValueError as error:
        place = "fetch", "allow_private_addresses"
        yield line_of(root, place), f"fetch.allow_private_addresses: {error}"
    yield from _beyond_alarms(config, root)
    if config.web.host in {"0.0.0.0", "::"} and config.web.base_url is None:  # noqa: S104 - named to be refused
        sentence = "web.base_url must be set where web.host is every address: links in change feeds begin with it"
        yield line_of(root, ("web", "host")), sentence
    if config.queue.workers:
        yield from _on_many_machines(config, root)
    if [source.kind for source in config.sources].count("newsroom") > 1:
        yield line_of(root, ("sources",)), "only one source may be of kind newsroom"


def _beyond_alarms(config: Config, root: yaml.Node | None) -> Iterator[Problem]:
    for position, target in enumerate(config.notify.alarms):
        line = line_of(root, ("notify", "alarms", position))
        if target.mail is not None and config.mail.host is None:
            yield line, "notify.alarms: no mail can be sent before mail.host and mail.from are set"
        if target.apprise is not None and target.apprise not in config.notify.apprise:
            yield line, f"notify.alarms: notify.apprise names no {target.apprise}"
        before = config.notify.alarms[:position]
        if any((target.webhook, target.mail, target.apprise) == (one.webhook, one.mail, one.apprise) for one in before):
            yield line, "notify.alarms: this one stands here already: it would be told all twice"
        elif target.secret is not None and any(target.secret == one.secret for one in before):
            yield line, "notify.alarms: two webhooks have one secret: each needs one of its own"


def _on_many_machines(config: Config, root: yaml.Node | None) -> Iterator[Problem]:
    if config.store.url.startswith("sqlite"):
        sentence = (
            "queue.workers needs a PostgreSQL store (store.url: postgresql+psycopg://...): "
            "a SQLite file is one machine's, where tracker run polls by itself"
        )
        yield line_of(root, ("queue", "workers")), sentence
    for position, source in enumerate(config.sources):
        if source.kind == "newsroom":
            sentence = "the seed newsroom runs inside tracker run, where no other machine asks it: take it out where queue.workers is true"
            yield line_of(root, ("sources", position, "kind")), sentence
