"""The only wiring: config -> store, fetcher, scheduler, web. No logic of its own beyond who gets what."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from tracker import __version__
from tracker.clock import Clock
from tracker.config import Config
from tracker.errors import ConfigError
from tracker.fetch.client import Client, Limits
from tracker.model import PageRules, Poll, Retention, Source
from tracker.newsroom import Newsroom
from tracker.newsroom import sources as newsroom_sources
from tracker.notify.notifier import Notifier
from tracker.notify.websub import Publisher
from tracker.notifying import declared_wishes, notifying
from tracker.recipe import named_recipe
from tracker.sandbox import Sandbox
from tracker.scheduler.add import Added, Adder
from tracker.scheduler.checkup import Finding, check_feeds
from tracker.scheduler.emit import Emitter
from tracker.scheduler.health import Health
from tracker.scheduler.hide import JOURNAL, Hider
from tracker.scheduler.hosts import Hosts, Manners
from tracker.scheduler.indexing import index_due
from tracker.scheduler.keeper import Keeper
from tracker.scheduler.overview import overview
from tracker.scheduler.poll import Poller, PollLimits
from tracker.scheduler.prune import Pruner
from tracker.scheduler.rules import SourceRules
from tracker.scheduler.tick import Ticker
from tracker.source_rules import cadences, caps, general_cadence, source_rules
from tracker.store.store import Store
from tracker.tried import Previewed, preview
from tracker.urls import host_of
from tracker.web.operating import Operating
from tracker.workfolder import seeds_folder, storage_folder, store_url, told_store_url

logger = logging.getLogger(__name__)

# The name that a site's robots.txt can use to speak to this program.
ROBOTS_AGENT = "tracker"


def now() -> datetime:
    """What a command calls now; a running program goes by the store's Clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rooms:
    """What a running program consists of."""

    store: Store
    client: Client
    sandbox: Sandbox
    hosts: Hosts
    emitter: Emitter
    health: Health
    ticker: Ticker
    pruner: Pruner
    clock: Clock


def open_store(config: Config) -> Store:
    """The store, migrated, knowing the sources and subscriptions that the configuration declares. StoreError if it is unusable."""
    return open_with_clock(config)[0]


def open_with_clock(config: Config) -> tuple[Store, Clock]:
    """The same, and the clock that all who use this store go by."""
    store = Store.open(store_url(config))
    clock = Clock(store.time)
    clock.ask()
    store.articles.declare(declared_sources(config), clock())
    store.subscriptions.declare(declared_wishes(config), clock())
    return store, clock


def declared_sources(config: Config) -> tuple[Source, ...]:
    declared: list[Source] = []
    for source in config.sources:
        if source.kind == "newsroom":
            published = newsroom_sources(seeds_folder(config), config.newsroom.port)
            declared += [replace(one, publish_delay=source.publish_delay) for one in published]
        else:
            title, include, exclude = source.title or source.name, source.include, source.exclude
            made = Source(name=source.name, title=title, feeds=source.feeds, include=include, exclude=exclude)
            declared.append(replace(made, publish_delay=source.publish_delay))
    names = [source.name for source in declared]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        sentence = f"the source {twice[0]} is also one of the seed newsroom's: give yours another name"
        raise ConfigError(str(config.path), [(None, sentence)])
    return tuple(declared)


def base_url(config: Config, port: int | None = None) -> str:
    host = f"[{config.web.host}]" if ":" in config.web.host else config.web.host
    return (config.web.base_url or f"http://{host}:{config.web.port if port is None else port}").rstrip("/")


def user_agent(config: Config) -> str:
    """Honest: the program, its version, and where the operator is reached."""
    contact = config.operator.contact
    return f"{ROBOTS_AGENT}/{__version__} ({contact})" if contact else f"{ROBOTS_AGENT}/{__version__}"


@asynccontextmanager
async def rooms(config: Config, *, port: int | None = None, pace: bool = True, emits: bool = True) -> AsyncIterator[Rooms]:
    """Everything that polls, opened and closed in order; the newsroom too, where the configuration has it.

    `port` is the web's real one, where the configuration leaves it open. Without `pace`, hosts that
    fetch.allow_private_addresses names are asked without pause. Without `emits`, others write the change feeds of what is kept.
    """
    own = newsroom_address(config)
    allowed = (*config.fetch.allow_private_addresses, *([own] if own else []))
    async with AsyncExitStack() as stack:
        store, clock = await asyncio.to_thread(open_with_clock, config)
        stack.callback(store.close)
        await stack.enter_async_context(beside(clock.keep_right()))
        if own:
            await stack.enter_async_context(_newsroom(config, clock))
        sandbox = Sandbox(workers=config.sandbox.workers, memory_bytes=config.sandbox.memory)
        stack.callback(sandbox.close)
        client = await stack.enter_async_context(_client(config, allowed, clock))
        hosts = Hosts(store=store, client=client, manners=_manners(config, own, pace=pace), clock=clock)
        announce = await _announcing(config, stack, client)
        emitter = emitter_of(config, store, sandbox, clock=clock, port=port, announce=announce)
        health = Health(store=store, clock=clock)
        poller = Poller(
            store=store,
            client=client,
            sandbox=sandbox,
            hosts=hosts,
            keeper=Keeper(store=store, emitter=emitter if emits else None, clock=clock),
            health=health,
            rules=source_rules(config),
            default_rules=SourceRules(cadence=general_cadence(config)),
            limits=_limits(config),
            clock=clock,
        )
        ticker = Ticker(store=store, poller=poller, clock=clock, caps=caps(config))
        yield Rooms(
            store=store,
            client=client,
            sandbox=sandbox,
            hosts=hosts,
            emitter=emitter,
            health=health,
            ticker=ticker,
            pruner=pruner(config, store, clock),
            clock=clock,
        )


@asynccontextmanager
async def beside(*works: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Works that go on meanwhile, and are cancelled at the end. One that breaks is told in the log; the rest goes on."""
    tasks = [asyncio.create_task(work, name=getattr(work, "__qualname__", None)) for work in works]
    for task in tasks:
        task.add_done_callback(_tell_if_broken)
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _tell_if_broken(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        sentence = "%s ended by a mistake of the program, and is not done until it is started again"
        logger.error(sentence, task.get_name(), exc_info=task.exception())


def emitter_of(
    config: Config,
    store: Store,
    sandbox: Sandbox,
    *,
    clock: Callable[[], datetime] = now,
    port: int | None = None,
    announce: Callable[[Sequence[str]], None] | None = None,
    writes: bool = True,
) -> Emitter:
    return Emitter(
        store=store.for_readers(clock),
        sandbox=sandbox,
        base_url=base_url(config, port),
        folder=storage_folder(config) / "feeds" if writes else None,
        author=config.operator.name or "tracker",
        generator=f"tracker {__version__}",
        timeout=config.sandbox.timeout,
        hub_url=config.web.hub,
        announce=announce,
    )


def notifier_of(
    config: Config, store: Store, emitter: Emitter, *, clock: Callable[[], datetime] = now, port: int | None = None
) -> AbstractAsyncContextManager[Notifier]:
    told = {"base_url": base_url(config, port), "user_agent": user_agent(config)}
    return notifying(config, store, emitter.entries, **told, clock=clock)


@asynccontextmanager
async def emitting(config: Config, store: Store) -> AsyncIterator[Emitter]:
    """An Emitter for a command that polls nothing; the hub is told."""
    async with AsyncExitStack() as stack:
        sandbox = Sandbox(workers=1, memory_bytes=config.sandbox.memory)
        stack.callback(sandbox.close)
        yield emitter_of(config, store, sandbox, announce=await _announcing(config, stack))


async def _announcing(config: Config, stack: AsyncExitStack, client: Client | None = None) -> Callable[[Sequence[str]], None] | None:
    """What tells the configured hub, if there is one."""
    if config.web.hub is None:
        return None
    if client is None:
        client = await stack.enter_async_context(_client(config, config.fetch.allow_private_addresses, now))
    return (await stack.enter_async_context(Publisher(client=client, hub_url=config.web.hub))).announce


def pruner(config: Config, store: Store, clock: Callable[[], datetime] = now) -> Pruner:
    return Pruner(store=store, retention=Retention(polls=config.retention.polls, captures=config.retention.captures), clock=clock)


def _manners(config: Config, own: str | None, *, pace: bool) -> Manners:
    named = () if pace else config.fetch.allow_private_addresses
    return Manners(agent=ROBOTS_AGENT, delay=config.fetch.per_host_delay, unpaced=frozenset((*named, *([own] if own else ()))))


def _limits(config: Config) -> PollLimits:
    fetch = config.fetch
    return PollLimits(article_bytes=fetch.max_article_bytes, feed_bytes=fetch.max_feed_bytes, task_timeout=config.sandbox.timeout)


def _client(config: Config, allowed: tuple[str, ...], clock: Callable[[], datetime]) -> Client:
    limits = Limits(
        timeout=config.fetch.timeout,
        redirects=config.fetch.max_redirects,
        article_bytes=config.fetch.max_article_bytes,
    )
    return Client(
        user_agent=user_agent(config), limits=limits, allowed=allowed, ports=config.fetch.ports, proxy=config.fetch.proxy, clock=clock
    )


def newsroom_address(config: Config) -> str | None:
    """Where the seed newsroom answers: the one private address that the program itself names."""
    has_one = any(source.kind == "newsroom" for source in config.sources)
    return f"127.0.0.1:{config.newsroom.port}" if has_one else None


@asynccontextmanager
async def _newsroom(config: Config, clock: Callable[[], datetime]) -> AsyncIterator[None]:
    newsroom = Newsroom(
        seeds=seeds_folder(config),
        state=storage_folder(config) / "newsroom.json",
        port=config.newsroom.port,
        clock=clock,
        change_after=config.newsroom.change_after,
    )
    await newsroom.start()
    try:
        yield
    finally:
        await newsroom.stop()


# --- what the commands run -------------------------------------------------------------------------


async def poll_once(config: Config, *, source: str | None, everything: bool, pace: bool, report: Callable[[Poll], None]) -> int:
    """`tracker poll`. Gives how many jobs a mistake of ours ended: the log has it."""
    async with rooms(config, pace=pace) as opened:
        if source is not None:
            await asyncio.to_thread(opened.store.articles.source, source)  # NotFound for a name that is none
        broken_count = await opened.ticker.poll_due(source=source, everything=everything, report=report)
        await opened.emitter.emit_all()
        await index_due(opened.store, opened.sandbox)
    return broken_count


async def add(config: Config, url: str, *, source: str | None) -> Added:
    """`tracker add`."""
    async with rooms(config) as opened:
        client, sandbox, hosts, emitter, clock = opened.client, opened.sandbox, opened.hosts, opened.emitter, opened.clock
        operating = operating_of(config, opened.store, client=client, sandbox=sandbox, hosts=hosts, emitter=emitter, clock=clock)
        return await operating.adder.add(url, source=source)


def operating_of(
    config: Config, store: Store, *, client: Client, sandbox: Sandbox, hosts: Hosts, emitter: Emitter, clock: Callable[[], datetime]
) -> Operating:
    """What an operator may do over the web."""
    folder, timeout = storage_folder(config), config.sandbox.timeout
    return Operating(
        store=store,
        adder=Adder(store=store, client=client, sandbox=sandbox, hosts=hosts, timeout=timeout, clock=clock),
        hider=Hider(store=store, emitter=emitter, journal=folder / JOURNAL, clock=clock),
        emitter=emitter,
        cadence_of=cadences(config),
        folder=folder,
        clock=clock,
    )


@asynccontextmanager
async def asking(config: Config, store: Store, clock: Callable[[], datetime]) -> AsyncIterator[tuple[Client, Hosts]]:
    """What asks other sites, for a process that polls nothing."""
    async with _client(config, config.fetch.allow_private_addresses, clock) as client:
        yield client, Hosts(store=store, client=client, manners=_manners(config, None, pace=True), clock=clock)


async def check(config: Config) -> tuple[Finding, ...]:
    """`tracker check`: the configuration was read, the store opens, each feed answers."""
    async with rooms(config) as opened:
        known = await asyncio.to_thread(opened.store.articles.sources)
        feeds = [feed for health in known if not health.source.paused for feed in health.feeds]
        standing = await asyncio.to_thread(overview, opened.store, storage_folder(config), opened.clock())
        findings = await check_feeds(
            feeds,
            client=opened.client,
            sandbox=opened.sandbox,
            hosts=opened.hosts,
            cap=config.fetch.max_feed_bytes,
            task_timeout=config.sandbox.timeout,
        )
    told = {"tracker": f"is version {__version__}", str(config.path): "is valid", told_store_url(config): "can be read and written"}
    good = [Finding(about=about, good=True, sentence=sentence) for about, sentence in told.items()]
    if not feeds:
        good.append(Finding(about="sources", good=False, sentence="name no feed: add one under sources, or with `tracker add URL`"))
    if not config.operator.contact and any(host_of(feed.url) != newsroom_address(config) for feed in feeds):
        sentence = "is not set: publishers cannot reach you; set it before you poll other people's sites"
        good.append(Finding(about="operator.contact", good=False, sentence=sentence))
    return (*good, *findings, *standing)


async def preview_recipe(config: Config, name: str, *, article: str | None) -> tuple[Previewed, ...]:
    """`tracker recipe preview`. Nothing is written, so the store does not even learn which sources are declared."""
    rules = _page_rules(config, name)
    store = await asyncio.to_thread(Store.open, store_url(config))
    sandbox = Sandbox(workers=1, memory_bytes=config.sandbox.memory)
    try:
        return await preview(store, sandbox, rules, article=article, limits=_limits(config))
    finally:
        sandbox.close()
        store.close()


def _page_rules(config: Config, name: str) -> dict[str, PageRules]:
    """The rules of the source of that name, or of all that take the recipe of that name; of one that was added by command,
    the recipe's own."""
    taking = {name} | {source.name for source in config.sources if source.recipe == name}
    found = {source: rules.page for source, rules in source_rules(config).items() if source in taking}
    return found or {name: named_recipe(name, config.folder).page_rules}


