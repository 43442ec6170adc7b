"""The one sequence over all rows that readers see.

Its row stays locked from `take` to the commit, so numbers are given in commit order: a reader who has seen
number n will never meet a lower one later. Take it late in a transaction; everybody else waits for it.
"""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from tracker.store.schema import counter

NAME = "seq"


def take(connection: Connection, count: int) -> int:
    """Take `count` numbers and give the first."""
    statement = update(counter).where(counter.c.name == NAME).values(value=counter.c.value + count).returning(counter.c.value)
    return connection.execute(statement).scalar_one() - count + 1


def current(connection: Connection) -> int:
    """The last number that was taken: it rises with every write that a reader could see."""
    return connection.execute(select(counter.c.value).where(counter.c.name == NAME)).scalar_one()
