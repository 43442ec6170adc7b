"""The real seeds, a folder of seeds that tests may spoil, and one story with words that try to break a page."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tracker.model import Block, BlockKind
from tracker.newsroom import Story, load
from tracker.newsroom.state import Edition
from tracker.newsroom.stories import Furniture, Version

SEEDS = Path(__file__).parents[2] / "seeds"
OPENED_AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

YAML = """\
sources:
  gazette: {title: The Gazette}
articles:
  - slug: bridge-opens
    source: gazette
    headline: Bridge opens
    versions:
      - {file: first.txt, headline_line: 1}
      - {file: second.txt, headline_line: 1}
  - slug: bridge-closes
    source: gazette
    headline: Bridge closes
    versions:
      - file: closes.txt
        headline_line: 3
        byline: {line: 4, author: Ann Lee}
        headings: 6
        captions: [7]
        furniture:
          - {lines: 1, what: the paper}
          - {lines: 10-13, what: pictures}
"""

TEXTS = {
    "first.txt": "Bridge opens\n\nIt opened on Monday.\n",
    "second.txt": "Bridge opens\n\nIt opened on Tuesday.\n",
    "closes.txt": "The Gazette\n\nBridge closes\n- By Ann Lee in town\n\nThe reasons\nA bridge\n- Rust\n- Rain\n??\n\n??\n??\nIt may open.",
}


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    """A small newsroom of two stories, one of them with two texts."""
    folder = tmp_path / "seeds"
    folder.mkdir()
    (folder / "newsroom.yaml").write_text(YAML, encoding="utf-8")
    for name, text in TEXTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def stories() -> tuple[Story, ...]:
    return load(SEEDS)


def make_edition(story: Story, number: int = 0) -> Edition:
    return Edition(story=story, number=number, published_at=OPENED_AT, modified_at=OPENED_AT.replace(second=6 * number))


HOSTILE = "</script><script>alert(1)</script> \"quoted\" & 'single' <b>]]>"


@pytest.fixture
def hostile() -> Story:
    version = Version(
        file="x.txt",
        headline=HOSTILE,
        blocks=tuple(Block(kind=kind, text=HOSTILE) for kind in (BlockKind.PARAGRAPH, *BlockKind)),
        byline=HOSTILE,
        author=HOSTILE,
        furniture=(Furniture(what=HOSTILE, lines=(HOSTILE,)),),
    )
    return Story(slug="x", source="x", source_title=HOSTILE, versions=(version,), original_url="http://x.example/?a=1&b=<2>", note=HOSTILE)
