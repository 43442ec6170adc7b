"""A database that is gone is told, never replaced by an empty one in silence."""

from __future__ import annotations

import pytest

from tracker.errors import Unusable
from tracker.store import Store


@pytest.fixture
def file(tmp_path):
    """A store was made here."""
    made = tmp_path / "tracker.db"
    Store.open(f"sqlite:///{made}").close()
    return made


def opens(file) -> bool:
    Store.open(f"sqlite:///{file}").close()
    return True


def test_a_missing_database_is_told_and_no_new_one_is_made(file):
    file.unlink()
    with pytest.raises(Unusable, match=r"the file is missing, though a store was made there before: .*restore a backup; to start anew"):
        opens(file)
    assert not file.exists()


def test_who_wants_to_start_anew_deletes_the_marker_that_the_error_names(file):
    file.unlink()
    with pytest.raises(Unusable) as caught:
        opens(file)
    marker = file.with_name("tracker.db.installation")
    assert f"delete {marker}" in str(caught.value)
    marker.unlink()
    assert opens(file)


def test_a_deleted_marker_does_no_harm_and_comes_back(file):
    marker = file.with_name("tracker.db.installation")
    marker.unlink()
    assert opens(file)
    assert marker.exists()


def test_the_marker_names_the_installation(file):
    store = Store.open(f"sqlite:///{file}")
    store.close()
    assert file.with_name("tracker.db.installation").read_text(encoding="utf-8").splitlines()[0] == str(store.installation_id)


def test_a_marker_that_cannot_be_written_keeps_nobody_from_the_store(file, caplog):
    marker = file.with_name("tracker.db.installation")
    marker.unlink()
    marker.mkdir()
    assert opens(file)
    assert "a loss of the database would not be noticed" in caplog.text


@pytest.mark.parametrize("left", [0, 1, 50, 4096, 0.5, -4096, -1])
def test_a_database_that_is_cut_off_is_told_and_left_as_it_is(file, left):
    """Bytes from the start, a part of all, or bytes that are missing at the end."""
    whole = file.read_bytes()
    kept = whole[: int(len(whole) * left) if isinstance(left, float) else left]
    file.write_bytes(kept)
    with pytest.raises(Unusable, match="restore a backup"):
        opens(file)
    assert file.stat().st_size == len(kept) or left == 1  # SQLite takes one byte for nothing


def test_a_file_that_was_made_empty_beforehand_is_a_new_database(tmp_path):
    (tmp_path / "new.db").touch()
    assert opens(tmp_path / "new.db")
