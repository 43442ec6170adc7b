"""What many articles and changes come to."""

from datetime import timedelta

import pytest

from tracker.errors import NotFound
from tracker.model import Scope, Source
from tracker.store import figures

EVERYTHING = Scope()


@pytest.fixture
def read(desk):
    """Three articles: one changed three times (the last time back to an earlier text), one once, one never."""
    articles = [desk.track(number) for number in (1, 2, 3)]
    for article in articles:
        desk.change(article, "First.")
    for text in ("Second.", "Third.", "First."):
        desk.later(hours=1)
        desk.change(articles[0], text)
    desk.later(hours=2)
    desk.change(articles[1], "Second.")
    return desk, [article.id for article in articles]


def test_a_sources_figures_count_its_articles_and_changes(read):
    found = read[0].store.figures.of("news")
    assert (found.articles_count, found.changed_articles_count, found.changes_count) == (3, 2, 4)
    assert (found.major_count, found.noted_count, found.assessed_count) == (0, 0, 4)
    assert (found.moved_count, found.dated_count, found.reversions_count) == (4, 4, 1)
    assert found.typical_delay == timedelta(hours=2.5)


def test_a_source_without_articles_has_no_delay_and_an_unknown_one_no_figures(read):
    desk, _ = read
    desk.declare(Source(name="news", title="News"), Source(name="quiet", title="Quiet"))
    assert desk.store.figures.of("quiet").typical_delay is None
    with pytest.raises(NotFound):
        desk.store.figures.of("none")


def test_the_most_edited_articles_changed_more_than_once(read):
    desk, (first, *_) = read
    for scope in (EVERYTHING, Scope(source="news")):
        (only,) = desk.store.figures.most_edited(scope, limit=5)
        assert (only.article.id, only.changes_count) == (first, 3)


def test_only_the_newest_changes_are_counted(read, monkeypatch):
    desk, _ = read
    monkeypatch.setattr(figures, "CHANGES_COUNTED", 2)
    monkeypatch.setattr(figures, "ARTICLES_COUNTED", 1)
    found = desk.store.figures.of("news")
    assert (found.articles_count, found.changes_count) == (1, 2)
    assert desk.store.figures.most_edited(EVERYTHING, limit=5) == ()
