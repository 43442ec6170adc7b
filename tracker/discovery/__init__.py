"""Lists coming in, read into values: feeds, the feeds that a page announces, OPML. Pure: bytes in, values out."""

from tracker.discovery.feeds import is_whole, read_feed
from tracker.discovery.links import find_feeds
from tracker.discovery.opml import Outline, read_opml, write_opml

__all__ = ["Outline", "find_feeds", "is_whole", "read_feed", "read_opml", "write_opml"]
