"""The standfirst: the line or two between headline and text, by the names that page makers give it.

trafilatura takes it for text on one page and for furniture on the next of the same article. It is text: readers see it, and it is edited.
"""

from __future__ import annotations

import re
from itertools import islice, takewhile
from typing import Final

from lxml.etree import _Element

from tracker.extract.page import text_of

# Guarded by tests/extract/test_standfirst.py and bench/extraction.py. Lengths are characters.
_SHORTEST: Final = 25
_LONGEST: Final = 400
_LEVELS: Final = 5  # elements around the main heading that may hold it too
_WHOLE: Final = frozenset({"article", "main", "body", "html"})

_NAME: Final = re.compile(
    r"(?<![a-z])(?:standfirst|dek|deck|subline|sub-?title|sub-?head(?:line|ing)?|abstract|chapo|bajada|entradilla|vorspann|ingress|sommario|sottotitolo"
    r"|untertitel|unterzeile|subtitulo|sous-?titre|onderkop|underrubrik|lede)(?![a-z])"
)
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def find_standfirst(tree: _Element) -> str | None:
    """Its text as one line; asked before the tree is prepared."""
    heading = next((heading for heading in tree.iter("h1") if text_of(heading)), None)
    around = list(islice(heading.iterancestors(), _LEVELS)) if heading is not None else []
    boxes = list(takewhile(lambda box: box.tag not in _WHOLE, around)) or [box for box in around[:1] if box.tag != "body"]
    box = boxes[-1] if boxes else None
    for element in box.iter("p", "h2", "h3", "div") if box is not None else ():
        name = element.get("class")
        if name and element is not box and _NAME.search(_CAMEL.sub("-", name).lower()):
            text = text_of(element)
            if _SHORTEST <= len(text) <= _LONGEST and next(element.iter("a", "h1", "time"), None) is None:
                return text
    return None
