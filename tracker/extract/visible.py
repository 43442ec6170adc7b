"""What is asked of a page before any look at its article: is it safe to parse, and does it show the same text as last time.

Nothing here knows of articles; the gate compares the whole page, furniture included.
"""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import Final

from selectolax.lexbor import LexborHTMLParser

# Limits of what is given to a parser, guarded by tests/extract/test_visible.py. The fetcher's cap on bytes is lower as
# configured; this one is for whoever calls with a page from elsewhere. Of 145 real pages the deepest has 32 open elements,
# and lexbor needs 17 s for 50,000: time grows with the square of the depth.
LARGEST_PAGE: Final = 16 * 1024 * 1024
DEEPEST_NESTING: Final = 400

_HIDDEN: Final = ["script", "style", "noscript", "template"]

_LINKED_DATA: Final = 'script[type="application/ld+json"]'

_TAG: Final = re.compile(rb"<(?:(!--)|(/?)([a-zA-Z][^\s/>]*))")
_COMMENT_END: Final = re.compile(rb"(?<=<!--)-?>|--!?>")
_SCRIPT_END: Final = re.compile(rb"</script", re.IGNORECASE)

# Elements that never hold others, or that end where the next of their kind begins.
_NEVER_OPEN: Final = frozenset(
    b"area base br col embed hr img input link meta param source track wbr frame keygen basefont bgsound "
    b"p li dt dd tr option optgroup thead tbody tfoot colgroup rp rt html head body "
    b"path use circle rect line polygon polyline ellipse stop image animate animatetransform fegaussianblur feoffset".split()
)
# Where the end tag of a block is not heard outside.
_WALLS: Final = frozenset(b"table td th caption object marquee applet template svg math".split())
_CELLS: Final = frozenset({b"td", b"th"})
_FORMATTING: Final = frozenset(b"a b big code em font i nobr s small strike strong tt u".split())
_BLOCKS: Final = _WALLS | frozenset(
    b"address article aside blockquote button center details dialog dir div dl fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 "
    b"header hgroup iframe listing main menu nav noembed noframes noscript ol pre script search section select style summary textarea "
    b"title ul xmp".split()
)


def visible_hash(html: bytes) -> bytes:
    """16 bytes of the page's visible text, white space folded, and of what the extractor reads beside it: linked data,
    meta and the link to a next page. Equal hashes: a reader sees the same words, and the extractor would find the same article."""
    try:
        text = html.decode("utf-8")
    except UnicodeDecodeError:
        text = html.decode("latin-1")  # whatever the charset is, two different bytes stay two different characters
    tree = LexborHTMLParser(text)
    beside = [node.text() for node in tree.css(_LINKED_DATA)]
    beside += [node.attributes.get("content") or "" for node in tree.css("meta[property], meta[name]")]
    beside += [node.attributes.get("href") or "" for node in tree.css('link[rel~="next"]')]
    tree.strip_tags(_HIDDEN)
    root = tree.root
    shown = " ".join(root.text(separator=" ").split()) if root is not None else ""
    shown = "\0".join((shown, *beside))
    return blake2b(shown.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def check_shape(html: bytes) -> None:
    """Raises ValueError with a sentence for a page that could keep a parser busy for long. One pass over the bytes, no parser."""
    if len(html) > LARGEST_PAGE:
        raise ValueError(f"The page has {len(html):,} bytes; {LARGEST_PAGE:,} is the most that is parsed.")
    opened: list[bytes] = []
    position = 0
    while (tag := _TAG.search(html, position)) is not None:
        position = tag.end()
        if tag[1]:
            end = _COMMENT_END.search(html, position)
            if end is None:
                return
            position = end.end()
            continue
        name = tag[3].lower()
        if name in _NEVER_OPEN:
            continue
        if tag[2]:
            _close(opened, name)
        elif name == b"script" and b"svg" not in opened and b"math" not in opened:
            end = _SCRIPT_END.search(html, position)
            if end is None:
                return
            position = end.end()
        else:
            if name in _CELLS:
                _end_cell(opened)
            opened.append(name)
            if len(opened) > DEEPEST_NESTING:
                raise ValueError(f"The page nests more than {DEEPEST_NESTING} elements in each other, which no article does.")


def _end_cell(opened: list[bytes]) -> None:
    """A cell ends where the next one of its table begins; old pages do not say so."""
    for index in range(len(opened) - 1, -1, -1):
        if opened[index] in _CELLS:
            del opened[index:]
            return
        if opened[index] in _WALLS:
            return


def _close(opened: list[bytes], name: bytes) -> None:
    """What an end tag closes, as the HTML standard has it: never less than stays open in a parser."""
    if name not in opened:
        return
    deaf = _WALLS if name in _BLOCKS else _BLOCKS
    for index in range(len(opened) - 1, -1, -1):
        if opened[index] == name:
            if name in _FORMATTING:
                del opened[index]
            else:
                del opened[index:]
            return
        if opened[index] in deaf and name not in _FORMATTING:
            return
