"""The one sequence over all rows that readers see.

Its row stays locked from `take` to the commit, so numbers are given in commit order: a reader who has seen
number n will never meet a lower one later. Everybody else waits for it: take it late.

Locks are taken in one order everywhere, so that no two writers ever wait for each other:
article keys (keys.py), feeds by id, articles by id, the counter, sources by id.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Connection, bindparam, select, update

from tracker.store.schema import counter

NAME = "seq"
# Beside it, the last number that came with more than looks that found all as it was: most pages are the same until then.
NEWS = "news"
# Statements that every look needs are made once: making one takes longer than running it.
_CURRENT = select(counter.c.value).where(counter.c.name == bindparam("name"))
_MORE = counter.c.value + bindparam("count", type_=BigInteger)
_NEWS = update(counter).where(counter.c.name == NEWS).values(value=bindparam("last", type_=BigInteger))
_TAKE = update(counter).where(counter.c.name == NAME).values(value=_MORE).returning(counter.c.value)


def take(connection: Connection, count: int, *, is_news: bool = True) -> int:
    """Take `count` numbers and give the first. 0 takes none, and the lock. `is_news`: for more than looks that found all as it was."""
    last: int = connection.execute(_TAKE, {"count": count}).scalar_one()
    if count and is_news:
        connection.execute(_NEWS, {"last": last})
    return last - count + 1


def current(connection: Connection) -> int:
    """The last number that was taken: it rises with every write that a reader could see."""
    return connection.execute(_CURRENT, {"name": NAME}).scalar_one()


def news(connection: Connection) -> int:
    """The same, but for looks that found all as it was."""
    return connection.execute(_CURRENT, {"name": NEWS}).scalar_one()
