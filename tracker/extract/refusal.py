"""Not the article, by name: which kind of answer a page is when it is no article.

A page that says that it is an article (JSON-LD, og:type) and has its text passes: a wrong refusal loses an article, a wrong
pass shows itself. The order of the questions is here; what answers them lies in not_html.py, elsewhere.py, standing_in.py
and walls.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from lxml.html import HtmlElement

from tracker.extract.elsewhere import another_article, is_home, is_like_section, other_language, redirected, to_section
from tracker.extract.metadata import Metadata
from tracker.extract.notices import notice
from tracker.extract.page import ENDS_SENTENCE, Layout, parse, read_layout, text_of
from tracker.extract.short import find_teasers
from tracker.extract.standing_in import is_consent_in_article, no_text, standing_in
from tracker.extract.walls import LONGEST_LOCKED_TEASER, LONGEST_TEASER, app_only, is_longer, prose_of, walled, weight
from tracker.model import Block, BlockKind, Refusal, RefusalReason

# Thresholds, guarded by the cases in tests/cases/refusals and by 145 real pages, none of which may be refused wrongly.
_SHORTEST_TEXT: Final = 60  # weight of prose
_SHORTEST_SENTENCE: Final = 20  # weight of prose that has a sentence; what is shorter than both is all in the headline
_FEWEST_CAPTIONS: Final = 3  # of a gallery, whose captions are its text
_MANY_LINKS: Final = 15  # links of five words or more, as section pages have them
_MOST_OWN: Final = 1  # paragraphs of its own that a section has among teasers
_LIST_TYPES: Final = frozenset({"CollectionPage", "ItemList", "SearchResultsPage"})
_TEASERS: Final = 5  # teasers that a section page has at least, and more of them than other paragraphs


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """All that was read of an answer. `tree` is the page as it came, if it is at hand; `asked` is the address before redirects,
    `language` that of the article's latest revision, `id_pattern` the source's."""

    source: str
    tree: HtmlElement | None
    url: str
    asked: str | None
    language: str | None
    blocks: tuple[Block, ...]
    metadata: Metadata
    id_pattern: str | None = None


def refuse(page: Page) -> Refusal | None:
    """What is a page, and not the article."""
    metadata = page.metadata
    if (refusal := redirected(page.asked, page.url)) is not None:
        return refusal
    limit = LONGEST_LOCKED_TEASER if metadata.about.free is False else LONGEST_TEASER
    is_sure = metadata.says_article and is_longer(page.blocks, limit)
    if not is_sure:
        tree = page.tree if page.tree is not None else parse(page.source)
        if (refusal := _refuse_doubtful(page, tree)) is not None:
            return refusal
    return another_article(page.asked, page.url, metadata, page.id_pattern) or other_language(page.language, page.blocks, metadata)


def _refuse_doubtful(page: Page, tree: HtmlElement) -> Refusal | None:
    metadata = page.metadata
    length = sum(map(weight, prose_of(page.blocks)))
    layout = read_layout(tree)
    if not metadata.says_article or length < _SHORTEST_TEXT:
        refusal = standing_in(tree, page.source, page.blocks, metadata, length)
    else:
        refusal = is_consent_in_article(tree, page.blocks, metadata, length) or notice((), page.blocks, metadata)
    if refusal is None:
        refusal = walled(tree, page.blocks, metadata) or app_only(tree, page.blocks)
    if refusal is None and length < _SHORTEST_TEXT and not _has_sentence(page.blocks) and not _is_gallery(page.blocks):
        refusal = no_text(tree, metadata)
    if refusal is not None:
        return refusal
    is_list = not metadata.says_article and metadata.published_at is None and _is_section(page.url, layout)
    if page.asked not in {None, page.url} and metadata.published_at is None:
        is_list = is_list or _leads_to_section(page, tree)
    if (refusal := to_section(page.asked, page.url, is_list=is_list, says_article=metadata.says_article)) is not None:
        return refusal
    return Refusal(reason=RefusalReason.STUB, detail="The page is a list of links to articles, not an article.") if is_list else None


def _has_sentence(blocks: tuple[Block, ...]) -> bool:
    return any(weight(text) >= _SHORTEST_SENTENCE and ENDS_SENTENCE.search(text) for text in prose_of(blocks))


def _is_gallery(blocks: tuple[Block, ...]) -> bool:
    captions = [block.text for block in blocks if block.kind is BlockKind.CAPTION]
    return len(captions) >= _FEWEST_CAPTIONS and sum(map(weight, captions)) >= _SHORTEST_TEXT


def _leads_to_section(page: Page, tree: HtmlElement) -> bool:
    """Asked of redirects only, where a section that teases the article has some of its sentences."""
    lines = {text_of(line) for box in find_teasers(tree) for line in box.iter("p")}
    own = [text for text in prose_of(page.blocks) if text not in lines]
    calls = {(element.get("content") or "").lower() for element in tree.iter("meta") if element.get("property") == "og:type"}
    return is_like_section(
        page.url,
        [*page.metadata.titles, *map(text_of, tree.iter("h1"))],
        is_teasing=bool(lines) and len(own) <= _MOST_OWN,
        is_website="website" in calls or bool(page.metadata.types & _LIST_TYPES),
    )


def _is_section(url: str, layout: Layout) -> bool:
    if layout.links_count < _MANY_LINKS:
        return False
    return is_home(url) or (layout.teasers_count >= _TEASERS and 2 * layout.teasers_count > layout.paragraphs_count)
