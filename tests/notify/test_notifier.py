"""Subscriptions served over real HTTP: at least once, in order, each by itself, and never what was taken down or is not shown yet."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

import pytest

from tracker.errors import NotDelivered, Unusable
from tracker.model import AlarmKind, Filter, Scope, Significance, TakedownScope
from tracker.notify.notifier import LEASE, PER_HOST
from tracker.notify.timing import LONGEST_WAIT
from tracker.scheduler.emit import entry_id
from tracker.store.hiding import Wanted

TOLD = (
    "The council met on Monday to talk about the old bridge over the river.",
    "Work begins in the spring, and will take two years at the least.",
)


async def tries(notifier, store, clock, times=1):
    """Each time when the earliest is due again."""
    for _ in range(times):
        waiting = [one.next_at for one in store.subscriptions.all() if one.paused_at is None and one.failing_since is not None]
        if waiting:
            clock.at = max(clock.at, min(waiting))
        await notifier.settle()


async def test_each_event_comes_once_in_order_signed_under_the_id_of_its_entry(desk, receiver, notifier, subscribe, store):
    made = subscribe(receiver.url)
    events = desk.change(desk.article(), times=3)
    await notifier.settle()
    await notifier.settle()
    assert receiver.events == events
    assert receiver.all_signed_by(made.secret)
    ids = [headers["webhook-id"] for headers, _ in receiver.got]
    assert ids == [entry_id(store.installation_id, one).removeprefix("urn:uuid:") for one in events]
    assert store.subscriptions.get(made.id).failures_count == 0
    assert [one.reason for one in store.subscriptions.attempts(made.id, limit=9)] == [None] * 3


async def test_what_was_before_the_subscription_is_not_told(desk, receiver, notifier, subscribe):
    article = desk.article()
    desk.change(article)
    subscribe(receiver.url)
    await notifier.settle()
    assert receiver.got == []


async def test_a_receiver_that_fails_is_killed_and_comes_back_gets_each_event_in_order(
    desk, receiver, notifier, subscribe, store, clock
):
    """For a minute and more: errors, then nobody there, then a restart in which it answers one of two."""
    made, article = subscribe(receiver.url), desk.article()
    began = clock()
    receiver.statuses = [500, 503, 502, 500]
    events = desk.change(article, times=2)
    await tries(notifier, store, clock, 3)
    await receiver.stop()
    events += desk.change(article)
    await tries(notifier, store, clock, 2)
    assert receiver.got == []
    assert clock() - began > timedelta(minutes=1)
    await receiver.start()
    receiver.statuses = [204, 500] * 6 + [204]
    events += desk.change(article, times=2)
    await tries(notifier, store, clock, 8)
    assert receiver.events == events
    assert receiver.all_signed_by(made.secret)
    reasons = [one.reason for one in store.subscriptions.attempts(made.id, limit=50) if one.reason]
    assert any("status 503" in reason for reason in reasons)
    assert any("could not be reached" in reason for reason in reasons)


async def test_an_attempt_that_broke_before_its_cursor_moved_is_made_again_under_the_same_id(
    desk, receiver, notifier, subscribe, store, clock, monkeypatch
):
    """What a kill between the answer and the commit leaves behind."""
    subscribe(receiver.url)
    (event,) = desk.change(desk.article())
    original = store.subscriptions.__class__.told
    monkeypatch.setattr(store.subscriptions.__class__, "told", lambda *_, **__: False)
    await notifier.settle()
    monkeypatch.setattr(store.subscriptions.__class__, "told", original)
    await notifier.settle()
    assert receiver.events == [event], "the lease is still held"
    clock.advance(seconds=LEASE.total_seconds() + 1)
    await notifier.settle()
    assert receiver.events == [event, event]
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1


async def test_a_slow_receiver_delays_no_other(desk, receiver_at, notifier, subscribe):
    slow, quick = await receiver_at(waits=asyncio.Event()), await receiver_at()
    for _ in range(PER_HOST - 1):
        subscribe(slow.url)
    subscribe(quick.url)
    events = desk.change(desk.article(), times=5)
    await notifier.look()
    await quick.until(lambda: len(quick.got) == 5)
    assert quick.events == events
    assert slow.got == []
    slow.waits.set()
    await notifier.settle()
    assert sorted(slow.events) == sorted(events * (PER_HOST - 1))


async def test_one_host_is_asked_by_a_few_at_once_however_many_subscriptions_lead_there(desk, receiver_at, notifier, subscribe):
    slow = await receiver_at(waits=asyncio.Event())
    for _ in range(3 * PER_HOST):
        subscribe(slow.url)
    desk.change(desk.article())
    await notifier.look()
    await slow.until(lambda: slow.inside == PER_HOST)
    slow.waits.set()
    await notifier.settle()
    assert slow.most_inside == PER_HOST
    assert len(slow.got) == 3 * PER_HOST


async def test_a_receiver_that_takes_nothing_for_days_is_given_up_once_and_goes_on_where_it_stopped(
    desk, receiver_at, notifier, subscribe, store, clock, caplog
):
    receiver, operator = await receiver_at(statuses=[500]), await receiver_at()
    made = subscribe(receiver.url)
    subscribe(operator.url, of_alarms=True)
    events = desk.change(desk.article())
    with caplog.at_level(logging.WARNING):
        await tries(notifier, store, clock, 30)
    paused = store.subscriptions.get(made.id)
    assert paused.paused_at is not None
    assert "status 500" in paused.paused_because
    assert paused.paused_at - made.created_at <= timedelta(days=5) + LONGEST_WAIT
    assert caplog.text.count("is paused") == 1
    (alarm,) = store.alarms.standing()
    assert (alarm.kind, alarm.source) == (AlarmKind.UNDELIVERED, f"subscription {made.id}")
    receiver.statuses = [204]
    await notifier.settle()
    assert receiver.got == []
    store.subscriptions.resume(made.id, clock())
    await notifier.settle()
    assert receiver.events == events
    assert store.alarms.standing() == ()
    await notifier.settle()
    assert [one["type"] for one in operator.said] == ["alarm.raised", "alarm.recovered"]


async def test_a_receiver_that_is_gone_is_asked_no_more(desk, receiver, notifier, subscribe, store):
    receiver.statuses = [410]
    made = subscribe(receiver.url)
    desk.change(desk.article())
    await notifier.settle()
    assert store.subscriptions.get(made.id).paused_at is not None


async def test_a_wait_that_a_receiver_asks_for_is_kept(desk, receiver, notifier, subscribe, store, clock):
    receiver.statuses, receiver.headers = [429], {"Retry-After": "600"}
    made = subscribe(receiver.url)
    desk.change(desk.article())
    await notifier.settle()
    assert store.subscriptions.get(made.id).next_at == clock() + timedelta(minutes=10)


async def test_two_processes_over_one_store_tell_each_event_once(desk, receiver, notifier_with, subscribe):
    one, other = await notifier_with(), await notifier_with()
    subscribe(receiver.url)
    events = desk.change(desk.article(), times=6)
    await asyncio.gather(one.settle(), other.settle(), one.settle(), other.settle())
    assert receiver.events == events


# --- what is told, and what is not -----------------------------------------------------------------


async def test_scopes_and_filters_let_through_what_they_say(desk, receiver_at, notifier, subscribe):
    first, second, elsewhere = desk.article(1), desk.article(2), desk.article(1, source="other")
    wishes = {
        "all": {},
        "source": {"scope": Scope(source="other")},
        "article": {"scope": Scope(article_id=second)},
        "major": {"only": Filter(significance=Significance.MAJOR)},
        "names": {"only": Filter(facet="names")},
    }
    receivers = {name: await receiver_at() for name in wishes}
    for name, wish in wishes.items():
        subscribe(receivers[name].url, **wish)
    one, two, three = (desk.change(article)[0] for article in (first, second, elsewhere))
    await notifier.settle()
    said = {(event["id"], event["significance"], tuple(event["facets"])) for event in (each["data"] for each in receivers["all"].said)}
    got = {name: each.events for name, each in receivers.items()}
    assert got["all"] == [one, two, three]
    assert (got["source"], got["article"]) == ([three], [two])
    assert got["major"] == [number for number, significance, _ in sorted(said) if significance == "major"]
    assert got["names"] == []


async def test_a_text_that_is_taken_down_before_it_was_taken_is_never_sent(desk, receiver, notifier, subscribe, store, clock):
    receiver.statuses = [500]
    subscribe(receiver.url)
    article = desk.article()
    clock.advance(minutes=1)
    desk.read(article, *TOLD, "Mr Quimbleton of 5 Elm Road was seen at the bridge, said a man.", headline="Quimbleton seen")
    assert len(store.revisions.history(article)) == 2
    await notifier.settle()
    hide(store, article, clock)
    receiver.statuses = [204]
    await tries(notifier, store, clock, 3)
    assert not any(word in body for _, body in receiver.got for word in (b"uimbleton", b"Elm Road"))
    assert [one["type"] for one in receiver.said] == ["event.withdrawn"]


def hide(store, article_id, clock):
    named = Wanted(article_id=article_id, reason="A court said so.")
    assert named.scope is TakedownScope.ARTICLE
    store.takedowns.hide(named, clock(), lambda *_: False)


async def test_what_failed_and_was_taken_down_since_does_not_count_when_something_fails_again(
    desk, receiver, notifier, subscribe, store, clock
):
    receiver.statuses = [500]
    made = subscribe(receiver.url, only=Filter(facet="numbers"))  # a withdrawal has no facet
    article = desk.article()
    desk.change(article)
    await notifier.settle()
    assert store.subscriptions.get(made.id).failing_since is not None
    hide(store, article, clock)
    await tries(notifier, store, clock)
    assert store.subscriptions.get(made.id).failing_since is None
    clock.advance(days=30)
    desk.change(desk.article(2))
    await notifier.settle()
    failing = store.subscriptions.get(made.id)
    assert failing.failing_since == clock()
    assert failing.paused_at is None


@pytest.mark.parametrize("step", ["claim", "told"])
async def test_a_store_that_cannot_answer_is_waited_for_and_no_mistake_of_the_program(
    desk, receiver, notifier, subscribe, store, clock, monkeypatch, caplog, step
):
    def fail(*_, **__):
        raise Unusable(url="postgresql://", why="the server was restarted")

    subscribe(receiver.url)
    events = desk.change(desk.article())
    with monkeypatch.context() as patch, caplog.at_level(logging.WARNING):
        patch.setattr(store.subscriptions.__class__, step, fail)
        await notifier.settle()
    assert "waits" in caplog.text
    assert "restarted" in caplog.text
    assert "mistake" not in caplog.text
    clock.advance(seconds=LEASE.total_seconds() + 1)
    await notifier.settle()
    assert dict.fromkeys(receiver.events) == dict.fromkeys(events)


async def test_an_event_that_is_not_shown_yet_is_told_when_it_is_and_what_follows_waits_behind_it(
    desk, receiver, notifier, subscribe, clock, store
):
    desk.declare(timedelta(minutes=30))
    made = subscribe(receiver.url)
    withheld, open_one = desk.article(1), desk.article(1, source="other")
    first, second = desk.change(withheld)[0], desk.change(open_one)[0]
    await notifier.settle()
    assert receiver.got == []
    assert store.subscriptions.attempts(made.id, limit=1) == ()
    clock.advance(minutes=30)
    await notifier.settle()
    assert receiver.events == [first, second]


async def test_who_wishes_for_another_source_waits_for_nothing(desk, receiver, notifier, subscribe):
    desk.declare(timedelta(minutes=30))
    subscribe(receiver.url, scope=Scope(source="other"))
    desk.change(desk.article(1))
    (event,) = desk.change(desk.article(1, source="other"))
    await notifier.settle()
    assert receiver.events == [event]


async def test_a_change_that_is_retracted_is_taken_back_under_another_id(desk, receiver, notifier, subscribe, store, clock):
    subscribe(receiver.url)
    (event,) = desk.change(desk.article())
    await notifier.settle()
    store.retract(event, reason="Our reader broke.", now=clock.advance(minutes=1))
    await notifier.settle()
    store.undo_retraction(event, now=clock.advance(minutes=1))
    await notifier.settle()
    assert [one["type"] for one in receiver.said] == ["event.changed", "event.retracted", "event.reinstated"]
    assert receiver.said[1]["data"]["retraction"]["reason"] == "Our reader broke."
    assert "deleted" not in receiver.said[1]["data"]["html"]
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 3
    assert receiver.events == [event] * 3


async def test_an_error_of_ours_that_was_not_told_yet_is_told_as_one_only(desk, receiver, notifier, subscribe, store, clock):
    subscribe(receiver.url)
    (event,) = desk.change(desk.article())
    store.retract(event, reason="Our reader broke.", now=clock())
    await notifier.settle()
    assert [one["type"] for one in receiver.said] == ["event.retracted"]


async def test_a_message_carries_changed_sentences_with_their_neighbours_not_the_text(desk, receiver, notifier, subscribe, clock):
    subscribe(receiver.url)
    article = desk.article()
    sentences = [f"Sentence number {word} of a long story stands here." for word in "abcdefghijklmnop"]
    clock.advance(minutes=1)
    desk.read(article, *sentences)
    clock.advance(minutes=1)
    desk.read(article, "The first one is another by now, they say.", *sentences[1:])
    await notifier.settle()
    html = receiver.said[-1]["data"]["html"]
    assert "another by now" in html
    assert "number p " not in html


async def test_alarms_go_to_those_who_wish_for_them_once_and_when_they_are_over(desk, receiver_at, notifier, subscribe, store, clock):
    operator, reader = await receiver_at(), await receiver_at()
    made = subscribe(operator.url, of_alarms=True)
    subscribe(reader.url)
    found = {AlarmKind.SILENT: "Its feeds have listed nothing new for 3 days."}
    for _ in range(2):
        store.alarms.settle("news", found, clock())
        await notifier.settle()
    store.alarms.settle("news", {AlarmKind.SILENT: None}, clock.advance(hours=1))
    await notifier.settle()
    assert [(one["type"], one["data"]["about"]) for one in operator.said] == [("alarm.raised", "news"), ("alarm.recovered", "news")]
    assert operator.all_signed_by(made.secret)
    assert reader.got == []


async def test_a_cursor_far_behind_is_moved_though_nothing_was_told(desk, receiver, notifier, subscribe, store, monkeypatch):
    monkeypatch.setattr("tracker.notify.notifier.PASSED_OVER", 5)
    made = subscribe(receiver.url, scope=Scope(source="other"))
    desk.change(desk.article(), times=4)
    await notifier.settle()
    assert store.subscriptions.get(made.id).cursor >= 5
    (event,) = desk.change(desk.article(1, source="other"))
    await notifier.settle()
    assert receiver.events == [event]


# --- where it is sent ------------------------------------------------------------------------------


async def test_a_redirect_is_not_followed(desk, receiver_at, notifier, subscribe, store):
    target = await receiver_at()
    redirecting = await receiver_at(statuses=[307], headers={"Location": target.url})
    made = subscribe(redirecting.url)
    desk.change(desk.article())
    await notifier.settle()
    assert target.got == []
    assert "redirect" in store.subscriptions.attempts(made.id, limit=1)[0].reason


async def test_a_private_address_is_not_asked(desk, receiver, notifier_with, subscribe, store):
    notifier = await notifier_with(allowed=())
    made = subscribe(f"http://localhost:{receiver.port}/hook")
    plain = subscribe(receiver.url)
    desk.change(desk.article())
    await notifier.settle()
    assert receiver.got == []
    for one in (made, plain):
        assert "is not asked" in store.subscriptions.attempts(one.id, limit=1)[0].reason


async def test_a_test_message_is_sent_at_once_and_says_what_is_wrong(receiver, notifier, subscribe, store):
    made = subscribe(receiver.url)
    await notifier.try_out(made)
    assert receiver.said[0]["type"] == "test"
    assert receiver.all_signed_by(made.secret)
    receiver.statuses = [404]
    with pytest.raises(NotDelivered, match="status 404"):
        await notifier.try_out(made)


async def test_hostile_words_are_data_in_a_message(desk, receiver, notifier, subscribe, clock):
    made = subscribe(receiver.url)
    article = desk.article()
    clock.advance(minutes=1)
    desk.read(article, *TOLD, "<script>alert(1)</script> said \u202eevil\r\nwebhook-id: x", headline='A\r\nX-Evil: 1 "<b>\u202e\x00')
    await notifier.settle()
    ((headers, _),) = receiver.got
    data = receiver.said[0]["data"]
    assert receiver.all_signed_by(made.secret)
    assert "x-evil" not in headers
    assert "<script" not in data["html"]
    assert data["title"] == 'A X-Evil: 1 "<b>'
