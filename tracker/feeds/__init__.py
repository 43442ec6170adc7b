"""Events as Atom, RSS 2.0 and JSON Feed 1.1. Pure: values in, bytes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from tracker.feeds import atom, json_feed, rss
from tracker.feeds.change_feed import ChangeEntry, ChangeFeed

__all__ = ["FORMATS", "ChangeEntry", "ChangeFeed", "Format"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    write: Callable[[ChangeFeed], bytes]
    entry_ids: Callable[[bytes], tuple[str, ...]]
    content_type: str


# By the ending of a change feed's address, in the order in which pages offer them.
FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        atom.ENDING: Format(write=atom.write, entry_ids=atom.entry_ids, content_type=atom.CONTENT_TYPE),
        rss.ENDING: Format(write=rss.write, entry_ids=rss.entry_ids, content_type=rss.CONTENT_TYPE),
        json_feed.ENDING: Format(write=json_feed.write, entry_ids=json_feed.entry_ids, content_type=json_feed.CONTENT_TYPE),
    }
)
