"""Takes what was taken down out of texts: hidden words, whole hidden texts, told from others by salted hashes alone.

The words themselves are kept nowhere. A phrase is found again by hashing every run of as many words as it has. Whoever
has the store and guesses the words can check the guess, as with any hash. Which takedowns are about an article, and
where its texts lie, is the store's.
"""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from tracker.model import WITHDRAWN, Block, Extract, Takedown, TakedownScope
from tracker.text import extract_fingerprint

# Stands where words were taken out.
MARK = "[withdrawn]"
# What an event says of a change of which one text is gone.
UNTOLD = "One of the two versions was withdrawn, so what changed is not told."

# Scripts written without spaces (Thai to Lao, Myanmar, Khmer, kana, Chinese): each sign is a word.
_ALONE = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003134f]")
# Signs that belong to the letter before them, seen or not; a zero-width space parts words like any other.
_GLUE = frozenset({"Mn", "Mc", "Me", "Cf"})
_ZERO_WIDTH_SPACE = "\u200b"
# What ASCII has of signs that part words. A stretch between them that is all ASCII is a word: most are.
STRETCH = re.compile(r"[^\x00-/:-@\[-`{-\x7f]+")

_TAG = re.compile(r"<[^<>]*>")
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_CHARSET = re.compile(rb"charset=[\"']?([\w-]+)", re.IGNORECASE)


class Word(NamedTuple):
    """`text` as it is compared: case, width and unseen signs folded. A tuple, since a page has twenty thousand."""

    text: str
    start: int
    end: int


def salted(salt: bytes, kind: str, value: str) -> bytes:
    """`kind`: key, text (a fingerprint) or phrase, so that one can never stand for another."""
    return hashlib.blake2b(f"{kind}:{value}".encode("utf-8", "surrogatepass"), key=salt, digest_size=16).digest()


def folded(phrase: str) -> tuple[str, int]:
    """A phrase as it is hashed, and how many words it has."""
    found = [word.text for word in words(phrase)]
    return " ".join(found), len(found)


def words(text: str) -> list[Word]:
    """The words of a text in order; punctuation and spaces stand between them. The mark is a word that no phrase has."""
    found: list[Word] = []
    for stretch in STRETCH.finditer(text):
        start, end = stretch.span()
        if not stretch[0].isascii():
            found += [_word(text, start + first, start + last) for first, last in _spans(stretch[0])]
        elif text[start - 1 : end + 1] == MARK:
            found.append(Word(MARK, start, end))
        else:
            found.append(Word(stretch[0].lower(), start, end))
    return found


def _spans(stretch: str) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    is_open = False
    for place, sign in enumerate(stretch):
        follows = bool(spans) and spans[-1][1] == place
        if sign.isalnum():
            alone = _ALONE.match(sign) is not None
            if is_open and not alone:
                spans[-1] = spans[-1][0], place + 1
            else:
                spans.append((place, place + 1))
            is_open = not alone
        elif follows and sign != _ZERO_WIDTH_SPACE and unicodedata.category(sign) in _GLUE:
            spans[-1] = spans[-1][0], place + 1
        else:
            is_open = False
    return spans


def _word(text: str, start: int, end: int) -> Word:
    seen = "".join(sign for sign in text[start:end] if unicodedata.category(sign) != "Cf")
    folded_word = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", seen).casefold())
    return Word(folded_word, start, end)


def _found(takedown: Takedown, run: Sequence[Word]) -> Iterator[int]:
    """Where in `run` a hidden phrase begins."""
    phrases = _phrases(run, takedown)
    hidden = {one for one in set(phrases) if salted(takedown.salt, "phrase", one) in takedown.hashes}
    yield from (first for first, phrase in enumerate(phrases) if phrase in hidden)


def _phrases(run: Sequence[Word], takedown: Takedown) -> list[str]:
    """Every run of as many words as the hidden phrase has."""
    texts = [word.text for word in run]
    length = takedown.words_count
    return [] if length is None else [" ".join(texts[first : first + length]) for first in range(len(texts) - length + 1)]


def holds(text: str, takedown: Takedown) -> bool:
    """Whether a hidden phrase stands in a text."""
    return next(_found(takedown, words(text)), None) is not None


def address_holds(url: str, takedown: Takedown) -> bool:
    """The same of an address, where words are parted by dashes."""
    return holds(unquote(url).replace("_", " "), takedown)


def page_holds(body: bytes, takedowns: Iterable[Takedown], charset: str | None = None) -> bool:
    """Whether a page, decoded from its transfer but not parsed, may hold a hidden phrase anywhere: in its text, its markup, its scripts.

    Sooner yes than no: the same words parted by tags, or by none, count.
    """
    source = html.unescape(_decoded(body, charset))
    source = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), source)
    runs = [words(reading) for reading in {source, unquote(source), _TAG.sub("", source), _TAG.sub(" ", source)}]
    return any(next(_found(one, run), None) is not None for one in takedowns for run in runs)


def _decoded(body: bytes, charset: str | None) -> str:
    named = charset or (found[1].decode("ascii", "replace") if (found := _CHARSET.search(body[:4096])) else "utf-8")
    try:
        return body.decode(named, "replace")
    except (LookupError, UnicodeError):  # no such encoding, or one that is none of text
        return body.decode("utf-8", "replace")


def without(text: str, takedown: Takedown) -> str:
    """The text with a mark for the hidden phrase wherever it stands; unchanged where it does not."""
    return _without((text,), takedown)[0]


def _without(parts: Sequence[str], takedown: Takedown) -> list[str]:
    """Several texts that are read on, one after the other: a phrase may begin in one and end in the next."""
    owners = [(place, word) for place, part in enumerate(parts) for word in words(part)]
    run = [word for _, word in owners]
    length = takedown.words_count or 0
    taken = sorted({place for first in _found(takedown, run) for place in range(first, first + length)})
    made = list(parts)
    for first, last in reversed(list(_stretches(taken, [place for place, _ in owners]))):
        place = owners[first][0]
        made[place] = made[place][: run[first].start] + MARK + made[place][run[last].end :]
    return made


def _stretches(taken: Sequence[int], places: Sequence[int]) -> Iterator[tuple[int, int]]:
    """First and last of each run of taken words within one part."""
    start: int | None = None
    for position, word in enumerate(taken):
        start = word if start is None else start
        following = taken[position + 1] if position + 1 < len(taken) else None
        if following != word + 1 or places[following] != places[word]:
            yield start, word
            start = None


def withhold(extract: Extract, takedowns: Iterable[Takedown], stored_as: str | None = None) -> Extract:
    """The Extract without what was taken down of its article; itself where nothing of it was.

    `stored_as` is the fingerprint that it is kept under. Takedowns are applied in the order in which they were made, so that
    a text that is read again comes to the same as the one that is kept.
    """
    for takedown in sorted(takedowns, key=lambda one: (one.at, one.id)):
        if extract.withdrawn is not None:
            return extract
        prints = {extract_fingerprint(extract)} | ({stored_as} if stored_as else set())
        is_named = any(salted(takedown.salt, "text", one) in takedown.hashes for one in prints)
        if takedown.scope is TakedownScope.ARTICLE or (takedown.scope is TakedownScope.REVISION and is_named):
            return _emptied(extract, takedown)
        if takedown.scope is TakedownScope.PHRASE or (takedown.scope is TakedownScope.PHRASE_IN_REVISION and is_named):
            reduced = _reduced(extract, takedown)
            extract, stored_as = (extract, stored_as) if reduced == extract else (reduced, None)
    return extract


def _emptied(extract: Extract, takedown: Takedown) -> Extract:
    withdrawn = f"{WITHDRAWN}{salted(takedown.salt, 'text', extract_fingerprint(extract)).hex()}"
    return Extract(
        url=_site(extract.url), headline="", blocks=(), extractor=extract.extractor, language=extract.language, withdrawn=withdrawn
    )


def _reduced(extract: Extract, takedown: Takedown) -> Extract:
    def text(value: str | None) -> str | None:
        return None if value is None else without(value, takedown)

    def address(url: str | None) -> str | None:
        return None if url is None or address_holds(url, takedown) else url

    texts = _without([block.text for block in extract.blocks], takedown)
    return replace(
        extract,
        url=address(extract.url) or _site(extract.url),
        headline=without(extract.headline, takedown),
        blocks=tuple(_block(block, made, takedown) for block, made in zip(extract.blocks, texts, strict=True)),
        byline=text(extract.byline),
        section=text(extract.section),
        image_caption=text(extract.image_caption),
        body_reason=text(extract.body_reason),
        canonical_url=address(extract.canonical_url),
        image_url=address(extract.image_url),
        original_url=address(extract.original_url),
    )


def _block(block: Block, made: str, takedown: Takedown) -> Block:
    """Its links go where they no longer fit the text, or where an address holds the words: then they are not known."""
    is_whole = made == block.text and not any(address_holds(link.url, takedown) for link in block.links or ())
    return block if is_whole else Block(kind=block.kind, text=made)


def _site(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/"
