"""What a feed lists, as the entries that we follow: which lead to articles, at which address, known by which keys.

Pure, and run in the sandbox: a source's id pattern is tried on strangers' addresses, and may take for ever on one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tracker.discovery.feeds import distinct, read_listing
from tracker.discovery.hubs import header_links, offers_of
from tracker.model import FeedEntry, HubOffer, TrackedEntry
from tracker.scheduler.rules import SourceRules
from tracker.urls import address_of, article_keys, host_of, matches

# Archives of whole sites are offered as feeds; the newest come first, and what is older was once newest.
ENTRIES = 2000
# Of an index, the newest sitemaps are read each time.
SITEMAPS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """`children`: the sitemaps of an index. `reason` says in a sentence what of the feed was not taken. Whatever it does not
    list stays as it was. `offers`: the WebSub hubs that it names; None where it broke off before it named any."""

    entries: tuple[TrackedEntry, ...]
    is_whole: bool
    reason: str | None = None
    children: tuple[str, ...] = ()
    offers: tuple[HubOffer, ...] | None = None


def read_entries(body: bytes, url: str, charset: str | None, rules: SourceRules, links: Sequence[str] = ()) -> Listed:
    """`links` are the answer's Link headers, which WebSub believes before the document. Raises NotAFeed."""
    listing = read_listing(body, url, charset)
    entries = tracked_entries(listing.entries, rules)
    reasons = []
    if not listing.is_whole:
        reasons.append("The feed breaks off or is damaged: what it lists so far counts, and it is read again in full.")
    if len(entries) > ENTRIES:
        reasons.append(f"The feed lists {len(listing.entries)} entries: the first {ENTRIES} that lead to articles are taken.")
    reason, children = " ".join(reasons) or None, listing.children[:SITEMAPS]
    offers = offers_of((*header_links(links), *listing.links), url)
    told = offers if offers or listing.is_whole else None
    return Listed(entries=entries[:ENTRIES], is_whole=listing.is_whole, reason=reason, children=children, offers=told)


def joined(lists: Sequence[Listed]) -> Listed:
    """An index of sitemaps and those that it lists, as one."""
    entries: dict[str, TrackedEntry] = {}
    for entry in (entry for listed in lists for entry in listed.entries):
        entries.setdefault(entry.url, entry)
    reasons = dict.fromkeys(listed.reason for listed in lists if listed.reason)
    is_whole = all(listed.is_whole for listed in lists)
    return Listed(entries=tuple(entries.values())[:ENTRIES], is_whole=is_whole, reason=" ".join(reasons) or None)


def tracked_entries(entries: Sequence[FeedEntry], rules: SourceRules) -> tuple[TrackedEntry, ...]:
    """The entries that lead to articles we follow, each once, with the address to ask and the keys to know it by."""
    tracked = []
    for entry in distinct(entries):
        try:
            url = address_of(entry.url or "")
        except ValueError:
            continue  # no address that could be asked: a typo
        if matches(url, rules.include, rules.exclude):
            keys = article_keys(url, guid=entry.guid, id_pattern=rules.page.id_pattern)
            tracked.append(TrackedEntry(entry=entry, url=url, host=host_of(url), keys=keys))
    return tuple(tracked)
