"""Our change feeds in feed readers that others wrote: every entry once, an edited one as edited, nothing when nothing is new."""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import replace
from urllib.parse import urlsplit

import feedparser
import feedparser_sgmllib
import pytest

from tracker.model import Scope

FORMS = ("atom", "rss")


class Subscriber:
    """The library `reader`, following one feed."""

    def __init__(self, url):
        from reader import make_reader

        self.subscriptions = make_reader(":memory:")
        self.subscriptions.add_feed(url)
        self.url = url

    def poll(self):
        """What was new and what was edited; None where the server said that nothing changed."""
        found = self.subscriptions.update_feed(self.url)
        return found and (found.new, found.modified)

    def entries(self):
        return {entry.id: entry for entry in self.subscriptions.get_entries()}


@pytest.fixture
def subscribe(monkeypatch):
    """The reader's connections stay on loopback whatever proxy the environment names.

    Its own copy of feedparser imports a module by a name that feedparser has given up.
    """
    monkeypatch.setitem(sys.modules, "sgmllib", feedparser_sgmllib)
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    made = []

    def make(url):
        made.append(Subscriber(url))
        return made[-1]

    yield make
    for one in made:
        one.subscriptions.close()


@pytest.fixture(params=["emitted", "on demand"])
def emit(request, emitter):
    return (lambda: asyncio.run(emitter.emit_all())) if request.param == "emitted" else (lambda: None)


@pytest.mark.parametrize("form", [*FORMS, "json"])
def test_over_three_polls_one_entry_is_new_one_is_edited_and_then_nothing(base, subscribe, emit, desk, seeded, clock, form):
    emit()
    subscriber = subscribe(f"{base}/changes.{form}")
    assert subscriber.poll() == (1, 0)
    (first,) = subscriber.entries()

    clock.advance(hours=1)
    desk.read(seeded.article, replace(desk.store.revisions.extract(seeded.new), headline="Another headline"))
    desk.store.retract(1, reason="The page was another one.", now=clock())
    emit()
    assert subscriber.poll() == (1, 1)
    entries = subscriber.entries()
    assert len(entries) == 2
    assert entries[first].title.startswith("Retracted: ")
    assert entries[first].updated > entries[first].published
    assert subscriber.poll() is None


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("place", ["/changes", "/sources/bbc/changes", "/articles/1/changes"])
def test_feedparser_reads_every_feed_without_a_warning(base, emit, seeded, place, form):
    emit()
    parsed = feedparser.parse(f"{base}{place}.{form}")
    assert (parsed.status, parsed.bozo, len(parsed.entries)) == (200, False, 1)
    (entry,) = parsed.entries
    assert urlsplit(entry.link).path == seeded.diff
    assert entry.author == "BBC News"
    assert {"major", "numbers"} & {tag.term for tag in entry.tags}
    assert feedparser.parse(f"{base}{place}.{form}", etag=parsed.etag).status == 304


async def test_ids_and_order_are_the_same_after_a_restart_a_merge_and_its_undoing(reader_with, emitter, desk, seeded, clock):
    other = desk.article("http://www.bbc.co.uk/news/uk-england-tyne-99999999")
    text = desk.store.revisions.extract(seeded.old)
    for headline in ("One", "Two"):
        clock.advance(minutes=10)
        desk.read(other, replace(text, headline=headline))

    async def ids():
        answer = await reader_with().get("/changes.atom")
        return [entry.id for entry in feedparser.parse(answer.body).entries]

    before = await ids()
    assert len(before) == 2
    await emitter.emit_all()
    assert await ids() == before, "emitted or built, in a new application"
    desk.store.articles.merge(other, seeded.article, reason="One story.", now=clock())
    await emitter.emit_all()
    assert await ids() == before
    assert [one.article_id for one in desk.store.revisions.events(Scope())] == [seeded.article] * 2
    desk.store.articles.unmerge(other, clock())
    await emitter.emit_all()
    assert await ids() == before
