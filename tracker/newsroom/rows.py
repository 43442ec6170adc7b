"""newsroom.yaml: its shape, and every mistake in it as a sentence with file and row.

Knows nothing of the text files that the rows name.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PositiveInt, ValidationError

from tracker.errors import NewsroomError

FILE = "newsroom.yaml"


def _numbers(value: object) -> object:
    """`7`, `13-15` or a list of either, as line numbers."""
    if isinstance(value, list):
        return tuple(number for item in value for number in _span(item))
    return _span(value)


def _span(value: object) -> tuple[int, ...]:
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return (value,)
    first, dash, last = str(value).partition("-")
    if not (dash and first.isdecimal() and last.isdecimal() and 0 < int(first) <= int(last)):
        message = f"{value!r} names no lines; write a number from 1 (7), a range (13-15), or a list of them"
        raise ValueError(message)
    return tuple(range(int(first), int(last) + 1))


Name = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Words = Annotated[str, Field(min_length=1)]
LineNumbers = Annotated[tuple[int, ...], BeforeValidator(_numbers)]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BylineRow(_Row):
    line: PositiveInt
    author: Words


class FurnitureRow(_Row):
    lines: LineNumbers
    what: Words


class VersionRow(_Row):
    file: Annotated[str, Field(pattern=r"^[^/\\]+$")]
    headline_line: PositiveInt
    byline: BylineRow | None = None
    headings: LineNumbers = ()
    captions: LineNumbers = ()
    furniture: tuple[FurnitureRow, ...] = ()


class ArticleRow(_Row):
    slug: Name
    source: Name
    headline: Words
    original: Annotated[str, Field(pattern=r"^https?://\S+$")] | None = None
    note: Words | None = None
    versions: Annotated[tuple[VersionRow, ...], Field(min_length=1)]


class SourceRow(_Row):
    title: Words


class NewsroomRows(_Row):
    sources: dict[Name, SourceRow]
    articles: tuple[ArticleRow, ...]


def read_rows(seeds: Path) -> NewsroomRows:
    """Raises NewsroomError."""
    file = seeds / FILE
    try:
        raw = yaml.safe_load(read_text(file))
    except yaml.YAMLError as error:
        mark = error.problem_mark if isinstance(error, yaml.MarkedYAMLError) else None
        what = error.problem if isinstance(error, yaml.MarkedYAMLError) else " ".join(str(error).split())
        message = f"{file}: {f'line {mark.line + 1}: ' if mark else ''}this is not YAML: {what}."
        raise NewsroomError(message) from error
    try:
        return NewsroomRows.model_validate(raw)
    except ValidationError as error:
        problems = [f"{file}: {_place(raw, problem['loc'])}{_complaint(problem['msg'])}." for problem in error.errors()]
        raise NewsroomError("\n".join(problems)) from error


def read_text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        message = f"{file} is missing; `tracker init` lays out the seeds anew in an empty folder."
        raise NewsroomError(message) from error
    except (OSError, UnicodeDecodeError) as error:
        message = f"{file} cannot be read: {error}."
        raise NewsroomError(message) from error


def _place(raw: object, loc: tuple[int | str, ...]) -> str:
    """`article 2 (its slug): versions 1: file: `, with rows counted from 1 as people do."""
    words: list[str] = []
    found = raw
    for step in loc:
        found = _step(found, step)
        if isinstance(step, int) and words:
            words[-1] += f" {step + 1}"
            if isinstance(found, dict) and "slug" in found:
                words[-1] += f" ({found['slug']})"
        else:
            words.append(str(step))
    return "".join(f"{word}: " for word in words)


def _step(value: object, step: int | str) -> object:
    if isinstance(value, dict):
        return value.get(step)
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return value[step]
    return None


def _complaint(message: str) -> str:
    known = {"Field required": "this key is missing", "Extra inputs are not permitted": "there is no such key"}
    return known.get(message, message.removeprefix("Value error, "))
