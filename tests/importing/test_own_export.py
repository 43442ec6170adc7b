"""A file that `tracker export` wrote makes a store; one that is cut, endless or broken off leaves nothing behind."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime

import pytest

from tracker.errors import NotImported
from tracker.importing import TakenIn, own_export, take_in
from tracker.store import Store

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def written(store) -> str:
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in store.export(segment=str.splitlines, polls=True))


@pytest.fixture
def path(tmp_path, diffengine):
    """An export of two articles with two versions each."""
    for entry_id in (1, 2):
        versions = [(f"2017-01-0{day} 00:00:00", f"Title {day}", f"<p>Ünïcode {day} of {entry_id}.</p>") for day in (1, 2)]
        diffengine.add(entry_id, *versions)
    file = tmp_path / "all.jsonl"
    with closing(Store.open(f"sqlite:///{tmp_path / 'first.db'}")) as first:
        take_in(first, diffengine.path, NOW, lambda *_: None)
        file.write_text(written(first), encoding="utf-8")
    return file


def is_empty(store) -> bool:
    return store.version() == 0 and written(store) == "" and store.articles.sources() == ()


def test_an_export_is_told_by_its_first_character_and_makes_the_store_again(store, path):
    told = []
    taken = take_in(store, path, NOW, lambda *progress: told.append(progress))
    assert taken == TakenIn(articles_count=2, revisions_count=4)
    assert written(store) == path.read_text(encoding="utf-8")
    size = path.stat().st_size
    assert ("bytes read", size, size) in told
    with pytest.raises(NotImported, match=r"all\.jsonl is not imported: it is taken into an empty store alone"):
        take_in(store, path, NOW, lambda *_: None)


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda body: body[:-200], r"line \d+: it is no JSON object, and the file ends in it: it may be cut off\.$"),
        (lambda body: body.replace(b"\n", b"\nnull\n", 1), r"line 2: it is no JSON object\.$"),
        (lambda body: body.replace(b"\n", b"\n\n", 1), r"line 2: it is no JSON object\.$"),
        (lambda body: body + b"[" * 100_000 + b"\n", r"line \d+: it is no JSON object\.$"),
        (lambda body: body + b'{"seq": ' + b"9" * 5000 + b"}\n", r"line \d+: it is no JSON object\.$"),
        (lambda body: body + b"\xff\xfe\n", r"line \d+: it is no JSON object\.$"),
        (lambda body: body + b'{"a": "' + b"x" * 2**20 + b'"}\n', r"line \d+: it is longer than .* MiB, as no line of an export is\.$"),
    ],
)
def test_a_file_with_a_line_that_is_none_is_refused_by_its_number_and_nothing_is_kept(store, path, monkeypatch, spoil, why):
    monkeypatch.setattr(own_export, "LONGEST_LINE", 1024**2)
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(NotImported, match=why):
        take_in(store, path, NOW, lambda *_: None)
    assert is_empty(store)


def test_an_import_that_is_broken_off_leaves_nothing_and_may_be_given_again(store, path):
    passes = 0

    def broken(what, done, total):
        nonlocal passes
        passes += what == "bytes read"
        if passes == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        take_in(store, path, NOW, broken)
    assert is_empty(store)
    assert take_in(store, path, NOW, lambda *_: None).revisions_count == 4
