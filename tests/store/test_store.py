"""The store opens, refuses to open, and gives everything back when it is opened again."""

from __future__ import annotations

import pytest

from tracker.errors import NotBackedUp
from tracker.store import Store


def test_a_store_that_is_opened_again_is_the_same_installation_and_gives_everything_back(url, desk):
    article = desk.track()
    desk.change(article, "One.")
    desk.later(hours=1)
    desk.change(article, "Two.")
    before = (
        desk.store.installation_id,
        desk.store.version(),
        desk.store.articles.sources(),
        desk.store.articles.get(article.id),
        desk.store.revisions.history(article.id),
        list(desk.store.export(segment=lambda text: [text], polls=True)),
    )
    desk.store.close()
    again = Store.open(url)
    after = (
        again.installation_id,
        again.version(),
        again.articles.sources(),
        again.articles.get(article.id),
        again.revisions.history(article.id),
        list(again.export(segment=lambda text: [text], polls=True)),
    )
    again.close()
    assert after == before


def test_a_backup_opens_as_a_store_of_its_own_and_postgresqls_own_tool_is_named(url, desk, tmp_path):
    article = desk.track()
    desk.change(article, "One.")
    target = tmp_path / "backup.db"
    if not url.startswith("sqlite"):
        with pytest.raises(NotBackedUp, match="pg_dump"):
            desk.store.backup(target)
        return
    assert desk.store.backup(target) == target.stat().st_size
    copy = Store.open(f"sqlite:///{target}")
    assert copy.revisions.latest(article.id) == desk.store.revisions.latest(article.id)
    copy.close()
