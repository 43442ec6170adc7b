"""A look hands down what changed; what was kept without it is indexed in the background."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from tracker.errors import Busy, TaskTimedOut
from tracker.model import Scope
from tracker.scheduler import indexing
from tracker.store import searched
from tracker.terms import read_query


@pytest.fixture
async def read(program, site, clock):
    """Two articles that changed, by looks."""
    site.feed("/feed", ("/news/bridge", "Bridge"), ("/news/road", "Road"))
    for number in (5, 6):
        site.page("/news/bridge", f"The council agreed on Monday to spend {number} million pounds on the bridge over the river.")
        site.page("/news/road", f"The road along the river will be closed for {number} months from the first of May on.", headline="Road")
        await program.poll()
        clock.advance(minutes=35)
    return program


def found(store, typed):
    return [change.article.id for change in store.revisions.changes(Scope(search=read_query(typed)))]


def forget(store):
    """The changes; the latest texts are due as they are."""
    with store._database.writing() as connection:
        searched.forget_changes(connection, [1, 2])


async def test_what_a_look_changed_is_searched_at_once_and_its_text_a_moment_later(read):
    assert sorted(found(read.store, "5")) == [1, 2]
    assert read.store.search.articles(read_query("6")).articles == ()
    assert await indexing.index_due(read.store, read.sandbox) == 2
    assert {one.article.id for one in read.store.search.articles(read_query("6")).articles} == {1, 2}
    assert await indexing.index_due(read.store, read.sandbox) == 0


async def test_what_is_due_is_compared_anew_and_found_again(read, monkeypatch):
    before = found(read.store, "6")
    forget(read.store)
    assert found(read.store, "6") == []
    monkeypatch.setattr(indexing, "STEP", 1)
    assert await indexing.index_due(read.store, read.sandbox) == 4
    assert found(read.store, "6") == before
    assert not read.store.search.due(1)


async def test_a_pair_that_cannot_be_compared_keeps_no_other_from_being_found(read, monkeypatch):
    class Failing:
        async def run(self, function, pairs, *, timeout):  # noqa: ASYNC109 - as the sandbox has it
            if any("road" in old.text for old, _ in pairs):
                raise TaskTimedOut("changed_of", timeout)
            return function(pairs)

    forget(read.store)
    assert await indexing.index_due(read.store, Failing()) == 4
    assert len(found(read.store, "6")) == 1
    assert not read.store.search.due(1)


async def test_the_program_goes_on_looking_where_the_store_was_busy(read, monkeypatch):
    monkeypatch.setattr(indexing, "EVERY", indexing.EVERY * 0)
    index_due, done, asked = indexing.index_due, asyncio.Event(), []

    async def busy_at_first(store, sandbox):
        asked.append(store)
        if len(asked) == 1:
            raise Busy("sqlite:///tracker.db")
        await index_due(store, sandbox)
        done.set()

    monkeypatch.setattr(indexing, "index_due", busy_at_first)
    forget(read.store)
    running = asyncio.create_task(indexing.keep_searchable(read.store, read.sandbox))
    await done.wait()
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    assert not read.store.search.due(1)
