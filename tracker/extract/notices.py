"""A site's own notice in an article's place: an error page, a closed region, an ad-blocker wall, a parked domain, a wall of consent.

Such a page says what it is in its title or heading and speaks to the reader below it. News of such things quotes it, or tells
of it in the third person. What the notices say is in notice_phrases.py.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tracker.extract.metadata import Metadata
from tracker.extract.notice_phrases import (
    AD_BLOCKER_SAYS,
    AD_BLOCKER_TITLE,
    CONSENT_SAYS,
    CONSENT_TITLE,
    ERROR_SAYS,
    ERROR_TITLE,
    PARKED_SAYS,
    PARKED_TITLE,
    REGION_SAYS,
    REGION_TITLE,
)
from tracker.extract.page import ENDS_SENTENCE, unquoted
from tracker.model import Block, BlockKind, Refusal, RefusalReason

# Thresholds, guarded by the cases in tests/cases/refusals. Lengths are of characters.
_LONGEST_NOTICE: Final = 1500  # of text on a page that is a notice by its title and by what it says
_LITTLE: Final = 700  # of text that is a notice by what it says alone
_SMALL: Final = 120  # of text below a title that itself speaks to the reader
_SHARE: Final = 0.5  # of its blocks that say so
_LONGEST_STATEMENT: Final = 500
_LONGEST_TITLE: Final = 140
_WITHIN: Final = 2  # blocks from the first, in which a notice begins


@dataclass(frozen=True, slots=True, kw_only=True)
class _Notice:
    """`is_plain`: its title is enough where no sentence follows; `fewest` things it says where its title does not tell."""

    reason: RefusalReason
    title: re.Pattern[str]
    says: re.Pattern[str]
    detail: str
    is_plain: bool = False
    fewest: int = 1


_NOTICES: Final = (
    _Notice(
        reason=RefusalReason.REGION,
        title=REGION_TITLE,
        says=REGION_SAYS,
        detail="The site shows its articles to readers of other countries only.",
        is_plain=True,
    ),
    _Notice(
        reason=RefusalReason.AD_BLOCKER,
        title=AD_BLOCKER_TITLE,
        says=AD_BLOCKER_SAYS,
        detail="The site asks for an ad blocker to be turned off.",
        is_plain=True,
    ),
    _Notice(reason=RefusalReason.PARKED, title=PARKED_TITLE, says=PARKED_SAYS, detail="The domain is for sale or parked."),
    _Notice(
        reason=RefusalReason.CONSENT_WALL,
        title=CONSENT_TITLE,
        says=CONSENT_SAYS,
        detail="The site asked for consent to cookies before it shows the article.",
    ),
    _Notice(
        reason=RefusalReason.ERROR_PAGE,
        title=ERROR_TITLE,
        says=ERROR_SAYS,
        detail="The page tells of an error or of maintenance, though the server called it good.",
        is_plain=True,
        fewest=2,
    ),
)


def notice(parts: Sequence[str], blocks: tuple[Block, ...], metadata: Metadata) -> Refusal | None:
    """`parts` are the page's titles and headings, whole and cut at the site's name."""
    headings = [block.text for block in blocks[:_WITHIN] if block.kind is BlockKind.HEADING]
    titles = [title for title in (*parts, *headings) if 0 < len(title) <= _LONGEST_TITLE]
    lines = [block.text for block in blocks]
    length = sum(map(len, lines))
    is_article = metadata.says_article or metadata.published_at is not None
    if length > (_LITTLE if is_article else _LONGEST_NOTICE):
        return None
    spoken = [unquoted(line)[:_LONGEST_STATEMENT] for line in lines]
    for kind in _NOTICES:
        found = [{match.group().lower() for match in kind.says.finditer(line)} for line in spoken]
        said = len(set().union(*found))
        if is_article:
            is_notice = said > 1 and all(found)
        elif named := list(filter(kind.title.fullmatch, titles)):
            is_said = kind.is_plain and length <= _SMALL and any(kind.says.search(unquoted(title)) for title in named)
            is_bare = kind.is_plain and not any(map(ENDS_SENTENCE.search, lines))
            is_notice = is_said or is_bare or any(found[: _WITHIN + len(headings)])
        else:
            is_whole = len(lines) == 1 or said > 1
            is_notice = length <= _LITTLE and is_whole and said >= kind.fewest and sum(map(bool, found)) >= _SHARE * len(found)
        if is_notice:
            return Refusal(reason=kind.reason, detail=kind.detail)
    return None
