"""Many writers at once: no number twice, and none of them waits for another for ever."""

from __future__ import annotations

import os
import random
import threading

import pytest

from tracker.model import Because, Source
from tracker.store import Store, counter
from tracker.store.schema import metadata

ROUNDS = 200 if os.environ.get("SOAK") else 12
SOURCES = tuple(Source(name=name, title=name, feeds=(f"https://{name}.example/feed",)) for name in ("a", "b", "c"))


def test_numbers_are_taken_in_a_row_and_given_back_when_the_writer_fails(store):
    with store._database.writing() as connection:
        assert counter.take(connection, 3) == 1
        assert counter.take(connection, 0) == 4
        assert counter.take(connection, 1) == 4
    assert store.version() == 4


class Writer(threading.Thread):
    """Does what processes do to a store, in its own random order."""

    def __init__(self, desk, make, url, place):
        super().__init__()
        self.desk, self.make, self.store = desk, make, Store.open(url)
        self.chance, self.place, self.now = random.Random(place), place, desk.now
        self.error: BaseException | None = None

    def run(self):
        try:
            for number in range(ROUNDS):
                self.chance.choice([self.read_feeds, self.look, self.make_due, self.declare, self.command])(self.place * 1000 + number)
        except BaseException as error:  # noqa: BLE001 (told to the test)
            self.error = error
        self.store.close()

    def read_feeds(self, number):
        numbers = [number, *range(10)]
        for feed in self.store.articles.claim_due_feeds(due_at=self.now, now=self.now, lease=self.make.lease, limit=2):
            self.chance.shuffle(numbers)
            entries = [self.make.entry(one, title=f"Title {self.chance.random()}", guid=f"guid {one}") for one in numbers]
            self.store.keep_feed(self.desk.feed_look(feed, *entries), self.now)

    def look(self, number):
        claim = self.store.articles.claim_due
        by_host = claim(["news.example"], due_at=self.now, now=self.now, lease=self.make.lease, limit=5)
        claimed = list(by_host.get("news.example", ()))
        self.store.articles.release(claimed[3:])
        self.chance.shuffle(claimed)
        keys = (f"url:news.example/{number}", "url:news.example/shared")
        self.store.keep([self.desk.look(one, keys=keys) for one in claimed], self.now)

    def make_due(self, _):
        self.store.articles.make_due(now=self.now, because=Because.MANUAL)

    def declare(self, _):
        self.store.articles.declare(self.chance.sample(SOURCES, self.chance.choice([2, 3, 3])), self.now)

    def command(self, number):
        self.store.articles.set_paused(self.chance.choice("abc"), self.chance.random() < 0.1, self.now)
        self.store.articles.add_feed("b", f"https://b.example/{number}", self.now)


def test_writers_of_every_kind_at_once_all_come_through(url, desk, make):
    """A circle of waiting would end as Busy on PostgreSQL."""
    desk.declare(*SOURCES)
    writers = [Writer(desk, make, url, place) for place in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.error for writer in writers] == [None] * 4
    consistent(desk)


def consistent(desk):
    """What is counted beside the rows is what the rows say."""
    with desk.store._database.reading() as connection:
        rows = {name: connection.execute(metadata.tables[name].select()).all() for name in ("article", "source", "poll", "article_key")}
    numbers = [row.seq for row in rows["article"]] + [row.id for row in rows["poll"]]
    assert len(numbers) == len(set(numbers))
    assert max(numbers) <= desk.store.version()
    for source in rows["source"]:
        assert source.articles_count == sum(row.source_id == source.id for row in rows["article"])
    keys = [row.key for row in rows["article_key"]]
    assert len(keys) == len(set(keys))
    assert {row.id for row in rows["article"]} == {row.article_id for row in rows["article_key"]}


# Events are numbered by the same counter; their index also holds what lists filter by, and `verify` counts their numbers.
@pytest.mark.parametrize("table", ["article", "revision"])
def test_two_rows_cannot_have_one_number(store, table):
    (index,) = [index for index in metadata.tables[table].indexes if index.name == f"{table}_seq"]
    assert index.unique


def test_a_look_that_finds_an_article_as_it_was_is_no_news_but_for_its_own_pages(desk):
    first, second = desk.track(1), desk.track(2)
    store = desk.store

    def versions():
        return store.version_of_news(), store.version_of_article(first.id), store.version_of_article(second.id), store.version()

    desk.change(first, "A text.")
    news, of_first, of_second, everything = versions()
    desk.clock.advance(minutes=5)
    desk.keep(desk.look(store.articles.get(first.id)))
    assert versions()[0] == news
    assert versions()[1] != of_first
    assert versions()[2] == of_second
    assert versions()[3] > everything
    desk.change(first, "Another text.")
    assert versions()[0] > news
    assert versions()[2] != of_second


def test_a_feed_without_news_is_no_news(desk):
    desk.track(1)
    news = desk.store.version_of_news()
    desk.read_feed()
    assert desk.store.version_of_news() == news
    desk.track(2)
    assert desk.store.version_of_news() > news
