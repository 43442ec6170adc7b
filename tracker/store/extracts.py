"""An Extract as bytes and back: compact JSON with a version, the same bytes for the same Extract.

Only the form; how bytes are packed and checked is in bodies.py. Stored forms are read for ever: a field that is
not known here is passed over, one that is missing has its default.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from tracker.model import Block, BlockKind, Extract

VERSION = 1
_TEXTS = ("url", "headline", "extractor", "byline", "language", "canonical_url")
_TIMES = ("published_at", "modified_at")
_KINDS = {str(kind): kind for kind in BlockKind}


def dump(extract: Extract) -> bytes:
    """Blocks come last, so that the head of every revision of an article reads alike."""
    form: dict[str, object] = {"v": VERSION}
    for name in _TEXTS:
        if (text := getattr(extract, name)) is not None:
            form[name] = text
    for name in _TIMES:
        if (at := getattr(extract, name)) is not None:
            form[name] = at.isoformat()
    form["blocks"] = [[block.kind, block.text] for block in extract.blocks]
    # surrogatepass: strangers' JSON can carry half a pair, and evidence is kept as it came
    return json.dumps(form, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def load(stored: bytes) -> Extract:
    form: dict[str, Any] = json.loads(stored.decode("utf-8", "surrogatepass"))
    times = {name: datetime.fromisoformat(form[name]) for name in _TIMES if name in form}
    return Extract(
        url=form["url"],
        headline=form["headline"],
        # a kind from a later version is still a paragraph to read
        blocks=tuple(Block(kind=_KINDS.get(kind, BlockKind.PARAGRAPH), text=text) for kind, text, *_ in form["blocks"]),
        extractor=form["extractor"],
        byline=form.get("byline"),
        language=form.get("language"),
        canonical_url=form.get("canonical_url"),
        published_at=times.get("published_at"),
        modified_at=times.get("modified_at"),
    )
