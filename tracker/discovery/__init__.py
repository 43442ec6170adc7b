"""Lists coming in, read into values: feeds, the feeds that a page announces, OPML. Pure: bytes in, values out."""

from tracker.discovery.feeds import Listing, distinct, read_feed, read_listing
from tracker.discovery.links import find_feeds
from tracker.discovery.opml import Outline, read_opml, write_opml

__all__ = ["Listing", "Outline", "distinct", "find_feeds", "read_feed", "read_listing", "read_opml", "write_opml"]
