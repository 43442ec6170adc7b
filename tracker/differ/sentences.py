"""Cut a text into Sentences with their offsets.

sentencex does the cutting, one line at a time; the guards here mend what news text breaks: times before
weekdays, months before days, titles, lists, closing quotes, a missing space after a stop. White space
is all that ever lies between two Sentences, so the text can be rebuilt byte for byte.

Knows nothing of comparing; align.py does that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import sentencex

from tracker.model import Sentence

WINDOW = 2_000
"""sentencex takes time with the square of quotes and brackets in one call; longer lines go to it in windows of this many characters."""

_LINE = re.compile(r"[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")

# Quotes are hidden from sentencex, which else takes a quotation of five sentences for one. It counts UTF-8 bytes, hence
# lengths are taken from what it returns. Straight single quotes stay: they are mostly apostrophes.
_QUOTES = '"“”„‟«»‹›'
_HIDE = str.maketrans(dict.fromkeys(_QUOTES, " "))
_CLOSING = "\"”»›'’)]}」』）】"

_MONTH = r"(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)"
_TITLE = (
    r"(?:Mr|Mrs|Ms|Mx|Dr|Prof|Rev|Hon|Sen|Rep|Gov|Gen|Lt|Col|Maj|Capt|Cmdr|Cpl|Sgt|Pvt|Adm|Det|Insp|Supt|Const|Pres|Fr|Sr|Sra|St|Ste|Mt|Ft|"
    r"Messrs|Mme|Mlle|Hr|Herr|Dott|Ing|Amb|Atty|Asst|Assn|vs|cf|ca|approx|al|e\.g|i\.e|a\.k\.a)"
)
_INSTITUTION = r"[A-Z][a-z]+(?:ion|ment|ent|ate|ress|ourt|ary|or|ury|oops|orces)\b"
_OPENER = r"(?:He|She|It|They|We|You|The|This|That|These|Those|There|His|Her|Their|But|And|In|On|At|As|If|When|While|After|Before)\b"
_WEEKDAY = r"(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?"

# (what the left part ends with, what the right part begins with): such a boundary is none.
_JOINS: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = tuple(
    (re.compile(left + r"[\s\"“”„«»]*\Z"), re.compile(right))
    for left, right in (
        (rf"(?:\A|[\s(\"“]){_MONTH}\.", r"\d"),
        (rf"(?:\A|[\s(\"“-]){_TITLE}\.", r"\S"),
        (r"(?:\A|\s)(?:No|Nos|Nr|pp?|Art|Abs|Vol|Ch|Sec|Fig)\.", r"\d"),
        (r"(?:\A|\s)\d{1,2}\.", r"(?:Januar|Jänner|Februar|März|Mai|Juni|Juli|Oktober|Dezember)\b"),
        (r"(?:\A|\s)(?:[Aa]m|[Vv]om|[Bb]is|[Zz]um|[Ss]eit|[Dd]e[mnr])\s\d{1,2}\.", r"(?:April|August|September|November)\b"),
        (r"\b[ap]\.\s?m\.", rf"(?:{_WEEKDAY}|{_MONTH}|local|on|in|[A-Z]{{1,3}}T\b|GMT|UTC|BST|CES?T|\()"),
        (r"(?:\A|[\s(.\"“])[A-Z]\.", rf"(?:[A-Z]\.|(?!{_OPENER})[A-Z][a-z'’-]+\s+(?:[A-Z][\w'’-]+|[a-z]))"),
        (r"\b(?:U\.S|U\.K|U\.N|E\.U|D\.C)\.", rf"(?:[A-Z][\w'’-]*\s+)?(?:[a-z]|{_INSTITUTION})"),
        (r"\A[\s*•·–-]*(?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,5})[.)]", r"\S"),
        (r"[.!?…]", r"[—–-]{1,2}\s"),
        (r"[.!?…]", r"[,;:%)\]]"),
        (r"[.!?…][\"”»’]+", r"(?:[A-Z][\w'’.-]*\s+){1,4}(?:said|says|asked|asks|added|adds|told|tells|wrote|writes|tweeted)\b"),
    )
)
_LOWER = re.compile(r"[^\w\s]*([^\W\d_])(\w*)")

# "failed.But": a stop with no space after it, between two plain words.
_GLUED = re.compile(
    r"(?<![\w./@:&-])(\w*[^\W\d_A-Z]{2}|(?:19|20)\d\d)[.!?][\"”»]?"
    r"(?=[\"“„«]?(?:(?!(?:Com|Org|Net)\b)[A-ZÀ-ÖØ-Þ][a-zà-öø-ÿ]+[\s,'’]|[IA]\s))"
)
# "in the U.S. He left": an abbreviation's stop before a word that only begins a sentence.
_ENDING = re.compile(rf"\b(?:U\.S|U\.K|U\.N|E\.U|D\.C)\.[\"”’)]*(?=\s+{_OPENER})")
_NO_STOP = re.compile(rf"(?:{_TITLE}|{_MONTH}|www|No|Inc|Ltd|Co|Corp|Bros)\Z")


def segment(text: str, language: str = "en") -> tuple[Sentence, ...]:
    """Cut `text`; an unknown `language` is cut by English rules. Raises ValueError for lone surrogates."""
    refuse_surrogates(text)
    found: list[Sentence] = []
    for line in _LINE.finditer(text):
        for start, end in _line_spans(line.group(), language):
            first, last = line.start() + start, line.start() + end
            found.append(Sentence(index=len(found), text=text[first:last], start=first, end=last))
    return tuple(found)


def refuse_surrogates(text: str) -> None:
    if text.isascii():
        return
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError(
            f"The text holds half a character (lone surrogate U+{ord(text[error.start]):04X}) at position {error.start}: "
            "decode its bytes with errors='replace' first."
        ) from None


def _line_spans(line: str, language: str) -> Iterator[tuple[int, int]]:
    """Spans of one line, white space at their edges taken off."""
    start = 0
    for end in (*_boundaries(line, language), len(line)):
        part = line[start:end]
        bare = part.strip()
        if bare:
            first = start + len(part) - len(part.lstrip())
            yield first, first + len(bare)
        start = end


def _boundaries(line: str, language: str) -> list[int]:
    raw = {_behind_closing(line, cut) for cut in _raw_boundaries(line, language)}
    glued = {cut.end() for cut in _GLUED.finditer(line) if not _NO_STOP.search(cut.group(1))}
    glued |= {cut.end() for cut in _ENDING.finditer(line)}
    kept: list[int] = []
    start = 0
    for cut in sorted(raw | glued):
        if start < cut < len(line) and (cut in glued or not _joins(line, start, cut)):
            kept.append(cut)
            start = cut
    return kept


def _raw_boundaries(line: str, language: str) -> Iterator[int]:
    """Where sentencex ends its sentences, in windows that begin at the last boundary of the one before."""
    hidden = line.translate(_HIDE)
    start = 0
    while start < len(hidden):
        window = hidden[start : start + WINDOW]
        last = start + len(window) >= len(hidden)
        cuts: list[int] = []
        end = start
        for piece in sentencex.segment(language, window):
            end += len(piece)
            cuts.append(end)
        inner = cuts[:-1]
        yield from inner
        if last:
            return
        # The window's last sentence is cut short: it is read again from its own start, or passed over if it fills the window.
        start = inner[-1] if inner else start + len(window)


def _behind_closing(line: str, cut: int) -> int:
    """Move a boundary so that closing marks stand left of it and opening ones right of it."""
    stop = cut
    while stop > 0 and (line[stop - 1].isspace() or line[stop - 1] in _QUOTES):
        stop -= 1
    end = stop
    while end < len(line) and line[end] in _CLOSING:
        end += 1
    spaced = end
    while spaced < len(line) and line[spaced].isspace():
        spaced += 1
    if spaced < len(line) and line[spaced] in "”»" and end == stop:   # « Oui. » with its inner space
        return spaced + 1
    return end


def _joins(line: str, start: int, cut: int) -> bool:
    left, right = line[max(start, cut - 60) : cut], line[cut : cut + 120].lstrip()
    if not right or not line[start:cut].strip():
        return False
    if line[cut - 1] == "." and not line[cut].isspace() and line[cut] not in _QUOTES:   # a name with a dot in it: only _GLUED cuts there
        return True
    first = _LOWER.match(right)
    if first and first.group(1).islower() and not any(map(str.isupper, first.group(2))):
        return True
    return any(ends.search(left) and begins.match(right) for ends, begins in _JOINS)
