"""A change feed as JSON Feed 1.1."""

from __future__ import annotations

import json

from tracker.feeds.change_feed import ChangeEntry, ChangeFeed, clean, one_line, rfc3339, web_link

ENDING = "json"
CONTENT_TYPE = "application/feed+json"


def write(feed: ChangeFeed) -> bytes:
    whole: dict[str, object] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": one_line(feed.title),
        "home_page_url": web_link(feed.home_url),
        "feed_url": web_link(feed.self_url(ENDING)),
        "description": one_line(feed.subtitle),
        "authors": [{"name": one_line(feed.author)}],
        "next_url": dict(feed.links(ENDING)).get("next"),
        "hubs": [{"type": "WebSub", "url": feed.hub_url}] if feed.hub_url else None,
        "items": [_item(entry) for entry in feed.entries],
    }
    return json.dumps(_present(whole), ensure_ascii=False, indent=1).encode() + b"\n"


def entry_ids(written: bytes) -> tuple[str, ...]:
    """The ids of a change feed that `write` wrote, in its order. Raises ValueError."""
    try:
        return tuple(item["id"] for item in json.loads(written)["items"])
    except (KeyError, TypeError) as error:
        message = "it is no JSON Feed"
        raise ValueError(message) from error


def _item(entry: ChangeEntry) -> dict[str, object]:
    return _present(
        {
            "id": clean(entry.id),
            "url": web_link(entry.url),
            "external_url": web_link(entry.original_url),
            "title": one_line(entry.title),
            "content_html": entry.content,
            "summary": one_line(entry.summary),
            "date_published": rfc3339(entry.first_published_at),
            "date_modified": rfc3339(entry.updated_at),
            "authors": [{"name": one_line(entry.source)}],
            "tags": [one_line(category) for category in entry.categories],
        }
    )


def _present(values: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in values.items() if value is not None}
