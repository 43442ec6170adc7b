"""Bodies and captures in the database: every read is checked, and never more than one step from a keyframe."""

from __future__ import annotations

import gzip
import random
from dataclasses import replace

import pytest
from sqlalchemy import func, select, update

from tracker.errors import Corrupt, NotFound
from tracker.store.bodies import Packing
from tracker.store.schema import body, capture


def prose(*words: str) -> str:
    return " ".join(random.Random(1).choices(words, k=500))


LONG = prose("council", "report", "inspectors", "children", "service", "said", "review", "improve", "staff", "city")
OTHER = prose("match", "goal", "league", "striker", "manager", "season", "injury", "transfer", "club", "fans")


@pytest.fixture
def history(desk):
    """Ten revisions of one article, each a small edit of the one before."""
    article = desk.track()
    for number in range(10):
        desk.later(hours=1)
        desk.change(article, f"{LONG} Edit {number}.")
    return desk.store.revisions.history(article.id)


def spoil(store, table, condition):
    with store._database.writing() as connection:
        data = connection.execute(select(table.c.data).where(condition)).scalar_one()
        spoiled = data[:-1] + bytes([data[-1] ^ 1])
        connection.execute(update(table).where(condition).values(data=spoiled))


def test_later_revisions_are_patches_against_the_first_and_a_fraction_of_it(store, history):
    with store._database.reading() as connection:
        sizes = select(body.c.revision_id, body.c.keyframe_id, func.length(body.c.data)).order_by(body.c.revision_id)
        rows = connection.execute(sizes).all()
    (_, keyframe, full), *patches = rows
    assert keyframe is None
    assert {row[1] for row in patches} == {history[0].id}
    assert all(size * 8 < full for _, _, size in patches)


def test_a_rewritten_article_gets_a_new_keyframe_and_later_edits_hang_on_that_one(store, desk, history):
    for text in (OTHER, f"{OTHER} More."):
        desk.later(hours=1)
        desk.change(history[0].article_id, text)
    *_, rewritten, edited = store.revisions.history(history[0].article_id)
    with store._database.reading() as connection:
        keyframes = dict(connection.execute(select(body.c.revision_id, body.c.keyframe_id)).all())
    assert keyframes[rewritten.id] is None
    assert keyframes[edited.id] == rewritten.id
    assert store.revisions.extract(edited.id).text == f"{OTHER} More."


def test_captures_of_an_article_are_patches_against_its_first(store, history):
    with store._database.reading() as connection:
        bases = dict(connection.execute(select(capture.c.id, capture.c.base_id)).all())
    first, *later = [revision.capture_id for revision in history]
    assert bases[first] is None
    assert {bases[capture_id] for capture_id in later} == {first}
    assert store.revisions.capture(later[-1]).body == f"<p>{LONG} Edit 9.</p>".encode()
    assert store.revisions.capture(first).headers == ((b"ETag", b'"1"'),)


def test_pages_that_came_compressed_are_each_kept_as_they_are(desk):
    article = desk.track()
    for number in range(2):
        desk.change(article, f"Text {number}.", body=gzip.compress(f"{LONG} {number}".encode(), mtime=0))
        desk.later(hours=1)
    with desk.store._database.reading() as connection:
        rows = connection.execute(select(capture.c.base_id, capture.c.packing)).all()
    assert rows == [(None, Packing.PLAIN)] * 2
    desk.change(article, "Text 2.", body=LONG.encode())
    desk.later(hours=1)
    desk.change(article, "Text 3.", body=f"{LONG} 3".encode())
    captures = [desk.store.revisions.capture(one.capture_id).body for one in desk.store.revisions.history(article.id)]
    assert captures[2:] == [LONG.encode(), f"{LONG} 3".encode()]


def test_a_revision_of_several_pages_has_all_its_captures_in_order(desk):
    article = desk.track()
    first = desk.new_text(desk.store.articles.get(article.id), LONG)
    capture_ = first.revision.capture
    further = tuple(replace(capture_, url=f"{capture_.url}/{number}", body=f"<p>{LONG} {number}</p>".encode()) for number in (2, 3))
    desk.keep(replace(first, revision=replace(first.revision, further=further)))
    desk.later(hours=1)
    desk.change(article, OTHER)
    of_several, of_one = desk.store.revisions.history(article.id)
    assert desk.store.revisions.pages(of_several.id) == (capture_, *further)
    assert [page.body for page in desk.store.revisions.pages(of_one.id)] == [f"<p>{OTHER}</p>".encode()]


def test_a_spoiled_body_is_never_shown(store, history):
    last = history[-1]
    spoil(store, body, body.c.revision_id == last.id)
    with pytest.raises(Corrupt, match=f"body {last.id}"):
        store.revisions.extract(last.id)
    assert store.revisions.extract(history[0].id).text.endswith("Edit 0.")


def test_a_spoiled_keyframe_spoils_what_hangs_on_it_and_says_so(store, history):
    spoil(store, body, body.c.revision_id == history[0].id)
    for revision in (history[0], history[5]):
        with pytest.raises(Corrupt):
            store.revisions.extract(revision.id)


def test_a_wrong_hash_is_found_too(store, history):
    with store._database.writing() as connection:
        connection.execute(update(body).where(body.c.revision_id == history[3].id).values(hash=b"\0" * 16))
    with pytest.raises(Corrupt):
        store.revisions.pair(history[2].id, history[3].id)


def test_a_spoiled_capture_is_never_given_out(store, history):
    spoil(store, capture, capture.c.id == history[4].capture_id)
    with pytest.raises(Corrupt, match="capture"):
        store.revisions.capture(history[4].capture_id)


def test_a_capture_that_is_not_there_is_not_found(store):
    with pytest.raises(NotFound, match="capture 9"):
        store.revisions.capture(9)
