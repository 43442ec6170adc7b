"""The commands about subscriptions: what they ask of the store, and what they print of it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import typer
from rich.text import Text

from tracker import app
from tracker.config import Config
from tracker.errors import SearchError, UnsafeAddress
from tracker.fetch.guard import Gate
from tracker.mistakes import MAIL
from tracker.model import Attempt, Channel, Digest, Filter, Query, Scope, Side, Significance, Subscription, Wish
from tracker.notify.timing import next_digest
from tracker.notifying import mail_server
from tracker.sandbox import Sandbox
from tracker.terminal import out, print_json_line, rfc3339
from tracker.terms import read_query
from tracker.units import read_time, read_zone
from tracker.web.filters import FACETS

T = TypeVar("T")

# So many notices are counted; behind by more is behind by far.
COUNTED = 100
ATTEMPTS_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the command line said of a wish."""

    source: str | None = None
    article: str | None = None
    search: str | None = None
    side: Side | None = None
    significance: Significance | None = None
    facet: str | None = None
    alarms: bool = False
    daily: bool = False
    at: str | None = None
    zone: str | None = None


def subscribe(config: Config, channel: Channel, target: str, asked: Asked, *, as_json: bool) -> None:
    """Raises BadParameter, NotFound."""
    _check(config, channel, target)
    now, digest, search = app.now(), _digest(config, channel, asked), _search(asked)
    with closing(app.open_store(config)) as store:
        article_id = None if asked.article is None else store.articles.find(asked.article).id
        scope = Scope(source=asked.source, article_id=article_id, search=search)
        only = Filter(significance=asked.significance, facet=_facet(asked.facet))
        if asked.alarms and (scope, only, asked.daily) != (Scope(), Filter(), False):
            message = "--alarms takes no other wish: each alarm is told at once."
            raise typer.BadParameter(message)
        wish = Wish(channel=channel, target=target, scope=scope, only=only, of_alarms=asked.alarms, digest=digest)
        made = store.subscriptions.add(wish, now, next_at=next_digest(digest, now) if digest else None)
    secret = made.secret if channel is Channel.WEBHOOK else None
    if as_json:
        print_json_line({"id": made.id, "channel": channel, "target": target, "secret": secret})
        return
    out.print(Text(f"Subscription {made.id}: {told_of(wish)}. tracker subscribe test {made.id} tries it; tracker run serves it."))
    if secret is not None:
        out.print(Text(f"Each message is signed (Standard Webhooks) with this secret, which is shown only now:\n{secret}"))


def _check(config: Config, channel: Channel, target: str) -> None:
    if channel is Channel.WEBHOOK:
        gate = Gate(config.fetch.allow_private_addresses, config.fetch.ports)
        _wanted(lambda: gate.check_url(target))
    elif channel is Channel.MAIL:
        if re.fullmatch(MAIL, target) is None:
            message = f"{target!r} is no mail address such as reader@example.org."
            raise typer.BadParameter(message)
        if mail_server(config) is None:
            message = "No mail can be sent yet: set mail.host and mail.from in config.yaml."
            raise typer.BadParameter(message)
    elif target not in config.notify.apprise:
        message = f"notify.apprise in config.yaml names no {target}: add it there, since only the operator says what is asked."
        raise typer.BadParameter(message)


def _digest(config: Config, channel: Channel, asked: Asked) -> Digest | None:
    if not asked.daily:
        if asked.at is not None or asked.zone is not None:
            message = "--at and --zone say when a --daily digest is sent."
            raise typer.BadParameter(message)
        return None
    if channel is Channel.WEBHOOK:
        message = "--daily is for what people read, by mail or Apprise: a webhook gets each change at once."
        raise typer.BadParameter(message)
    at = config.notify.digest_at if asked.at is None else _wanted(lambda: read_time(asked.at))
    zone = config.notify.time_zone if asked.zone is None else _wanted(lambda: read_zone(asked.zone or ""))
    return Digest(at=at, zone=zone)


def _search(asked: Asked) -> Query | None:
    if asked.search is None:
        if asked.side is not None:
            message = "--side says in which words of a change --search looks."
            raise typer.BadParameter(message)
        return None
    words = asked.search
    return _wanted(lambda: read_query(words, asked.side))


def _wanted(read: Callable[[], T]) -> T:
    try:
        return read()
    except (ValueError, UnsafeAddress, SearchError) as error:
        raise typer.BadParameter(str(error)) from None


def _facet(name: str | None) -> str | None:
    if name is not None and name not in FACETS:
        message = f"--facet is one of {', '.join(FACETS)}."
        raise typer.BadParameter(message)
    return name


def unsubscribe(config: Config, subscription_id: int) -> None:
    """Raises NotFound."""
    with closing(app.open_store(config)) as store:
        declared = store.subscriptions.get(subscription_id).declared
        if declared:
            message = f"Subscription {subscription_id} stands in config.yaml: take its line out of notify.alarms."
            raise typer.BadParameter(message)
        store.subscriptions.remove(subscription_id, app.now())
    out.print(f"Subscription {subscription_id} has ended; nothing of it is kept.")


def resume(config: Config, subscription_id: int) -> None:
    """Raises NotFound."""
    with closing(app.open_store(config)) as store:
        store.subscriptions.resume(subscription_id, app.now())
    out.print(f"Subscription {subscription_id} goes on where it stopped.")


def try_out(config: Config, subscription_id: int) -> None:
    """Raises NotFound, NotDelivered."""
    asyncio.run(_try_out(config, subscription_id))
    out.print(f"Subscription {subscription_id} took a test message.")


async def _try_out(config: Config, subscription_id: int) -> None:
    with closing(await asyncio.to_thread(app.open_store, config)) as store, closing(Sandbox(workers=1)) as sandbox:
        one = await asyncio.to_thread(store.subscriptions.get, subscription_id)
        async with app.notifier_of(config, store, app.emitter_of(config, store, sandbox)) as notifier:
            await notifier.try_out(one)


# --- the list --------------------------------------------------------------------------------------


def print_subscriptions(config: Config, *, as_json: bool) -> None:
    with closing(app.open_store(config)) as store:
        shown = store.for_readers(app.now).subscriptions
        every = store.subscriptions.all()
        for one in every:
            waiting = shown.waiting(one, after=one.cursor, limit=COUNTED).notices
            attempts = store.subscriptions.attempts(one.id, limit=ATTEMPTS_SHOWN)
            oldest = waiting[0].at if waiting else None
            if as_json:
                _print_json(one, len(waiting), oldest, attempts)
            else:
                _print(one, len(waiting), oldest, attempts)
    if not every and not as_json:
        out.print("There are no subscriptions: tracker subscribe --help says how to make one.")


def _print(one: Subscription, waiting_count: int, oldest: datetime | None, attempts: tuple[Attempt, ...]) -> None:
    declared = ", in config.yaml" if one.declared else ""
    out.print(Text(f"{one.id}  {one.wish.channel} {one.wish.target}{declared}", style="bold"))
    out.print(Text(f"   {told_of(one.wish)}"))
    out.print(Text(f"   {_state(one)}{_lag(waiting_count, oldest)}"))
    for made in attempts:
        came = "taken" if made.reason is None else made.reason
        out.print(Text(f"   {made.at:%Y-%m-%d %H:%M:%S}  {made.notices_count} in {made.ms} ms: {came}"))


def _state(one: Subscription) -> str:
    if one.paused_at is not None:
        again = f"tracker subscribe resume {one.id} goes on"
        return f"paused since {one.paused_at:%Y-%m-%d %H:%M} UTC ({again}): {one.paused_because}"
    if one.failing_since is not None:
        return f"fails since {one.failing_since:%Y-%m-%d %H:%M} UTC, tried again at {one.next_at:%Y-%m-%d %H:%M:%S} UTC"
    return f"next digest at {one.next_at:%Y-%m-%d %H:%M} UTC" if one.wish.digest else "served"


def _lag(waiting_count: int, oldest: datetime | None) -> str:
    if oldest is None:
        return "; nothing waits"
    many = f"{COUNTED} or more wait" if waiting_count == COUNTED else f"{waiting_count} wait"
    return f"; {many}, the oldest since {oldest:%Y-%m-%d %H:%M:%S} UTC"


def _print_json(one: Subscription, waiting_count: int, oldest: datetime | None, attempts: tuple[Attempt, ...]) -> None:
    wish = one.wish
    tries = [{"at": rfc3339(made.at), "notices": made.notices_count, "ms": made.ms, "reason": made.reason} for made in attempts]
    print_json_line(
        {
            "id": one.id,
            "channel": wish.channel,
            "target": wish.target,
            "source": wish.scope.source,
            "article_id": wish.scope.article_id,
            "search": wish.scope.search and wish.scope.search.typed,
            "side": wish.scope.search and wish.scope.search.side,
            "significance": wish.only.significance,
            "facet": wish.only.facet,
            "alarms": wish.of_alarms,
            "digest_at": f"{wish.digest.at:%H:%M}" if wish.digest else None,
            "time_zone": wish.digest.zone if wish.digest else None,
            "declared": one.declared,
            "cursor": one.cursor,
            "waiting": waiting_count,
            "waiting_since": rfc3339(oldest),
            "failing_since": rfc3339(one.failing_since),
            "next_at": rfc3339(one.next_at),
            "paused_at": rfc3339(one.paused_at),
            "paused_because": one.paused_because,
            "attempts": tries,
        }
    )


def told_of(wish: Wish) -> str:
    """What it is told, in words."""
    if wish.of_alarms:
        return "the operator’s alarms, at once"
    only = wish.only
    what = " ".join(filter(None, [only.significance, "changes"]))
    what += f" of {only.facet}" if only.facet else ""
    if wish.scope.source is not None:
        what += f" in {wish.scope.source}"
    if wish.scope.article_id is not None:
        what += f" to article {wish.scope.article_id}"
    if wish.scope.search is not None:
        side = f"{wish.scope.search.side} " if wish.scope.search.side else ""
        what += f" with “{wish.scope.search.typed}” in {side}words"
    when = f"daily at {wish.digest.at:%H:%M} ({wish.digest.zone})" if wish.digest else "at once"
    return f"{what if what != 'changes' else 'all changes'}, {when}"
