"""How much of a live page is followed. Which pages are live is about.py's."""

from __future__ import annotations

from dataclasses import replace

from tracker.model import Block, BlockKind, Extract, LiveMode, Refusal, RefusalReason


def followed(extract: Extract, summary: str, live: LiveMode) -> Extract | Refusal:
    """What the source's mode leaves of an Extract; all of it where the page is not live. `summary` is the page's own."""
    if extract.kind != "live" or live is LiveMode.TRACK:
        return extract
    if live is LiveMode.SKIP:
        return Refusal(reason=RefusalReason.LIVE, detail="The page is a live page, which this source's rules leave out.")
    return headline_only(extract, summary)


def headline_only(extract: Extract, summary: str) -> Extract:
    """The headline and the page's summary, so that a live page is not a change a minute."""
    blocks = (Block(kind=BlockKind.PARAGRAPH, text=summary),) if summary else ()
    return replace(extract, blocks=blocks, body_from="page", body_reason="Of a live page only headline and summary are followed.")
