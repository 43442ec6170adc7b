"""Tokens: kept as hashes, good until they expire or are revoked; secrets made once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from tracker.errors import NotFound
from tracker.model import TokenScope
from tracker.store.schema_tokens import token

DAY = timedelta(days=1)


def make(store, clock, *scopes, days=90):
    return store.tokens.create("a laptop", scopes or [TokenScope.WRITE], expires_at=clock() + days * DAY, now=clock())


def test_the_words_of_a_token_are_told_once_and_kept_nowhere(store, clock):
    made, words = make(store, clock)
    assert words.startswith("tracker_")
    assert len(words) > 40
    with store._database.reading() as connection:
        (row,) = connection.execute(select(token)).all()
    assert all(words not in str(value) and words.encode() not in (value if isinstance(value, bytes) else b"") for value in row)
    assert make(store, clock)[1] != words
    assert store.tokens.used(words, clock()).id == made.id


def test_a_token_is_good_until_it_expires(store, clock):
    _, words = make(store, clock, days=2)
    assert store.tokens.used(words, clock() + 2 * DAY - timedelta(seconds=1)) is not None
    assert store.tokens.used(words, clock() + 2 * DAY) is None


def test_a_revoked_token_is_unknown_and_stays_in_the_list(store, clock):
    made, words = make(store, clock)
    store.tokens.revoke(made.id, clock())
    assert store.tokens.used(words, clock()) is None
    assert [one.revoked_at for one in store.tokens.all()] == [clock()]
    at = clock()
    clock.advance(days=1)
    assert store.tokens.revoke(made.id, clock()).revoked_at == at
    with pytest.raises(NotFound):
        store.tokens.revoke(99, clock())


@pytest.mark.parametrize("words", ["", "tracker_", "tracker_x", "tracker_\ud800", "tracker_" + "x" * 10_000, "x"])
def test_other_words_are_no_token(store, clock, words):
    make(store, clock)
    assert store.tokens.used(words, clock()) is None


def test_the_day_of_its_last_use_is_kept(store, clock):
    _, words = make(store, clock)
    assert store.tokens.all()[0].used_on is None
    store.tokens.used(words, clock())
    clock.advance(days=3)
    store.tokens.used(words, clock())
    clock.advance(minutes=5)
    store.tokens.used(words, clock())
    assert store.tokens.all()[0].used_on == date(2026, 3, 4)


@pytest.mark.parametrize(
    ("held", "opened"),
    [
        (TokenScope.READ, {TokenScope.READ}),
        (TokenScope.WRITE, {TokenScope.READ, TokenScope.WRITE}),
        (TokenScope.TAKEDOWN, {TokenScope.READ, TokenScope.TAKEDOWN}),
        (TokenScope.OPERATOR, set(TokenScope)),
    ],
)
def test_a_scope_opens_what_it_must(store, clock, held, opened):
    made, _ = make(store, clock, held)
    assert {scope for scope in TokenScope if made.opens(scope)} == opened


def test_whether_any_token_opens_a_scope_is_known_at_once(store, clock):
    asked = [TokenScope.WRITE, TokenScope.TAKEDOWN]
    assert not store.tokens.any_opens(asked, clock())
    make(store, clock, TokenScope.READ)
    assert not store.tokens.any_opens(asked, clock())
    made, _ = make(store, clock, TokenScope.TAKEDOWN, days=2)
    assert store.tokens.any_opens(asked, clock())
    assert not store.tokens.any_opens(asked, clock() + 2 * DAY)
    store.tokens.revoke(made.id, clock())
    assert not store.tokens.any_opens(asked, clock())
    make(store, clock, TokenScope.OPERATOR)
    assert store.tokens.any_opens(asked, clock())


def test_a_secret_is_made_once_and_each_name_has_its_own(store, clock):
    first = store.tokens.secret("sessions")
    assert len(first) == 32
    assert store.tokens.secret("sessions") == first
    assert store.tokens.secret("others") != first


def test_a_secret_that_was_changed_is_another_one_and_no_other_changes(store, clock):
    first, other = store.tokens.secret("one"), store.tokens.secret("other")
    store.tokens.change_secret("one")
    assert store.tokens.secret("one") != first
    assert store.tokens.secret("other") == other
    store.tokens.change_secret("none yet")
    assert len(store.tokens.secret("none yet")) == 32
