"""Files of other programs become sources, feeds and histories; whatever is given twice is there once."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest

from tracker.errors import NotImported
from tracker.importing import TakenIn, take_in
from tracker.model import ArticleStatus, FeedEntry, Scope, Source, TrackedEntry
from tracker.store import Store
from tracker.store.hiding import Wanted
from tracker.urls import article_keys

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def taken(store, path) -> TakenIn:
    return take_in(store, path, NOW, lambda *_: None)


def history(store, article_id: int) -> list[tuple[int, datetime, str, str]]:
    return [
        (one.number, one.first_seen_at, one.origin, store.revisions.extract(one.id).text) for one in store.revisions.history(article_id)
    ]


def everything(store) -> list[object]:
    return [line for line in store.export(segment=str.splitlines, polls=True) if line["type"] != "source"]


# --- lists of feeds --------------------------------------------------------------------------------


@pytest.fixture
def opml(tmp_path):
    path = tmp_path / "list.opml"
    path.write_text(
        """<opml version="2.0"><body>
        <outline text="News"><outline text="The Herald"><outline text="Home" xmlUrl="https://www.herald.example/home"/>
        <outline text="World" xmlUrl="https://www.herald.example/world"/></outline></outline>
        <outline text="Mixed"><outline text="The Post" xmlUrl="https://post.example/rss"/>
        <outline text="Town one" xmlUrl="https://town.example/1"/><outline text="Town two" xmlUrl="https://town.example/2"/></outline>
        </body></opml>""",
        encoding="utf-8",
    )
    return path


def test_a_list_of_feeds_is_followed_each_site_a_source_called_as_its_folder_its_feed_or_itself(store, opml):
    assert taken(store, opml) == TakenIn(feeds_count=5)
    assert store.articles.titles() == {"herald-example": "The Herald", "post-example": "The Post", "town-example": "town.example"}
    feeds = {health.source.name: [feed.url for feed in health.feeds] for health in store.articles.sources()}
    assert feeds["herald-example"] == ["https://www.herald.example/home", "https://www.herald.example/world"]


def test_a_list_that_is_taken_in_again_brings_nothing(store, opml):
    taken(store, opml)
    assert taken(store, opml) == TakenIn(known_count=5)


def test_a_feed_without_a_good_address_is_left_out_and_named_and_the_others_are_followed(store, opml):
    bad = '<outline text="Bad" xmlUrl="https://user:word@news.example/feed"/><outline text="Worse" xmlUrl="http://a..b/feed"/></body>'
    opml.write_text(opml.read_text(encoding="utf-8").replace("</body>", bad), encoding="utf-8")
    found = taken(store, opml)
    assert found.feeds_count == 5
    assert [sentence.split()[0] for sentence in found.left_out] == ["https://user:word@news.example/feed", "http://a..b/feed"]


def test_a_feed_that_another_source_follows_leaves_no_empty_source_behind(store, opml):
    feeds = ("https://post.example/rss", "https://town.example/1")
    store.articles.add_source(Source(name="mine", title="Mine", feeds=feeds, declared=False), NOW)
    assert taken(store, opml) == TakenIn(feeds_count=3, known_count=2)
    feeds_count = {health.source.name: len(health.feeds) for health in store.articles.sources()}
    assert feeds_count == {"herald-example": 2, "mine": 2, "town-example": 1}


def test_feeds_join_a_source_that_is_there(store, opml):
    store.articles.add_source(Source(name="post-example", title="As I call it", declared=False), NOW)
    taken(store, opml)
    assert store.articles.titles()["post-example"] == "As I call it"


@pytest.mark.parametrize("body", [b"", b"not xml", b"<opml>\n<body>\n<outline</body></opml>"])
def test_a_file_of_no_known_kind_is_refused_in_a_sentence(store, tmp_path, body):
    path = tmp_path / "file"
    path.write_bytes(body)
    with pytest.raises(NotImported, match=r"is not imported: it is neither a list of feeds \(OPML\), an export .* nor diffengine's .*\.$"):
        taken(store, path)
    with pytest.raises(NotImported, match="cannot be read"):
        taken(store, tmp_path / "missing")


# --- diffengine ------------------------------------------------------------------------------------


def test_versions_become_revisions_in_the_order_of_time_without_events(store, diffengine):
    diffengine.add(
        1, ("2016-11-02 10:00:00.500000", "Later", "<p>One &amp; two.</p> <p>Three.</p>"), ("2016-11-01 09:00:00", "First", "<p>One.</p>")
    )
    assert taken(store, diffengine.path) == TakenIn(articles_count=1, revisions_count=2)
    article = store.articles.find("https://news.example/1")
    first, later = datetime(2016, 11, 1, 9, tzinfo=UTC), datetime(2016, 11, 2, 10, 0, 0, 500_000, tzinfo=UTC)
    assert history(store, article.id) == [(1, first, "diffengine", "One."), (2, later, "diffengine", "One & two.\n\nThree.")]
    assert (article.headline, article.first_seen_at, article.status, article.next_poll_at) == ("Later", first, ArticleStatus.STOPPED, None)
    assert store.articles.titles() == {"news-example": "The News"}
    assert store.revisions.events(Scope(), limit=10) == ()
    assert list(store.verify(lambda *_: None)) == []


def test_a_thousand_versions_come_in_order_and_twice_is_as_once(store, diffengine):
    chance, start = random.Random(4), datetime(2017, 1, 1)  # noqa: DTZ001 - as diffengine writes it
    for entry_id in range(1, 101):
        times = [start + timedelta(minutes=entry_id, hours=number) for number in range(10)]
        versions = [(str(at), f"Title {number}", f"<p>{entry_id}: text {number}.</p>") for number, at in enumerate(times)]
        chance.shuffle(versions)
        diffengine.add(entry_id, *versions)
    assert taken(store, diffengine.path) == TakenIn(articles_count=100, revisions_count=1000)
    for article in store.articles.listed(limit=1000):
        texts = [text.split(": ")[1] for *_, text in history(store, article.id)]
        assert texts == [f"text {number}." for number in range(10)]
    before = everything(store)
    assert taken(store, diffengine.path) == TakenIn(known_count=1000)
    assert everything(store) == before
    assert list(store.verify(lambda *_: None)) == []


def test_an_import_that_is_broken_off_goes_on_and_leaves_no_article_half_written(store, diffengine):
    for entry_id in range(1, 6):
        diffengine.add(entry_id, ("2017-01-01 00:00:00", "One", "<p>One.</p>"), ("2017-01-02 00:00:00", "Two", "<p>Two.</p>"))
    original, left = Store.keep_past, 4  # the first one is asked again when its source is made

    def keep(self, past, now):
        nonlocal left
        left -= 1
        if left == 0:
            raise KeyboardInterrupt
        return original(self, past, now)

    with patch.object(Store, "keep_past", keep), pytest.raises(KeyboardInterrupt):
        taken(store, diffengine.path)
    assert [article.revisions_count for article in store.articles.listed(limit=9)] == [2, 2]
    assert taken(store, diffengine.path) == TakenIn(articles_count=3, revisions_count=6, known_count=4)


def test_older_revisions_come_before_those_that_are_here_whose_ids_stay(store, diffengine):
    diffengine.add(1, ("2017-01-02 00:00:00", "Two", "<p>Two.</p>"))
    taken(store, diffengine.path)
    (known,) = store.revisions.history(1)
    diffengine.add(1, ("2017-01-01 00:00:00", "One", "<p>One.</p>"), ("2017-01-03 00:00:00", "Three", "<p>Three.</p>"))
    assert taken(store, diffengine.path) == TakenIn(articles_count=1, revisions_count=2, known_count=1)
    found = store.revisions.history(1)
    assert [(one.number, one.id == known.id) for one in found] == [(1, False), (2, True), (3, False)]
    assert (store.articles.get(1).headline, store.articles.get(1).first_seen_at.day) == ("Three", 1)
    assert list(store.verify(lambda *_: None)) == []


def test_an_article_that_is_followed_here_gets_its_past_and_stays_followed(store, diffengine):
    store.articles.add_source(Source(name="mine", title="Mine", declared=False), NOW)
    url = "https://news.example/1"
    entry = TrackedEntry(entry=FeedEntry(url=url, title="Title"), url=url, host="news.example", keys=article_keys(url))
    article_id = store.articles.add_article("mine", entry, NOW)
    diffengine.add(1, ("2017-01-02 00:00:00", "Old", "<p>Old.</p>"))
    taken(store, diffengine.path)
    article = store.articles.get(article_id)
    assert (article.source, article.status, article.revisions_count, article.next_poll_at) == ("mine", ArticleStatus.TRACKED, 1, NOW)
    store.takedowns.hide(Wanted(article_id=article_id, reason="A court said so."), NOW, lambda *_: True)
    assert taken(store, diffengine.path).left_out
    assert list(store.articles.titles()) == ["mine"], "no source is made that nothing came into"


def test_what_was_taken_down_does_not_come_back(store, diffengine):
    for entry_id in (1, 2):
        diffengine.add(entry_id, ("2017-01-01 00:00:00", "Title", "<p>A secret name stands here.</p>"))
    taken(store, diffengine.path)
    store.takedowns.hide(Wanted(article_id=1, reason="A court said so."), NOW, lambda *_: True)
    store.takedowns.hide(Wanted(article_id=2, phrase="secret name", reason="A court said so."), NOW, lambda *_: True)
    diffengine.add(2, ("2017-01-03 00:00:00", "Title", "<p>Another text with the secret name.</p>"))
    found = taken(store, diffengine.path)
    assert (found.revisions_count, found.left_out) == (1, ("https://news.example/1 is left out: it was taken down here.",))
    assert store.articles.get(1).status is ArticleStatus.HIDDEN
    assert not any("secret" in text for *_, text in history(store, 2))


def test_a_text_that_stayed_the_same_is_one_revision(store, diffengine):
    texts = enumerate(("<p>A.</p>", "<p>A.</p> ", "<p>B.</p>"), start=1)
    diffengine.add(1, *((f"2017-01-0{day} 00:00:00", "Title", text) for day, text in texts))
    assert taken(store, diffengine.path).revisions_count == 2


def test_what_is_wrong_in_the_database_is_named(store, diffengine, tmp_path):
    diffengine.add(1, ("2017-01-01 00:00:00", "Title", "<p>One.</p>"), ("yesterday", "Title", "<p>Two.</p>"))
    with pytest.raises(NotImported, match="version 2 was created at 'yesterday', which is no time"):
        taken(store, diffengine.path)
    assert store.articles.listed(limit=1) == ()
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as connection, connection:
        connection.execute("CREATE TABLE feed (url TEXT)")
    with pytest.raises(NotImported, match="not diffengine's: the table entry is missing"):
        taken(store, other)
    cut = tmp_path / "cut.db"
    cut.write_bytes(diffengine.path.read_bytes()[:5000])
    with pytest.raises(NotImported, match="cannot be read"):
        taken(store, cut)


def test_a_database_of_which_a_part_is_damaged_is_refused_in_a_sentence(store, diffengine):
    diffengine.add(1, *((f"2017-01-01 00:{number:02}:00", "Title", "<p>One more.</p>" * 100) for number in range(60)))
    with closing(sqlite3.connect(diffengine.path)) as connection:
        found = connection.execute("SELECT rootpage, page_size FROM sqlite_master, pragma_page_size WHERE name = 'entryversion'")
        page, size = found.fetchone()
    with diffengine.path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    with pytest.raises(NotImported, match="cannot be read"):
        taken(store, diffengine.path)


def test_an_entry_without_an_address_is_left_out_and_named(store, diffengine):
    diffengine.add(1, ("2017-01-01 00:00:00", "Title", "<p>One.</p>"), url="no address")
    diffengine.add(2, ("2017-01-01 00:00:00", "Title", "<p>One.</p>"))
    found = taken(store, diffengine.path)
    assert (found.articles_count, found.known_count, len(found.left_out)) == (1, 0, 1)
