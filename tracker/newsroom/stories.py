"""The stories of the seed newsroom: the rows of newsroom.yaml joined with the text files beside it.

Knows nothing of HTTP, of time, or of which version is shown. All that is wrong is a NewsroomError
that names the file and the row.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tracker.errors import NewsroomError
from tracker.model import Block, BlockKind
from tracker.newsroom.rows import FILE, ArticleRow, VersionRow, read_rows, read_text

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Furniture:
    """Lines of the saved text that are not the article; `what` says what they were."""

    what: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One text of a story. `byline` is the line as printed, `author` the name in it."""

    file: str
    headline: str
    blocks: tuple[Block, ...]
    byline: str | None = None
    author: str | None = None
    furniture: tuple[Furniture, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One seed article; `versions` stand in the order of their time. `original_url`: where it was first published, if known."""

    slug: str
    source: str
    source_title: str
    versions: tuple[Version, ...]
    original_url: str | None = None
    note: str | None = None

    @property
    def path(self) -> str:
        return f"/{self.source}/{self.slug}"


def load(seeds: Path) -> tuple[Story, ...]:
    """The stories in the file's order. Raises NewsroomError."""
    rows = read_rows(seeds)
    titles = {name: source.title for name, source in rows.sources.items()}
    stories = tuple(
        _story(row, titles, seeds, f"{seeds / FILE}: articles {number} ({row.slug})") for number, row in enumerate(rows.articles, start=1)
    )
    for path, count in Counter(story.path for story in stories).items():
        if count > 1:
            _fail(str(seeds / FILE), f"{count} articles have the address {path}; give each its own slug")
    return stories


def _story(row: ArticleRow, titles: Mapping[str, str], seeds: Path, where: str) -> Story:
    if row.source not in titles:
        _fail(where, f"there is no source {row.source} under `sources`")
    versions = tuple(_version(version, seeds, f"{where}: {version.file}") for version in row.versions)
    if versions[0].headline != row.headline:
        _fail(where, f"the headline is not the one in {versions[0].file}, which is {versions[0].headline!r}")
    return Story(
        slug=row.slug,
        source=row.source,
        source_title=titles[row.source],
        versions=versions,
        original_url=row.original,
        note=row.note,
    )


def _version(row: VersionRow, seeds: Path, where: str) -> Version:
    lines = _Lines(read_text(seeds / row.file), where)
    byline = lines.take([row.byline.line])[0] if row.byline else None
    if row.byline and row.byline.author not in (byline or ""):
        _fail(where, f"the author {row.byline.author!r} does not stand in line {row.byline.line}")
    return Version(
        file=row.file,
        headline=lines.take([row.headline_line])[0],
        byline=byline.removeprefix("- ") if byline else None,
        author=row.byline.author if row.byline else None,
        furniture=tuple(Furniture(what=piece.what, lines=lines.take(piece.lines)) for piece in row.furniture),
        blocks=lines.blocks(dict.fromkeys(row.headings, BlockKind.HEADING) | dict.fromkeys(row.captions, BlockKind.CAPTION)),
    )


class _Lines:
    """The lines of one text file that are not blank; each may be named once."""

    def __init__(self, text: str, where: str) -> None:
        self._where = where
        self._left = {number: line.strip() for number, line in enumerate(text.split("\n"), start=1) if line.strip()}
        for number, line in self._left.items():
            if _CONTROL.search(line):
                _fail(where, f"line {number} has a control character in it")

    def take(self, numbers: Sequence[int]) -> tuple[str, ...]:
        """The lines of one entry of the row. A range may run over blank lines, but not begin or end with one."""
        for end in (numbers[0], numbers[-1]):
            self._wanted(end)
        return tuple(self._left.pop(number) for number in numbers if number in self._left)

    def blocks(self, kinds: Mapping[int, BlockKind]) -> tuple[Block, ...]:
        """All lines that nothing has taken: the article."""
        for number in kinds:
            self._wanted(number)
        blocks = tuple(self._read(kinds))
        if not blocks:
            _fail(self._where, "no line is left for the article's text")
        return blocks

    def _read(self, kinds: Mapping[int, BlockKind]) -> Iterator[Block]:
        for number, line in self._left.items():
            if number in kinds:
                yield Block(kind=kinds[number], text=line)
            elif line.startswith("- "):
                yield Block(kind=BlockKind.LIST_ITEM, text=line.removeprefix("- "))
            else:
                yield Block(kind=BlockKind.PARAGRAPH, text=line)

    def _wanted(self, number: int) -> None:
        if number not in self._left:
            _fail(self._where, f"line {number} is blank, missing, or named twice")


def _fail(where: str, what: str) -> None:
    message = f"{where}: {what}."
    raise NewsroomError(message)
