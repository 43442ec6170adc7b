"""A store made again from its export exports the same, line for line; of a file that is wrong anywhere, nothing is kept."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from sqlalchemy import select

from tracker.errors import NotRestored
from tracker.model import (
    ArticleStatus,
    Block,
    BlockKind,
    Capture,
    DateMoved,
    EventKind,
    Link,
    NewEvent,
    Noted,
    Outcome,
    Retention,
    Scope,
    Source,
)
from tracker.redaction import page_holds
from tracker.store import Store
from tracker.store.hiding import Wanted
from tracker.store.schema import metadata

LONG = " ".join(f"word-{number}" for number in range(200))
REASON = "One story."
NOW = datetime(2028, 1, 1, tzinfo=UTC)


def no_progress(*_: object) -> None:
    """Nobody looks."""


def edits(old, new) -> list[dict]:
    return [{"old": old.headline, "new": new.text}]


def exported(store: Store, **more) -> str:
    """As `tracker export` writes it."""
    return written(store.export(segment=str.split, edits=edits, **more))


def written(lines: Iterable[dict]) -> str:
    return "".join(json.dumps(line) + "\n" for line in lines)


def restore(store: Store, text: str) -> None:
    lines = [json.loads(line) for line in text.splitlines()]
    store.restore(lambda: enumerate(lines, start=1), NOW, no_progress)


@pytest.fixture
def new_store(request, tmp_path, url) -> Iterator[Callable[[], Store]]:
    """Makes empty stores of the other kind than that of `url`."""
    numbers, opened = count(), []

    def make() -> Store:
        name = f"restored_{next(numbers)}"
        if not url.startswith("sqlite"):
            opened.append((Store.open(f"sqlite:///{tmp_path / name}.db"), None))
        else:
            cluster = request.getfixturevalue("cluster")
            cluster.execute(f"CREATE DATABASE {name}")
            opened.append((Store.open(cluster.url(name)), name))
        return opened[-1][0]

    yield make
    for store, name in opened:
        store.close()
        if name is not None:
            request.getfixturevalue("cluster").execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def full(desk, make) -> Store:
    """Of everything a little."""
    more = ("https://news.example/feed", "https://news.example/more")
    declared = Source(name="news", title="News \0", feeds=more, exclude=("/sport/",), publish_delay=timedelta(minutes=1.5))
    desk.declare(declared, Source(name="second", title="Second", feeds=("https://second.example/feed",)))
    desk.declare(declared)  # the second one is named no longer
    articles = [desk.track(number, guid=f"guid {number}") for number in range(1, 9)]
    for number, article in enumerate(articles[:7]):
        for words in ("First.", "Second: a secret name.", "First."):
            desk.later(days=20)
            blocks = (
                Block(kind=BlockKind.HEADING, text="A \ud83d half \0"),
                Block(kind=BlockKind.PARAGRAPH, text=LONG, links=(Link(start=0, end=4, url="https://news.example/link"),), place="html>p"),
                Block(kind=BlockKind.CAPTION, text=f"{words} \U0001f600\n\nOf {number}.", links=()),
            )
            found = make.extract(language="en", published_at=desk.now, section="News", free=False, image_caption="A")
            found = replace(found, blocks=blocks)
            desk.change(article.id, f"{words} {number}", extract=found, body=f"<p>{LONG}</p><p>{words}</p>".encode())
    further(desk, articles[0].id)
    reread(desk, make, articles[0].id)
    removed(desk, make, articles[1].id)
    store = desk.store
    store.articles.merge(3, 2, reason=REASON, now=desk.now)
    store.articles.merge(4, 5, reason=REASON, now=desk.later(minutes=1))
    store.articles.unmerge(4, desk.later(minutes=1))
    store.retract(2, reason="Ours.", now=desk.now)
    store.retract(3, reason="Ours.", now=desk.now)
    store.undo_retraction(3, now=desk.later(minutes=1))
    list(store.prune(Retention(polls=timedelta(days=200), captures=timedelta(days=300)), desk.now))
    for wanted in (
        Wanted(article_id=5, reason="A court said so."),
        Wanted(article_id=6, phrase="secret name", reason="A court said so."),
        Wanted(article_id=7, revision_id=store.revisions.history(7)[0].id, reason="A court said so."),
    ):
        store.takedowns.hide(wanted, desk.later(minutes=1), lambda capture, takedowns: page_holds(capture.body, takedowns))
    store.articles.add_source(Source(name="added", title="Added", declared=False), desk.now)
    store.articles.set_paused("added", True, desk.now)
    desk.keep(desk.look(store.articles.get(8), Outcome.MISSING, status=ArticleStatus.MISSING, missing_since=desk.now, seen_at=None))
    return store


def further(desk, article_id: int) -> None:
    decision = desk.new_text(desk.store.articles.get(article_id), "Of two pages.")
    page = replace(decision.revision.capture, body=b"<p>The second page.</p>")
    desk.keep(replace(decision, revision=replace(decision.revision, further=(page,))))


def reread(desk, make, article_id: int) -> None:
    latest = desk.store.revisions.latest(article_id).revision
    desk.later(minutes=1)
    again = make.reread(latest, "Read in another way.")
    desk.keep(replace(desk.new_text(desk.store.articles.get(article_id), "After that."), reread=again))


def removed(desk, make, article_id: int) -> None:
    gone = Capture(url="https://news.example/2", status_line="HTTP/1.1 410 Gone", headers=(), body=b"gone", fetched_at=desk.now)
    event = NewEvent(
        kind=EventKind.REMOVED,
        after_at=None,
        before_at=desk.now,
        from_revision_id=desk.store.revisions.latest(article_id).revision.id,
        diff=make.summary(facets=None, counts=()),
        noted=Noted.UNKNOWN,
        date_moved=DateMoved.ABSENT,
        capture=gone,
    )
    look = desk.look(desk.store.articles.get(article_id), Outcome.MISSING, status=ArticleStatus.REMOVED, seen_at=None)
    desk.keep(replace(look, missing_since=desk.now, event=event))


def test_what_is_exported_makes_a_store_that_exports_the_same(full, new_store):
    types = {line["type"] for line in full.export(segment=str.split, polls=True)}
    assert types == {"source", "feed", "article", "revision", "event", "retraction", "merge", "takedown", "poll", "polls"}
    for polls in (True, False):
        text, store = exported(full, polls=polls), new_store()
        restore(store, text)
        assert exported(store, polls=polls) == text
        assert store.installation_id != full.installation_id
        assert list(store.verify(no_progress)) == []


def test_a_restored_store_reads_as_the_first_one(full, new_store):
    store = new_store()
    restore(store, exported(full, polls=True))
    events = full.revisions.events(Scope(), limit=1000)
    assert [replace(one, capture_id=None) for one in store.revisions.events(Scope(), limit=1000)] == [
        replace(one, capture_id=None) for one in events
    ]
    assert store.revisions.polls(limit=1000) == full.revisions.polls(limit=1000)
    assert [one.source for one in store.articles.sources()] == [one.source for one in full.articles.sources()]
    assert [(one.articles_count, one.events_count) for one in store.articles.sources()] == [
        (one.articles_count, one.events_count - hidden_events(full, one.source.name)) for one in full.articles.sources()
    ]
    for article in full.articles.listed(limit=100):
        found = store.articles.get(article.id)
        for name in ("keys", "headline", "language", "status", "published_at", "next_poll_at", "changes_count", "missing_since"):
            assert getattr(found, name) == getattr(article, name)
        assert store.articles.merged(article.id) == full.articles.merged(article.id)
        for one in full.revisions.history(article.id):
            assert store.revisions.get(one.id) == replace(one, capture_id=None)
            assert store.revisions.extract(one.id) == full.revisions.extract(one.id)
            assert store.revisions.pages(one.id) == ()


def hidden_events(store: Store, source: str) -> int:
    """Those that are told no more."""
    event, named = metadata.tables["event"], metadata.tables["source"]
    with store._database.reading() as connection:
        kept = connection.execute(select(event.c.id).join(named).where(named.c.name == source)).all()
    return len(kept) - len(store.revisions.events(Scope(source=source), limit=1000))


def test_a_restored_store_goes_on_as_the_first_one_would(full, desk, make, new_store):
    store = new_store()
    restore(store, exported(full, polls=True))
    lines = []
    for one in (full, store):
        since = one.version()
        other = make.desk(one, desk.clock)
        other.track(50)
        other.change(1, "Another text.")
        one.articles.unmerge(3, desk.now)
        # the looks at feeds that retention took are not known there, nor whether any found something
        unlike = {"received": None, "outcome": None}
        lines.append([{**line, **unlike} for line in one.export(segment=str.split, since=since, polls=True)])
        assert list(one.verify(no_progress)) == []
    assert lines[0] == lines[1]


def test_what_was_taken_down_stays_so_in_a_restored_store(full, desk, make, new_store):
    store = new_store()
    restore(store, exported(full))
    with pytest.raises(Exception, match="taken down"):
        store.articles.add_article("news", make.entry(5), desk.now)
    assert "secret name" not in store.revisions.extract(store.revisions.history(6)[1].id).text
    restored = make.desk(store, desk.clock)
    restored.change(7, "First. 6")
    assert store.articles.get(5).status is ArticleStatus.HIDDEN


def test_nobody_is_told_of_what_is_restored_and_all_of_it_is_about_to_be_searched(full, new_store):
    store = new_store()
    restore(store, exported(full))
    due = metadata.tables["search_due"]
    with store._database.reading() as connection:
        assert connection.execute(select(due.c.id).where(due.c.kind == 1)).all()
    assert list(store.export(segment=str.split, polls=True, since=store.version())) == []


# --- what is refused -------------------------------------------------------------------------------


@pytest.fixture
def told(desk) -> list[dict]:
    """A small export: a source, a feed, an article that changed."""
    article = desk.track(1)
    desk.change(article, "One.")
    desk.later(minutes=10)
    desk.change(article, "Two.")
    return list(desk.store.export(segment=str.split, polls=True))


def place(lines: list[dict], kind: str) -> int:
    return next(number for number, line in enumerate(lines) if line["type"] == kind)


def without(lines: list[dict], kind: str) -> list[dict]:
    return [line for line in lines if line["type"] != kind]


def but(lines: list[dict], kind: str, **other) -> list[dict]:
    number = place(lines, kind)
    return [*lines[:number], {**lines[number], **other}, *lines[number + 1 :]]


def twice(lines: list[dict], kind: str) -> list[dict]:
    last = lines[-1]["seq"]
    return [*lines, {**lines[place(lines, kind)], "seq": last + 1}]


HOSTILE = {
    "a text that is not its hash's": (lambda lines: but(lines, "revision", headline="Another."), r"line \d+: .* `extract_hash`"),
    "blocks of another text": (lambda lines: but(lines, "revision", blocks=[["paragraph", 2]]), r"line \d+: its `blocks`"),
    "a block that is none": (lambda lines: but(lines, "revision", blocks=[["paragraph", "4"]]), r"line \d+: one of its `blocks`"),
    "a page with a stranger's field": (
        lambda lines: but(lines, "revision", page={"url": "https://a.example/", "script": "x"}),
        "its `page` has a script",
    ),
    "when a stranger was seen": (
        lambda lines: but(lines, "article", revisions_last_seen_at=[[99, "2026-03-01T12:00:00Z"]]),
        r"when a revision was last seen that is not its own: \[99",
    ),
    "swapped lines": (lambda lines: [*lines[1:2], *lines[:1], *lines[2:]], r"line 2: its seq is 1 and that of the line before it 2"),
    "a line twice": (lambda lines: [*lines, lines[-1]], "its seq is"),
    "a revision twice": (lambda lines: twice(lines, "revision"), r"line \d+: it says what cannot be"),
    "an article twice": (lambda lines: twice(lines, "article"), r"line \d+: it says what cannot be"),
    "no source": (lambda lines: without(lines, "source"), r"line \d+: no line tells of its source, news; only a whole export"),
    "no article": (lambda lines: without(lines, "article"), r"line \d+: no line tells of its article; only a whole export"),
    "no revision": (lambda lines: [line for line in lines if line.get("number") != 1], "only a whole export"),
    "no event": (lambda lines: without(lines, "event"), "it does not hold together. The article 1 says that it changed 1 times, and has 0"),
    "an export that began later": (lambda lines: lines[3:], "only a whole export"),
    "a cut at a line's end": (lambda lines: lines[: place(lines, "event")], "does not hold together"),
    "a type of a newer tracker": (lambda lines: [*lines, {"type": "dream", "seq": 99}], "no lines of the type 'dream'; install the newer"),
    "no seq": (lambda lines: but(lines, "article", seq=None), "its `seq` cannot be understood: None"),
    "a number beyond all": (lambda lines: but(lines, "article", id=2**70), "its `id` cannot be understood"),
    "a yes for a number": (lambda lines: but(lines, "article", id=True), "its `id` cannot be understood: True"),
    "a time that is none": (lambda lines: but(lines, "article", first_seen_at="yesterday"), "its `first_seen_at` cannot be understood"),
    "a time without a zone": (lambda lines: but(lines, "event", at="2026-03-01T00:00:00"), "its `at` cannot be understood"),
    "an unknown status": (lambda lines: but(lines, "article", status="asleep"), "its `status` cannot be understood: 'asleep'"),
    "an address that is none": (lambda lines: but(lines, "article", url="javascript:alert(1)"), "its url is no address"),
    "a merge that no line tells of": (lambda lines: but(lines, "article", merged_into=1), "does not hold together"),
    "a hidden article with a text": (lambda lines: but(lines, "article", status="hidden"), "its article is hidden, and this is its text"),
    "an older export": (
        lambda lines: [{name: value for name, value in line.items() if name != "blocks"} for line in lines],
        "has no `blocks`; a line of an older",
    ),
    "a facet of two words": (lambda lines: but(lines, "event", facets=["two words"]), "is not one word"),
}


def test_a_file_that_is_wrong_is_refused_by_line_and_nothing_of_it_is_kept(told, new_store):
    store = new_store()
    for name, (spoil, why) in HOSTILE.items():
        with pytest.raises(NotRestored) as refused:
            restore(store, written(spoil(told)))
        assert re.search(why, str(refused.value)), name
        with store._database.reading() as connection:
            kept = [one.name for one in metadata.sorted_tables if connection.execute(select(one).limit(1)).first() is not None]
        assert (sorted(kept), store.version()) == (["counter", "installation"], 0), name
    # characters that no database holds are no reason to refuse
    restore(store, written(but(told, "event", differ="\ud83d\0")))


def test_a_store_that_holds_something_takes_no_export(desk, told, new_store):
    store = new_store()
    store.articles.add_source(Source(name="mine", title="Mine", declared=False), desk.now)
    with pytest.raises(NotRestored, match=r"an empty store alone, .* \(in the table source\); name a new database"):
        restore(store, written(told))


def test_two_articles_that_are_part_of_each_other_are_refused(desk, new_store):
    for number in (1, 2, 3):
        desk.track(number)
    desk.store.articles.merge(2, 1, reason=REASON, now=desk.now)
    lines = [line for line in desk.store.export(segment=str.split) if line["type"] != "merge"]
    seq = lines[-1]["seq"]
    for line in lines:
        if line["type"] == "article" and line["id"] < 3:
            line |= {"merged_into": 3 - line["id"], "keys": []}
    merge = {"type": "merge", "at": lines[-1]["first_seen_at"], "reason": "", "undone_at": None, "keys": [], "revision_ids": []}
    merge |= {"into_url": "", "into_first_seen_at": lines[-1]["first_seen_at"]}
    lines += [merge | {"seq": seq + one, "from": one, "into": 3 - one} for one in (1, 2)]
    with pytest.raises(NotRestored, match="part of itself"):
        restore(new_store(), written(lines))
