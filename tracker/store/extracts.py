"""An Extract as bytes and back: compact JSON with a version, the same bytes for the same Extract.

Only the form; how bytes are packed and checked is in bodies.py. Stored forms are read for ever: a field that is
not known here is passed over, one that is missing has its default.
"""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import datetime
from typing import Any

from tracker.model import Block, BlockKind, Extract, Link

VERSION = 1
_TIMES = ("published_at", "modified_at")
# Texts and flags, as JSON has them; what a field has by default is not written.
_PLAIN = tuple(field for field in fields(Extract) if field.name not in {*_TIMES, "blocks"})
_KINDS = {str(kind): kind for kind in BlockKind}


def dump(extract: Extract) -> bytes:
    """Blocks come last, so that the head of every revision of an article reads alike."""
    form: dict[str, object] = {"v": VERSION}
    for field in _PLAIN:
        if (value := getattr(extract, field.name)) != field.default:
            form[field.name] = value
    for name in _TIMES:
        if (at := getattr(extract, name)) is not None:
            form[name] = at.isoformat()
    form["blocks"] = [_dumped(block) for block in extract.blocks]
    # surrogatepass: strangers' JSON can carry half a pair, and evidence is kept as it came
    return json.dumps(form, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def load(stored: bytes) -> Extract:
    form: dict[str, Any] = json.loads(stored.decode("utf-8", "surrogatepass"))
    values: dict[str, Any] = {field.name: form[field.name] for field in _PLAIN if field.name in form}
    values |= {name: datetime.fromisoformat(form[name]) for name in _TIMES if name in form}
    return Extract(
        blocks=tuple(_loaded(*stored) for stored in form["blocks"]),
        **values,
    )


def _dumped(block: Block) -> list[object]:
    """Kind and text, and where its links are known, these: empty where there are none; then its place, where that is known."""
    links = None if block.links is None else [[link.start, link.end, link.url] for link in block.links]
    if block.place is not None:
        return [block.kind, block.text, links, block.place]
    return [block.kind, block.text] if links is None else [block.kind, block.text, links]


def _loaded(kind: str, text: str, links: list[tuple[int, int, str]] | None = None, place: str | None = None, *_: object) -> Block:
    """A kind from a later version is still a paragraph to read."""
    known = None if links is None else tuple(Link(start=start, end=end, url=url) for start, end, url, *_ in links)
    return Block(kind=_KINDS.get(kind, BlockKind.PARAGRAPH), text=text, links=known, place=place)
