"""The newsroom's pages, feeds and robots.txt: an Edition as bytes.

Pure but for the templates beside it. Everything that the newsroom makes up is said to be made up, outside the
article's own text; the dates in a page depend on its Editions alone, so that equal Editions give equal bytes.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from tracker.model import Block, BlockKind
from tracker.newsroom.state import Edition

NAME = "The Seed Newsroom"
ROBOTS = b"# The seed newsroom: everything here may be read by anyone.\nUser-agent: *\nAllow: /\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One source as the newsroom shows it: a part of the site, and a feed."""

    name: str
    title: str

    @property
    def path(self) -> str:
        return f"/{self.name}/"

    @property
    def feed_path(self) -> str:
        return f"/{self.name}/feed.xml"


def sections(editions: Sequence[Edition]) -> tuple[Section, ...]:
    """In the order of their first story."""
    return tuple(dict.fromkeys(Section(name=edition.story.source, title=edition.story.source_title) for edition in editions))


class Pages:
    """`base` is the site's own address without a slash at its end; `editions` are all stories as they are now."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._environment = Environment(
            loader=PackageLoader("tracker.newsroom", "templates"),
            autoescape=select_autoescape(["html", "xml"]),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters |= {"day": _day, "rfc3339": _rfc3339}
        self._environment.globals |= {"name": NAME, "base": base}

    def article(self, edition: Edition, editions: Sequence[Edition]) -> bytes:
        others = [other for other in editions if other.story.path != edition.story.path]
        others.sort(key=lambda other: other.story.source != edition.story.source)
        return self._render(
            "article.html",
            editions,
            edition=edition,
            story=edition.story,
            version=edition.version,
            parts=_parts(edition.version.blocks),
            standfirst=_standfirst(edition),
            structured=self._structured(edition),
            turn=_turn(edition),
            related=others,
        )

    def index(self, editions: Sequence[Edition]) -> bytes:
        return self._render("index.html", editions, shown=[(edition, _standfirst(edition)) for edition in editions], section=None)

    def section(self, section: Section, editions: Sequence[Edition]) -> bytes:
        shown = [(edition, _standfirst(edition)) for edition in editions if edition.story.source == section.name]
        return self._render("index.html", editions, shown=shown, section=section)

    def missing(self, editions: Sequence[Edition]) -> bytes:
        return self._render("missing.html", editions)

    def feed(self, section: Section, editions: Sequence[Edition]) -> bytes:
        own = [edition for edition in editions if edition.story.source == section.name]
        entries = [(_feed_id(edition.story.path), edition, _standfirst(edition)) for edition in own]
        updated_at = max(edition.modified_at for edition in own)
        return self._render("feed.xml", editions, section=section, id=_feed_id(section.path), updated_at=updated_at, entries=entries)

    def style(self) -> bytes:
        return self._render("style.css", ())

    def _render(self, template: str, editions: Sequence[Edition], **values: object) -> bytes:
        return self._environment.get_template(template).render(sections=sections(editions), **values).encode()

    def _structured(self, edition: Edition) -> Markup:
        """JSON-LD. The author is left out where the saved text names none."""
        facts: dict[str, object] = {
            "@context": "https://schema.org",
            "@type": "NewsArticle",
            "mainEntityOfPage": self._base + edition.story.path,
            "url": self._base + edition.story.path,
            "headline": edition.version.headline,
            "datePublished": _rfc3339(edition.published_at),
            "dateModified": _rfc3339(edition.modified_at),
            "inLanguage": "en-GB",
            "isAccessibleForFree": True,
            "articleSection": edition.story.source_title,
            "publisher": {"@type": "Organization", "name": NAME, "url": self._base + "/"},
        }
        if edition.version.author:
            facts["author"] = {"@type": "Organization", "name": edition.version.author}
        if edition.story.original_url:
            facts["isBasedOn"] = edition.story.original_url
        text = json.dumps(facts, ensure_ascii=False, indent=1)
        return Markup(text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))  # noqa: S704  no markup can stand in it now


def _parts(blocks: Sequence[Block]) -> list[tuple[str, list[str]]]:
    """Blocks by kind, with neighbouring list items as one list."""
    parts: list[tuple[str, list[str]]] = []
    for block in blocks:
        if block.kind is BlockKind.LIST_ITEM and parts and parts[-1][0] == block.kind:
            parts[-1][1].append(block.text)
        else:
            parts.append((block.kind, [block.text]))
    return parts


def _standfirst(edition: Edition) -> str:
    return next(block.text for block in edition.version.blocks if block.kind is BlockKind.PARAGRAPH)


def _turn(edition: Edition) -> str | None:
    """A sentence for a story that has more than one text."""
    count = len(edition.story.versions)
    if count == 1:
        return None
    place = f"This is text {edition.number + 1} of {count} that the newsroom has of this article"
    if edition.number + 1 < count:
        return f"{place}; a few seconds after somebody first reads it, the page turns to text {edition.number + 2}."
    return f"{place}, and the last."


def _feed_id(path: str) -> str:
    """Stable over every restart, port and version of the program."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"tracker-newsroom:{path}").urn


def _day(at: datetime) -> str:
    # With seconds: they are all that lies between the BBC article's two texts.
    return f"{at.day} {at:%B %Y, %H:%M:%S} UTC"


def _rfc3339(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
