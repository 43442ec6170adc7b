"""A copy of a running store: whole, read back, never over something else."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from tracker.errors import NotBackedUp, Unusable
from tracker.store import Store, copying

pytestmark = pytest.mark.parametrize("url", ["sqlite"], indirect=True)  # PostgreSQL is copied by its own tools


@pytest.fixture
def kept(desk):
    article = desk.track(1)
    desk.change(article, "One.")
    return desk


def test_a_copy_is_made_while_another_writes_and_holds_what_was_committed(kept, tmp_path):
    target = tmp_path / "copy.db"
    with kept.store._database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM body")
        size = copying.copy_store(kept.store._database.file, target)
    assert size == target.stat().st_size > 0
    copy = Store.open(f"sqlite:///{target}")
    assert copy.installation_id == kept.store.installation_id
    assert copy.revisions.latest(1).extract.text == "One."
    copy.close()
    assert not target.with_name("copy.db.part").exists()


def test_nothing_is_overwritten(kept, tmp_path):
    target = tmp_path / "notes"
    target.write_text("mine", encoding="utf-8")
    with pytest.raises(NotBackedUp, match="nothing is overwritten"):
        copying.copy_store(kept.store._database.file, target)
    assert target.read_text(encoding="utf-8") == "mine"
    with pytest.raises(NotBackedUp, match="cannot be written"):
        copying.copy_store(kept.store._database.file, tmp_path / "no" / "folder.db")


def test_a_damaged_copy_is_no_copy(kept, tmp_path, monkeypatch):
    def damage(part):
        with part.open("r+b") as file:
            file.seek(8192)
            file.write(b"x" * 4096)
        check(part)

    check = copying._check
    monkeypatch.setattr(copying, "_check", damage)
    with pytest.raises(Unusable, match="could not be copied"):
        copying.copy_store(kept.store._database.file, tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()
    assert not (tmp_path / "copy.db.part").exists()


def test_what_was_deleted_is_not_in_the_copy(kept, tmp_path):
    secret = b"a word that was taken down"
    with kept.store._database.writing() as connection:
        connection.exec_driver_sql("CREATE TABLE old (data BLOB)")
        connection.exec_driver_sql("INSERT INTO old VALUES (?)", (secret * 100,))
    with kept.store._database.writing() as connection:
        connection.exec_driver_sql("DROP TABLE old")
    copying.copy_store(kept.store._database.file, tmp_path / "copy.db")
    assert secret not in (tmp_path / "copy.db").read_bytes()
    with closing(sqlite3.connect(tmp_path / "copy.db")) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
