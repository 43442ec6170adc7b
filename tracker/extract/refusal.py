"""Not the article, by name."""

from __future__ import annotations

import json
from typing import Final

from tracker.extract.metadata import Metadata
from tracker.model import Block, Refusal, RefusalReason

_MAGIC: Final = {b"%PDF-": "a PDF"}


def refuse_bytes(html: bytes) -> Refusal | None:
    if not html.strip():
        return Refusal(reason=RefusalReason.EMPTY, detail="The answer has no text at all.")
    return None


def refuse(blocks: tuple[Block, ...], metadata: Metadata) -> Refusal | None:
    if not blocks:
        return Refusal(reason=RefusalReason.STUB, detail="No article text was found on the page.")
    return None
