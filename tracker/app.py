"""The only wiring: config -> store, fetcher, scheduler, web. No logic of its own beyond who gets what."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import uvicorn

from tracker import __version__
from tracker.config import Config
from tracker.errors import ConfigError, TrackerError
from tracker.fetch.client import Client, Limits
from tracker.model import PageRules, Poll, Retention, Source
from tracker.newsroom import Newsroom
from tracker.newsroom import sources as newsroom_sources
from tracker.notify.notifier import Notifier
from tracker.notify.websub import Publisher
from tracker.notifying import declared_wishes, notifying, served
from tracker.recipe import named_recipe
from tracker.sandbox import Sandbox
from tracker.scheduler.add import Added, Adder
from tracker.scheduler.checkup import Finding, check_feeds
from tracker.scheduler.delayed import emit_when_shown
from tracker.scheduler.emit import Emitter
from tracker.scheduler.health import Health
from tracker.scheduler.hide import JOURNAL, Hider
from tracker.scheduler.hosts import Hosts, Manners
from tracker.scheduler.hubs import keep_subscribed
from tracker.scheduler.indexing import keep_searchable
from tracker.scheduler.keeper import Keeper
from tracker.scheduler.overview import overview
from tracker.scheduler.poll import Poller, PollLimits
from tracker.scheduler.prune import Pruner
from tracker.scheduler.rules import SourceRules
from tracker.scheduler.tick import Ticker
from tracker.scheduler.train import keep_trained
from tracker.serving import Server, callback_base, is_loopback, listen
from tracker.source_rules import cadences, caps, ends_of_checks, general_cadence, source_rules
from tracker.store.store import Store
from tracker.tried import Previewed, preview
from tracker.urls import host_of
from tracker.web.application import application
from tracker.web.operating import Operating
from tracker.web.site import Site
from tracker.workfolder import seeds_folder, storage_folder, store_url, told_store_url

logger = logging.getLogger(__name__)

# Seconds that a reader gets to take the rest of an answer when the program ends.
SHUTDOWN_PATIENCE = 3
# The name that a site's robots.txt can use to speak to this program.
ROBOTS_AGENT = "tracker"


def now() -> datetime:
    """The program's one clock; every room gets it as a value or an argument."""
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


def open_store(config: Config) -> Store:
    """The store, migrated, knowing the sources and subscriptions that the configuration declares. StoreError if it is unusable."""
    store = Store.open(store_url(config))
    store.articles.declare(declared_sources(config), now())
    store.subscriptions.declare(declared_wishes(config), now())
    return store


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
async def rooms(config: Config, *, port: int | None = None, pace: bool = True) -> AsyncIterator[Rooms]:
    """Everything that polls, opened and closed in order; the newsroom too, where the configuration has it.

    `port` is the web's real one, where the configuration leaves it open. Without `pace`, hosts that
    fetch.allow_private_addresses names are asked without pause.
    """
    own = newsroom_address(config)
    allowed = (*config.fetch.allow_private_addresses, *([own] if own else []))
    async with AsyncExitStack() as stack:
        store = await asyncio.to_thread(open_store, config)
        stack.callback(store.close)
        if own:
            await stack.enter_async_context(_newsroom(config))
        sandbox = Sandbox(workers=config.sandbox.workers, memory_bytes=config.sandbox.memory)
        stack.callback(sandbox.close)
        client = await stack.enter_async_context(_client(config, allowed))
        hosts = Hosts(store=store, client=client, manners=_manners(config, own, pace=pace), clock=now)
        emitter = emitter_of(config, store, sandbox, port, announce=await _announcing(config, stack, client))
        health = Health(store=store, clock=now)
        poller = Poller(
            store=store,
            client=client,
            sandbox=sandbox,
            hosts=hosts,
            keeper=Keeper(store=store, emitter=emitter, clock=now),
            health=health,
            rules=source_rules(config),
            default_rules=SourceRules(cadence=general_cadence(config)),
            limits=_limits(config),
            clock=now,
        )
        ticker = Ticker(store=store, poller=poller, clock=now, caps=caps(config))
        yield Rooms(
            store=store,
            client=client,
            sandbox=sandbox,
            hosts=hosts,
            emitter=emitter,
            health=health,
            ticker=ticker,
            pruner=pruner(config, store),
        )


def emitter_of(
    config: Config, store: Store, sandbox: Sandbox, port: int | None = None, announce: Callable[[Sequence[str]], None] | None = None
) -> Emitter:
    return Emitter(
        store=store.for_readers(now),
        sandbox=sandbox,
        base_url=base_url(config, port),
        folder=storage_folder(config) / "feeds",
        author=config.operator.name or "tracker",
        generator=f"tracker {__version__}",
        timeout=config.sandbox.timeout,
        hub_url=config.web.hub,
        announce=announce,
    )


def notifier_of(config: Config, store: Store, emitter: Emitter, port: int | None = None) -> AbstractAsyncContextManager[Notifier]:
    told = {"base_url": base_url(config, port), "user_agent": user_agent(config)}
    return notifying(config, store, emitter.entries, **told, clock=now)


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
        client = await stack.enter_async_context(_client(config, config.fetch.allow_private_addresses))
    return (await stack.enter_async_context(Publisher(client=client, hub_url=config.web.hub))).announce


def pruner(config: Config, store: Store) -> Pruner:
    return Pruner(store=store, retention=Retention(polls=config.retention.polls, captures=config.retention.captures), clock=now)


def _manners(config: Config, own: str | None, *, pace: bool) -> Manners:
    named = () if pace else config.fetch.allow_private_addresses
    return Manners(agent=ROBOTS_AGENT, delay=config.fetch.per_host_delay, unpaced=frozenset((*named, *([own] if own else ()))))


def _limits(config: Config) -> PollLimits:
    fetch = config.fetch
    return PollLimits(article_bytes=fetch.max_article_bytes, feed_bytes=fetch.max_feed_bytes, task_timeout=config.sandbox.timeout)


def _client(config: Config, allowed: tuple[str, ...]) -> Client:
    limits = Limits(
        timeout=config.fetch.timeout,
        redirects=config.fetch.max_redirects,
        article_bytes=config.fetch.max_article_bytes,
    )
    return Client(
        user_agent=user_agent(config), limits=limits, allowed=allowed, ports=config.fetch.ports, proxy=config.fetch.proxy, clock=now
    )


def newsroom_address(config: Config) -> str | None:
    """Where the seed newsroom answers: the one private address that the program itself names."""
    has_one = any(source.kind == "newsroom" for source in config.sources)
    return f"127.0.0.1:{config.newsroom.port}" if has_one else None


@asynccontextmanager
async def _newsroom(config: Config) -> AsyncIterator[None]:
    newsroom = Newsroom(
        seeds=seeds_folder(config),
        state=storage_folder(config) / "newsroom.json",
        port=config.newsroom.port,
        clock=now,
        change_after=config.newsroom.change_after,
    )
    await newsroom.start()
    try:
        yield
    finally:
        await newsroom.stop()


async def _emit(emitter: Emitter) -> None:
    try:
        await emitter.emit_all()
    except TrackerError as error:
        logger.warning("the change feeds could not be written at the start: %s", error)


async def _serve(server: Server, sock: socket.socket, opened: Rooms, *, callback: str | None, listening: Callable[[], None]) -> None:
    """Serves and polls until a signal comes. Polling ends first: a reader who takes his time must not prolong it."""
    asked_to_leave = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, asked_to_leave.set)
    serving = asyncio.create_task(server.serve(sockets=[sock]))
    # What a crash kept from being written is written now; meanwhile the pages build what has no file.
    emitting = asyncio.create_task(_emit(opened.emitter))
    training = asyncio.create_task(keep_trained(opened.store, now))
    indexing = asyncio.create_task(keep_searchable(opened.store, opened.sandbox))
    pruning = asyncio.create_task(opened.pruner.every_day())
    waiting = asyncio.create_task(emit_when_shown(opened.store, opened.emitter, now))
    subscribing = [asyncio.create_task(keep_subscribed(opened.store, opened.client, callback, now))] if callback else []
    opened.ticker.start()
    listening()
    leaving = asyncio.create_task(asked_to_leave.wait())
    await asyncio.wait([serving, leaving], return_when=asyncio.FIRST_COMPLETED)
    await opened.ticker.stop()
    tasks = (emitting, training, indexing, pruning, waiting, leaving, *subscribing)
    for task in tasks:
        task.cancel()
    server.should_exit = True
    await serving
    await asyncio.gather(*tasks, return_exceptions=True)


# --- what the commands run -------------------------------------------------------------------------


async def poll_once(config: Config, *, source: str | None, everything: bool, pace: bool, report: Callable[[Poll], None]) -> int:
    """`tracker poll`. Gives how many jobs a mistake of ours ended: the log has it."""
    async with rooms(config, pace=pace) as opened:
        if source is not None:
            await asyncio.to_thread(opened.store.articles.source, source)  # NotFound for a name that is none
        broken_count = await opened.ticker.poll_due(source=source, everything=everything, report=report)
        await opened.emitter.emit_all()
    return broken_count


async def add(config: Config, url: str, *, source: str | None) -> Added:
    """`tracker add`."""
    async with rooms(config) as opened:
        return await _adder(config, opened).add(url, source=source)


def _adder(config: Config, opened: Rooms) -> Adder:
    timeout = config.sandbox.timeout
    return Adder(store=opened.store, client=opened.client, sandbox=opened.sandbox, hosts=opened.hosts, timeout=timeout, clock=now)


def _operating(config: Config, opened: Rooms) -> Operating:
    folder = storage_folder(config)
    return Operating(
        store=opened.store,
        adder=_adder(config, opened),
        hider=Hider(store=opened.store, emitter=opened.emitter, journal=folder / JOURNAL, clock=now),
        emitter=opened.emitter,
        cadence_of=cadences(config),
        folder=folder,
        clock=now,
    )


async def check(config: Config) -> tuple[Finding, ...]:
    """`tracker check`: the configuration was read, the store opens, each feed answers."""
    async with rooms(config) as opened:
        known = await asyncio.to_thread(opened.store.articles.sources)
        feeds = [feed for health in known if not health.source.paused for feed in health.feeds]
        standing = await asyncio.to_thread(overview, opened.store, storage_folder(config), now())
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


async def run(config: Config, *, listening: Callable[[str], None]) -> None:
    """`tracker run`: web and timers in one process, until SIGINT or SIGTERM. `listening` gets the address."""
    with listen(config) as sock:
        port = sock.getsockname()[1]
        async with rooms(config, port=port) as opened, served(notifier_of(config, opened.store, opened.emitter, port)):
            gc.freeze()  # what is there now stays: to look through it again and again held up everything for 90 ms each time
            site = Site(
                base_url=base_url(config, port),
                operator_name=config.operator.name,
                operator_contact=config.operator.contact,
                publish=config.web.publish or ("full" if is_loopback(config) else "changes"),
                reserved=config.web.reserved,
                version=__version__,
                hub_url=config.web.hub,
                cadence=general_cadence(config),
                access=config.web.access,
                api_rate=config.web.api_rate,
            )
            asgi = application(
                store=opened.store.for_readers(now),
                sandbox=opened.sandbox,
                emitter=opened.emitter,
                health=opened.health,
                site=site,
                checked_until=ends_of_checks(config),
                operating=_operating(config, opened),
                clock=now,
            )
            settings = uvicorn.Config(
                asgi, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=SHUTDOWN_PATIENCE
            )
            told = base_url(config, port)
            await _serve(Server(settings), sock, opened, callback=callback_base(config), listening=lambda: listening(told))
