"""Bytes of a page -> a tree, whatever charset it is in or says that it is in. Nothing here looks for the article."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import Final

from lxml import html as lxml_html
from lxml.etree import ElementDefaultClassLookup, ParserError, XPath, _Element

_BYTE_ORDER_MARKS: Final = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_META: Final = re.compile(
    rb"""<(?:meta[^>]{0,200}?\scharset|meta[^>]{0,300}?;\s*charset|\?xml[^>]{0,100}?encoding)\s*=\s*["']?([A-Za-z0-9_:.-]{2,40})""",
    re.IGNORECASE,
)
_META_WITHIN: Final = 4096  # bytes from the start; browsers look at 1024, real pages are later than that

# What pages say and what browsers read. Python knows codecs that no page may ask for ("zlib", "idna", "utf-7"), so these are all.
_READ_AS: Final = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "big5": "big5hkscs",
    "utf-16": "utf-16-le",
}
_KNOWN: Final = frozenset(
    {
        *("utf-8", "utf-16-le", "utf-16-be", "gb18030", "cp949", "cp932", "euc_jp", "iso2022_jp", "big5hkscs", "koi8-r", "koi8-u", "cp866"),
        *(f"cp125{digit}" for digit in range(9)),
        *(f"iso8859-{part}" for part in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)),
        *("cp874", "mac-roman", "mac-cyrillic"),
    }
)
# These look like ASCII or have a zero in every second byte, so that reading them as UTF-8 proves nothing.
_ASCII_LIKE: Final = frozenset({"iso2022_jp", "utf-16-le", "utf-16-be"})

ENDS_SENTENCE: Final = re.compile(r"[.!?…。!?؟۔][\s\"'”’»)」』]*$")

_QUOTED: Final = re.compile(
    "“[^”]*”?|„[^“”]*[“”]?|«[^»]*»?|»[^«]*«|「[^」]*」?|『[^』]*』?|(?<!\\w)\"[^\"]*\"|(?<!\\w)[‘'][^’']*(?:\\w['’]\\w[^’']*)*[’'](?!\\w)"
)

_HEADLINE_SPACES: Final = 4  # a link of five words may be a headline
_SENTENCE_LENGTH: Final = 60  # characters; a shorter paragraph may be a label
_BOX_LEVELS: Final = 3  # elements around a teaser that may be its box
_ALL_TEXT: Final = XPath("string()", smart_strings=False)
# lxml's own choice of a class runs Python code for each element that is touched; forms are all that would need it.
_ONE_CLASS: Final = ElementDefaultClassLookup(element=lxml_html.HtmlElement)

# Private characters that prepare.py marks captions with, and links.py links and places, so no page may bring them.
CAPTION_MARK: Final = "\ue000"
LINK_BEGIN: Final = "\ue001"
LINK_END: Final = "\ue002"
PLACE: Final = "\ue003"
# What no XML may hold, and our marks. One pattern for all would take twice the time.
_CONTROLS: Final = bytes(byte for byte in range(0x20) if byte not in b"\t\n\r")
_NOT_IN_XML: Final = ("\ufffe", "\uffff", CAPTION_MARK, LINK_BEGIN, LINK_END, PLACE)
_NO_TREE: Final = "<html><body></body></html>"


def decode(html: bytes, charset: str | None = None) -> str:
    """The page's text. Order: byte order mark, valid UTF-8, what HTTP said, what the page says, windows-1252. Never raises."""
    for mark, codec in _BYTE_ORDER_MARKS:
        if html.startswith(mark):
            return html[len(mark) :].decode(codec, "replace")
    declared = [codec for codec in (_codec(charset), _codec_in(html)) if codec]
    if b"\0" not in html:  # in UTF-16, markup has a zero in every second byte
        declared = [codec for codec in declared if not codec.startswith("utf-16")]
    # UTF-8 is tried before any declaration: other charsets' text is hardly ever valid UTF-8, and pages are declared wrongly.
    order = declared if declared and declared[0] in _ASCII_LIKE else ["utf-8", *declared]
    for codec in order:
        try:
            return html.decode(codec)
        except UnicodeDecodeError:
            continue
    # A page that says UTF-8 and has a broken byte is UTF-8 with a broken byte, but not where most of its letters break.
    text = html.decode(declared[0] if declared else "cp1252", "replace")
    if declared[:1] == ["utf-8"] and 2 * text.count("\ufffd") > sum(character > "\x7f" for character in text):
        return html.decode("cp1252", "replace")
    return text


def parse(text: str) -> lxml_html.HtmlElement:
    """A tree of any text; of nothing, an empty page."""
    # A parser for each page: what one page left in it must not reach the next.
    parser = lxml_html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False)
    parser.set_element_class_lookup(_ONE_CLASS)
    for character in _NOT_IN_XML:
        text = text.replace(character, "")
    try:
        return lxml_html.document_fromstring(text.encode("utf-8", "replace").translate(None, _CONTROLS), parser=parser)
    except ParserError:
        return lxml_html.document_fromstring(_NO_TREE)


def _codec_in(html: bytes) -> str | None:
    found = _META.search(html, 0, _META_WITHIN)
    codec = _codec(found[1].decode("ascii")) if found else None
    # Whoever could read this declaration is not reading UTF-16.
    return "utf-8" if codec in {"utf-16-le", "utf-16-be"} else codec


def _codec(label: str | None) -> str | None:
    if not label:
        return None
    try:
        name = codecs.lookup(label.strip().strip("\"'")).name
    except (LookupError, ValueError):
        return None
    name = _READ_AS.get(name, name)
    return name if name in _KNOWN else None


def unquoted(text: str) -> str:
    """The text without what stands in quotation marks: what a page quotes, it does not say."""
    return _QUOTED.sub(" ", text)


def text_of(element: _Element) -> str:
    """All text inside an element as one line."""
    text = str(_ALL_TEXT(element)) if len(element) else element.text or ""
    return " ".join(text.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How far a page is a list of links: links that read like headlines, paragraphs of prose, and those of them that are teasers.

    A teaser is the only paragraph of a box that also holds a headline link.
    """

    links_count: int
    paragraphs_count: int
    teasers_count: int


def read_layout(tree: lxml_html.HtmlElement) -> Layout:
    links: Counter[_Element] = Counter()
    paragraphs: Counter[_Element] = Counter()
    prose: list[list[_Element]] = []
    links_count = 0
    for link in tree.iter("a"):
        if text_of(link).count(" ") >= _HEADLINE_SPACES:
            links_count += 1
            links.update(islice(link.iterancestors(), _BOX_LEVELS))
    for paragraph in tree.iter("p"):
        length = len(text_of(paragraph))
        if length >= _SENTENCE_LENGTH and length > 2 * sum(len(text_of(link)) for link in paragraph.iter("a")):
            boxes = list(islice(paragraph.iterancestors(), _BOX_LEVELS))
            paragraphs.update(boxes)
            prose.append(boxes)
    teasers = sum(any(paragraphs[box] == 1 and links[box] for box in boxes) for boxes in prose)
    return Layout(links_count=links_count, paragraphs_count=len(prose), teasers_count=teasers)
