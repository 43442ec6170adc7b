"""The text of a version with what is known of each sentence: since which version it stands, and its wording before.

Which sentence came when is the differ's (differ/blame.py); here it is laid over the text's paragraphs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby

from tracker.model import BlockKind, Extract, Revision, SentenceBlame

# Versions that are looked through: a live page that changed five hundred times must not hold a worker for it.
VERSIONS_READ = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A stretch of a block. `since` is the version that brought it, `last` the one before; None where it stands since the
    first that was read."""

    text: str
    since: Revision | None = None
    last: Revision | None = None
    before: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingBlock:
    kind: BlockKind
    passages: tuple[Passage, ...]

    @property
    def fresh_count(self) -> int:
        return sum(one.since is not None for one in self.passages)

    @property
    def reworded(self) -> tuple[Passage, ...]:
        """What was worded otherwise before, each wording once."""
        by_wording = {(one.since.id, one.before): one for one in self.passages if one.since and one.before}
        return tuple(by_wording.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """A headline and the first and last version of an unbroken run that had it."""

    text: str
    first: Revision
    last: Revision


def standing(extract: Extract, blames: Sequence[SentenceBlame], versions: Sequence[Revision]) -> tuple[StandingBlock, ...]:
    """`versions` are those that `blames` were made from, oldest first."""
    ends = list(accumulate(len(block.text) + 2 for block in extract.blocks))  # blocks are joined by two line breaks
    blocks = []
    place = 0
    for block, end in zip(extract.blocks, ends, strict=True):
        start = end - len(block.text) - 2
        at, passages = start, []
        while place < len(blames) and blames[place].sentence.start < end:
            one = blames[place]
            if one.sentence.start > at:
                passages.append(Passage(text=extract.text[at : one.sentence.start]))
            passages.append(_passage(one, versions))
            at = one.sentence.end
            place += 1
        if at < end - 2:
            passages.append(Passage(text=extract.text[at : end - 2]))
        blocks.append(StandingBlock(kind=block.kind, passages=tuple(passages)))
    return tuple(blocks)


def _passage(one: SentenceBlame, versions: Sequence[Revision]) -> Passage:
    if one.since == 0:
        return Passage(text=one.sentence.text)
    return Passage(text=one.sentence.text, since=versions[one.since], last=versions[one.since - 1], before=one.before)


def headlines(versions: Sequence[tuple[Revision, Extract]]) -> tuple[Wording, ...]:
    """Newest first; empty where it was always the same."""
    runs = [list(run) for _, run in groupby(versions, key=lambda read: read[1].headline)]
    found = [Wording(text=run[0][1].headline, first=run[0][0], last=run[-1][0]) for run in runs]
    return tuple(reversed(found)) if len(found) > 1 else ()
