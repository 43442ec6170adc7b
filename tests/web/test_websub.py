"""A hub on loopback and the real application: verification, pushes, forged and replayed ones."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta

import aiohttp
import pytest
from aiohttp import web

from tracker.fetch.client import Client, Limits
from tracker.model import Because
from tracker.scheduler.hubs import ask_hubs
from tracker.web import websub

from .conftest import FEED, read_feed_with

BODY = b"<feed>A new article by Quimbleton</feed>"


def signed(subscription, body=BODY, algorithm="sha256"):
    return {"x-hub-signature": f"{algorithm}={hmac.new(subscription.secret.encode(), body, algorithm).hexdigest()}"}


@pytest.fixture
async def session():
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
def callback(base, subscription):
    return f"{base}/websub/{subscription.token}"


@pytest.fixture
def verified(store, subscription, clock):
    """Confirmed, and five minutes after the feed was read."""
    store.hub_subscriptions.verified(subscription.token, lease=timedelta(days=1), now=clock())
    clock.advance(minutes=5)
    return subscription


def feed(store):
    return store.articles.source("bbc").feeds[0]


def intent(**changed):
    said = {"mode": "subscribe", "topic": FEED, "challenge": "c&h <b>", "lease_seconds": "86400"} | changed
    return {f"hub.{name}": value for name, value in said.items() if value is not None}


async def test_a_hub_that_is_asked_verifies_and_its_push_makes_the_feed_due(store, base, session, clock):
    """The whole way, as a hub goes it."""
    forms, echoed = [], []

    async def hub(request):
        forms.append(form := await request.post())
        said = intent(topic=form["hub.topic"])
        async with session.get(form["hub.callback"], params=said) as answer:
            echoed.append((answer.status, await answer.text()))
        return web.Response(status=202)

    app = web.Application()
    app.router.add_post("/hub", hub)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    address = f"127.0.0.1:{runner.addresses[0][1]}"
    read_feed_with(f"http://{address}/hub", store, clock())
    clock.advance(minutes=5)
    limits = Limits(timeout=timedelta(seconds=5), article_bytes=1_000)
    async with Client(user_agent="tracker-test", limits=limits, allowed=[address], clock=clock) as client:
        await ask_hubs(store, client, base, clock)
    await runner.cleanup()
    assert echoed == [(200, "c&h <b>")]
    callback = forms[0]["hub.callback"]
    now = store.hub_subscriptions.by_token(callback.removeprefix(f"{base}/websub/"))
    assert (now.verified_at, now.leased_until) == (clock(), clock() + timedelta(days=1))
    async with session.post(callback, data=BODY, headers=signed(now)) as answer:
        assert answer.status == 202
    assert (feed(store).next_poll_at, feed(store).because) == (clock(), Because.HINT)


async def test_a_verification_is_no_page(callback, session):
    async with session.get(callback, params=intent()) as answer:
        assert (answer.status, await answer.text()) == (200, "c&h <b>")
        assert answer.headers["content-type"].startswith("text/plain")
        assert (answer.headers["x-content-type-options"], answer.headers["cache-control"]) == ("nosniff", "no-store")


@pytest.mark.parametrize("changed", [{"topic": "https://other.example/"}, {"topic": None}, {"mode": "unsubscribe"}, {"challenge": None}])
async def test_what_was_not_asked_for_is_not_verified(callback, session, store, subscription, changed):
    async with session.get(callback, params=intent(**changed)) as answer:
        assert answer.status == 404
    assert store.hub_subscriptions.by_token(subscription.token) == subscription


async def test_long_after_it_was_asked_a_hub_verifies_no_more(callback, session, clock):
    clock.advance(hours=1, seconds=1)
    async with session.get(callback, params=intent()) as answer:
        assert answer.status == 404


@pytest.mark.parametrize(("told", "days"), [(None, 10), ("x", 10), ("-5", 10), ("0", 10), ("9" * 5000, 365)])
async def test_a_lease_that_is_none_is_the_usual_one(callback, session, store, subscription, clock, told, days):
    async with session.get(callback, params=intent(lease_seconds=told)) as answer:
        assert answer.status == 200
    assert store.hub_subscriptions.by_token(subscription.token).leased_until == clock() + timedelta(days=days)


async def test_a_denial_is_noted(callback, session, store, verified, caplog):
    async with session.get(callback, params=intent(mode="denied", reason="too many")) as answer:
        assert answer.status == 200
    assert store.hub_subscriptions.by_token(verified.token).verified_at is None
    assert f"The WebSub hub https://hub.example/ denies {FEED}: too many" in caplog.text


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_an_unknown_token_is_not_found(base, session, subscription, method):
    async with session.request(method, f"{base}/websub/{subscription.token[:-1]}", data=BODY, headers=signed(subscription)) as answer:
        assert answer.status == 404


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sha384", "sha512"])
async def test_a_push_signed_in_any_way_that_websub_knows_counts(callback, session, store, verified, clock, algorithm):
    async with session.post(callback, data=BODY, headers=signed(verified, algorithm=algorithm)) as answer:
        assert (answer.status, await answer.read()) == (202, b"")
    assert feed(store).next_poll_at == clock()


FORGED = {
    "none": None,
    "empty": "",
    "no digest": "sha256=",
    "another algorithm": "md5=" + hashlib.md5(BODY).hexdigest(),
    "no hexadecimal": "sha256=" + "x" * 64,
    "another secret": "sha256=" + hmac.new(b"guess", BODY, "sha256").hexdigest(),
    "no secret": "sha256=" + hashlib.sha256(BODY).hexdigest(),
}


@pytest.mark.parametrize("signature", FORGED.values(), ids=FORGED)
async def test_a_forged_push_is_answered_alike_and_ignored(callback, session, store, verified, signature):
    before = feed(store)
    async with session.post(callback, data=BODY, headers={"x-hub-signature": signature} if signature is not None else {}) as answer:
        assert answer.status == 202
    assert feed(store) == before


async def test_a_signature_of_another_body_is_ignored(callback, session, store, verified):
    before = feed(store)
    async with session.post(callback, data=BODY + b" ", headers=signed(verified)) as answer:
        assert answer.status == 202
    assert feed(store) == before


async def test_a_push_before_the_hub_verified_is_ignored(callback, session, store, subscription, clock):
    clock.advance(minutes=5)
    before = feed(store)
    async with session.post(callback, data=BODY, headers=signed(subscription)) as answer:
        assert answer.status == 202
    assert feed(store) == before


async def test_a_push_that_is_replayed_changes_nothing_more(callback, session, store, verified):
    async with session.post(callback, data=BODY, headers=signed(verified)):
        pass
    version, due = store.version(), feed(store)
    for _ in range(3):
        async with session.post(callback, data=BODY, headers=signed(verified)) as answer:
            assert answer.status == 202
    assert (store.version(), feed(store)) == (version, due)


async def test_a_push_that_is_longer_than_any_feed_is_cut_off(callback, session, store, verified, monkeypatch):
    monkeypatch.setattr(websub, "PUSHED_BYTES", len(BODY) - 1)
    before = feed(store)
    async with session.post(callback, data=BODY, headers=signed(verified)) as answer:
        assert answer.status == 202
    assert feed(store) == before


async def test_nothing_of_a_push_is_kept(callback, session, store, verified, tmp_path, caplog):
    caplog.set_level("DEBUG")
    async with session.post(callback, data=BODY, headers=signed(verified)):
        pass
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and b"Quimbleton" in path.read_bytes()]
    assert "Quimbleton" not in caplog.text


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE"])
async def test_other_methods_are_refused(callback, session, store, subscription, method):
    async with session.request(method, callback, params=intent()) as answer:
        assert answer.status == 405
    assert store.hub_subscriptions.by_token(subscription.token) == subscription
