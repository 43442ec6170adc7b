"""The front door: one page's bytes -> its Extract, or the Refusal that names why it is no article.

Pure and deterministic. Ask visible.check_shape first, as whoever brings bytes from outside must.
"""

from __future__ import annotations

from typing import Final

from tracker.extract.body import read_body
from tracker.extract.metadata import read_metadata
from tracker.extract.page import decode, parse, read_layout
from tracker.extract.refusal import refuse, refuse_bytes
from tracker.model import Extract, Refusal

EXTRACTOR: Final = "1"  # a new one whenever the same page may give other text


def extract_article(html: bytes, url: str, *, charset: str | None = None) -> Extract | Refusal:
    """`url` is where the page was read; `charset` is what the answer's Content-Type said, if it did. Raises nothing."""
    if (refusal := refuse_bytes(html)) is not None:
        return refusal
    source = decode(html, charset)
    tree = parse(source)
    metadata = read_metadata(tree, url)
    layout = read_layout(tree)
    blocks = read_body(tree, metadata)
    if (refusal := refuse(source, url, blocks, metadata, layout)) is not None:
        return refusal
    return Extract(
        url=url,
        headline=metadata.headline,
        blocks=blocks,
        extractor=EXTRACTOR,
        byline=metadata.byline,
        published_at=metadata.published_at,
        modified_at=metadata.modified_at,
        language=metadata.language,
        canonical_url=metadata.canonical_url,
    )
