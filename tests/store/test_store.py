"""The store opens, refuses to open, and gives everything back when it is opened again."""

from __future__ import annotations

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
