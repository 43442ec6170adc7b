"""The end of a mail subscription over real HTTP: one click as RFC 8058 says, a page for people, nothing for those who only look."""

from __future__ import annotations

import aiohttp
import pytest

from tracker.errors import NotFound
from tracker.model import AlarmKind, Channel, Wish

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
MAIL = Wish(channel=Channel.MAIL, target="reader@example.org")


@pytest.fixture
async def session():
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
def subscribed(store, clock):
    return store.subscriptions.add(MAIL, clock())


@pytest.fixture
def address(base, subscribed):
    return f"{base}/unsubscribe/{subscribed.secret}"


async def test_one_click_ends_it_and_the_address_is_deleted(store, session, address, subscribed, clock):
    store.alarms.settle(f"subscription {subscribed.id}", {AlarmKind.UNDELIVERED: "Paused."}, clock())
    async with session.post(address, data=ONE_CLICK, allow_redirects=False) as answer:
        assert answer.status == 200
        assert "has ended" in await answer.text()
    with pytest.raises(NotFound):
        store.subscriptions.get(subscribed.id)
    assert store.alarms.standing() == ()
    async with session.post(address, data=ONE_CLICK) as again:
        assert again.status == 404


async def test_looking_at_the_address_ends_nothing(store, session, address, subscribed):
    """Programs that look for malware open all that is in a mail."""
    for ask in (session.get, session.head):
        async with ask(address) as answer:
            assert answer.status == 200
            assert answer.headers["cache-control"] == "no-store"
            assert answer.headers["x-robots-tag"] == "noindex"
    assert store.subscriptions.get(subscribed.id) == subscribed


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_an_address_that_was_guessed_or_cut_ends_nothing(store, session, address, subscribed, method):
    for wrong in (address[:-1], f"{address}x", address.replace(subscribed.secret, "0"), address.replace(subscribed.secret, "%00")):
        async with session.request(method, wrong) as answer:
            assert answer.status == 404
    assert store.subscriptions.get(subscribed.id) == subscribed


async def test_a_webhooks_secret_and_what_config_yaml_declares_are_no_addresses(store, base, session, clock):
    hook = store.subscriptions.add(Wish(channel=Channel.WEBHOOK, target="https://hooks.example/1"), clock())
    store.subscriptions.declare([(MAIL, None)], clock())
    for one in store.subscriptions.all():
        async with session.post(f"{base}/unsubscribe/{one.secret}", data=ONE_CLICK) as answer:
            assert answer.status == 404
    assert len(store.subscriptions.all()) == 2
    assert hook.secret.startswith("whsec_")


async def test_another_method_is_told_which_there_are(session, address):
    async with session.put(address) as answer:
        assert answer.status == 405
        assert "POST" in answer.headers["allow"]


def test_a_reader_ends_it_with_the_button_in_a_browser(browser, address, store, subscribed):
    page = browser.new_page()
    page.goto(address)
    page.get_by_role("button", name="End the subscription").click()
    page.get_by_role("heading", name="The subscription has ended").wait_for()
    assert store.subscriptions.all() == ()
