"""The emitted change feeds: whole files, stable ids, equal bytes for an equal store."""

from __future__ import annotations

import asyncio
import json
import logging
from datetime import timedelta
from pathlib import Path

import pytest

from tracker.errors import NotFound
from tracker.model import Scope
from tracker.scheduler import emit as emitting
from tracker.scheduler.emit import Emitter

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
    again = Emitter(
        store=changed.store,
        sandbox=changed.sandbox,
        base_url="http://tracker.example",
        folder=tmp_path / "again",
        author="A test",
        generator="tracker",
        timeout=timedelta(seconds=20),
    )
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
