"""From the configuration to what serves subscriptions: which channels there are, and whom config.yaml itself subscribes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta

from tracker.config import Config
from tracker.fetch.client import Client, Limits
from tracker.model import Channel, Wish
from tracker.notify.apprises import Apprises
from tracker.notify.mail import Mails
from tracker.notify.notifier import Entries, Notifier
from tracker.notify.smtp import Mailer, MailServer
from tracker.notify.told import Outlet
from tracker.notify.webhook import Webhooks
from tracker.store.store import Store

# A receiver that needs longer does its work before it answers: Standard Webhooks suggests 15 to 30 seconds.
LONGEST_ANSWER = timedelta(seconds=20)
# Changes in one message: more are unread. The following ones come in the next.
IN_A_MAIL, IN_A_DIGEST, IN_A_PUSH = 20, 50, 10


@asynccontextmanager
async def notifying(
    config: Config, store: Store, entries: Entries, *, base_url: str, user_agent: str, clock: Callable[[], datetime]
) -> AsyncIterator[Notifier]:
    """Whoever serves subscriptions; `run` makes it begin. Its connections are its own: a slow receiver takes none from the polls."""
    async with AsyncExitStack() as stack:
        limits = Limits(timeout=min(config.fetch.timeout, LONGEST_ANSWER), article_bytes=config.fetch.max_article_bytes)
        allowed, ports, proxy = config.fetch.allow_private_addresses, config.fetch.ports, config.fetch.proxy
        made = Client(user_agent=user_agent, limits=limits, allowed=allowed, ports=ports, proxy=proxy, clock=clock)
        client = await stack.enter_async_context(made)
        webhooks = Webhooks(client=client, installation_id=store.installation_id, clock=clock)
        apprises = Apprises(config.notify.apprise)
        stack.callback(apprises.close)
        outlets = {
            Channel.WEBHOOK: Outlet(send=webhooks.send, at_once=1, of_a_day=1),
            Channel.APPRISE: Outlet(send=apprises.send, at_once=IN_A_PUSH, of_a_day=IN_A_DIGEST),
        }
        server = mail_server(config)
        if server is not None:
            mailer = Mailer(server)
            stack.callback(mailer.close)
            mails = Mails(mailer=mailer, base_url=base_url, installation_id=store.installation_id, clock=clock)
            outlets[Channel.MAIL] = Outlet(send=mails.send, at_once=IN_A_MAIL, of_a_day=IN_A_DIGEST)
        yield Notifier(
            store=store.for_readers(clock), entries=entries, outlets=outlets, clock=clock, give_up_after=config.notify.give_up_after
        )


def mail_server(config: Config) -> MailServer | None:
    mail = config.mail
    if mail.host is None or mail.sender is None:
        return None
    return MailServer(
        host=mail.host, port=mail.port, sender=mail.sender, username=mail.username, password=mail.password, tls=mail.tls
    )


def declared_wishes(config: Config) -> tuple[tuple[Wish, str | None], ...]:
    """Who is told of alarms, and the secret that is given for it."""
    found = []
    for one in config.notify.alarms:
        for channel, target in ((Channel.WEBHOOK, one.webhook), (Channel.MAIL, one.mail), (Channel.APPRISE, one.apprise)):
            if target is not None:
                found.append((Wish(channel=channel, target=target, of_alarms=True), one.secret))
    return tuple(found)
