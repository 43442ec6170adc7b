"""Looks of several hosts commit together; who waits gets the commit at once, and its failure."""

from __future__ import annotations

import asyncio
import weakref

import pytest

from tracker.errors import Busy
from tracker.scheduler.keeper import LOOKS_TOGETHER, Keeper
from tracker.store.keeping import Kept


class Poll:
    """Only its being handed through matters."""


class Looked:
    def __init__(self, number: int) -> None:
        self.article_id = number
        self.poll = Poll()


class Desk:
    """Stands for store and emitter: notes what was kept together."""

    def __init__(self) -> None:
        self.commits: list[list[int]] = []
        self.fails = False
        self.lost: tuple[int, ...] = ()

    def keep(self, decisions, _now) -> Kept:
        if self.fails:
            raise Busy("sqlite:///x")
        self.commits.append([decision.article_id for decision in decisions])
        return Kept(lost=self.lost)


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def keeper(desk, clock) -> Keeper:
    return Keeper(store=desk, emitter=None, clock=clock)


async def test_a_full_commit_waits_for_nobody(desk, keeper):
    waiting = [keeper.add(Looked(number)) for number in range(LOOKS_TOGETHER)]
    await asyncio.wait_for(waiting[-1].kept, 5)
    assert desk.commits == [list(range(LOOKS_TOGETHER))]


async def test_what_stands_alone_is_committed_within_a_moment(desk, keeper):
    await asyncio.wait_for(keeper.add(Looked(1)).kept, 5)
    assert desk.commits == [[1]]


async def test_while_others_look_a_commit_that_somebody_waits_for_gathers_theirs(desk, keeper):
    async def host(number: int) -> None:
        with keeper.looking():
            for step in range(2):
                await keeper.keep(keeper.add(Looked(10 * number + step)))

    await asyncio.gather(*(host(number) for number in range(8)))
    assert sorted(number for commit in desk.commits for number in commit) == sorted(10 * n + step for n in range(8) for step in range(2))
    assert len(desk.commits) < 8


async def test_everybody_in_a_commit_that_fails_is_told_and_the_next_one_is_tried_again(desk, keeper):
    desk.fails = True
    looks = [keeper.add(Looked(1)), keeper.add(Looked(2))]
    for look in looks:
        with pytest.raises(Busy):
            await keeper.settle([look])
    desk.fails = False
    assert len(await keeper.settle([keeper.add(Looked(3))])) == 1
    assert desk.commits == [[3]]


async def test_a_look_whose_lease_was_lost_leaves_no_poll(desk, keeper):
    desk.lost = (2,)
    looks = [keeper.add(Looked(1)), keeper.add(Looked(2))]
    assert await keeper.settle(looks) == (looks[0].poll,)


async def test_a_page_is_let_go_with_its_commit_however_long_the_series_of_looks_is(desk, keeper):
    look = Looked(1)
    page = weakref.ref(look)
    waiting = keeper.add(look)
    del look
    await keeper.keep(waiting)
    assert page() is None
    assert len(await keeper.settle([waiting])) == 1
