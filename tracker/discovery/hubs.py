"""Links that a feed gives itself, in its document or in its answer's Link headers -> the WebSub hubs that it offers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tracker.discovery.addresses import absolute
from tracker.model import HubOffer

# What a link is to the feed, and where it leads, as given.
Relation = tuple[str, str]

_LINK = re.compile(r"<([^<>]*)>([^<]*)")
_REL = re.compile(r';\s*rel\s*=\s*(?:"([^"]*)"|([^",;\s]+))', re.IGNORECASE)


def header_links(values: Iterable[str]) -> Iterator[Relation]:
    """Of Link headers (RFC 8288), in their order."""
    for value in values:
        for link in _LINK.finditer(value):
            if rel := _REL.search(link[2]):
                yield (rel[1] or rel[2] or ""), link[1]


def offers_of(links: Iterable[Relation], url: str) -> tuple[HubOffer, ...]:
    """Each hub once. Without an address of its own, the feed is known by the one where it was found."""
    hubs: dict[str, None] = {}
    topics: list[str] = []
    for rel, link in links:
        kinds = rel.lower().split()
        address = absolute(url, link) if {"hub", "self"} & set(kinds) else None
        if address is not None and "hub" in kinds:
            hubs[address] = None
        if address is not None and "self" in kinds:
            topics.append(address)
    return tuple(HubOffer(hub_url=hub, topic_url=(topics or [url])[0]) for hub in hubs)
