"""Use it as a library: cheap to import, typed, and a store to read, beside the program or without it."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

import tracker as package
from tracker import Tracker, compare, extract_article
from tracker.errors import ConfigError, NotFound, Unusable
from tracker.model import EventKind, Filter, Significance

ROOT = Path(__file__).resolve().parents[2]


def test_importing_the_package_imports_nothing_else():
    code = "import sys, tracker; print([name for name in sys.modules if name.partition('.')[0] not in sys.stdlib_module_names])"
    done = subprocess.run([sys.executable, "-S", "-c", code], check=True, capture_output=True, text=True, cwd=ROOT)
    assert sorted(ast.literal_eval(done.stdout)) == ["__main__", "tracker"]


def test_what_others_use_is_there_by_name_and_nothing_else_is():
    assert compare("One.", "Two.").edits
    assert extract_article(b"<p>nothing</p>", "https://example.org/").reason
    assert set(package.__all__) == {"Tracker", "compare", "extract_article"}
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = package.nothing
    assert files("tracker").joinpath("py.typed").is_file()


def test_a_store_is_read_by_its_folder_its_file_or_its_url(polled, monkeypatch):
    monkeypatch.setattr("tracker.opened.PAGE", 2)
    file = polled / "storage" / "tracker.db"
    for at in (polled, str(polled), file, f"sqlite:///{file}"):
        with Tracker(at) as opened:
            assert "bbc" in [source.name for source in opened.sources()]
            articles = list(opened.articles())
            assert [article.id for article in articles] == [1, 2, 3, 4, 5]
            (bbc,) = opened.articles("bbc")
            assert opened.article(bbc.url) == opened.article(bbc.id) == bbc
            old, new = opened.revisions(bbc)
            assert opened.extract(old).headline != ""
            diff = opened.diff(old, new)
            assert diff.significance is Significance.MAJOR
            (change,) = opened.changes(article=bbc)
            assert (change.old, change.new, change.article) == (old, new, bbc)
            assert list(opened.changes(source="bbc")) == list(opened.changes()) == [change]
            assert list(opened.changes(only=Filter(significance=Significance.MINOR))) == []


def test_a_rare_kind_of_change_is_found_however_far_back_it_lies(polled, tracker, monkeypatch):
    assert tracker(polled, "hide", "2", "--reason", "A court said so.", "--yes").returncode == 0
    monkeypatch.setattr("tracker.store.filters.LOOKED_THROUGH", 1)
    with Tracker(polled) as opened:
        withdrawn, changed = opened.changes()
        assert (withdrawn.event.kind, changed.event.kind) == (EventKind.WITHDRAWN, EventKind.CHANGED)
        assert changed.event.noted is not withdrawn.event.noted
        assert list(opened.changes(only=Filter(noted=changed.event.noted))) == [changed]


def test_where_nothing_is_nothing_is_made(tmp_path, monkeypatch):
    (tmp_path / "config.yaml").write_text("sources: []\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for at in (tmp_path, tmp_path / "mistyped.db", "sqlite:///mistyped.db"):
        with pytest.raises(Unusable, match="there is no store yet"):
            Tracker(at)
    assert [path.name for path in tmp_path.iterdir()] == ["config.yaml"]


def test_what_is_not_there_is_said(tmp_path, polled):
    with pytest.raises(ConfigError):
        Tracker(tmp_path)
    with Tracker(polled) as opened, pytest.raises(NotFound):
        opened.article("https://example.org/never")
    with Tracker(polled) as opened, pytest.raises(NotFound):
        list(opened.articles("nobody"))
