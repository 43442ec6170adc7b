"""The emitted change feeds: whole files, stable ids, equal bytes for an equal store."""

from __future__ import annotations

import asyncio
import json
import logging
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from builders import emitter_of

from tracker.errors import Busy, NotFound
from tracker.model import Filter, Scope
from tracker.scheduler import emit as emitting

ONE = "The council agreed on Monday to spend 5 million pounds on the bridge over the river."
REST = "Work on it will begin in the spring, the leader of the council told reporters after the meeting."
MORE = "Residents had asked for years that something be done about the old crossing, which is closed to lorries."


@pytest.fixture
async def changed(program, site, clock):
    """A program that has seen an article change twice."""
    site.feed("/feed", ("/news/bridge", "Council agrees the plan"))
    for millions in (5, 6, 7):
        site.page("/news/bridge", ONE.replace("5", str(millions)), REST, MORE)
        await program.poll()
        clock.advance(minutes=35)
    return program


def _items(path: Path) -> list[dict]:
    return json.loads(path.read_bytes())["items"]


async def test_entries_come_newest_first_and_name_their_diff_page(changed):
    newest, oldest = _items(changed.emitter.path(Scope(), "json"))
    assert newest["date_modified"] > oldest["date_modified"]
    assert newest["url"] == "http://tracker.example/diff/2..3"
    assert "<del" in newest["content_html"]
    assert newest["id"].startswith("urn:uuid:")
    assert newest["id"] != oldest["id"]


async def test_another_emitter_over_the_same_store_writes_the_same_bytes(changed, tmp_path):
    again = emitter_of(changed.store, changed.sandbox, tmp_path / "again")
    await again.emit_all()
    for scope in (Scope(), Scope(source="news")):
        for form in ("atom", "rss", "json"):
            assert again.path(scope, form).read_bytes() == changed.emitter.path(scope, form).read_bytes()


async def test_emitting_what_has_not_changed_leaves_the_files_and_their_times_alone(changed):
    path = changed.emitter.path(Scope(), "atom")
    before = path.stat()
    await changed.emitter.emit_all()
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert path.stat().st_ino == before.st_ino


async def test_no_half_written_file_lies_beside_the_feeds(changed):
    folder = changed.emitter.path(Scope(), "atom").parent
    assert {path.name for path in folder.rglob("*") if path.is_file()} == {"changes.atom", "changes.rss", "changes.json"}


async def test_what_a_crash_left_of_a_half_written_file_is_gone_after_the_next_emit(changed):
    path = changed.emitter.path(Scope(), "atom")
    half = path.with_name("changes.atom.new")
    half.write_bytes(b"<feed>")
    await changed.emitter.emit_all()
    assert not half.exists()
    half.write_bytes(b"<feed>")
    path.unlink()
    await changed.emitter.emit_all()
    assert path.read_bytes().endswith(b"</feed>\n")
    assert not half.exists()


async def test_an_emit_waits_while_another_process_writes_feeds_in_the_same_folder(changed):
    path = changed.emitter.path(Scope(), "atom")
    path.unlink()
    with emitting._locked(changed.emitter._folder.with_suffix(".lock")):
        waiting = asyncio.create_task(changed.emitter.emit_all())
        await asyncio.wait([waiting], timeout=0.2)
        assert not path.exists()
    await waiting
    assert path.exists()


async def test_the_end_waits_for_feeds_that_are_being_written_but_not_for_ever(changed):
    paths = [changed.emitter.path(scope, "json") for scope in (Scope(), Scope(source="news"))]
    for path in paths:
        path.unlink()
    with emitting._locked(changed.emitter._folder.with_suffix(".lock")):
        waiting = asyncio.create_task(changed.emitter.emit_all())
        await asyncio.wait([waiting], timeout=0)  # it has begun
        await changed.emitter.finish(timedelta(seconds=0.2))
        assert not waiting.done()
    await changed.emitter.finish(timedelta(seconds=20))
    assert all(path.exists() for path in paths)
    await waiting


async def test_a_feed_without_changes_is_a_feed_all_the_same(program):
    await program.emitter.emit_all()
    feed = json.loads(program.emitter.path(Scope(source="news"), "json").read_bytes())
    assert feed["items"] == []
    assert feed["title"] == "Changes: News"


async def test_an_articles_feed_is_built_on_demand_and_an_unknown_one_is_not_found(changed):
    feed = await changed.emitter.build(Scope(article_id=1))
    assert len(feed.entries) == 2
    assert changed.emitter.path(Scope(article_id=1), "atom") is None
    with pytest.raises(NotFound):
        await changed.emitter.build(Scope(article_id=99))


async def test_an_entry_that_is_too_long_is_told_by_its_summary_and_its_link(changed, monkeypatch):
    monkeypatch.setattr(emitting, "ENTRY_LENGTH", 10)
    changed.emitter._shown.clear()
    newest = (await changed.emitter.build(Scope())).entries[0]
    assert newest.html == ""
    assert newest.summary
    assert newest.url.endswith("/diff/2..3")


async def test_a_feed_that_cannot_be_written_is_a_line_in_the_log_and_ends_nothing(changed, tmp_path, caplog):
    (tmp_path / "taken").write_text("a file where the folder should be", encoding="utf-8")
    changed.emitter._folder = tmp_path / "taken"
    with caplog.at_level(logging.ERROR):
        await changed.emitter.emit_all()
    assert "cannot be written" in caplog.text
    assert len((await changed.emitter.build(Scope())).entries) == 2


async def test_a_feed_that_could_not_be_written_is_written_when_it_can_be_and_told_of_once(changed, caplog):
    folder = changed.emitter._folder
    paths = [changed.emitter.path(scope, "atom") for scope in (Scope(), Scope(source="news"))]
    for path in paths:
        path.unlink()
    folder.with_suffix(".aside").mkdir()
    folder.rename(folder.with_suffix(".aside") / "feeds")
    folder.write_text("a file where the folder should be", encoding="utf-8")
    with caplog.at_level(logging.ERROR):
        for _ in range(2):
            await changed.emitter.emit_sources(["news"])
    assert len(caplog.messages) == len(set(caplog.messages)) > 0
    folder.unlink()
    await changed.emitter.emit_rest()
    assert all(path.exists() for path in paths)


async def test_feeds_whose_store_was_away_for_a_moment_are_written_when_it_is_back(changed, monkeypatch):
    paths = [changed.emitter.path(scope, "atom") for scope in (Scope(), Scope(source="news"))]
    for path in paths:
        path.unlink()

    def away(*_: object) -> None:
        raise Busy("sqlite:///x.db")

    for where, name in ((changed.store.articles, "titles"), (changed.store.takedowns, "mark")):
        with monkeypatch.context() as patched:
            patched.setattr(where, name, away)
            with pytest.raises(Busy):
                await changed.emitter.emit_sources(["news"])
    await changed.emitter.emit_rest()
    assert all(path.exists() for path in paths)


async def test_entries_beyond_the_newest_stand_on_pages_that_end_and_repeat_nothing(changed, monkeypatch):
    monkeypatch.setattr(emitting, "ENTRIES", 1)
    first = await changed.emitter.build(Scope())
    newest, oldest = await asyncio.to_thread(changed.store.revisions.changes, Scope())
    assert (first.older, first.newest, first.query) == (f"?before={newest.event.seq}", None, "")
    second = await changed.emitter.build(Scope(), before=newest.event.seq)
    assert (second.older, second.newest, second.query) == (None, "", f"?before={newest.event.seq}")
    assert second.id == first.id
    assert [entry.id for entry in (*first.entries, *second.entries)] == [
        emitting.entry_id(changed.store.installation_id, one.event.id) for one in (newest, oldest)
    ]
    only = await changed.emitter.build(Scope(), Filter(facet="numbers"), "?facet=numbers")
    assert only.older == f"?facet=numbers&before={newest.event.seq}"


async def test_a_retracted_change_keeps_its_entry_which_says_so_and_moves(changed, clock):
    before = _items(changed.emitter.path(Scope(), "json"))
    clock.advance(hours=1)
    changed.store.retract(2, reason="The page showed another article.", now=clock())
    await changed.emitter.emit_sources(["news"])
    newest, oldest = _items(changed.emitter.path(Scope(), "json"))
    assert (newest["id"], newest["date_published"]) == (before[0]["id"], before[0]["date_published"])
    assert newest["title"] == f"Retracted: {before[0]['title']}"
    assert newest["date_modified"] > before[0]["date_modified"]
    assert newest["tags"] == ["retracted"]
    assert "The page showed another article." in newest["content_html"]
    assert "<del" not in newest["content_html"]
    assert oldest == before[1]
    clock.advance(hours=1)
    changed.store.undo_retraction(2, now=clock())
    await changed.emitter.emit_sources(["news"])
    again = _items(changed.emitter.path(Scope(), "json"))[0]
    assert again["date_modified"] > newest["date_modified"]
    assert {**again, "date_modified": None} == {**before[0], "date_modified": None}


async def test_an_entry_moves_when_what_it_says_does(program, site, clock):
    """A text that goes back and forth is one entry, which tells how often."""
    site.feed("/feed", ("/news/bridge", "Council agrees the plan"))
    moved = []
    for millions in (5, 6, 5, 5, 6, 6, 5, 5, 6, 6):
        site.page("/news/bridge", ONE.replace("5", str(millions)), REST, MORE)
        await program.poll(everything=True)
        clock.advance(minutes=11)
        moved.append({entry.id: (entry.updated_at, entry.summary) for entry in (await program.emitter.build(Scope())).entries})
    for earlier, later in pairwise(moved):
        for name in earlier.keys() & later.keys():
            assert (earlier[name][0] == later[name][0]) == (earlier[name][1] == later[name][1])
    assert any("back and forth" in summary for _, summary in moved[-1].values())


async def test_only_feeds_that_are_other_than_before_are_announced(changed, tmp_path):
    told = []
    emitter = emitter_of(
        changed.store, changed.sandbox, tmp_path / "announced", hub_url="https://hub.example/", announce=told.extend
    )
    await emitter.emit_all()
    places = ("changes", "sources/news/changes")
    assert told == [f"http://tracker.example/{place}.{form}" for place in places for form in ("atom", "rss", "json")]
    told.clear()
    await emitter.emit_all()
    assert told == []
    assert (await emitter.build(Scope())).hub_url == "https://hub.example/"
    assert (await emitter.build(Scope(article_id=1))).hub_url is None


async def test_what_was_written_before_the_store_went_away_is_announced(changed, tmp_path, monkeypatch):
    told = []
    emitter = emitter_of(changed.store, changed.sandbox, tmp_path / "announced", announce=told.extend)
    build, left = emitter.build, [Scope()]

    async def build_one(scope: Scope):
        if scope not in left:
            raise Busy("sqlite:///x.db")
        return await build(scope)

    monkeypatch.setattr(emitter, "build", build_one)
    with pytest.raises(Busy):
        await emitter.emit_all()
    assert told == [f"http://tracker.example/changes.{form}" for form in ("atom", "rss", "json")]
    monkeypatch.undo()
    await emitter.emit_rest()
    assert told[3:] == [f"http://tracker.example/sources/news/changes.{form}" for form in ("atom", "rss", "json")]


async def test_entries_of_what_was_read_before_a_takedown_are_not_given(changed):
    """They may say what is hidden now: whoever asked reads anew."""
    mark = changed.store.takedowns.mark()
    changes = changed.store.revisions.changes(Scope())
    feed = await changed.emitter.build(Scope())
    assert await changed.emitter.entries(changes, mark) == feed.entries
    assert await changed.emitter.entries(changes, mark - 1) is None
