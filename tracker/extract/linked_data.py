"""JSON-LD of a page, however broken: the node that describes the article, and its values as plain text.

Reads schema.org as publishers write it, not as the standard has it. metadata.py decides what to believe.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from lxml.etree import _Element

Node: TypeAlias = Mapping[str, object]

_ARTICLE_TYPES: Final = re.compile(r"(?:\w*Article|\w*Posting|Report|Review|ClaimReview)$")
# Where an article's node may lie. Lists of other articles ("itemListElement", "hasPart", "mentions") are not entered.
_CONTAINERS: Final = ("@graph", "mainEntity", "mainEntityOfPage")
_SITE_TYPES: Final = frozenset({"WebSite", "NewsMediaOrganization", "Organization", "Corporation"})
_SAID_OF_THE_STORY: Final = ("headline", "datePublished", "dateModified", "author", "articleBody", "mainEntityOfPage", "publisher")
_MOST_NODES: Final = 2000
_MOST_SCRIPTS: Final = 50

_WRAPPING: Final = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)+|(?://\s*\]\]>|/\*\s*\]\]>\s*\*/|\]\]>|-->|;)+\s*$"
)
_TRAILING_COMMA: Final = re.compile(r",(\s*[}\]])")
_TAG: Final = re.compile(r"</?[A-Za-z][^<>]{0,500}>")
# What can still be read out of JSON that no parser takes.
_SALVAGED: Final = re.compile(
    r"""
      "(headline|datePublished|dateModified|inLanguage|articleBody)"\s*:\s*"((?:[^"\\\n]|\\.)*)"\s*[,}\n]
    | "author"\s*:\s*[\[{]*[^\[\]{}]{0,200}?"name"\s*:\s*"((?:[^"\\\n]|\\.)*)"
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedData:
    """The article's own node (empty where there is none), all nodes of the page, and the names that the site gives itself."""

    article: Node
    nodes: tuple[Node, ...]
    site_names: tuple[str, ...]
    types: frozenset[str]


def read_linked_data(tree: _Element) -> LinkedData:
    nodes = [node for text in _scripts(tree) for node in _nodes(_parsed(text))]
    by_id = {str(node["@id"]): node for node in nodes if "@id" in node and len(node) > 1}
    articles = [node for node in nodes if is_article(node)]
    # A page about one story may list others: the one with most said about it is the story.
    article = max(articles, key=_fullness, default={})
    names = [plain(node.get("name")) for node in nodes if types_of(node) & _SITE_TYPES]
    publisher = resolved(article.get("publisher"), by_id)
    names += [plain(entry.get("name")) for entry in publisher]
    article = {**article, "author": resolved(article.get("author") or article.get("creator"), by_id)} if article else {}
    types = frozenset(name for node in nodes for name in types_of(node))
    return LinkedData(article=article, nodes=tuple(nodes), site_names=tuple(dict.fromkeys(name for name in names if name)), types=types)


def is_article(node: Node) -> bool:
    return any(_ARTICLE_TYPES.match(name) for name in types_of(node))


def types_of(node: Node) -> frozenset[str]:
    found = node.get("@type")
    names = found if isinstance(found, list) else [found]
    return frozenset(name.rsplit("/", 1)[-1].removeprefix("schema:") for name in names if isinstance(name, str))


def plain(value: object) -> str:
    """A value as one line of text: without tags, entities decoded; of a list the first; "" where there is none."""
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, dict):
        value = value.get("@value") or value.get("name") or ""
    if not isinstance(value, str):
        return ""
    return " ".join(_TAG.sub(" ", html.unescape(html.unescape(value))).split()) if "&" in value or "<" in value else " ".join(value.split())


def resolved(value: object, by_id: Mapping[str, Node]) -> list[Node]:
    """A value as nodes: a name becomes a node with that name, a reference the node it names."""
    found: list[Node] = []
    for entry in (value if isinstance(value, list) else [value])[:_MOST_SCRIPTS]:
        if isinstance(entry, dict):
            found.append(by_id.get(str(entry.get("@id")), entry) if "name" not in entry else entry)
        elif isinstance(entry, str) and entry.strip():
            found.append(by_id.get(entry, {"name": entry}))
    return found


def _fullness(node: Node) -> int:
    return sum(bool(node.get(key)) for key in _SAID_OF_THE_STORY)


def _scripts(tree: _Element) -> Iterator[str]:
    scripts = (script for script in tree.iter("script") if "ld+json" in (script.get("type") or "").lower())
    for _, script in zip(range(_MOST_SCRIPTS), scripts, strict=False):
        if script.text and script.text.strip():
            yield script.text


def _nodes(value: object) -> Iterator[Node]:
    """Every object that may describe the page, in the order of the page."""
    waiting: list[object] = [value]
    for _ in range(_MOST_NODES):
        if not waiting:
            return
        entry = waiting.pop()
        if isinstance(entry, list):
            waiting.extend(reversed(entry))
        elif isinstance(entry, dict):
            yield entry
            waiting.extend(entry[key] for key in reversed(_CONTAINERS) if isinstance(entry.get(key), dict | list))


def _parsed(text: str) -> object:
    text = _WRAPPING.sub("", text).strip()
    for attempt in (text, _TRAILING_COMMA.sub(r"\1", text), html.unescape(text)):
        try:
            return json.loads(attempt, strict=False)
        except (ValueError, RecursionError):
            continue
    several = _one_after_another(text)
    return several or _salvaged(text)


def _one_after_another(text: str) -> list[object]:
    """Several objects without a list around them, as far as they can be read."""
    decoder = json.JSONDecoder(strict=False)
    found: list[object] = []
    position = 0
    while position < len(text) and len(found) < _MOST_SCRIPTS:
        try:
            value, position = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):
            break
        found.append(value)
        while position < len(text) and (text[position].isspace() or text[position] in ",;"):
            position += 1
    return found


def _salvaged(text: str) -> Node:
    node: dict[str, object] = {}
    for match in _SALVAGED.finditer(text):
        key, value = (match[1], match[2]) if match[1] else ("author", match[3])
        try:
            node.setdefault(key, json.loads(f'"{value}"', strict=False))
        except ValueError:
            continue
    if "headline" not in node:
        return {}
    return {"@type": "Article", **node}
