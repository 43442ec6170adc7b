"""Made-up news: articles of Zipf words in paragraphs of sentences, edited as newsrooms do, and the pages that they came on.

Set so that they pack like real press articles of 4.8 kB, of which 184 packed to 46 % alone and to 34 % with a dictionary made
of others. A number gives the same article everywhere. Nothing here knows the store.
"""

from __future__ import annotations

import gzip
import math
import random
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import accumulate

from tracker.model import Block, BlockKind, Capture, Extract

VERSIONS = 4
WORDS = 800  # so that an article has 4.4 kB of text
TOPIC = 0.12  # so much of an article are the words that it is about
PHRASE_EVERY = 8  # words to one phrase
FIRST_AT = datetime(2025, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """`capture` is None where none was asked for."""

    extract: Extract
    capture: Capture | None


@dataclass(slots=True)
class _Draft:
    """An article while it is written and edited: its paragraphs as lists of sentences, the words that it is about."""

    chance: random.Random
    topic: list[str]
    headline: str = ""
    paragraphs: list[list[str]] = field(default_factory=list)

    def change_a_number(self) -> None:
        paragraph = self.chance.choice(self.paragraphs)
        at = self.chance.randrange(len(paragraph))
        words = paragraph[at].split(" ")
        words[self.chance.randrange(len(words) - 1)] = str(self.chance.randrange(1, 5_000))
        paragraph[at] = " ".join(words)

    def add_a_sentence(self) -> None:
        paragraph = self.chance.choice(self.paragraphs)
        paragraph.insert(self.chance.randrange(len(paragraph) + 1), _sentence(self.chance, self.topic))

    def remove_a_sentence(self) -> None:
        paragraph = self.chance.choice([one for one in self.paragraphs if len(one) > 1])
        del paragraph[self.chance.randrange(len(paragraph))]

    def move_a_sentence(self) -> None:
        old, new = self.chance.sample([one for one in self.paragraphs if len(one) > 1], 2)
        new.insert(self.chance.randrange(len(new)), old.pop(self.chance.randrange(len(old))))

    def change_the_headline(self) -> None:
        self.headline = _headline(self.chance)

    def edit(self) -> None:
        """One to three edits of any kind, a number most often."""
        kinds = (self.change_a_number, self.add_a_sentence, self.remove_a_sentence, self.move_a_sentence, self.change_the_headline)
        for edit in self.chance.choices(kinds, (4, 3, 2, 1, 2), k=self.chance.choice((1, 1, 2, 3))):
            edit()


@cache
def _vocabulary() -> tuple[list[str], list[float]]:
    """20,000 words, common ones short, and their cumulated weights by Zipf and Mandelbrot."""
    chance = random.Random(1)
    starts, vowels = ("b", "br", "c", "d", "f", "g", "h", "l", "m", "n", "p", "pr", "r", "s", "st", "t", "th", "v", "w"), "aeiou"
    words: dict[str, None] = {}
    while len(words) < 20_000:
        syllables = 1 + int(math.log10(len(words) / 30 + 1) * 0.6 + chance.random() * 0.9)
        word = "".join(chance.choice(starts) + chance.choice(vowels) for _ in range(syllables)) + chance.choice(("", "n", "s", "r", "d"))
        words[word] = None
    return list(words), list(accumulate(1 / (rank + 2) for rank in range(len(words))))


def _words(chance: random.Random, count: int) -> list[str]:
    words, weights = _vocabulary()
    return chance.choices(words, cum_weights=weights, k=count)


@cache
def _phrases() -> tuple[list[list[str]], list[float]]:
    """2,000 turns of two to five words that everybody uses, and their cumulated weights."""
    chance = random.Random(2)
    found = [_words(chance, chance.randint(2, 5)) for _ in range(2_000)]
    return found, list(accumulate(1 / (rank + 10) for rank in range(len(found))))


def _sentence(chance: random.Random, topic: list[str]) -> str:
    words = [chance.choice(topic) if chance.random() < TOPIC else word for word in _words(chance, chance.randint(5, 20))]
    phrases, weights = _phrases()
    for phrase in chance.choices(phrases, cum_weights=weights, k=len(words) // PHRASE_EVERY):
        at = chance.randrange(len(words))
        words[at:at] = phrase
    if chance.random() < 0.3:
        words[chance.randrange(len(words))] = str(chance.randrange(1, 5_000))
    return f"{' '.join(words).capitalize()}."


def _headline(chance: random.Random) -> str:
    return " ".join(_words(chance, chance.randint(6, 12))).capitalize()


def _written(chance: random.Random) -> _Draft:
    draft = _Draft(chance, _words(chance, 30), _headline(chance))
    count = 0
    while count < WORDS:
        paragraph = [_sentence(chance, draft.topic) for _ in range(chance.randint(1, 4))]
        count += sum(sentence.count(" ") + 1 for sentence in paragraph)
        draft.paragraphs.append(paragraph)
    return draft


def story(number: int, host: str, *, pages: bool = True) -> list[Version]:
    """The versions of one article, each an edit of the one before, and the pages that they came on."""
    chance, beside = random.Random(number), random.Random(f"page {number}")
    draft = _written(chance)
    published_at = FIRST_AT + timedelta(minutes=number)
    url = f"https://{host}/{published_at:%Y/%m/%d}/{'-'.join(draft.headline.lower().split()[:6])}-{number}"
    byline = " ".join(word.capitalize() for word in _words(chance, 2))
    found: list[Version] = []
    for place in range(VERSIONS):
        if place:
            draft.edit()
        extract = Extract(
            url=url,
            headline=draft.headline,
            blocks=tuple(Block(kind=BlockKind.PARAGRAPH, text=" ".join(one)) for one in draft.paragraphs),
            extractor="3",
            byline=byline,
            published_at=published_at,
            modified_at=published_at + timedelta(hours=place * place) if place else None,
            language="en",
            canonical_url=url,
            section="News",
            image_url=f"https://{host}/images/{number:x}.jpg",
        )
        found.append(Version(extract=extract, capture=_capture(extract, beside) if pages else None))
    return found


@cache
def _chrome(host: str) -> tuple[str, str]:
    """What surrounds every article of a site: about 15 kB before and after it."""
    chance = random.Random(host)
    pairs = [(_words(chance, 1)[0], _words(chance, 1)[0]) for _ in range(200)]
    menu = "".join(f'<li class="nav-item"><a href="/{word}/{other}">{word} {other}</a></li>' for word, other in pairs[:100])
    settings = ",".join(f'"{word}_{number}":"{chance.getrandbits(64):x}"' for number, (word, _) in enumerate(pairs))
    style = "".join(f".{word}-{other}{{margin:{chance.randrange(40)}px}}" for word, other in pairs)
    before = f"<style>{style}</style><script>window.site={{{settings}}}</script></head><body><nav><ul>{menu}</ul></nav>"
    return before, f"<footer>{menu}</footer></body></html>"


def _capture(extract: Extract, chance: random.Random) -> Capture:
    """The page, compressed as nearly every server sends it; each time with other links and another token beside the article."""
    host = extract.url.split("/")[2]
    before, after = _chrome(host)
    links = "".join(f'<li><a href="/{chance.randrange(10**6)}">{_headline(chance)}</a></li>' for _ in range(8))
    text = "".join(f"<p>{block.text}</p>" for block in extract.blocks)
    html = (
        f'<!doctype html><html lang="en"><head><title>{extract.headline}</title><meta name="token" content="{chance.getrandbits(128):x}">'
        f"{before}<main><h1>{extract.headline}</h1>{text}</main><aside><ul>{links}</ul></aside>{after}"
    )
    etag = f'"{chance.getrandbits(64):x}"'.encode()
    headers = ((b"Content-Type", b"text/html; charset=utf-8"), (b"Content-Encoding", b"gzip"), (b"ETag", etag))
    body = gzip.compress(html.encode(), 6, mtime=0)
    return Capture(url=extract.url, status_line="HTTP/1.1 200 OK", headers=headers, body=body, fetched_at=FIRST_AT)


def plain(capture: Capture) -> Capture:
    """The same answer from a server that does not compress."""
    headers = tuple(header for header in capture.headers if header[0] != b"Content-Encoding")
    return replace(capture, headers=headers, body=gzip.decompress(capture.body))
