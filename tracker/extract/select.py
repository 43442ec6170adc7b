"""What an operator's selectors do to a page: its markup with `keep` and `drop` applied.

Selectors are matched by lexbor, which reads CSS as browsers do; the result is markup again, so that the body is read
from it as from any page. What the body is, is body.py's.
"""

from __future__ import annotations

from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from tracker.model import PageRules

_BOXES: Final = frozenset({"article", "aside", "body", "details", "div", "footer", "form", "header", "html", "main", "nav", "section"})


def check_selector(selector: str) -> None:
    """Raises ValueError with a sentence for what is no CSS selector."""
    try:
        LexborHTMLParser("<p>").css(selector)
    except SelectolaxError:
        message = f"{selector!r} is no CSS selector that is understood: write such as .related, aside.promo or [data-component='links']"
        raise ValueError(message) from None


def count_matches(source: str, rules: PageRules) -> tuple[tuple[str, int], ...]:
    """Each selector, `keep` first, with how many elements of the page it matches."""
    tree = _parse(source)
    return tuple((selector, len(tree.css(selector))) for selector in (*rules.keep, *rules.drop))


def select(source: str, rules: PageRules) -> str | None:
    """The page's markup after `drop` and then `keep`; None where they match nothing, or `drop` everything. `keep` without a match is
    passed over."""
    if not rules.keep and not rules.drop:
        return None
    tree = _parse(source)
    dropped = _outermost(tree, rules.drop)
    if any(node.tag == "html" for node in dropped):
        return None  # nothing would be left
    for node in dropped:
        node.decompose()
    kept = _outermost(tree, rules.keep)
    for node in kept:
        for inner in (node, *node.css("[class], [id], [role]")):
            _rename(inner)
    if kept:
        return f"<html><body><article>{''.join(map(_markup, kept))}</article></body></html>"
    return tree.html if dropped else None


def _markup(node: LexborNode) -> str:
    """A kept box becomes a plain one: as a footer, or by its class, it would be taken for furniture once more."""
    return f"<div>{node.inner_html or ''}</div>" if node.tag in _BOXES else node.html or ""


def _rename(node: LexborNode) -> None:
    """What is kept is text, whatever it is called."""
    for name in ("class", "id", "role"):
        if name in node.attributes:
            del node.attrs[name]


def _parse(source: str) -> LexborHTMLParser:
    return LexborHTMLParser(source.encode("utf-8", "replace").decode("utf-8"))


def _outermost(tree: LexborHTMLParser, selectors: tuple[str, ...]) -> list[LexborNode]:
    """What any of the selectors matches, in the page's order, without what lies inside another match."""
    if not selectors:
        return []
    found = tree.css(", ".join(selectors))
    ids = {node.mem_id for node in found}
    unique = {node.mem_id: node for node in found if not _is_inside(node, ids)}
    return list(unique.values())


def _is_inside(node: LexborNode, ids: set[int]) -> bool:
    parent = node.parent
    while parent is not None:
        if parent.mem_id in ids:
            return True
        parent = parent.parent
    return False
