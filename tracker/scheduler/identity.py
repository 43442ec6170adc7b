"""Whether what was found is still the same story: keys, addresses that move, and pages that are another article.

Pure. Any page can claim any address as its own; a claim counts for nothing where neither the publisher's id nor the text
agrees, and never beyond the site itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from tracker.model import Article, Extract, Moved
from tracker.text import normalise
from tracker.urls import article_keys, bare_host, same_site

# A permanent redirect moves an article's address when so many looks in a row, over so long, led to the same place.
MOVED_LOOKS = 3
MOVED_AFTER = timedelta(hours=24)
# Of the shorter text's runs of three words, the share that must stand in the other. Tuned on 37 hand-read revisions of news:
# true pairs share .36 and more (but for two that were written anew, .01 and .21), pairs of different articles .04 at most;
# a short one with a line of the house in it comes to .23.
RUN = 3
SAME_STORY = 0.25
# To make two articles one takes more: columns of a house may be short, and share the lines at their foot.
ONE_STORY = 0.5

# A word, or one sign of a script that writes without spaces.
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W_\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")
# An address names an article if its end is more than a word or two: a slug, a number. Sections and front pages do not.
_SLUG = re.compile(r"\d|[^-_]+[-_][^-_]+[-_]")


def is_same_story(old: Extract, new: Extract) -> bool:
    """By the words of the two texts."""
    return likeness(old, new) >= SAME_STORY


def likeness(old: Extract, new: Extract) -> float:
    """The share of the shorter text's runs of words that stand in the other, from 0 to 1."""
    ours, theirs = _runs(old.text), _runs(new.text)
    return len(ours & theirs) / max(1, min(len(ours), len(theirs)))


def _runs(text: str) -> set[tuple[str, ...]]:
    words = _WORD.findall(normalise(text).casefold())
    return set(zip(*(words[start:] for start in range(RUN)), strict=False))


def is_same_page(old: Extract, new: Extract, id_pattern: str | None = None) -> bool:
    """By the publisher's word: the same address or id in it, or the same claim of an address on the same host.

    `id_pattern` is the source's own, see PageRules; here and below it runs on strangers' addresses.
    """
    if not set(article_keys(old.url, id_pattern=id_pattern)).isdisjoint(article_keys(new.url, id_pattern=id_pattern)):
        return True
    claims = _claims(old.url, old)
    return bool(claims) and claims == _claims(new.url, new)


def keys_of(article: Article, url: str, extract: Extract, id_pattern: str | None = None) -> tuple[str, ...]:
    """Further keys of an article that was found at `url`, a place to which it may be followed.

    That place, on its own host; what the page calls itself, where that shares a key with what is known already; where it
    does not, only a claim that finds candidates.
    """
    found_at = article_keys(url, id_pattern=id_pattern) if bare_host(url) == bare_host(article.url) else ()
    known = {*article.keys, *article_keys(article.url, id_pattern=id_pattern), *found_at}
    claimed = article_keys(extract.canonical_url, id_pattern=id_pattern) if extract.canonical_url else ()
    agreed = claimed if known & set(claimed) else _claims(url, extract)
    return tuple(dict.fromkeys((*found_at, *agreed)))


def candidates(keys: Iterable[str]) -> frozenset[str]:
    """The keys by which another article may turn out to be the one with these: it has its publisher's id, is at the address
    that its page claims, claims its page's address, or claims the same."""
    found: set[str] = set()
    for key in keys:
        kind, _, name = key.partition(":")
        found |= {f"url:{name}", f"canonical:{name}"} if kind in {"url", "canonical"} else {key}
    return frozenset(found)


def _claims(url: str, extract: Extract) -> tuple[str, ...]:
    claimed = extract.canonical_url
    if claimed is None or bare_host(claimed) != bare_host(url):
        return ()
    last = urlsplit(claimed).path.rstrip("/").rpartition("/")[2]
    return (f"canonical:{article_keys(claimed)[0].partition(':')[2]}",) if _SLUG.search(last) else ()


def next_address(article: Article) -> str | None:
    """Where else to look for an article that is not found where it was: each of its other addresses on that host in turn, and
    at last the first again. None when it was not found at any."""
    scheme, separator, _ = article.url.partition("://")
    here, host = article_keys(article.url)[0], bare_host(article.url)
    names = [key for key in article.keys if key.startswith("url:") and key.removeprefix("url:").partition("/")[0] == host]
    tried_count = article.failures_count if article.missing_since else 0
    if here not in names or len(names) < 2 or tried_count >= len(names):
        return None
    following = names[(names.index(here) + 1) % len(names)]
    return f"{scheme}{separator}{following.removeprefix('url:')}"


def followed(article: Article, moved_url: str | None, at: datetime) -> tuple[Moved | None, str | None]:
    """What a look that was led to `moved_url` by permanent redirects leaves: the count of such looks, or the new address.

    Never to another site: whoever has a domain by now can redirect it anywhere.
    """
    if moved_url is None or not same_site(article.url, moved_url):
        return None, None
    before = article.moved
    if before is None or before.url != moved_url:
        return Moved(url=moved_url, since_at=at, looks_count=1), None
    looks_count = before.looks_count + 1
    if looks_count >= MOVED_LOOKS and at - before.since_at >= MOVED_AFTER:
        return None, moved_url
    return Moved(url=moved_url, since_at=before.since_at, looks_count=looks_count), None
