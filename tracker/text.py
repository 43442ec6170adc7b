"""What counts as the same text, and fingerprints of it.

`normalise` is for comparing, never for showing: two texts that normalise alike differ only in
encoding or house style. Nothing here knows of pages, sentences or what a change means.

Numbers, minus signs and accents are meaning, not style: "1.5" and "15", "5-3" and "53",
"-5C" and "5C", "resume" and "résumé" stay distinct.
"""

from __future__ import annotations

import html.entities
import re
import unicodedata
from collections.abc import Iterable
from hashlib import blake2b
from typing import Final

from tracker.model import Extract

FINGERPRINT_VERSION: Final = "1"

# Entities that were encoded over and over are decoded this often at most; real pages reach two.
_DECODE_ROUNDS: Final = 20

_INVISIBLE: Final = [
    *range(0x09),
    *range(0x0E, 0x1C),
    *range(0x7F, 0x85),
    *range(0x86, 0xA0),
    0x00AD,  # soft hyphen
    0x061C,  # direction marks
    *range(0x200B, 0x2010),  # zero-width space, joiners, direction marks
    *range(0x202A, 0x202F),
    *range(0x2060, 0x2065),
    *range(0x2066, 0x2070),
    0xFE0E,  # text or emoji style of the same sign
    0xFE0F,
    0xFEFF,
]
_DROP: Final = dict.fromkeys(_INVISIBLE)

_STYLE: Final = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′´ʼʻ‹›＇", "'"),
        **dict.fromkeys("“”„‟″«»「」『』〝〞＂", '"'),
        **dict.fromkeys("‐‑‒–−﹣－", "-"),
        **dict.fromkeys("—―⸺⸻", "--"),
        "…": "...",
        "ﬀ": "ff",
        "ﬁ": "fi",
        "ﬂ": "fl",
        "ﬃ": "ffi",
        "ﬄ": "ffl",
        "ﬅ": "st",
        "ﬆ": "st",
    }
)

# "&amp;amp;lt;" in one go: the ampersands in front are one ampersand.
_ENTITY: Final = re.compile(r"&(?:(?:amp|AMP|#0*38|#[xX]0*26);)*(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
# French sets a space inside its quotation marks; German turns them round and sets none.
_FRENCH_OPEN: Final = re.compile(r"(?:(?<=[\s(\[])|^)«\s+")
_FRENCH_CLOSE: Final = re.compile(r"\s+»(?=[\s.,;:!?)\]]|$)")
# A pause is written "word—word", "word -- word" or "word – word": all become "word - word".
_PAUSE: Final = re.compile(r"\s*-{2,}\s*")
# A single quotation mark that is neither an apostrophe inside a word nor feet after a number.
_SINGLE_QUOTE: Final = re.compile(r"(?<!\w)'|'(?!\w)(?<![0-9]')")


_SURROGATES = re.compile("[\ud800-\udfff]")
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def normalise(text: str) -> str:
    """Fold what is only encoding or style: Unicode form, invisible characters, entities, quotes, dashes, white space. Idempotent."""
    text = unicodedata.normalize("NFC", text.translate(_DROP))
    for _ in range(_DECODE_ROUNDS):
        if "&" not in text:
            break
        decoded = unicodedata.normalize("NFC", _ENTITY.sub(_decode, text).translate(_DROP))
        if decoded == text:
            break
        text = decoded
    text = " ".join(text.split())  # first, so that no pattern below meets a long run of it
    if text.isascii():
        return _fold(text)
    if "«" in text or "»" in text:
        text = _FRENCH_CLOSE.sub('"', _FRENCH_OPEN.sub('"', text))
    return _fold(unicodedata.normalize("NFC", text.translate(_STYLE)))


def _fold(text: str) -> str:
    text = _PAUSE.sub(" - ", text).replace("`", "'")
    if "'" in text:
        text = _SINGLE_QUOTE.sub('"', text.replace("''", '"'))
    return " ".join(text.split())


def _decode(match: re.Match[str]) -> str:
    name = match[1]
    if name[0] != "#":
        return html.entities.html5.get(f"{name};", f"&{name};")
    digits = name[1:].lower()
    code = int(digits.removeprefix("x"), 16 if digits[0] == "x" else 10)
    if code == 0 or code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        return f"&{name};"
    return chr(code)


def printable(text: str) -> str:
    """Text that can be stored, shown and sent: half surrogates become U+FFFD; control characters but tab and line feed go."""
    return _CONTROLS.sub("", _SURROGATES.sub("\ufffd", text))


def fingerprint(parts: Iterable[str]) -> str:
    """A versioned hash of the normalised parts; how a text is cut into parts matters."""
    digest = blake2b(digest_size=16)
    for part in parts:
        data = normalise(part).encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return f"{FINGERPRINT_VERSION}-{digest.hexdigest()}"


def extract_fingerprint(extract: Extract) -> str:
    """Equal for two looks at the same text: headline, byline and body, whatever its line breaks, dates and links.

    Of a text that was taken down, what stands for its fingerprint.
    """
    if extract.withdrawn is not None:
        return extract.withdrawn
    return fingerprint((extract.headline, extract.byline or "", " ".join(block.text for block in extract.blocks)))
