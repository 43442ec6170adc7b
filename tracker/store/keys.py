"""Article keys: which article a URL or guid belongs to. A key belongs to one article and is never moved here.

How keys are made is in urls.py; which article an entry of a feed joins is decided in tracking.py.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, bindparam, insert, select

from tracker.store.columns import hash64, plain
from tracker.store.database import chunks
from tracker.store.schema import article_key, installation

# Made once: making a statement takes longer than running it.
_HASHES = article_key.c.key_hash.in_(bindparam("hashes", expanding=True))
_LOCK = select(installation.c.id).with_for_update()
_OWNERS = select(article_key.c.key, article_key.c.article_id).where(_HASHES)
_SHARED = select(article_key.c.key_hash).where(_HASHES)
_INSERT = insert(article_key)
_OF_ARTICLES = select(article_key.c.article_id, article_key.c.key).where(article_key.c.article_id.in_(bindparam("ids", expanding=True)))


def lock(connection: Connection) -> None:
    """Wait until no one else gives out keys; until the commit. The first of all locks, see counter.py."""
    connection.execute(_LOCK)


def owners(connection: Connection, keys: Iterable[str]) -> dict[str, int]:
    """The article ids of those keys that belong to one."""
    wanted = {key: plain(key) for key in keys}
    found: dict[str, int] = {}
    for part in chunks([hash64(key) for key in set(wanted.values())]):
        found |= dict(connection.execute(_OWNERS, {"hashes": part}).all())
    return {key: found[kept] for key, kept in wanted.items() if kept in found}


def add(connection: Connection, pairs: Sequence[tuple[str, int]]) -> None:
    """Give keys to articles. They must be free, each named once, and `lock` be held."""
    keys = {plain(key): article_id for key, article_id in pairs}
    taken: defaultdict[int, int] = defaultdict(int)
    for part in chunks([hash64(key) for key in keys]):
        for shared in connection.execute(_SHARED, {"hashes": part}).scalars():
            taken[shared] += 1
    rows: list[dict[str, object]] = []
    for key, article_id in keys.items():
        digest = hash64(key)
        rows.append({"key_hash": digest, "slot": taken[digest], "key": key, "article_id": article_id})
        taken[digest] += 1
    if rows:
        connection.execute(_INSERT, rows)


def of_articles(connection: Connection, article_ids: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """Every article's keys, URLs first; an article without any has none here."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    for part in chunks(sorted(set(article_ids))):
        for article_id, key in connection.execute(_OF_ARTICLES, {"ids": part}).all():
            found[article_id].append(key)
    return {article_id: tuple(sorted(keys, key=lambda key: (not key.startswith("url:"), key))) for article_id, keys in found.items()}
