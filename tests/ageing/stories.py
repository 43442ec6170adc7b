"""Articles and the true edits that are made to them. Every edit changes what a reader is told; none is only style."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random

from ageing.words import FIRST, LAST, Language, filled


@dataclass(frozen=True)
class Part:
    """`kind`: p, quote, heading, caption, item."""

    kind: str
    text: str


@dataclass(frozen=True)
class Story:
    number: int
    language: Language
    headline: str
    byline: str
    standfirst: str
    parts: tuple[Part, ...]
    plain_and_negated: tuple[str, str]
    note: str | None = None
    extra: tuple[str, ...] = field(default=())


def write(number: int, language: Language, rng: Random) -> Story:
    def line(pattern: str) -> str:
        return filled(pattern, language, rng)

    parts = [Part("p", line(rng.choice(language.lines))) for _ in range(rng.randint(5, 8))]
    state = rng.getstate()
    plain = filled(language.negated[0], language, rng)
    rng.setstate(state)
    negated = filled(language.negated[1], language, rng)
    parts.insert(2, Part("quote", line(language.quotes[0])))
    parts.insert(3, Part("p", plain))
    parts.insert(4, Part("heading", line(language.heading)))
    parts.insert(1, Part("caption", line(language.caption)))
    parts += [Part("item", line(rng.choice(language.lines))) for _ in range(2)]
    return Story(
        number=number,
        language=language,
        headline=line(rng.choice(language.headlines)),
        byline=f"{rng.choice(FIRST)} {rng.choice(LAST)}",
        standfirst=line(language.standfirst),
        parts=tuple(parts),
        plain_and_negated=(plain, negated),
    )


# --- edits: each gives another story, or None where it cannot be made ----------------------------


def _change(story: Story, rng: Random, changed: Callable[[str], str | None], kinds: str = "p quote item") -> Story | None:
    places = [place for place, part in enumerate(story.parts) if part.kind in kinds.split()]
    rng.shuffle(places)
    for place in places:
        text = changed(story.parts[place].text)
        if text is not None and text != story.parts[place].text:
            return replace(story, parts=(*story.parts[:place], replace(story.parts[place], text=text), *story.parts[place + 1 :]))
    return None


def digit(story: Story, rng: Random) -> Story | None:
    def changed(text: str) -> str | None:
        found = list(re.finditer(r"\d", text))
        one = rng.choice(found) if found else None
        return text[: one.start()] + str((int(one[0]) + rng.randint(1, 8)) % 9 + 1) + text[one.end() :] if one else None

    return _change(story, rng, changed)


def decimal_point(story: Story, rng: Random) -> Story | None:
    return _change(story, rng, lambda text: re.sub(r"(\d)\.(\d)", r"\1\2", text, count=1))


def minus_sign(story: Story, rng: Random) -> Story | None:
    return _change(story, rng, lambda text: re.sub(r"-(\d)", r"\1", text, count=1))


def negation(story: Story, rng: Random) -> Story | None:
    plain, negated = story.plain_and_negated
    return _change(story, rng, {plain: negated, negated: plain}.get)


def name(story: Story, rng: Random) -> Story | None:
    return _change(story, rng, lambda text: re.sub("|".join(LAST), rng.choice(LAST), text, count=1))


def accent(story: Story, rng: Random) -> Story | None:
    return _change(story, rng, lambda text: text.replace("Cádiz", "Cadiz") if "Cádiz" in text else None)


def removed(story: Story, rng: Random) -> Story | None:
    places = [place for place, part in enumerate(story.parts) if part.kind == "p"]
    if len(places) < 5:
        return None
    gone = rng.choice(places)
    return replace(story, parts=story.parts[:gone] + story.parts[gone + 1 :])


def added(story: Story, rng: Random) -> Story | None:
    new = Part("p", filled(rng.choice(story.language.lines), story.language, rng))
    at = rng.randint(1, len(story.parts) - 3)
    return replace(story, parts=(*story.parts[:at], new, *story.parts[at:]))


def headline(story: Story, rng: Random) -> Story | None:
    return replace(story, headline=filled(rng.choice(story.language.headlines), story.language, rng))


def note(story: Story, rng: Random) -> Story | None:
    return replace(story, note=filled(story.language.note, story.language, rng))


def caption(story: Story, rng: Random) -> Story | None:
    def changed(text: str) -> str:
        return re.sub(r"\d{4}", str(rng.randint(1931, 2025)), text)

    return _change(story, rng, changed, "caption")


def standfirst(story: Story, rng: Random) -> Story | None:
    return replace(story, standfirst=re.sub(r"\d{4}", lambda year: str(int(year[0]) + 1), story.standfirst))


EDITS = {
    "digit": digit,
    "decimal point": decimal_point,
    "minus sign": minus_sign,
    "negation": negation,
    "name": name,
    "accent": accent,
    "paragraph removed": removed,
    "paragraph added": added,
    "headline": headline,
    "correction note": note,
    "caption": caption,
    "standfirst": standfirst,
}
