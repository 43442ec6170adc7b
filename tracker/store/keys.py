"""Article keys: which article a URL or guid belongs to. A key belongs to one article and is never moved here.

How keys are made is in urls.py; which article an entry of a feed joins is decided in tracking.py.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, insert, select

from tracker.store.columns import hash64, plain
from tracker.store.database import chunks
from tracker.store.schema import article_key, installation


def lock(connection: Connection) -> None:
    """Wait until no one else gives out keys; until the commit. The first of all locks, see counter.py."""
    connection.execute(select(installation.c.id).with_for_update())


def owners(connection: Connection, keys: Iterable[str]) -> dict[str, int]:
    """The article ids of those keys that belong to one."""
    wanted = {key: plain(key) for key in keys}
    found: dict[str, int] = {}
    for part in chunks([hash64(key) for key in set(wanted.values())]):
        statement = select(article_key.c.key, article_key.c.article_id).where(article_key.c.key_hash.in_(part))
        found |= dict(connection.execute(statement).all())
    return {key: found[kept] for key, kept in wanted.items() if kept in found}


def add(connection: Connection, pairs: Sequence[tuple[str, int]]) -> None:
    """Give keys to articles. They must be free, each named once, and `lock` be held."""
    keys = {plain(key): article_id for key, article_id in pairs}
    taken: defaultdict[int, int] = defaultdict(int)
    for part in chunks([hash64(key) for key in keys]):
        for shared in connection.execute(select(article_key.c.key_hash).where(article_key.c.key_hash.in_(part))).scalars():
            taken[shared] += 1
    rows: list[dict[str, object]] = []
    for key, article_id in keys.items():
        digest = hash64(key)
        rows.append({"key_hash": digest, "slot": taken[digest], "key": key, "article_id": article_id})
        taken[digest] += 1
    if rows:
        connection.execute(insert(article_key), rows)


def of_articles(connection: Connection, article_ids: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """Every article's keys, URLs first; an article without any has none here."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    for part in chunks(sorted(set(article_ids))):
        statement = select(article_key.c.article_id, article_key.c.key).where(article_key.c.article_id.in_(part))
        for article_id, key in connection.execute(statement).all():
            found[article_id].append(key)
    return {article_id: tuple(sorted(keys, key=lambda key: (not key.startswith("url:"), key))) for article_id, keys in found.items()}
