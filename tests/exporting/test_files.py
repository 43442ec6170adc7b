"""An export as a SQLite file: every line has its row, sentences lie where the alignments say, and a file grows by what is new."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from functools import partial

import pytest

from tracker.differ import compare_revisions
from tracker.differ.document import edits_document
from tracker.differ.sentences import segment
from tracker.errors import NotExported
from tracker.exporting import Form, files, write
from tracker.importing import take_in
from tracker.model import ArticleStatus, Block, BlockKind, Extract, FeedEntry, Gates, LastLooks, Source, TrackedEntry
from tracker.scheduler.cadence import Cadence
from tracker.scheduler.decide import decide
from tracker.scheduler.look import Found, Look, NotThere, Read
from tracker.store import Store

INSTALLATION = "5f0c"
TEXTS = (
    "The council met on Monday. It rained all day long. Nobody came to the old town hall.",
    "The council met on Tuesday. Nobody came to the old town hall. A new mayor was chosen by lot.",
)


def edits(before: str, after: str) -> list[dict[str, object]]:
    old, new = (
        Extract(url="", headline="H", blocks=(Block(kind=BlockKind.PARAGRAPH, text=text),), extractor="1", language="en")
        for text in (before, after)
    )
    return edits_document(compare_revisions(old, new))


def article(seq: int, **more) -> dict[str, object]:
    names = ("last_seen_at", "last_changed_at", "next_poll_at", "merged_into")
    known = {"id": 1, "source": "news", "url": "https://news.example/1", "keys": ["a"], "first_seen_at": "2026", "status": "tracked"}
    return {"type": "article", "seq": seq, **dict.fromkeys(names), **known, "revisions": 1, "revisions_last_seen_at": [], **more}


def revision(seq: int, number: int) -> dict[str, object]:
    names = ("byline", "published_at", "modified_at", "capture", "capture_dropped_at")
    text = TEXTS[number - 1]
    told = {"headline": f"Headline {number}", "language": "en", "text": text, "sentences": [one.text for one in segment(text)]}
    kept = {"first_seen_at": f"2026-03-0{number}", "hash": "1-a", "extractor": "1", "origin": "poll", "withdrawn": False}
    return {"type": "revision", "seq": seq, "id": 10 + number, "article_id": 1, "number": number, **dict.fromkeys(names), **told, **kept}


def event(seq: int) -> dict[str, object]:
    names = ("facets", "reverts_to", "alternates_with", "retracted_at")
    said = {"significance": "major", "reason": "r", "noted": "no", "date_moved": "no", "summary": "s", "differ": "1"}
    about = {"id": 9, "kind": "changed", "article_id": 1, "from": 11, "to": 12, "after": "2026-03-01", "before": "2026-03-02"}
    return {"type": "event", "seq": seq, **dict.fromkeys(names), **said, **about, "edits": edits(*TEXTS)}


TAKEDOWN = {"type": "takedown", "id": "t", "scope": "article", "at": "2026", "reason": "r", "words_count": None, "salt": "", "hashes": []}
LINES = (article(1), revision(2, 1), revision(3, 2), event(4), article(5, revisions=2))


def given(lines, cursor):
    return [line for line in lines if line["seq"] > cursor]


def asked(path, statement):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(statement).fetchall()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "export.db"


def test_every_line_is_a_row_and_a_repeated_one_takes_the_place_of_the_one_before(path):
    added = write(path, Form.SQLITE, partial(given, LINES), installation=INSTALLATION, newest=5)
    assert (added.lines_count, added.cursor) == (5, 5)
    assert asked(path, "SELECT id, seq, keys, revisions FROM article") == [(1, 5, '["a"]', 2)]
    assert asked(path, "SELECT id, number, text, withdrawn FROM revision") == [(11, 1, TEXTS[0], 0), (12, 2, TEXTS[1], 0)]
    ((told,),) = asked(path, "SELECT edits FROM event")
    assert json.loads(told) == LINES[3]["edits"]


def test_the_views_answer_the_first_questions_and_the_file_documents_itself(path):
    write(path, Form.SQLITE, partial(given, LINES), installation=INSTALLATION, newest=5)
    assert asked(path, "SELECT id, headline, revision_id FROM latest") == [(1, "Headline 2", 12)]
    assert asked(path, "SELECT id, source, old_headline, new_headline FROM changes") == [(9, "news", "Headline 1", "Headline 2")]
    documented = {name for (name,) in asked(path, 'SELECT "table" FROM documentation')}
    there = {name for (name,) in asked(path, "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")}
    assert there - documented == {"documentation", "about"}


def test_alignments_name_sentences_by_their_place_and_what_has_no_partner_has_none(path):
    write(path, Form.ALIGNMENTS, partial(given, LINES), installation=INSTALLATION, newest=5)
    pairs = asked(path, "SELECT sent_idx_x, sent_idx_y, kind FROM matched_sentences ORDER BY sent_idx_x, sent_idx_y")
    assert pairs == [(None, 2, "added"), (0, 0, "edited"), (1, None, "removed"), (2, 1, "kept")]
    assert asked(path, "SELECT * FROM entry") == [(1, "news", "https://news.example/1")]
    ((edited_x, edited_y),) = asked(
        path, "SELECT avg_sentence_distance_x, avg_sentence_distance_y FROM matched_sentences WHERE kind = 'edited'"
    )
    assert 0 < edited_x < 1
    assert 0 < edited_y < 1
    assert asked(path, "SELECT avg_sentence_distance_x FROM matched_sentences WHERE kind = 'kept'") == [(0.0,)]
    for side, version in (("x", 11), ("y", 12)):
        found = asked(
            path,
            f"SELECT sentence FROM matched_sentences JOIN split_sentences ON version = version_{side} AND sent_idx = sent_idx_{side}"
            " ORDER BY sent_idx",
        )
        assert [sentence for (sentence,) in found] == [one.text for one in segment(TEXTS[version - 11])]


@pytest.mark.parametrize("form", Form)
def test_a_file_that_is_given_again_grows_by_what_is_new_also_after_a_break(path, form, monkeypatch):
    monkeypatch.setattr(files, "BATCH", 2)
    whole = path.with_name("whole.db")
    write(whole, form, partial(given, LINES), installation=INSTALLATION, newest=5)

    def broken(cursor):
        yield from given(LINES, cursor)[:3]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(path, form, broken, installation=INSTALLATION, newest=5)
    added = write(path, form, partial(given, LINES), installation=INSTALLATION, newest=5)
    assert (added.lines_count, added.cursor) == (3, 5)
    assert write(path, form, partial(given, LINES), installation=INSTALLATION, newest=5).lines_count == 0
    with closing(sqlite3.connect(path)) as one, closing(sqlite3.connect(whole)) as other:
        assert list(one.iterdump()) == list(other.iterdump())


def test_a_file_that_was_begun_before_a_takedown_takes_nothing_more(path):
    write(path, Form.SQLITE, partial(given, LINES), installation=INSTALLATION, newest=5)
    later = [*LINES, {**TAKEDOWN, "seq": 6, "article_id": 1, "revision_id": None}]
    with pytest.raises(NotExported, match="taken down since it was begun"):
        write(path, Form.SQLITE, partial(given, later), installation=INSTALLATION, newest=5)
    for since in (5, 6, 99):
        with pytest.raises(NotExported, match="taken down since it was begun"):
            write(path, Form.SQLITE, partial(given, later), installation=INSTALLATION, newest=5, since=since)
    path.unlink()
    assert write(path, Form.SQLITE, partial(given, later), installation=INSTALLATION, newest=5).cursor == 6


def test_a_file_that_broke_off_before_what_was_taken_down_long_ago_goes_on(path, monkeypatch):
    monkeypatch.setattr(files, "BATCH", 2)
    long_ago = [*LINES[:3], {**TAKEDOWN, "seq": 4, "article_id": 7, "revision_id": None}, LINES[4]]

    def broken(cursor):
        yield from given(long_ago, cursor)[:2]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(path, Form.SQLITE, broken, installation=INSTALLATION, newest=5)
    assert write(path, Form.SQLITE, partial(given, long_ago), installation=INSTALLATION, newest=9).cursor == 5
    later = [*long_ago, {**TAKEDOWN, "id": "u", "seq": 6, "article_id": 1, "revision_id": None}]
    with pytest.raises(NotExported, match="taken down since it was begun"):
        write(path, Form.SQLITE, partial(given, later), installation=INSTALLATION, newest=9)


def test_what_is_no_such_export_is_not_written_to(path, tmp_path):
    write(path, Form.SQLITE, partial(given, LINES), installation=INSTALLATION, newest=5)
    for form, installation in ((Form.ALIGNMENTS, INSTALLATION), (Form.SQLITE, "another")):
        with pytest.raises(NotExported, match="something else is in it"):
            write(path, form, partial(given, LINES), installation=installation, newest=5)
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection, connection:
        connection.execute("CREATE TABLE mine (id)")
    (tmp_path / "text").write_text("a text " * 100, encoding="utf-8")
    for other in (tmp_path / "other.db", tmp_path / "text", tmp_path / "no" / "folder"):
        with pytest.raises(NotExported):
            write(other, Form.SQLITE, partial(given, LINES), installation=INSTALLATION, newest=5)


@pytest.mark.parametrize("form", Form)
def test_a_stores_own_export_fits_the_tables(path, tmp_path, clock, form):
    made = tmp_path / "diffengine.db"
    with closing(sqlite3.connect(made)) as raw, raw:
        raw.executescript(
            "CREATE TABLE feed (url, name); CREATE TABLE feedentry (id, feed_id, entry_id); CREATE TABLE entry (id, url);"
            "CREATE TABLE entryversion (id, title, url, summary, created, entry_id);"
            "INSERT INTO entry VALUES (1, 'https://news.example/1');"
            "INSERT INTO entryversion VALUES (1, 'T', 'https://news.example/1', '<p>One. Two.</p>', '2017-01-01 00:00:00', 1);"
        )
    with closing(Store.open(f"sqlite:///{tmp_path / 'tracker.db'}")) as store:
        take_in(store, made, clock.advance(hours=1), lambda *_: None)
        added = write(
            path,
            form,
            lambda cursor: store.export(segment=lambda text: [one.text for one in segment(text)], since=cursor, polls=True),
            installation=str(store.installation_id),
            newest=store.version(),
        )
    assert added.lines_count == 3


# --- a merge moves what the file holds already -------------------------------------------------------


class Desk:
    """Two articles in a store of its own, read as the scheduler would."""

    def __init__(self, store: Store, clock) -> None:
        self.store, self.clock = store, clock
        store.articles.declare((Source(name="news", title="News"),), clock())
        for url in ("https://news.example/1", "https://news.example/2"):
            entry = TrackedEntry(entry=FeedEntry(url=url), url=url, host="news.example", keys=(url,))
            store.articles.add_article("news", entry, clock())

    def look(self, article_id: int, found: Found) -> None:
        self.clock.advance(hours=13)
        article = self.store.articles.get(article_id)
        look = Look(at=self.clock(), url=article.url, status=200)
        kept = self.store.keep([decide(article, self.store.revisions.latest(article_id), look, found, Cadence())], self.clock())
        assert not kept.lost

    def read(self, article_id: int, text: str) -> None:
        blocks = (Block(kind=BlockKind.PARAGRAPH, text=text),)
        extract = Extract(url="https://news.example/", headline="H", blocks=blocks, extractor="1", language="en")
        self.look(article_id, Read(extract=extract, capture=None, gates=Gates()))

    def miss(self, article_id: int) -> None:
        for _ in range(3):
            self.look(article_id, NotThere(reason="404", capture=None, last_looks=LastLooks()))
        assert self.store.articles.get(article_id).status is ArticleStatus.REMOVED


def grown(store: Store, path, form: Form):
    """All rows of all tables, but how far the file was when it was begun."""

    def lines(since):
        def compared(before, after):
            return edits_document(compare_revisions(before, after))

        return store.export(segment=lambda text: [one.text for one in segment(text)], edits=compared, since=since)

    write(path, form, lines, installation="here", newest=store.version())
    tables = [name for (name,) in asked(path, "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'about'")]
    return {name: sorted(asked(path, f'SELECT * FROM "{name}"'), key=repr) for name in tables}


@pytest.mark.parametrize("form", Form)
def test_a_file_that_grew_over_a_merge_and_its_undoing_is_as_one_that_is_made_anew(path, tmp_path, clock, form):
    with closing(Store.open(f"sqlite:///{tmp_path / 'tracker.db'}")) as store:
        desk = Desk(store, clock)
        for text in TEXTS:
            for article_id in (1, 2):
                desk.read(article_id, f"{text} This is article {article_id}.")
        desk.miss(1)
        desk.read(1, f"{TEXTS[0]} It came back with other words.")
        grown(store, path, form)
        steps = (
            lambda: store.articles.merge(1, 2, reason="One story.", now=clock.advance(minutes=1)),
            lambda: desk.miss(2),
            lambda: desk.read(2, f"{TEXTS[1]} It came back as one."),
            lambda: store.articles.unmerge(1, clock.advance(minutes=1)),
        )
        for number, step in enumerate(steps):
            step()
            assert grown(store, path, form) == grown(store, tmp_path / f"{number}.db", form), number
