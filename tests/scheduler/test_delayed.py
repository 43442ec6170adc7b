"""Change feeds of a source whose publishing waits: empty of what is young, written again when its time is there.

And those of a program beside one that only serves: written again when that one takes something down or retracts it."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import pytest
from builders import emitter_of

from tracker.errors import Busy
from tracker.model import Scope, Source
from tracker.scheduler import delayed
from tracker.scheduler.delayed import emit_when_shown
from tracker.scheduler.emit import Emitter
from tracker.scheduler.hide import Hider, find_target

ONE = "The council agreed on Monday to spend 5 million pounds on the bridge over the river."
REST = "Work on it will begin in the spring, the leader of the council told reporters after the meeting."


@pytest.fixture
async def changed(program, site, clock, tmp_path):
    """A program that has just seen an article of a source change that waits ten minutes; its emitter."""
    source = Source(name="news", title="News", feeds=(site.url("/feed"),), publish_delay=timedelta(minutes=10))
    program.store.articles.declare([source], clock())
    site.feed("/feed", ("/news/bridge", "Council agrees the plan"))
    for millions in (5, 6):
        site.page("/news/bridge", ONE.replace("5", str(millions)), REST)
        await program.poll()
        clock.advance(minutes=6)
    clock.advance(minutes=-6)
    emitter = emitter_of(program.store.for_readers(clock), program.sandbox, tmp_path / "shown")
    await emitter.emit_all()
    return program, emitter


def items(emitter: Emitter, scope: Scope = Scope()) -> list[dict]:  # noqa: B008 - frozen
    return json.loads(emitter.path(scope, "json").read_bytes())["items"]


@pytest.fixture
async def shown(changed, clock):
    """The same, when the change is shown."""
    _, emitter = changed
    clock.advance(minutes=11)
    await emitter.emit_all()
    return changed


@pytest.fixture
def serving(changed, clock):
    """The emitter of a process that only serves."""
    program, _ = changed
    return emitter_of(program.store.for_readers(clock), program.sandbox, None)


@pytest.fixture
async def following(changed, clock, monkeypatch):
    """What follows the delays, looking all the time."""
    program, emitter = changed
    monkeypatch.setattr(delayed, "PAUSE", 0)
    task = asyncio.create_task(emit_when_shown(program.store, emitter, clock))
    yield task
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_young_change_is_in_no_feed_until_its_time_is_there(changed, following, clock, monkeypatch):
    _, emitter = changed
    written = asyncio.Event()
    monkeypatch.setattr(emitter, "_announce", lambda _: written.set())
    await emitter.emit_all()
    assert items(emitter) == items(emitter, Scope(source="news")) == []
    clock.advance(minutes=11)
    await written.wait()
    assert len(items(emitter)) == len(items(emitter, Scope(source="news"))) == 1


async def test_what_a_serving_process_takes_down_leaves_the_files(shown, serving, tmp_path, clock):
    program, emitter = shown
    seen = delayed._see(program.store, clock())
    hider = Hider(store=program.store, emitter=serving, journal=tmp_path / "takedowns.jsonl", clock=clock)
    assert "agreed on Monday" in str(items(emitter))
    await hider.hide(find_target(program.store, "1"), reason="A court said so.", phrase="agreed on Monday")
    await delayed._emit_since(seen, program.store, emitter, clock())
    assert "agreed on Monday" not in str([items(emitter), items(emitter, Scope(source="news"))])


async def test_what_a_serving_process_retracts_is_retracted_in_the_files(shown, serving, clock):
    program, emitter = shown
    seen = delayed._see(program.store, clock())
    program.store.retract(1, reason="The site answered with another article.", now=clock())
    await serving.emit_sources(["news"])
    assert "Retracted: " not in str(items(emitter))
    seen = await delayed._emit_since(seen, program.store, emitter, clock())
    assert all("Retracted: " in str(items(emitter, scope)) for scope in (Scope(), Scope(source="news")))
    assert seen == await delayed._emit_since(seen, program.store, emitter, clock()), "it is told once"


async def test_a_process_that_only_serves_writes_no_file(shown, serving):
    assert await serving.emit_all() == ()


async def test_a_store_that_cannot_answer_ends_nothing_and_is_asked_again(changed, clock, monkeypatch, caplog):
    program, emitter = changed
    monkeypatch.setattr(delayed, "PAUSE", 0)
    asked = []
    twice = asyncio.Event()

    def busy(after, until):
        asked.append(after)
        if len(asked) == 2:
            loop.call_soon_threadsafe(twice.set)
        raise Busy("sqlite:///x")

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(program.store.revisions, "shown_between", busy)
    task = asyncio.create_task(emit_when_shown(program.store, emitter, clock))
    await twice.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert asked[0] == asked[1], "what was not answered is asked once more"
    assert caplog.text.count("could not be written into the change feeds") == 1
