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
from tracker.model import Block, BlockKind, Extract
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
    return {"type": "article", "seq": seq, **dict.fromkeys(names), **known, "revisions": 1, **more}


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
    added = write(path, Form.SQLITE, partial(given, LINES), installation=INSTALLATION)
    assert (added.lines_count, added.cursor) == (5, 5)
    assert asked(path, "SELECT id, seq, keys, revisions FROM article") == [(1, 5, '["a"]', 2)]
    assert asked(path, "SELECT id, number, text, withdrawn FROM revision") == [(11, 1, TEXTS[0], 0), (12, 2, TEXTS[1], 0)]
    ((told,),) = asked(path, "SELECT edits FROM event")
    assert json.loads(told) == LINES[3]["edits"]


def test_the_views_answer_the_first_questions_and_the_file_documents_itself(path):
    write(path, Form.SQLITE, partial(given, LINES), installation=INSTALLATION)
    assert asked(path, "SELECT id, headline, revision_id FROM latest") == [(1, "Headline 2", 12)]
    assert asked(path, "SELECT id, source, old_headline, new_headline FROM changes") == [(9, "news", "Headline 1", "Headline 2")]
    documented = {name for (name,) in asked(path, 'SELECT "table" FROM documentation')}
    there = {name for (name,) in asked(path, "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")}
    assert there - documented == {"documentation", "about"}


def test_alignments_name_sentences_by_their_place_and_what_has_no_partner_has_none(path):
    write(path, Form.ALIGNMENTS, partial(given, LINES), installation=INSTALLATION)
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
    write(whole, form, partial(given, LINES), installation=INSTALLATION)

    def broken(cursor):
        yield from given(LINES, cursor)[:3]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(path, form, broken, installation=INSTALLATION)
    added = write(path, form, partial(given, LINES), installation=INSTALLATION)
    assert (added.lines_count, added.cursor) == (3, 5)
    assert write(path, form, partial(given, LINES), installation=INSTALLATION).lines_count == 0
    with closing(sqlite3.connect(path)) as one, closing(sqlite3.connect(whole)) as other:
        assert list(one.iterdump()) == list(other.iterdump())


def test_a_file_that_was_begun_before_a_takedown_takes_nothing_more(path):
    write(path, Form.SQLITE, partial(given, LINES), installation=INSTALLATION)
    later = [*LINES, {**TAKEDOWN, "seq": 6, "article_id": 1, "revision_id": None}]
    with pytest.raises(NotExported, match="taken down since it was begun"):
        write(path, Form.SQLITE, partial(given, later), installation=INSTALLATION)
    for since in (5, 6, 99):
        with pytest.raises(NotExported, match="taken down since it was begun"):
            write(path, Form.SQLITE, partial(given, later), installation=INSTALLATION, since=since)
    path.unlink()
    assert write(path, Form.SQLITE, partial(given, later), installation=INSTALLATION).cursor == 6


def test_what_is_no_such_export_is_not_written_to(path, tmp_path):
    write(path, Form.SQLITE, partial(given, LINES), installation=INSTALLATION)
    for form, installation in ((Form.ALIGNMENTS, INSTALLATION), (Form.SQLITE, "another")):
        with pytest.raises(NotExported, match="something else is in it"):
            write(path, form, partial(given, LINES), installation=installation)
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection, connection:
        connection.execute("CREATE TABLE mine (id)")
    (tmp_path / "text").write_text("a text " * 100, encoding="utf-8")
    for other in (tmp_path / "other.db", tmp_path / "text", tmp_path / "no" / "folder"):
        with pytest.raises(NotExported):
            write(other, Form.SQLITE, partial(given, LINES), installation=INSTALLATION)


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
        )
    assert added.lines_count == 3
