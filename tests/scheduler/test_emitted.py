"""Emitted files that do not carry what the store says are named; a feed that is about to be written is waited for."""

from __future__ import annotations

import pytest

from tracker.model import Scope
from tracker.scheduler.emitted import LOOKS, disagreements

REST = "Work on it will begin in the spring, the leader of the council told reporters after the meeting of all members."
FORMS = ("atom", "rss", "json")


@pytest.fixture
async def changed(program, site, clock):
    """A program that has seen an article change twice."""
    site.feed("/feed", ("/news/bridge", "Council agrees the plan"))
    for millions in (5, 6, 7):
        site.page("/news/bridge", f"The council agreed on Monday to spend {millions} million pounds on the bridge.", REST)
        await program.poll()
        clock.advance(minutes=35)
    return program


def said(changed, tmp_path, pause=lambda: None) -> list[str]:
    return [fault.sentence for fault in disagreements(changed.store, tmp_path / "feeds", pause=pause)]


async def test_files_as_they_were_emitted_agree(changed, tmp_path):
    assert all(changed.emitter.path(Scope(), form).exists() for form in FORMS)
    assert said(changed, tmp_path) == []


async def test_a_text_that_goes_back_and_forth_which_is_one_entry_is_no_fault(changed, site, clock, tmp_path):
    for millions in (6, 7, 6):
        site.page("/news/bridge", f"The council agreed on Monday to spend {millions} million pounds on the bridge.", REST)
        for minutes in (60, 10):
            clock.advance(minutes=minutes)
            await changed.poll()
    assert len(changed.store.revisions.events(Scope())) > len(changed.store.revisions.changes(Scope()))
    assert said(changed, tmp_path) == []


@pytest.mark.parametrize("form", FORMS)
async def test_a_file_that_lacks_the_newest_change_is_named_and_an_absent_one_is_not(changed, site, tmp_path, monkeypatch, form):
    path = changed.emitter.path(Scope(), form)
    before = path.read_bytes()
    site.page("/news/bridge", "The council agreed on Monday to spend 9 million pounds on the bridge.", REST)
    await changed.poll()
    path.write_bytes(before)
    (sentence,) = said(changed, tmp_path)
    assert f"{path} does not agree with the store: 1 of its newest changes are missing" in sentence
    path.unlink()
    assert said(changed, tmp_path) == []


@pytest.mark.parametrize("form", FORMS)
async def test_a_file_that_is_none_of_ours_is_named(changed, tmp_path, form):
    path = changed.emitter.path(Scope(source="news"), form)
    path.write_bytes(b"[] <half of a")
    assert ["cannot be read" in sentence for sentence in said(changed, tmp_path)] == [True]


async def test_what_is_written_a_moment_later_is_no_fault(changed, tmp_path):
    path = changed.emitter.path(Scope(), "atom")
    written = path.read_bytes()
    path.write_bytes(b"")
    assert said(changed, tmp_path, pause=lambda: path.write_bytes(written) and None) == []


async def test_however_many_files_are_wrong_they_are_waited_for_together(changed, tmp_path):
    for scope in (Scope(), Scope(source="news")):
        for form in FORMS:
            changed.emitter.path(scope, form).write_bytes(b"half of a")
    pauses = []
    assert len(said(changed, tmp_path, pause=lambda: pauses.append(1))) == 6
    assert len(pauses) == LOOKS - 1
