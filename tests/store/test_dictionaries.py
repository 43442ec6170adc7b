"""Dictionaries: made once when there is enough to learn from, for keyframes from then on; what is taken down leaves them."""

from __future__ import annotations

import random

import pytest
import zstandard
from sqlalchemy import select, update

from tracker.errors import Corrupt
from tracker.store import Store, appending, bodies, dictionaries, rows
from tracker.store.bodies import Packing
from tracker.store.hiding import Wanted
from tracker.store.schema import body, dictionary

FEW = 12
WORDS = [
    *("council", "report", "inspectors", "children", "service", "said", "review", "improve", "staff", "city"),
    *("according", "minister", "yesterday", "statement", "published", "however", "government", "evening"),
]


def prose(number: int) -> str:
    chance = random.Random(number)
    return " ".join([*chance.choices(WORDS, k=300), f"word{number}"])


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Few texts are enough here."""
    monkeypatch.setattr(dictionaries, "LEAST", FEW)
    monkeypatch.setattr(dictionaries, "SIZE", 2_000)
    monkeypatch.setattr(dictionaries, "BATCH", 2)


@pytest.fixture
def articles(desk):
    """FEW articles with one revision each."""
    return [first(desk, number) for number in range(1, FEW + 1)]


def first(desk, number):
    """The id of a new article with its first text."""
    article = desk.track(number)
    desk.change(article, prose(number))
    return article.id


def retire(desk):
    with desk.store._database.writing() as connection:
        dictionaries.retire_all(connection)
    dictionaries.renew(desk.store._database, desk.now)


def kept(store, table=body):
    """Rows by their first column."""
    with store._database.reading() as connection:
        return {row[0]: row for row in connection.execute(select(table))}


def body_of(store, article_id):
    return kept(store)[store.revisions.latest(article_id).revision.id]


def test_too_few_articles_make_no_dictionary(desk):
    for number in range(1, FEW):
        first(desk, number)
    assert desk.store.train(desk.now) is False
    assert kept(desk.store, dictionary) == {}


def test_articles_without_a_text_do_not_count(desk):
    for number in range(1, FEW):
        first(desk, number)
    desk.track(FEW)
    assert desk.store.train(desk.now) is False


def test_a_keyframe_made_after_it_is_packed_with_it_and_smaller_and_those_before_stay_as_they_are(desk, articles):
    before = kept(desk.store)
    assert desk.store.train(desk.now) is True
    assert {key: kept(desk.store)[key] for key in before} == before
    after = body_of(desk.store, first(desk, FEW + 1))
    assert after.packing == Packing.DICTIONARY
    assert after.keyframe_id is None
    assert len(after.data) < 0.8 * min(len(row.data) for row in before.values())
    texts = [desk.store.revisions.latest(article_id).extract.text for article_id in (articles[0], articles[-1] + 1)]
    assert texts == [prose(1), prose(FEW + 1)]


def test_it_is_made_once(desk, articles):
    desk.store.train(desk.now)
    made = kept(desk.store, dictionary)
    assert desk.store.train(desk.later(days=1)) is False
    assert kept(desk.store, dictionary) == made
    assert made[1].made_at < desk.now


def test_the_same_texts_give_the_same_dictionary(desk, articles):
    desk.store.train(desk.now)
    (made,) = kept(desk.store, dictionary).values()
    with desk.store._database.writing() as connection:
        connection.execute(dictionary.delete())
    desk.store.train(desk.now)
    assert kept(desk.store, dictionary) == {1: made}


def test_later_revisions_are_patches_against_a_keyframe_that_needs_it(desk, articles):
    desk.store.train(desk.now)
    article_id = first(desk, FEW + 1)
    keyframe = body_of(desk.store, article_id)
    desk.later(hours=1)
    desk.change(article_id, f"{prose(FEW + 1)} More.")
    patch = body_of(desk.store, article_id)
    assert (patch.packing, patch.keyframe_id) == (Packing.PATCH, keyframe.revision_id)
    assert desk.store.revisions.latest(article_id).extract.text == f"{prose(FEW + 1)} More."


def test_a_rewritten_article_gets_a_keyframe_that_is_packed_with_it(desk, articles):
    desk.store.train(desk.now)
    desk.later(hours=1)
    desk.change(articles[0], prose(99))
    assert body_of(desk.store, articles[0]).packing == Packing.DICTIONARY
    assert desk.store.revisions.latest(articles[0]).extract.text == prose(99)


def test_a_spoiled_dictionary_is_never_used(desk, articles, url):
    desk.store.train(desk.now)
    article_id = first(desk, FEW + 1)
    with desk.store._database.writing() as connection:
        data = connection.execute(select(dictionary.c.data)).scalar_one()
        connection.execute(update(dictionary).values(data=data[:-1] + bytes([data[-1] ^ 1])))
    again = Store.open(url)
    with pytest.raises(Corrupt, match="dictionary 1"):
        again.revisions.latest(article_id)
    assert again.revisions.latest(articles[0]).extract.text == prose(1)
    again.close()


def named(store):
    """Which dictionary each keyframe was packed with."""
    return {bodies.dictionary_id(rows.packed_of(row)) for row in kept(store).values() if row.packing == Packing.DICTIONARY}


def test_what_was_packed_with_a_retired_dictionary_is_packed_with_a_new_one_and_its_bytes_are_gone(desk, articles):
    desk.store.train(desk.now)
    later = [first(desk, number) for number in range(FEW + 1, FEW + 6)]
    desk.later(hours=1)
    desk.change(later[0], f"{prose(FEW + 1)} More.")
    assert named(desk.store) == {1}
    retire(desk)
    assert named(desk.store) == {2}
    assert {key: bool(row.data) for key, row in kept(desk.store, dictionary).items()} == {1: False, 2: True}
    texts = [desk.store.revisions.latest(article_id).extract.text for article_id in later]
    assert texts == [f"{prose(FEW + 1)} More.", *(prose(number) for number in range(FEW + 2, FEW + 6))]


def test_where_too_few_texts_are_left_for_a_new_one_they_are_packed_without(desk, articles, monkeypatch):
    desk.store.train(desk.now)
    later = first(desk, FEW + 1)
    monkeypatch.setattr(dictionaries, "LEAST", FEW * 2)
    retire(desk)
    assert named(desk.store) == set()
    assert [bool(row.data) for row in kept(desk.store, dictionary).values()] == [False]
    assert desk.store.revisions.latest(later).extract.text == prose(FEW + 1)


def test_retiring_one_leaves_what_another_packed(desk, articles):
    desk.store.train(desk.now)
    old = first(desk, FEW + 1)
    with desk.store._database.writing() as connection:
        dictionaries.retire_all(connection)
    dictionaries.train(desk.store._database, desk.now)
    new = first(desk, FEW + 2)
    before = body_of(desk.store, new)
    dictionaries.renew(desk.store._database, desk.now)
    assert named(desk.store) == {2}
    assert body_of(desk.store, new) == before
    assert [desk.store.revisions.latest(one).extract.text for one in (old, new)] == [prose(FEW + 1), prose(FEW + 2)]


SECRET = "The witness lives in Zanzibar behind the lighthouse."


@pytest.fixture
def secret(desk, articles, monkeypatch):
    """An article that a dictionary was made of; the revisions kept after that need it."""
    monkeypatch.setattr(dictionaries, "SIZE", 15_000)  # room for pieces of every text
    article = desk.track(FEW + 1)
    desk.change(article, " ".join([SECRET] * 20))
    desk.store.train(desk.now)
    assert b"Zanzibar" in kept(desk.store, dictionary)[1].data
    first(desk, FEW + 2)
    return article


def hide(desk, article, phrase):
    wanted = Wanted(article_id=article.id, phrase=phrase, reason="Asked by the witness.")
    desk.store.takedowns.hide(wanted, desk.now, holds=lambda *_: False)


@pytest.mark.parametrize("phrase", [None, "in Zanzibar"])
def test_words_that_are_taken_down_are_in_no_dictionary_any_more(desk, secret, phrase, remains):
    assert "table dictionary" in remains(desk.store, "Zanzibar")
    hide(desk, secret, phrase)
    desk.store.takedowns.scrub()
    assert remains(desk.store, "Zanzibar") == []
    assert named(desk.store) == {2}
    assert faults(desk.store) == []
    later = first(desk, FEW + 3)
    assert body_of(desk.store, later).packing == Packing.DICTIONARY


def test_a_takedown_that_is_cut_off_before_the_dictionary_is_renewed_says_so_and_is_finished_later(desk, secret, monkeypatch):
    renew = dictionaries.renew
    monkeypatch.setattr(dictionaries, "renew", lambda *_: None)
    hide(desk, secret, None)
    assert faults(desk.store) == ["The dictionary 1 was retired, but is still there: what retired it did not come to its end."]
    monkeypatch.setattr(dictionaries, "renew", renew)
    desk.store.train(desk.now)
    assert faults(desk.store) == []
    assert not any(b"Zanzibar" in row.data for row in kept(desk.store, dictionary).values())


def test_no_dictionary_is_made_of_texts_that_are_taken_down_meanwhile(desk, articles, monkeypatch):
    article = desk.track(FEW + 1)
    desk.change(article, " ".join([SECRET] * 20))
    made = zstandard.train_dictionary

    def overtaken(*given, **options):
        hide(desk, article, None)
        return made(*given, **options)

    monkeypatch.setattr(dictionaries.zstandard, "train_dictionary", overtaken)
    assert dictionaries.train(desk.store._database, desk.now) is False
    assert kept(desk.store, dictionary) == {}


def test_a_look_that_was_packed_before_the_dictionary_was_retired_is_packed_again_when_it_is_kept(desk, articles, monkeypatch):
    desk.store.train(desk.now)
    article = desk.track(FEW + 1)
    prepare = appending.prepare

    def overtaken(connection, decision):
        prepared = prepare(connection, decision)
        assert prepared.body.packing == Packing.DICTIONARY
        connection.rollback()
        retire(desk)
        return prepared

    monkeypatch.setattr(appending, "prepare", overtaken)
    desk.change(article, prose(FEW + 1))
    assert named(desk.store) == {2}
    assert desk.store.revisions.latest(article.id).extract.text == prose(FEW + 1)


def faults(store):
    return [fault.sentence for fault in store.verify(lambda *_: None)]


def test_a_store_is_well_with_dictionaries_in_use_and_retired_ones(desk, articles):
    desk.store.train(desk.now)
    later = first(desk, FEW + 1)
    desk.later(hours=1)
    desk.change(later, f"{prose(FEW + 1)} More.")
    assert faults(desk.store) == []
    retire(desk)
    desk.store.train(desk.now)
    first(desk, FEW + 2)
    assert faults(desk.store) == []


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"data": b"spoiled"}, ["The dictionary 1 does not match its hash.", "The text of revision 13 cannot be read: its dictionary, 1,"]),
        ({"id": 2}, ["The text of revision 13 cannot be read: its dictionary, 1, is missing or damaged."]),
        ({"data": b"", "hash": bodies.digest(b"")}, ["The text of revision 13 cannot be read: its dictionary, 1, is missing or damaged."]),
        ({"retired": True}, ["The dictionary 1 was retired, but is still there"]),
    ],
)
def test_what_is_wrong_with_a_dictionary_is_named_however_often_it_was_read_before(desk, articles, values, told):
    desk.store.train(desk.now)
    later = first(desk, FEW + 1)
    desk.store.revisions.latest(later)
    with desk.store._database.writing() as connection:
        connection.execute(update(dictionary).values(values))
    found = faults(desk.store)
    assert len(found) == len(told)
    assert all(said.startswith(start) for said, start in zip(found, told, strict=True)), found


def test_a_keyframe_packed_with_a_dictionary_is_held_against_its_hash(desk, articles):
    desk.store.train(desk.now)
    first(desk, FEW + 1)
    with desk.store._database.writing() as connection:
        connection.execute(update(body).where(body.c.packing == Packing.DICTIONARY).values(hash=b"another"))
    assert faults(desk.store) == ["The text of revision 13 does not match its hash."]
