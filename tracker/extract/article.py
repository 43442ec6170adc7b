"""The front door: one page's bytes -> its Extract, or the Refusal that names why it is no article.

Pure and deterministic. Ask visible.check_shape first, as whoever brings bytes from outside must.
"""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import fields, replace
from hashlib import blake2b
from typing import Final

from lxml.html import HtmlElement

from tracker.extract.body import Body, read_body
from tracker.extract.kind import Kind
from tracker.extract.links import with_links
from tracker.extract.live import followed
from tracker.extract.metadata import Metadata, read_metadata
from tracker.extract.not_html import refuse_bytes
from tracker.extract.page import decode, parse
from tracker.extract.refusal import Page, refuse
from tracker.extract.select import select
from tracker.extract.walls import prose_of, weight
from tracker.model import Extract, LiveMode, PageRules, Refusal
from tracker.text import printable

EXTRACTOR: Final = "5"  # a new one whenever the same page may give other text
_SHARE_LEFT: Final = 0.5  # of the text read without selectors; less, and nothing of it, is what stands around an article
_ALL_OF_IT: Final = PageRules(live=LiveMode.TRACK)


def extract_article(
    html: bytes,
    url: str,
    *,
    charset: str | None = None,
    asked: str | None = None,
    language: str | None = None,
    rules: PageRules = _ALL_OF_IT,
    kind: Kind | None = None,
) -> Extract | Refusal:
    """`url` is where the page was read, `asked` the address before redirects; `charset` is what the answer's Content-Type said.

    `language` is that of the article's latest revision: another language's version is no new text of it. `rules` are the
    source's, without them all of the article is read, be it live; what the page says of itself and whether it is refused is
    judged by the whole page. `kind` is what to read it as, whatever it says that it is. Raises nothing.
    """
    if (refusal := refuse_bytes(html)) is not None:
        return refusal
    source = decode(html, charset)
    tree = parse(source)
    metadata = read_metadata(tree, url)
    # The body's reader changes the tree; where it will be asked for walls too, a copy costs a quarter of reading it again.
    whole = None if metadata.says_article else deepcopy(tree)
    body = _read_body(source, tree, metadata, rules, url)
    page = Page(
        source=source,
        tree=whole,
        url=url,
        asked=asked,
        language=language,
        blocks=body.blocks,
        metadata=metadata,
        id_pattern=rules.id_pattern,
    )
    if (refusal := refuse(page)) is not None:
        return refusal
    extract = Extract(
        url=url,
        headline=printable(metadata.headline),
        blocks=body.blocks,
        extractor=extractor_name(rules),
        byline=_printable(metadata.byline),
        published_at=metadata.published_at,
        modified_at=metadata.modified_at,
        language=rules.language or metadata.language,
        canonical_url=metadata.canonical_url,
        section=_printable(metadata.about.section),
        free=metadata.about.free,
        kind=kind or metadata.about.kind,
        image_url=metadata.about.image_url,
        image_caption=_printable(metadata.about.image_caption),
        original_url=metadata.about.original_url,
        reserved=metadata.about.reserved,
        body_from=body.source,
        body_reason=body.reason,
    )
    return followed(extract, printable(metadata.summary), rules.live)


def extractor_name(rules: PageRules) -> str:
    """Names all that decides what is read of a page: the program's version, and the rules where they are not the general ones.

    A Revision keeps it, so that a change of ours, or of the operator's rules, is told from the publisher's edit.
    """
    given = [(field.name, getattr(rules, field.name)) for field in fields(rules) if getattr(rules, field.name) != field.default]
    given = [(name, value) for name, value in given if name != "id_pattern"]  # which finds articles, not their text
    return f"{EXTRACTOR}/{blake2b(json.dumps(given).encode(), digest_size=3).hexdigest()}" if given else EXTRACTOR


def _read_body(source: str, tree: HtmlElement, metadata: Metadata, rules: PageRules, url: str) -> Body:
    """As the rules say, where they match and leave some text; else the general way. The tree is used up."""
    body = read_body(tree, metadata)
    if (selected := select(source, rules)) is not None:
        # Where the page itself holds the article, its data must not bring back what the rules leave out.
        data = metadata if body.source == "json-ld" else replace(metadata, article_body="")
        chosen_tree = parse(selected)
        chosen = read_body(chosen_tree, data)
        tree, body = (chosen_tree, chosen) if _is_article_text(chosen, body) else (tree, body)
    return replace(body, blocks=with_links(body.blocks, tree, url)) if body.source == "page" else body


def _is_article_text(chosen: Body, body: Body) -> bool:
    """What selectors leave: some of the text that is read without them, or another text of some length."""
    whole, left = (list(prose_of(found.blocks)) for found in (body, chosen))
    return bool(set(whole) & set(left)) or sum(map(weight, left)) > _SHARE_LEFT * sum(map(weight, whole))


def _printable(text: str | None) -> str | None:
    return printable(text) if text else None
