"""A hub on loopback that feeds name, asked as WebSub says; what it does or does not holds nothing up."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web

from tracker.fetch.client import Client
from tracker.scheduler.hubs import ask_hubs, keep_subscribed

BASE = "https://tracker.example"


@pytest.fixture
def hub(site):
    """At /hub of the site; what it was sent."""
    site.status("/hub", 202)
    return site.forms


def named(site, hub_url, **headers):
    """The feed, with a hub or without."""
    link = f"<link rel='hub' href='{hub_url}'/>" if hub_url else ""
    atom = f"<feed xmlns='http://www.w3.org/2005/Atom'><title>x</title>{link}</feed>"
    site.answers["/feed"] = lambda _: web.Response(text=atom, content_type="application/atom+xml", headers=headers)


async def ask(program, clock):
    await ask_hubs(program.store, program.poller._client, BASE, clock)


async def test_the_hub_that_a_feed_names_is_asked(program, site, hub, clock):
    named(site, "/hub")
    await program.poll()
    await ask(program, clock)
    (form,) = hub
    token = form["hub.callback"].removeprefix(f"{BASE}/websub/")
    assert program.store.hub_subscriptions.by_token(token).secret == form["hub.secret"]
    assert len(token) > 40
    assert len(form["hub.secret"]) < 200
    assert (form["hub.mode"], form["hub.topic"], form["hub.lease_seconds"]) == ("subscribe", site.url("/feed"), "864000")
    await ask(program, clock)
    assert len(hub) == 1


async def test_a_hub_in_a_link_header_is_asked(program, site, hub, clock):
    named(site, None, Link='</hub>; rel="hub", <https://topic.example/>; rel="self"')
    await program.poll()
    await ask(program, clock)
    assert [form["hub.topic"] for form in hub] == ["https://topic.example/"]


async def test_a_feed_without_a_hub_asks_none(program, site, hub, clock):
    named(site, None)
    await program.poll()
    await ask(program, clock)
    assert hub == []


async def test_a_hub_at_a_forbidden_address_hears_nothing(program, site, hub, clock, caplog):
    caplog.set_level("INFO")
    named(site, "/hub")
    await program.poll()
    client = Client(user_agent="tracker-test", limits=program.poller._client.limits, clock=clock)
    async with client:
        await ask_hubs(program.store, client, BASE, clock)
    assert hub == []
    assert "No subscription to" in caplog.text


async def test_a_hub_that_refuses_is_asked_later_and_polling_goes_on(program, site, clock, caplog):
    caplog.set_level("INFO")
    named(site, "/hub")
    site.status("/hub", 500)
    await program.poll()
    await ask(program, clock)
    await ask(program, clock)
    assert len(site.asked("/hub")) == 1
    assert "answered with status 500" in caplog.text
    clock.advance(minutes=10)
    await ask(program, clock)
    assert len(site.asked("/hub")) == 2
    assert len(await program.poll(everything=True)) == 1


async def test_hubs_are_asked_in_the_background(program, site, hub, clock):
    named(site, "/hub")
    await program.poll()
    heard = asyncio.Event()
    site.answers["/hub"] = lambda _: heard.set() or web.Response(status=202)
    task = asyncio.create_task(keep_subscribed(program.store, program.poller._client, BASE, clock))
    await heard.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
