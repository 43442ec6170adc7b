"""A link as some document gives it -> an absolute http(s) URL, or none."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

_LENGTH = 8192


def absolute(base: str, link: str | None) -> str | None:
    """The link against its base; None for what does not lead to a web page.

    feed: is an old way to say "open this in a feed reader", before a whole URL or instead of http:.
    """
    if not link or len(link) > _LENGTH:
        return None
    try:
        joined = urljoin(base, _without_feed_scheme(link.strip()))
        parts = urlsplit(joined)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 80) > 0
    except ValueError:
        return None
    return joined if usable and joined.isprintable() else None


def _without_feed_scheme(link: str) -> str:
    scheme, colon, rest = link.partition(":")
    if not colon or scheme.lower() != "feed":
        return link
    return f"http:{rest}" if rest.startswith("//") else rest
