"""The front door: one page's bytes -> its Extract, or the Refusal that names why it is no article.

Pure and deterministic. Ask visible.check_shape first, as whoever brings bytes from outside must.
"""

from __future__ import annotations

from typing import Final

from tracker.extract.body import read_body
from tracker.extract.metadata import read_metadata
from tracker.extract.not_html import refuse_bytes
from tracker.extract.page import decode, parse
from tracker.extract.refusal import Page, refuse
from tracker.model import Block, Extract, Refusal
from tracker.text import printable

EXTRACTOR: Final = "3"  # a new one whenever the same page may give other text


def extract_article(
    html: bytes, url: str, *, charset: str | None = None, asked: str | None = None, language: str | None = None
) -> Extract | Refusal:
    """`url` is where the page was read, `asked` the address before redirects; `charset` is what the answer's Content-Type said.

    `language` is that of the article's latest revision: another language's version is no new text of it. Raises nothing.
    """
    if (refusal := refuse_bytes(html)) is not None:
        return refusal
    source = decode(html, charset)
    tree = parse(source)
    metadata = read_metadata(tree, url)
    body = read_body(tree, metadata)
    page = Page(source=source, url=url, asked=asked, language=language, blocks=body.blocks, metadata=metadata)
    if (refusal := refuse(page)) is not None:
        return refusal
    return Extract(
        url=url,
        headline=printable(metadata.headline),
        blocks=tuple(Block(kind=block.kind, text=printable(block.text)) for block in body.blocks),
        extractor=EXTRACTOR,
        byline=_printable(metadata.byline),
        published_at=metadata.published_at,
        modified_at=metadata.modified_at,
        language=metadata.language,
        canonical_url=metadata.canonical_url,
        section=_printable(metadata.about.section),
        free=metadata.about.free,
        kind=metadata.about.kind,
        image_url=metadata.about.image_url,
        image_caption=_printable(metadata.about.image_caption),
        original_url=metadata.about.original_url,
        body_from=body.source,
        body_reason=body.reason,
    )


def _printable(text: str | None) -> str | None:
    return printable(text) if text else None
