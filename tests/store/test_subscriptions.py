"""Subscriptions in the store: what is kept of a wish, whose turn it is, leases, attempts; on each kind of database."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

import pytest
from assembled import index

from tracker.errors import NotFound, SecretTaken
from tracker.model import (
    AlarmKind,
    Attempt,
    Channel,
    DateMoved,
    Digest,
    EventKind,
    Filter,
    Noted,
    NoticeKind,
    Scope,
    Side,
    Significance,
    Wish,
)
from tracker.store.hiding import Wanted
from tracker.store.subscriptions import ATTEMPTS_KEPT
from tracker.terms import read_query

HOOK = Wish(channel=Channel.WEBHOOK, target="https://hooks.example/1")
LEASE = timedelta(minutes=1)


@pytest.fixture
def subscriptions(desk):
    return desk.store.subscriptions


@pytest.fixture
def changed(desk):
    """An article that changes when told; gives the event's seq."""
    article = desk.track()
    desk.change(article, "Text 0.")

    def change():
        desk.later(minutes=1)
        number = desk.store.articles.get(article.id).revisions_count
        (event,) = desk.change(article, f"Text {number}.").events
        return event.seq

    return change


def tried(desk, seq, **more):
    return Attempt(at=desk.now, seq=seq, notices_count=1, ms=12, **more)


def test_a_wish_comes_back_as_it_was_given(desk, subscriptions):
    article = desk.track()
    only = Filter(significance=Significance.MAJOR, facet="numbers", noted=Noted.NO, date_moved=DateMoved.YES)
    digest = Digest(at=time(7, 30), zone="Europe/Amsterdam")
    wish = Wish(channel=Channel.MAIL, target="reader@example.org", scope=Scope(article_id=article.id), only=only, digest=digest)
    made = subscriptions.add(wish, desk.now)
    assert made.wish == wish
    assert subscriptions.get(made.id) == made == subscriptions.by_secret(made.secret)
    assert subscriptions.all() == (made,)


@pytest.mark.parametrize("side", [None, Side.DELETED])
def test_a_wish_for_a_search_comes_back_as_it_was_given(desk, subscriptions, side):
    scope = Scope(source="news", search=read_query('"prime minister" -deputy', side))
    made = subscriptions.add(replace(HOOK, scope=scope), desk.now)
    assert made.wish.scope == scope == subscriptions.get(made.id).wish.scope


def test_each_has_a_secret_of_its_own_and_a_webhooks_is_as_the_specification_says(desk, subscriptions):
    made = [subscriptions.add(HOOK, desk.now) for _ in range(3)]
    assert len({one.secret for one in made}) == 3
    assert all(one.secret.startswith("whsec_") and len(one.secret) == 6 + 44 for one in made)


@pytest.mark.parametrize("scope", [Scope(source="unknown"), Scope(article_id=99)])
def test_nobody_subscribes_to_what_is_not_there(desk, subscriptions, scope):
    with pytest.raises(NotFound):
        subscriptions.add(replace(HOOK, scope=scope), desk.now)


def test_a_removed_one_leaves_nothing(desk, subscriptions, changed, remains):
    made = subscriptions.add(Wish(channel=Channel.MAIL, target="quimbleton@example.org"), desk.now)
    seq = changed()
    one = subscriptions.claim(made.id, now=desk.now, until=desk.now + LEASE)
    subscriptions.told(one, tried(desk, seq), until=desk.now + LEASE)
    subscriptions.remove(made.id, desk.now)
    assert subscriptions.all() == ()
    assert not any(found.startswith("table") for found in remains(desk.store, "quimbleton"))
    with pytest.raises(NotFound):
        subscriptions.remove(made.id, desk.now)


def test_its_turn_is_when_something_was_kept_since_and_nobody_has_it(desk, subscriptions, changed):
    made = subscriptions.add(HOOK, desk.now)
    assert subscriptions.due(desk.now)[1] == ()
    changed()
    assert [one.id for one in subscriptions.due(desk.now)[1]] == [made.id]
    assert subscriptions.claim(made.id, now=desk.now, until=desk.now + LEASE).lease == made.lease + 1
    assert subscriptions.due(desk.now)[1] == ()
    assert subscriptions.claim(made.id, now=desk.now, until=desk.now + LEASE) is None
    desk.later(minutes=1)
    assert [one.id for one in subscriptions.due(desk.now)[1]] == [made.id]


def test_who_lost_the_lease_writes_nothing(desk, subscriptions, changed):
    made, seq = subscriptions.add(HOOK, desk.now), changed()
    late = subscriptions.claim(made.id, now=desk.now, until=desk.now + LEASE)
    desk.later(minutes=2)
    other = subscriptions.claim(made.id, now=desk.now, until=desk.now + LEASE)
    assert not subscriptions.told(late, tried(desk, seq), until=desk.now + LEASE)
    assert not subscriptions.failed(late, tried(desk, seq, reason="No."), next_at=desk.now, since=desk.now)
    subscriptions.rest(late, seq=seq, next_at=desk.now)
    subscriptions.release(late)
    assert subscriptions.get(made.id).cursor == made.cursor
    assert subscriptions.attempts(made.id, limit=9) == ()
    assert subscriptions.told(other, tried(desk, seq), until=desk.now + LEASE)
    assert subscriptions.get(made.id).cursor == seq


def test_a_failure_ends_the_lease_and_a_pause_ends_its_turns_until_it_is_resumed(desk, subscriptions, changed):
    made, seq = subscriptions.add(HOOK, desk.now), changed()
    for paused_because in (None, "It answered with status 500."):
        one = subscriptions.claim(made.id, now=desk.now, until=desk.now + LEASE)
        failed = tried(desk, seq, reason="It answered with status 500.")
        next_at = desk.now + LEASE
        assert subscriptions.failed(one, failed, next_at=next_at, since=made.created_at, paused_because=paused_because)
        assert subscriptions.due(desk.now)[1] == ()
        desk.later(minutes=1)
    assert subscriptions.due(desk.now)[1] == ()
    found = subscriptions.get(made.id)
    assert (found.failures_count, found.failing_since, found.cursor) == (2, made.created_at, made.cursor)
    again = subscriptions.resume(made.id, desk.now)
    assert (again.paused_at, again.failures_count, again.cursor) == (None, 0, made.cursor)
    assert [one.id for one in subscriptions.due(desk.now)[1]] == [made.id]


def test_times_from_a_clock_that_ran_ahead_are_mended(desk, subscriptions, changed):
    digest = replace(HOOK, target="https://hooks.example/2", digest=Digest(at=time(7), zone="UTC"))
    planned = subscriptions.add(digest, desk.now, next_at=desk.now + timedelta(hours=25))
    desk.later(days=30)
    waiting, held = subscriptions.add(HOOK, desk.now), subscriptions.add(HOOK, desk.now)
    seq = changed()
    claimed = subscriptions.claim(waiting.id, now=desk.now, until=desk.now + LEASE)
    subscriptions.failed(claimed, tried(desk, seq, reason="No."), next_at=desk.now + timedelta(hours=8), since=desk.now)
    assert subscriptions.claim(held.id, now=desk.now, until=desk.now + LEASE)
    desk.later(days=-30)
    assert subscriptions.mend_times(now=desk.now, latest=timedelta(days=2)) == 3
    assert subscriptions.mend_times(now=desk.now, latest=timedelta(days=2)) == 0
    assert [one.id for one in subscriptions.due(desk.now)[1]] == [waiting.id, held.id]
    assert subscriptions.get(planned.id).next_at == planned.next_at


def test_only_the_newest_attempts_are_kept(desk, subscriptions, changed, monkeypatch):
    monkeypatch.setattr("tracker.store.subscriptions.ATTEMPTS_KEPT", 3)
    made, seq = subscriptions.add(HOOK, desk.now), changed()
    one = subscriptions.claim(made.id, now=desk.now, until=desk.now + LEASE)
    for _ in range(5):
        desk.later(seconds=1)
        subscriptions.told(one, tried(desk, seq), until=desk.now + LEASE)
    kept = subscriptions.attempts(made.id, limit=ATTEMPTS_KEPT)
    assert [(desk.now - made.at).seconds for made in kept] == [0, 1, 2]


def test_what_waits_comes_in_order_a_bounded_part_at_a_time(desk, subscriptions, changed):
    made = subscriptions.add(HOOK, desk.now)
    seqs = [changed() for _ in range(5)]
    first = subscriptions.waiting(made, after=made.cursor, limit=2)
    assert ([one.seq for one in first.notices], first.until) == (seqs[:2], seqs[1])
    rest = subscriptions.waiting(made, after=first.until, limit=9)
    assert [one.seq for one in rest.notices] == seqs[2:]
    assert subscriptions.waiting(made, after=rest.until, limit=9).notices == ()


def test_a_rare_change_is_found_stretch_by_stretch(desk, subscriptions, changed, monkeypatch):
    monkeypatch.setattr("tracker.store.notices.LOOKED_THROUGH", 2)
    made = subscriptions.add(replace(HOOK, only=Filter(facet="negation")), desk.now)
    seqs = [changed() for _ in range(7)]
    after, looks = made.cursor, 0
    while (found := subscriptions.waiting(made, after=after, limit=5)).until > after:
        assert found.notices == ()
        after, looks = found.until, looks + 1
    assert after >= seqs[-1]
    assert looks >= 3


def test_an_article_that_became_part_of_another_is_followed_there(desk, subscriptions):
    one, other = desk.track(1), desk.track(2)
    for article in (one, other):
        desk.change(article, f"First text of {article.id}.")
    made = subscriptions.add(replace(HOOK, scope=Scope(article_id=other.id)), desk.now)
    desk.later(minutes=1)
    desk.store.articles.merge(other.id, one.id, reason="One story.", now=desk.now)
    (event,) = desk.change(one, "Another text.").events
    assert [found.seq for found in subscriptions.waiting(made, after=made.cursor, limit=9).notices] == [event.seq]
    third = desk.track(3)
    desk.change(third, "First text of 3.")
    desk.store.articles.merge(one.id, third.id, reason="One story.", now=desk.now)
    (later,) = desk.change(third, "A third text.").events
    assert [found.seq for found in subscriptions.waiting(made, after=event.seq, limit=9).notices] == [later.seq]


def test_of_a_text_that_goes_back_and_forth_only_the_first_time_is_told(desk, subscriptions):
    made, article = subscriptions.add(HOOK, desk.now), desk.track()
    desk.change(article, "One text.")
    (first,) = desk.change(article, "Another text.").events
    decision = desk.new_text(desk.store.articles.get(article.id), "A third text.")
    desk.keep(replace(decision, event=replace(decision.event, alternates_with=first.id)))
    assert [one.seq for one in subscriptions.waiting(made, after=made.cursor, limit=9).notices] == [first.seq]


def test_a_search_is_told_what_it_finds_on_its_side_and_nothing_else(desk, subscriptions, changed):
    wanted = {side: read_query("2", side) for side in (None, *Side)} | {"nowhere": read_query("-2 text nowhere")}
    made = {name: subscriptions.add(replace(HOOK, scope=Scope(search=one)), desk.now) for name, one in wanted.items()}
    _, put_in, taken_out, _ = (changed() for _ in range(4))
    index(desk.store)
    told = {name: subscriptions.waiting(one, after=one.cursor, limit=9) for name, one in made.items()}
    assert {name: [one.seq for one in waiting.notices] for name, waiting in told.items()} == {
        None: [put_in, taken_out],
        Side.INSERTED: [put_in],
        Side.DELETED: [taken_out],
        "nowhere": [],
    }
    assert all(waiting.until > taken_out for waiting in told.values())
    assert [one.seq for one in subscriptions.waiting(made[None], after=put_in, limit=9).notices] == [taken_out]


def test_what_is_not_indexed_yet_holds_back_a_search_until_it_is(desk, subscriptions, changed):
    made = subscriptions.add(replace(HOOK, scope=Scope(search=read_query("1"))), desk.now)
    seq = changed()
    assert subscriptions.waiting(made, after=made.cursor, limit=9).until < seq
    assert subscriptions.waiting(made, after=made.cursor, limit=9).notices == ()
    index(desk.store)
    assert [one.seq for one in subscriptions.waiting(made, after=made.cursor, limit=9).notices] == [seq]


def test_a_search_is_told_that_what_it_found_is_retracted_and_that_a_text_is_withdrawn(desk, subscriptions, changed):
    found, other = (subscriptions.add(replace(HOOK, scope=Scope(search=read_query(word))), desk.now) for word in ("1", "unheard"))
    seq = changed()
    index(desk.store)
    desk.store.retract(1, reason="Misread.", now=desk.later(minutes=1))
    waiting = [subscriptions.waiting(one, after=seq, limit=9).notices for one in (found, other)]
    assert [[one.kind for one in notices] for notices in waiting] == [[NoticeKind.RETRACTED], []]
    desk.store.takedowns.hide(Wanted(article_id=1, reason="A court said so."), desk.later(minutes=1), lambda *_: False)
    index(desk.store)
    waiting = [subscriptions.waiting(one, after=seq + 1, limit=9).notices for one in (found, other)]
    assert [[one.change.event.kind for one in notices][-1:] for notices in waiting] == [[EventKind.WITHDRAWN]] * 2


def test_an_alarm_is_a_notice_and_so_is_its_end_and_readers_get_none(desk, subscriptions):
    operator = subscriptions.add(replace(HOOK, of_alarms=True), desk.now)
    reader = subscriptions.add(HOOK, desk.now)
    for found in ("Nothing new.", "Nothing new.", None, None):
        desk.store.alarms.settle("news", {AlarmKind.SILENT: found}, desk.later(minutes=1))
    waiting = subscriptions.waiting(operator, after=operator.cursor, limit=9)
    assert [(one.kind, one.alarm.source) for one in waiting.notices] == [(NoticeKind.RAISED, "news"), (NoticeKind.RECOVERED, "news")]
    assert waiting.notices[0].seq < waiting.notices[1].seq
    assert subscriptions.waiting(reader, after=reader.cursor, limit=9).notices == ()


def test_what_config_yaml_declares_is_there_and_what_it_names_no_longer_is_not(desk, subscriptions):
    by_hand = subscriptions.add(HOOK, desk.now)
    mail = Wish(channel=Channel.MAIL, target="ops@example.org", of_alarms=True)
    hook = Wish(channel=Channel.WEBHOOK, target="https://hooks.example/ops", of_alarms=True)
    subscriptions.declare([(mail, None), (hook, "whsec_a")], desk.now)
    first = {one.wish.target: one for one in subscriptions.all() if one.declared}
    assert first["https://hooks.example/ops"].secret == "whsec_a"
    subscriptions.declare([(mail, None), (hook, "whsec_b")], desk.later(minutes=1))
    second = {one.wish.target: one for one in subscriptions.all() if one.declared}
    assert second["ops@example.org"] == first["ops@example.org"]
    assert second["https://hooks.example/ops"] == replace(first["https://hooks.example/ops"], secret="whsec_b")
    subscriptions.declare([], desk.now)
    assert subscriptions.all() == (by_hand,)


def test_with_a_subscription_its_alarm_ends_whoever_ends_it(desk, subscriptions):
    declared = Wish(channel=Channel.MAIL, target="ops@example.org", of_alarms=True)
    by_hand = subscriptions.add(HOOK, desk.now)
    subscriptions.declare([(declared, None)], desk.now)
    for one in subscriptions.all():
        desk.store.alarms.settle(f"subscription {one.id}", {AlarmKind.UNDELIVERED: "It is paused."}, desk.now)
    subscriptions.declare([], desk.now)
    assert [one.source for one in desk.store.alarms.standing()] == [f"subscription {by_hand.id}"]
    subscriptions.remove(by_hand.id, desk.now)
    assert desk.store.alarms.standing() == ()


def test_what_config_yaml_declares_may_exchange_its_secrets_and_hand_them_on(desk, subscriptions):
    one, other, third = (Wish(channel=Channel.WEBHOOK, target=f"https://hooks.example/{name}", of_alarms=True) for name in "abc")
    for declared in (
        [(one, "whsec_a"), (other, "whsec_b")],
        [(one, "whsec_b"), (other, "whsec_a")],
        [(third, "whsec_b"), (one, "whsec_c")],
    ):
        subscriptions.declare(declared, desk.now)
        assert {made.wish: made.secret for made in subscriptions.all()} == dict(declared)


def test_a_secret_that_another_subscription_has_is_refused_and_not_repeated(desk, subscriptions):
    by_hand = subscriptions.add(HOOK, desk.now)
    with pytest.raises(SecretTaken, match=f"the secret of subscription {by_hand.id}:") as caught:
        subscriptions.declare([(replace(HOOK, of_alarms=True), by_hand.secret)], desk.now)
    assert by_hand.secret not in str(caught.value)
    assert subscriptions.all() == (by_hand,)
