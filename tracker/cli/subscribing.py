"""Commands about subscriptions: who is told of changes and alarms, by webhook, mail or Apprise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from tracker import subscribing
from tracker.cli.base import DEFAULT_CONFIG, AsJson, ConfigPath
from tracker.config import read_config
from tracker.model import Channel, Side, Significance
from tracker.subscribing import Asked

commands = typer.Typer()
subscribe = typer.Typer(no_args_is_help=True, help="Tells a webhook, a mail address or an Apprise address of changes or alarms.")
commands.add_typer(subscribe, name="subscribe")

Source = Annotated[str | None, typer.Option("--source", metavar="NAME", help="Only changes of this source.")]
InArticle = Annotated[str | None, typer.Option("--article", metavar="ARTICLE", help="Only changes of this article: its id or address.")]
Search = Annotated[
    str | None, typer.Option("--search", metavar="WORDS", help="Only changes that put these words in or take them out, as in /search.")
]
InSide = Annotated[Side | None, typer.Option("--side", help="Of a search: only the words that were taken out, or put in.")]
Significant = Annotated[Significance | None, typer.Option("--significance", help="Only changes of this significance.")]
Facet = Annotated[str | None, typer.Option("--facet", metavar="NAME", help="Only changes of this kind, such as numbers.")]
Alarms = Annotated[bool, typer.Option("--alarms", help="The operator's alarms instead of changes, and when they are over.")]
Daily = Annotated[bool, typer.Option("--daily", help="All changes of a day in one message.")]
At = Annotated[str | None, typer.Option("--at", metavar="HH:MM", help="When the daily message is sent; notify.digest_at if not given.")]
Zone = Annotated[str | None, typer.Option("--zone", metavar="ZONE", help="The zone of that time; notify.time_zone if not given.")]
Number = Annotated[int, typer.Argument(metavar="ID", min=1, help="A subscription's number: tracker subscriptions lists them.")]
Target = Annotated[str, typer.Argument(metavar="TARGET", help="A webhook's address, a mail address, or a name under notify.apprise.")]


def _to(channel: Channel) -> Callable[..., None]:
    """The command of a channel: the same wishes may be made of each."""

    def command(
        target: Target,
        *,
        config: ConfigPath = DEFAULT_CONFIG,
        source: Source = None,
        article: InArticle = None,
        search: Search = None,
        side: InSide = None,
        significance: Significant = None,
        facet: Facet = None,
        alarms: Alarms = False,
        daily: Daily = False,
        at: At = None,
        zone: Zone = None,
        as_json: AsJson = False,
    ) -> None:
        asked = Asked(
            source=source,
            article=article,
            search=search,
            side=side,
            significance=significance,
            facet=facet,
            alarms=alarms,
            daily=daily,
            at=at,
            zone=zone,
        )
        subscribing.subscribe(read_config(config), channel, target, asked, as_json=as_json)

    return command


for _channel, _help in (
    (Channel.WEBHOOK, "Sends each change to an address, signed as Standard Webhooks says; the secret is shown once."),
    (Channel.MAIL, "Mails changes, at once or once a day; each mail has an address that ends it with one click."),
    (Channel.APPRISE, "Tells of changes by Apprise, at an address that config.yaml has under this name."),
):
    subscribe.command(_channel, help=_help)(_to(_channel))


@subscribe.command("test")
def try_out(number: Number, config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Sends a test message now."""
    subscribing.try_out(read_config(config), number)


@subscribe.command()
def resume(number: Number, config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Serves a paused subscription again, from where it stopped."""
    subscribing.resume(read_config(config), number)


@commands.command()
def subscriptions(config: ConfigPath = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """The subscriptions: what each is told, how far behind it is, how the last attempts went."""
    subscribing.print_subscriptions(read_config(config), as_json=as_json)


@commands.command()
def unsubscribe(number: Number, config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Ends a subscription; its address is deleted."""
    subscribing.unsubscribe(read_config(config), number)
