"""Notices by Apprise, which knows a hundred services. An extra; its addresses come from the operator's configuration alone, since it
asks whatever it is told to, past our gate to the network."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from tracker.errors import NotDelivered
from tracker.feeds.change_feed import web_link
from tracker.model import Subscription
from tracker.notify.told import Told, subject

WITHIN = timedelta(seconds=45)
AT_ONCE = 4


class Apprises:
    """`addresses` by the names that subscriptions use."""

    def __init__(self, addresses: Mapping[str, str]) -> None:
        self._addresses = addresses
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="apprise")

    async def send(self, one: Subscription, told: Sequence[Told]) -> None:
        """Raises NotDelivered."""
        address = self._addresses.get(one.wish.target)
        if address is None:
            raise NotDelivered(f"notify.apprise in config.yaml names no {one.wish.target}.")
        sent = asyncio.get_running_loop().run_in_executor(self._threads, _send, address, subject(told), _text(told))
        try:
            async with asyncio.timeout(WITHIN.total_seconds()):
                await sent
        except TimeoutError as late:
            raise NotDelivered(f"Apprise took longer than {WITHIN.total_seconds():g} s.") from late

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def _send(address: str, title: str, text: str) -> None:
    try:
        apprise = importlib.import_module("apprise")
    except ImportError as error:
        raise NotDelivered("Apprise is not installed beside this program: pip install apprise.") from error
    opened = apprise.Apprise()
    if not opened.add(address):
        raise NotDelivered("Apprise does not know this form of address: see notify.apprise in config.yaml.")
    if not opened.notify(title=title, body=text, body_format="text"):
        raise NotDelivered("Apprise could not deliver it: tracker -v logs why.")


def _text(told: Sequence[Told]) -> str:
    """Short: services cut what is long."""
    lines = []
    for one in told:
        link = web_link(one.entry.url) if one.entry is not None else None
        lines.append("\n".join([*([one.title] if len(told) > 1 else []), one.summary, *([link] if link else [])]))
    return "\n\n".join(lines)
