"""Text and what people type as terms: the words by which a text is found, the same on every database.

Case, accents, width and unseen signs are folded; punctuation parts words; a sign of Chinese, Japanese or Thai is a term by
itself, so that a run of them is a phrase and finds any part of a sentence. There is no stemming: "minister" does not find
"ministers". Where terms are kept and found again is the store's.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TypeAlias

from tracker.errors import SearchError
from tracker.model import ChangedSentence, Extract, FoundSpan, Query, Side
from tracker.redaction import STRETCH, words

# Stands where no phrase reads on: between two parts of a text. No term is like it.
GAP = "·"
# What of one text is indexed: a tsvector of PostgreSQL numbers 16,383 positions and keeps 255 of each word, so that is what both
# databases get; a change has two sides in one. An article beyond it is a book; it is found by the words before.
TERMS_OF_A_TEXT, PLACES_OF_A_TERM = 16_000, 255
LONGEST_TERM = 100
# Bytes of a text's different terms: a tsvector has 2^20 - 1 for them and, by two or three bytes each, for their places.
TERMS_TAKE = 900_000
# What of a query is taken: enough for a sentence of a text; each further term costs time.
LONGEST_QUERY, MOST_TERMS = 300, 40
EXCERPT, BEFORE_MATCH = 240, 80

# Vowel points and accents, which writers leave out: Latin, Greek and Cyrillic; Hebrew; Arabic with its stretcher.
_ACCENTS = re.compile("[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670]")
# NFKC makes "(1)" of one sign, and a space within one letter of Arabic.
_NO_WORD = re.compile(r"[\x00-/:-@\[-`{-\x7f\s·]+")
_DOUBLE_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»「」『』＂〝〞", '"'))
# A dash before a number is a minus in text that was copied; as a hyphen, what is typed to leave a number out.
_PIECE = re.compile(r"""(?P<without>(?<!\S)(?:[-−–]++(?!\d)|-+))?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))""")


# A term as it is compared; where it begins and ends in the text that it was read from.
Term: TypeAlias = tuple[str, int, int]


def terms(text: str) -> list[Term]:
    found: list[Term] = []
    for stretch in STRETCH.finditer(text):
        at = stretch.start()
        for term, start, end in _of_stretch(stretch[0]):
            found.append((term, at + start, at + end))
    return found


def _texts(text: str) -> list[str]:
    """The same without their places, twice as fast: a look that finds a new text reads two whole ones."""
    return [term[0] for stretch in STRETCH.findall(text) for term in _of_stretch(stretch)]


@lru_cache(maxsize=100_000)
def _of_stretch(stretch: str) -> tuple[Term, ...]:
    """Kept, since most of them come again: to read each anew takes twice as long."""
    found = ((folded(word.text), word.start, word.end) for word in words(stretch))
    return tuple(term for term in found if term[0])


@lru_cache(maxsize=50_000)
def folded(word: str) -> str:
    if not word.isascii():
        word = unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFKD", word)))
    return _NO_WORD.sub("", word)[:LONGEST_TERM]


def head_terms(extract: Extract) -> list[str]:
    """What an article is found by: its headline, its byline and its text."""
    found: list[str] = []
    for part in (extract.headline, extract.byline or "", extract.text):
        if len(found) < TERMS_OF_A_TEXT:
            found += [GAP] * bool(found) + _texts(part)
    return _capped(found, TERMS_OF_A_TEXT, PLACES_OF_A_TERM, TERMS_TAKE)


def changed_terms(changed: Iterable[ChangedSentence], side: Side) -> list[str]:
    """What a change is found by: the words that were taken out, or put in; no phrase reads over what stayed."""
    found: list[str] = []
    for sentence in changed:
        for span in sentence.words:
            if span.op == _OPS[side] and len(found) < TERMS_OF_A_TEXT:
                found += [GAP] * bool(found) + _texts(span.text)
    return _capped(found, TERMS_OF_A_TEXT // 2, PLACES_OF_A_TERM // 2, TERMS_TAKE // 2)


_OPS = {Side.DELETED: "delete", Side.INSERTED: "insert"}


def _capped(found: Sequence[str], most: int, places: int, room: int) -> list[str]:
    counts: dict[str, int] = {}
    kept: list[str] = []
    for term in found[:most]:
        counts[term] = count = counts.get(term, 0) + 1
        if count == 1:
            room -= len(term) if term.isascii() else 4 * len(term)  # at most so many bytes
            if room < 0:
                break
        kept.append(term if count <= places else GAP)
    return kept


# --- what people type ------------------------------------------------------------------------------


def read_query(typed: str, side: Side | None = None) -> Query:
    """Words that must all be there, "phrases" in their order, -words that must not be there. Any other sign only parts words.

    Raises SearchError where there is nothing to look for, or too much.
    """
    typed = typed.strip()
    if not typed:
        raise SearchError("Type a word, a name or a “phrase in quotation marks” to look for.")
    if len(typed) > LONGEST_QUERY:
        raise SearchError(f"That is {len(typed):,} characters long; at most {LONGEST_QUERY} can be looked for. Leave some words out.")
    wanted: dict[tuple[str, ...], None] = {}
    unwanted: dict[tuple[str, ...], None] = {}
    for piece in _PIECE.finditer(typed.translate(_DOUBLE_QUOTES)):
        found = tuple(_texts(piece["phrase"] or piece["word"] or ""))
        if found:
            (unwanted if piece["without"] else wanted)[found] = None
    count = sum(len(one) for one in (*wanted, *unwanted))
    if count > MOST_TERMS:
        raise SearchError(f"That is {count} words; at most {MOST_TERMS} can be looked for. Leave some out.")
    if not wanted and unwanted:
        raise SearchError("That says only what to leave out. Add a word that is to be found.")
    if not wanted:
        raise SearchError("There is no word in that: signs and pictures alone cannot be looked for.")
    return Query(typed=typed, wanted=tuple(wanted), unwanted=tuple(unwanted), side=side)


# --- what was found --------------------------------------------------------------------------------


def marked(text: str, query: Query) -> tuple[FoundSpan, ...]:
    """The whole text, with what was looked for."""
    return _spans(text, _matches(text, query), 0, len(text))


def excerpt(text: str, query: Query) -> tuple[FoundSpan, ...]:
    """Some words around the first match; the beginning where there is none."""
    spans = _around(text, _likely(text, query), query)
    if any(span.is_match for span in spans):
        return spans
    return _around(text, next((at for at, _ in _matches(text, query)), 0), query)


def _likely(text: str, query: Query) -> int:
    """Where the first match most likely is: to read a whole text as terms takes a millisecond, and a page has twenty."""
    lowered = text.lower()
    for phrase in query.wanted:
        if all(term.isascii() for term in phrase):
            whole = re.compile(rf"\b{r'[^A-Za-z0-9]+'.join(phrase)}\b", re.ASCII)
            at = lowered.find(phrase[0])  # a pattern that is searched for takes ten times as long
            while at >= 0:
                if whole.match(lowered, at):
                    return min(at, len(text))  # a letter of Turkish is longer when it is small
                at = lowered.find(phrase[0], at + 1)
    return 0


def _around(text: str, first: int, query: Query) -> tuple[FoundSpan, ...]:
    start = _space_after(text, first - BEFORE_MATCH, first) if first > BEFORE_MATCH else 0
    end = _space_before(text, start + EXCERPT, max(first, start + EXCERPT - 40))
    spans = marked(text[start:end], query)
    return (*((FoundSpan(text="… "),) if start else ()), *spans, *((FoundSpan(text=" …"),) if end < len(text) else ()))


def _space_after(text: str, start: int, end: int) -> int:
    return next((at + 1 for at in range(start, end) if text[at].isspace()), start)


def _space_before(text: str, end: int, start: int) -> int:
    return len(text) if end >= len(text) else next((at for at in range(end, start, -1) if text[at].isspace()), end)


def marked_change(sentence: ChangedSentence, query: Query) -> tuple[FoundSpan, ...]:
    """The sentence from its old words to its new ones, with what was looked for in the words that changed."""
    found: list[FoundSpan] = []
    for span in sentence.words:
        is_sought = span.op != "equal" and (query.side is None or _OPS[query.side] == span.op)
        pieces = _spans(span.text, _matches(span.text, query) if is_sought else [], 0, len(span.text))
        found += [FoundSpan(text=piece.text, is_match=piece.is_match, op=span.op) for piece in pieces]
    return tuple(found)


def _matches(text: str, query: Query) -> list[tuple[int, int]]:
    """Where what was looked for stands, in order; what touches is one."""
    here = terms(text)
    places: list[tuple[int, int]] = []
    for phrase in query.wanted:
        places += [(here[at][1], here[at + len(phrase) - 1][2]) for at in _places([term[0] for term in here], phrase)]
    merged: list[tuple[int, int]] = []
    for start, end in sorted(places):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _places(here: Sequence[str], phrase: Sequence[str]) -> Iterator[int]:
    length = len(phrase)
    for at, term in enumerate(here):
        if term == phrase[0] and (length == 1 or tuple(here[at : at + length]) == tuple(phrase)):
            yield at


def _spans(text: str, matches: Iterable[tuple[int, int]], start: int, end: int) -> tuple[FoundSpan, ...]:
    found: list[FoundSpan] = []
    at = start
    for first, last in matches:
        if first > at:
            found.append(FoundSpan(text=text[at:first]))
        found.append(FoundSpan(text=text[first:last], is_match=True))
        at = last
    if at < end:
        found.append(FoundSpan(text=text[at:end]))
    return tuple(found)
