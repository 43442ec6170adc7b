"""What `tracker diff OLD NEW` names: a text file, an HTML file, or ARTICLE@NUMBER, as something to compare."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from itertools import pairwise
from pathlib import Path

import charset_normalizer

from tracker.differ import compare, compare_revisions
from tracker.errors import CompareError, NotFound
from tracker.extract import extract_article
from tracker.extract.visible import check_shape
from tracker.model import Diff, Extract
from tracker.store.store import Store

# Hand-wrapped text has short lines: 72 to 80 by habit, 100 by some editors.
WRAPPED_AT_MOST = 100
_ENDS = (".", "!", "?", "…", ":", ";", '"', "”", "’", "'", ")", "。")

OpenStore = Callable[[], AbstractContextManager[Store]]


def compare_named(old: str, new: str, open_store: OpenStore) -> Diff:
    """The Diff of the two things named; the store is opened only if one of them lies there."""
    texts = read_named(old, open_store), read_named(new, open_store)
    match texts:
        case (Extract() as before, Extract() as after):
            return compare_revisions(before, after)
        case (before, after):
            return compare(_body(before), _body(after))


def read_named(name: str, open_store: OpenStore) -> str | Extract:
    """A file's text, an HTML file's article, or a kept revision. A file wins over a revision of the same name."""
    path = Path(name)
    if path.is_file():
        return _read_file(path)
    article, at, number = name.rpartition("@")
    if not at or not number.isdigit():
        message = f"There is no file {name}; a kept revision is named ARTICLE@NUMBER, such as 7@2."
        raise CompareError(message)
    with open_store() as store:
        found = store.articles.find(article)
        for revision in store.revisions.history(found.id):
            if revision.number == int(number):
                return store.revisions.extract(revision.id)
    raise NotFound("revision", name)


def _read_file(path: Path) -> str | Extract:
    try:
        content = path.read_bytes()
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}."
        raise CompareError(message) from None
    if not _is_html(content):
        return unwrapped(_decode(content, path))
    try:
        check_shape(content)
    except ValueError as error:
        message = f"{path} cannot be compared: {error}"
        raise CompareError(message) from None
    extracted = extract_article(content, path.resolve().as_uri())
    if not isinstance(extracted, Extract):
        message = f"{path} holds no article ({extracted.reason}): {extracted.detail}"
        raise CompareError(message)
    return extracted


def _is_html(content: bytes) -> bool:
    start = content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith((b"<!doctype html", b"<html", b"<?xml", b"<head", b"<body"))


def _decode(content: bytes, path: Path) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        best = charset_normalizer.from_bytes(content).best()
    if best is None:
        message = f"{path} is no text: its encoding could not be told."
        raise CompareError(message)
    return str(best)


def unwrapped(text: str) -> str:
    """Paragraphs on one line each, where a file was wrapped by hand: wrapping it elsewhere is no change.

    Wrapped is a text with no long line in which half of the lines that another one follows, or more, do not end a sentence.
    """
    lines = text.splitlines()
    followed = [line for line, after in pairwise(lines) if line.strip() and after.strip()]
    broken = [line for line in followed if not line.rstrip().endswith(_ENDS)]
    if not broken or 2 * len(broken) < len(followed) or max(map(len, lines)) > WRAPPED_AT_MOST:
        return text
    paragraphs = [" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", "\n".join(lines))]
    return "\n\n".join(paragraphs)


def _body(text: str | Extract) -> str:
    return text.text if isinstance(text, Extract) else text
