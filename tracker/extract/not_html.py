"""What is no page, by its bytes, before anything is parsed; what the server calls it counts for nothing."""

from __future__ import annotations

import json
import re
from typing import Final

from tracker.model import Refusal, RefusalReason

_BINARY_SHARE: Final = 0.1  # control characters among the first bytes

_MAGIC: Final = (
    (b"%PDF-", "a PDF"),
    (b"\x89PNG\r\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"RIFF", "an image, sound or video"),
    (b"PK\x03\x04", "a ZIP archive or office document"),
    (b"\x1f\x8b\x08", "compressed data"),
    (b"\xd0\xcf\x11\xe0", "an office document"),
    (b"ID3", "sound"),
    (b"OggS", "sound or video"),
    (b"\x1a\x45\xdf\xa3", "video"),
)
_FEED: Final = re.compile(rb"^(?:\s|<!--.*?-->|<\?[^>]*>)*+<(?:rss|feed|rdf:RDF|urlset|sitemapindex|opml|svg)\b", re.DOTALL)
_ANY_TAG: Final = re.compile(rb"<\x00?[a-zA-Z!/]|\x00<")
_BEGINNING: Final = 1024
_CONTROLS: Final = bytes(byte for byte in range(0x20) if byte not in b"\t\n\r\x0c\x1b")


def refuse_bytes(html: bytes) -> Refusal | None:
    """The refusal of what is empty or no HTML; None for any page."""
    start = html[:_BEGINNING].lstrip(b"\xef\xbb\xbf \t\r\n\x0c")
    if not html.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x0c\x00"):
        return Refusal(reason=RefusalReason.EMPTY, detail="The answer has no content.")
    what = next((name for magic, name in _MAGIC if start.startswith(magic)), None)
    if what is None and start[:1] in {b"{", b"["} and _is_json(html):
        what = "JSON"
    if what is None and _FEED.match(start):
        what = "a feed or other XML"
    if what is None and _ANY_TAG.search(html) is None:
        what = "binary data" if _is_binary(start) else "plain text"
    if what is None and _is_binary(start) and _ANY_TAG.search(start) is None:
        what = "binary data"
    return None if what is None else Refusal(reason=RefusalReason.NOT_HTML, detail=f"The answer is {what}, not a page.")


def _is_json(html: bytes) -> bool:
    try:
        json.loads(html)
    except (ValueError, RecursionError):
        return False
    return True


def _is_binary(start: bytes) -> bool:
    controls = len(start) - len(start.translate(None, _CONTROLS))
    return controls > _BINARY_SHARE * len(start)
