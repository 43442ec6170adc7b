"""A page made ready for trafilatura: what it would lose or misread is written in a form that it keeps.

Changes the tree it is given. The rules are general forms of pages; no site is named here.
"""

from __future__ import annotations

import re
from typing import Final, cast

from lxml.etree import Element, XPath, _Element, strip_elements
from lxml.html import HtmlElement

from tracker.extract.boxes import drop_boxes
from tracker.extract.lines import READ_MORE
from tracker.extract.page import CAPTION_MARK, ENDS_SENTENCE, text_of

# Tuned on 65 pages with their true text (bench/extraction.py): F1 .967 plain trafilatura fast, .977 with these and endings.py,
# .983 without captions.
_LONG_PARAGRAPH: Final = 80  # characters; furniture is shorter
_CHUNK_PARAGRAPHS: Final = 2  # long paragraphs that a piece of the body has at least
_LAYOUT_PARAGRAPHS: Final = 2  # paragraphs in one cell
_LEAD_IN: Final = 25  # characters before a link, as in "Read more: ..."
_LINKED_ITEMS: Final = 2
_LINKED_SHARE: Final = 0.75  # of a paragraph that has several links and is no sentence
_LEADING_ON: Final = (":", "|", "-", "–", "—", ">", "»", "►")

_AROUND_LABEL: Final = " .:|-–—>→»►▶•*"

_CAPTION_PREFIX: Final = re.compile(r"^(?:image|media)\s?caption:?\s*", re.IGNORECASE)

_LINKED_TEXT: Final = XPath(".//a[string-length(@href) > 0][not(starts-with(@href, '#'))]//text()", smart_strings=False)


def prepare(tree: HtmlElement) -> None:
    _drop_scripts(tree)
    drop_boxes(tree)
    _free_layout_tables(tree)
    _drop_linked_promotions(tree)
    _drop_linked_lists(tree)
    _join_chunks(tree)
    _mark_captions(tree)
    _free_quotations(tree)
    _write_out_quotes(tree)


def _drop_scripts(tree: HtmlElement) -> None:
    """JSON-LD is read by then; trafilatura would take a text out of it without its paragraphs. Styles are most of a page's text,
    and what is never read need not be copied."""
    strip_elements(tree, "script", "style", "svg", "select", "template", "link", "iframe", with_tail=False)


def _free_layout_tables(tree: HtmlElement) -> None:
    """Pages of the nineties stand in tables: what holds paragraphs or other tables is a box, not a table of data."""
    for cell in list(tree.iter("td")):
        if len(cell.findall("p")) < _LAYOUT_PARAGRAPHS and next(cell.iter("table"), None) is None:
            continue
        table = next(cell.iterancestors("table"), None)
        if table is None:
            continue
        for element in [table, *table.iterdescendants("tbody", "tr", "td", "th")]:
            if element is table or next(element.iterancestors("table"), None) is None:
                element.tag = "div"


def _drop_linked_promotions(tree: HtmlElement) -> None:
    """What leads to other stories between paragraphs: "Read more: ...", "SEE ALSO ...", a heading inside a link."""
    for element in list(tree.iter("p", "h2", "h3", "h4")):
        if _is_promotion(element) or (element.tag != "p" and any(map(_leads_away, element.iterancestors("a")))):
            element.drop_tree()


def _is_promotion(element: _Element) -> bool:
    """Whether it is no sentence, and one link or nearly all links."""
    links = [link for link in element.iter("a") if _leads_away(link)]
    linked = " ".join(map(text_of, links)).strip()
    text = text_of(element) if linked else ""
    if linked and text.endswith(linked) and READ_MORE.fullmatch(text.removesuffix(linked).strip(_AROUND_LABEL)):
        return True
    if not linked or ENDS_SENTENCE.search(text):
        return False
    if len(links) > 1 and len(linked) > _LINKED_SHARE * len(text):
        return True
    rest = text.removesuffix(linked).strip()
    is_short = len(text) - len(linked) <= _LEAD_IN
    return is_short and (len(rest) <= 1 or (rest.endswith(_LEADING_ON) and text.endswith(linked)))


def _leads_away(link: _Element) -> bool:
    return not (link.get("href") or "#").startswith("#")


def _drop_linked_lists(tree: HtmlElement) -> None:
    """A list of nothing but links is navigation or more stories."""
    for found in list(tree.iter("ul", "ol")):
        items = list(found.iter("li"))
        if len(items) < _LINKED_ITEMS or any(next(item.iter("a"), None) is None for item in items):
            continue
        linked = len("".join("".join(cast("list[str]", _LINKED_TEXT(found))).split()))
        if linked and linked >= len("".join(text_of(found).split())) - len(items) // 2:
            found.drop_tree()


def _join_chunks(tree: HtmlElement) -> None:
    """A body cut into several boxes of one class, with advertising between them, becomes one box."""
    for boxes in _boxes(tree).values():
        large = [place for place, (_, count) in enumerate(boxes) if count >= _CHUNK_PARAGRAPHS]
        # Between two large pieces a small one is a piece too: left where it stands, it would follow what it precedes.
        pieces = [box for box, _ in boxes[large[0] : large[-1] + 1]] if large else []
        for box in pieces[1:]:
            if pieces[0] not in box.iterancestors() and box not in pieces[0].iterancestors():
                pieces[0].extend(list(box))


def _boxes(tree: HtmlElement) -> dict[tuple[int, _Element | None, str, str], list[tuple[HtmlElement, int]]]:
    """The classed boxes that hold long paragraphs directly, with how many, in the order of the page: by the main heading before
    them, the article that they stand in, their tag and class."""
    section = 0
    found: dict[tuple[int, _Element | None, str, str], dict[HtmlElement, int]] = {}
    for element in tree.iter("p", "h1"):
        if element.tag == "h1":
            section += 1
            continue
        box = element.getparent()
        if box is None or box.tag not in {"div", "section"} or not box.get("class") or len(text_of(element)) < _LONG_PARAGRAPH:
            continue
        key = (section, next(box.iterancestors("article"), None), str(box.tag), box.get("class", ""))
        counts = found.setdefault(key, {})
        counts[box] = counts.get(box, 0) + 1
    return {key: list(counts.items()) for key, counts in found.items()}


def _mark_captions(tree: HtmlElement) -> None:
    """trafilatura drops figures whole; a caption stays as a marked paragraph in the figure's place."""
    for figure in list(tree.iter("figure")):
        caption = next(figure.iter("figcaption"), None)
        text = _CAPTION_PREFIX.sub("", text_of(caption)) if caption is not None else ""
        parent = figure.getparent()
        if not text or parent is None or figure.find(".//table") is not None:
            continue
        paragraph = Element("p")
        paragraph.text = CAPTION_MARK + text
        paragraph.tail = figure.tail
        parent.replace(figure, paragraph)


def _free_quotations(tree: HtmlElement) -> None:
    """Embedded posts are quotations of the article; their class names would have them taken for share buttons."""
    for quote in tree.iter("blockquote"):
        quote.attrib.pop("class", None)
        text = text_of(quote)
        for box in quote.iterancestors("div", "section"):
            if len(box) > 2 or text_of(box) != text:
                break
            box.attrib.pop("class", None)


def _write_out_quotes(tree: HtmlElement) -> None:
    """A <q> is a quotation inside a sentence, with marks that the browser adds; trafilatura would break the paragraph there."""
    for quote in list(tree.iter("q")):
        quote.tag = "span"
        quote.text = "“" + (quote.text or "")
        if len(quote):
            quote[-1].tail = (quote[-1].tail or "") + "”"
        else:
            quote.text += "”"
