"""What `tracker recipe test` and `tracker recipe preview` find: example pages and kept captures, read by a source's rules.

Reads the store and writes nothing. Strangers' pages are read in the sandbox; a recipe's examples are the operator's own.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from tracker.errors import FetchError, SandboxError
from tracker.extract.article import extract_article
from tracker.extract.page import decode
from tracker.extract.select import count_matches
from tracker.extract.visible import check_shape
from tracker.fetch.decode import decode_body
from tracker.fetch.headers import charset_of
from tracker.model import Article, Block, Capture, Extract, PageRules, Refusal
from tracker.recipe import Example, Recipe
from tracker.sandbox import Sandbox
from tracker.scheduler.poll import PollLimits
from tracker.store.store import Store
from tracker.urls import article_keys, matches

# A source's newest articles show what a selector does; --article shows any other.
MOST_ARTICLES = 20
_AT_ONCE = 500


# --- a recipe's example pages ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that an example expects, and what was found."""

    what: str
    expected: str
    found: str
    good: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedExample:
    page: str
    url: str
    checks: tuple[Check, ...]


def try_examples(recipe: Recipe) -> tuple[TriedExample, ...]:
    return tuple(
        TriedExample(page=example.page, url=example.url, checks=tuple(_checks(recipe, example))) for example in recipe.examples
    )


def _checks(recipe: Recipe, example: Example) -> Iterator[Check]:
    is_followed = matches(example.url, recipe.include, recipe.exclude)
    yield Check(what="address", expected="followed", found="followed" if is_followed else "left out", good=is_followed)
    if example.id is not None:
        keys = article_keys(example.url, id_pattern=recipe.id_pattern)
        ids = [key.rpartition(":")[2] for key in keys if key.startswith("id:")]
        yield Check(what="id", expected=example.id, found=", ".join(ids) or "none", good=ids == [example.id])
    try:
        extract = _read(recipe.page_of(example).read_bytes(), example.url, None, recipe.page_rules)
    except (OSError, ValueError) as error:
        yield Check(what="article", expected="an article", found=str(error), good=False)
        return
    if isinstance(extract, Refusal):
        yield Check(what="article", expected="an article", found=f"{extract.detail} ({extract.reason})", good=False)
        return
    good = extract.headline == example.headline
    yield Check(what="headline", expected=example.headline, found=extract.headline, good=good)
    begins = " ".join(example.begins.split())
    text = " ".join(extract.text.split())
    yield Check(what="begins", expected=begins, found=text[: len(begins)], good=text.startswith(begins))
    for part in example.without:
        found = "there" if part in text else "not there"
        yield Check(what=f"without {part!r}", expected="not there", found=found, good=part not in text)


def _read(html: bytes, url: str, charset: str | None, rules: PageRules) -> Extract | Refusal:
    """Raises ValueError for a page that no parser should get."""
    check_shape(html)
    return extract_article(html, url, charset=charset, rules=rules)


# --- a source's last captures ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What a source's selectors do to one page: how many elements each matches, the blocks without and with them."""

    matches: tuple[tuple[str, int], ...]
    before_count: int
    after_count: int
    removed: tuple[str, ...]
    added: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Previewed:
    """An article's last capture; `effect` is a sentence where the capture could not be read so."""

    article: Article
    effect: Effect | str


async def preview(
    store: Store, sandbox: Sandbox, rules: Mapping[str, PageRules], *, article: str | None, limits: PollLimits
) -> tuple[Previewed, ...]:
    """For one article, or the newest ones of each source that `rules` name. Raises NotFound, Corrupt."""
    if article is not None:
        one = await asyncio.to_thread(store.articles.find, article)
        chosen = [(one, _rules_for(one, rules))]
    else:
        chosen = [(found, its) for name, its in rules.items() for found in await asyncio.to_thread(_newest, store, name)]
    done = []
    for known, its in chosen:
        capture = await asyncio.to_thread(_last_capture, store, known)
        if capture is None:
            done.append(Previewed(article=known, effect="No page of it is kept."))
            continue
        try:
            effect = await sandbox.run(read_both_ways, capture, its, limits.article_bytes, timeout=limits.task_timeout)
            done.append(Previewed(article=known, effect=effect))
        except (FetchError, SandboxError) as error:
            done.append(Previewed(article=known, effect=str(error)))
    return tuple(done)


def read_both_ways(capture: Capture, rules: PageRules, cap: int) -> Effect | str:
    """A capture without and with the selectors. Runs in the sandbox."""
    content_type = next((value for name, value in capture.headers if name.lower() == b"content-type"), b"")
    charset = charset_of(content_type.decode("latin-1"))
    html = decode_body(capture.headers, capture.body, cap, url=capture.url)
    try:
        general = _read(html, capture.url, charset, replace(rules, keep=(), drop=()))
        chosen = _read(html, capture.url, charset, rules)
    except ValueError as error:
        return str(error)
    if isinstance(chosen, Refusal):
        return f"{chosen.detail} ({chosen.reason})"
    before = general.blocks if isinstance(general, Extract) else ()
    return Effect(
        matches=count_matches(decode(html, charset), rules),
        before_count=len(before),
        after_count=len(chosen.blocks),
        removed=_only_in(before, chosen.blocks),
        added=_only_in(chosen.blocks, before),
    )


def _only_in(blocks: Iterable[Block], others: Iterable[Block]) -> tuple[str, ...]:
    left = Counter(block.text for block in others)
    found = []
    for block in blocks:
        if left[block.text]:
            left[block.text] -= 1
        else:
            found.append(block.text)
    return tuple(found)


def _newest(store: Store, source: str) -> list[Article]:
    """A source's newest articles that were read, by id."""
    newest: deque[Article] = deque(maxlen=MOST_ARTICLES)
    after_id = 0
    while page := store.articles.listed(source=source, after_id=after_id, limit=_AT_ONCE):
        newest.extend(article for article in page if article.revisions_count)
        after_id = page[-1].id
    return list(newest)


def _rules_for(article: Article, rules: Mapping[str, PageRules]) -> PageRules:
    """Its own source's; on an article of another source, the first are tried."""
    return rules.get(article.source) or next(iter(rules.values()))


def _last_capture(store: Store, article: Article) -> Capture | None:
    latest = store.revisions.latest(article.id)
    if latest is None or latest.revision.capture_id is None:
        return None
    return store.revisions.capture(latest.revision.capture_id)
