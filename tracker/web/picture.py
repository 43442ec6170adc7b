"""A change as a picture for those who share its address: headline, the most telling words, both times.

Drawn with a font that comes with a package, so that it looks alike everywhere; what that font cannot write (it has Latin, Greek
and Cyrillic) is left out, and the plain sentence stands in its place. Pure: values in, PNG out. What may be shown at all
is decided in differ/telling.py.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from itertools import groupby

from PIL import Image, ImageDraw, ImageFont

from tracker.model import WordSpan
from tracker.web.words import one_line, without_unseen

WIDTH, HEIGHT = 1200, 630  # what the sites that show such pictures ask for
MARGIN = 72
HEADLINE_LINES, TOLD_LINES = 2, 5
FEW = 110  # characters of told words that are few enough to be set large
BESIDE = 8  # between deleted words and those that replace them
_PAPER, _INK, _SOFT, _LINE = "#fbfaf6", "#1d1c1a", "#5c5952", "#dedad0"
_INKS = {"equal": _INK, "delete": "#8c2a12", "insert": "#0c4a66"}
_GROUNDS = {"delete": "#fbe7df", "insert": "#dff0f7"}
_EDGES = {"delete": "#c9623f", "insert": "#2f86ab"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """`words` are the telling words, empty where there are none to show; then `summary` is drawn."""

    source: str
    headline: str
    words: tuple[WordSpan, ...]
    summary: str
    times: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A word with how it stands: equal, deleted, inserted."""

    op: str
    text: str


def draw(picture: Picture) -> bytes:
    image = Image.new("RGB", (WIDTH, HEIGHT), _PAPER)
    pen = ImageDraw.Draw(image)
    y = 56.0
    _line(pen, y, _cut(_writable(picture.source), _font("Regular", 30), WIDTH - 2 * MARGIN - 200), _font("Regular", 30), _SOFT)
    _right(pen, y, "tracker", _font("SemiboldIt", 32))
    y = 116.0
    headline = _writable(picture.headline)
    if headline:
        y = _text(pen, y, [WordSpan(op="equal", text=headline)], _font("Semibold", 50), lines=HEADLINE_LINES) + 24
        pen.line((MARGIN, y, WIDTH - MARGIN, y), fill=_LINE, width=2)
        y += 28
    words: Sequence[WordSpan] = picture.words
    if not words or not all(_writable(span.text) or not span.text.strip() for span in words):
        words = [WordSpan(op="equal", text=picture.summary)]
    few = sum(len(span.text) for span in words) <= FEW
    _text(pen, y, words, _font("Regular", 54 if few else 40), lines=TOLD_LINES - few)
    _line(pen, HEIGHT - 84, picture.times, _font("Regular", 28), _SOFT)
    kept = io.BytesIO()
    image.quantize(64).save(kept, "PNG", optimize=True)
    return kept.getvalue()


@cache
def _font(style: str, size: int) -> ImageFont.FreeTypeFont:
    with as_file(files("font_source_serif_pro") / "files" / f"SourceSerifPro-{style}.ttf") as path:
        return ImageFont.truetype(str(path), size)


def _writable(text: str) -> str:
    """The text on one line, or nothing where the font has not all of its letters."""
    line = one_line(text, 400)
    return line if all(_has(character) for character in set(line) if not character.isspace()) else ""


@cache
def _missing() -> bytes:
    return bytes(_font("Regular", 40).getmask("\U0010fffe"))


@cache
def _has(character: str) -> bool:
    return bytes(_font("Regular", 40).getmask(character)) != _missing()


def _line(pen: ImageDraw.ImageDraw, y: float, text: str, font: ImageFont.FreeTypeFont, ink: str) -> None:
    pen.text((MARGIN, y), text, font=font, fill=ink)


def _right(pen: ImageDraw.ImageDraw, y: float, text: str, font: ImageFont.FreeTypeFont) -> None:
    pen.text((WIDTH - MARGIN - font.getlength(text), y), text, font=font, fill=_INK)


def _text(pen: ImageDraw.ImageDraw, y: float, words: Iterable[WordSpan], font: ImageFont.FreeTypeFont, *, lines: int) -> float:
    """Draws at most so many lines and gives where the next thing may stand."""
    pitch = font.size * 1.32
    laid = list(_lines(words, font, WIDTH - 2 * MARGIN))
    for number, line in enumerate(laid[:lines]):
        x = float(MARGIN)
        if number == lines - 1 and len(laid) > lines:
            line = _ended(line, font)  # noqa: PLW2901 - the last line that fits says that there is more
        for op, run in groupby(line, key=lambda piece: piece.op):
            x = _run(pen, (x, y), op, "".join(piece.text for piece in run), font)
        y += pitch
    return y


def _ended(line: list[Piece], font: ImageFont.FreeTypeFont) -> list[Piece]:
    more = Piece(op="equal", text=" …")
    kept = list(line)
    while len(kept) > 1 and sum(font.getlength(piece.text) for piece in [*kept, more]) > WIDTH - 2 * MARGIN:
        kept.pop()
    last = kept[-1]
    kept[-1] = Piece(op=last.op, text=_cut(last.text, font, WIDTH - 2 * MARGIN - font.getlength("… … ") if len(kept) == 1 else WIDTH))
    return [*kept, more]


def _cut(text: str, font: ImageFont.FreeTypeFont, width: float) -> str:
    if font.getlength(text) <= width:
        return text
    return text[: next((length for length in range(len(text), 0, -1) if font.getlength(text[:length] + "…") <= width), 0)] + "…"


def _run(pen: ImageDraw.ImageDraw, place: tuple[float, float], op: str, text: str, font: ImageFont.FreeTypeFont) -> float:
    """Gives where the next words begin."""
    x, y = place
    end = x + font.getlength(text) + (BESIDE if op == "delete" and not text.endswith(" ") else 0)
    if op in _GROUNDS:
        left, right = x + font.getlength(text[: len(text) - len(text.lstrip())]), x + font.getlength(text.rstrip())
        pen.rounded_rectangle((left - 3, y + 2, right + 3, y + font.size * 1.24), 5, fill=_GROUNDS[op])
        at = y + font.size * (0.74 if op == "delete" else 1.16)
        pen.line((left, at, right, at), fill=_EDGES[op], width=3)
    pen.text((x, y), text, font=font, fill=_INKS[op])
    return end


def _lines(words: Iterable[WordSpan], font: ImageFont.FreeTypeFont, width: float) -> Iterator[list[Piece]]:
    line: list[Piece] = []
    left = width
    for piece in _pieces(words, font, width):
        length = font.getlength(piece.text)
        if length > left and line:
            yield line
            line, left = [], width
        if line or piece.text.strip():
            line.append(piece)
            left -= length
    if line:
        yield line


def _pieces(words: Iterable[WordSpan], font: ImageFont.FreeTypeFont, width: float) -> Iterator[Piece]:
    """Words and spaces; a word that is wider than the picture in parts."""
    for span in words:
        text = without_unseen(span.text)
        for is_space, run in groupby(text, key=str.isspace):
            word = " " if is_space else "".join(run)
            while word and font.getlength(word) > width:
                fits = next(length for length in range(len(word), 0, -1) if length == 1 or font.getlength(word[:length]) <= width)
                yield Piece(op=span.op, text=word[:fits])
                word = word[fits:]
            if word:
                yield Piece(op=span.op, text=word)
