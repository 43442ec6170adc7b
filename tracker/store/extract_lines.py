"""An Extract as fields of an export's line, and back: the same Extract comes of them, or none.

The text stands in `text` once; `blocks` say of what kinds its parts are, and how long. `page` has whatever else was found,
by the names of Extract; what a field has by default is not written. `extract_hash` is of all of it together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields, replace
from datetime import UTC, datetime
from typing import Any, get_args, get_type_hints

from tracker.model import Block, BlockKind, Extract, Link
from tracker.store import bodies, extracts
from tracker.store.line_fields import Fields, Unfit

_BESIDE = frozenset({"headline", "byline", "language", "extractor", "blocks", "published_at", "modified_at"})
_PAGE = tuple(field for field in fields(Extract) if field.name not in _BESIDE)
_HINTS = get_type_hints(Extract)
_BLOCKS = frozenset(map(str, BlockKind))
_GAP = "\n\n"


def told(extract: Extract) -> dict[str, object]:
    """What a line has besides headline, byline, times, language, text and extractor."""
    page = {field.name: value for field in _PAGE if (value := getattr(extract, field.name)) != field.default or field.default is MISSING}
    return {"blocks": [_block(block) for block in extract.blocks], "page": page, "extract_hash": _hash(extract)}


def read(line: Fields) -> Extract:
    """Raises Unfit, also where what comes out is not what the hash is of."""
    extract = Extract(
        headline=line.text("headline"),
        byline=line.text_or_none("byline"),
        published_at=line.time_or_none("published_at"),
        modified_at=line.time_or_none("modified_at"),
        language=line.text_or_none("language"),
        extractor=line.text("extractor"),
        blocks=_blocks(line),
        **_page(line.mapping("page")),
    )
    if _hash(extract) != line.text("extract_hash"):
        message = "what it holds does not match its `extract_hash`"
        raise Unfit(message)
    return extract


def _hash(extract: Extract) -> str:
    """A line has times in UTC, whatever the page had."""
    in_utc = replace(extract, published_at=_utc(extract.published_at), modified_at=_utc(extract.modified_at))
    return bodies.digest(extracts.dump(in_utc)).hex()


def _utc(at: datetime | None) -> datetime | None:
    return None if at is None else at.astimezone(UTC)


def _block(block: Block) -> list[object]:
    """Kind and length in characters; then its links, null where they are not known; then its place."""
    links = None if block.links is None else [[link.start, link.end, link.url] for link in block.links]
    form: list[object] = [str(block.kind), len(block.text), links, block.place]
    while form[-1] is None:
        form.pop()
    return form


def _blocks(line: Fields) -> tuple[Block, ...]:
    text, found, start = line.text("text"), [], 0
    for number, form in enumerate(line.items("blocks")):
        if number:
            if not text.startswith(_GAP, start):
                break
            start += len(_GAP)
        found.append(_read_block(form, text[start:]))
        start += len(found[-1].text)
    if start != len(text) or len(found) != len(line.items("blocks")):
        message = "its `blocks` are not those of its `text`"
        raise Unfit(message)
    return tuple(found)


def _read_block(form: object, rest: str) -> Block:
    match form:
        case [str() as kind, int() as length, *more] if len(more) <= 2 and kind in _BLOCKS and 0 <= length <= len(rest):
            links, place = (*more, None, None)[:2]
            if place is None or isinstance(place, str):
                return Block(kind=BlockKind(kind), text=rest[:length], links=_links(links, length), place=place)
    message = f"one of its `blocks` cannot be understood: {form!r:.100}"
    raise Unfit(message)


def _links(form: object, length: int) -> tuple[Link, ...] | None:
    if form is None:
        return None
    found: list[Link] = []
    for one in form if isinstance(form, list) else [form]:
        match one:
            case [int() as start, int() as end, str() as url] if 0 <= start <= end <= length:
                found.append(Link(start=start, end=end, url=url))
            case _:
                message = f"a link of its `blocks` cannot be understood: {one!r:.100}"
                raise Unfit(message)
    return tuple(found)


def _page(form: Mapping[str, object]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field in _PAGE:
        if field.name not in form:
            if field.default is MISSING:
                message = f"`page` has no {field.name}"
                raise Unfit(message)
            continue
        values[field.name] = value = form[field.name]
        if not _fits(value, _HINTS[field.name]):
            message = f"the {field.name} of its `page` cannot be understood: {value!r:.100}"
            raise Unfit(message)
    if unknown := sorted(form.keys() - values.keys()):
        message = f"its `page` has a {unknown[0]:.50}, which this program does not know; install the newer tracker"
        raise Unfit(message)
    return values


def _fits(value: object, hint: Any) -> bool:  # noqa: ANN401 - what typing makes of an annotation
    """For the kinds of annotation that Extract has: a type, several, or a list of words."""
    if isinstance(hint, type):
        return isinstance(value, hint)
    return any(value == one if isinstance(one, str) else _fits(value, one) for one in get_args(hint))
