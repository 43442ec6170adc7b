"""A real reverse proxy on loopback, below a path of its host, that takes the path away or leaves it."""

from __future__ import annotations

import asyncio
import html
import http.client
import json
import re
import socket
import threading
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import aiohttp
import pytest
from aiohttp import web
from yarl import URL

from tracker.config import Config, WebConfig
from tracker.scheduler.emit import Emitter
from tracker.serving import Server, server_settings

from .conftest import FEED

PATH = "/news/changes"


def proxy(upstream, *, strips, session):
    """What `proxy_pass` and `reverse_proxy` do, in twenty lines."""

    async def forward(request):
        if not request.path.startswith(f"{PATH}/"):
            return web.Response(status=418, text="not below the path")
        asked = request.raw_path.removeprefix(PATH) if strips else request.raw_path
        headers = {name: value for name, value in request.headers.items() if name.lower() not in {"host", "connection"}}
        headers = {"X-Forwarded-Host": request.host, "X-Forwarded-For": request.remote, "Host": "upstream"} | headers
        sent = session.request(
            request.method, URL(upstream + asked, encoded=True), headers=headers, data=await request.read(), allow_redirects=False
        )
        async with sent as answer:
            kept = [(name, value) for name, value in answer.headers.items() if name.lower() != "transfer-encoding"]
            return web.Response(status=answer.status, headers=kept, body=await answer.read())

    application = web.Application()
    application.router.add_route("*", "/{any:.*}", forward)
    return application


@pytest.fixture
def edited(seeded, desk, clock, monkeypatch):
    """Three changes, and feeds that hold one each, so that they have further pages."""
    monkeypatch.setattr("tracker.scheduler.emit.ENTRIES", 1)
    for headline in ("A headline", "Another headline"):
        clock.advance(hours=1)
        desk.read(seeded.article, replace(desk.store.revisions.extract(seeded.new), headline=headline))


@pytest.fixture(params=["the path taken away", "the path left"])
def below(request, reader_with, site, store, sandbox, clock, tmp_path):
    """The address that readers use; behind it the program."""
    front, back = (socket.create_server(("127.0.0.1", 0)) for _ in range(2))
    address, upstream = (f"http://127.0.0.1:{one.getsockname()[1]}" for one in (front, back))
    base_url = address + PATH
    emitter = Emitter(
        store=store.for_readers(clock),
        sandbox=sandbox,
        base_url=base_url,
        folder=tmp_path / "feeds",
        author="tracker",
        generator="tracker 0",
        timeout=timedelta(seconds=30),
    )
    app = reader_with(emitter=emitter, site=replace(site, base_url=base_url)).app
    server = Server(server_settings(Config(path=tmp_path / "config.yaml", web=WebConfig(trusted_proxies=("127.0.0.1",))), app))

    async def serve():
        async with aiohttp.ClientSession(auto_decompress=False) as session:
            runner = web.AppRunner(proxy(upstream, strips=request.param == "the path taken away", session=session))
            await runner.setup()
            await web.SockSite(runner, front).start()
            await server.serve(sockets=[back])
            await runner.cleanup()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    yield base_url
    server.should_exit = True
    thread.join()
    front.close()


def ask(address, method="GET", body=None, **headers):
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
    connection.request(method, parts.path + (f"?{parts.query}" if parts.query else ""), body=body, headers=headers)
    answer = connection.getresponse()
    said = answer.status, answer.headers, answer.read()
    connection.close()
    return said


def addresses(text, base_url):
    """Every address of ours in a page, a feed or a list: by path alone, or whole."""
    origin = base_url.removesuffix(PATH)
    by_path = re.findall(r'\b(?:href|src|action|data-url)="(/[^"]*)"', text)
    whole = re.findall(rf'{re.escape(origin)}[^"<>\s\\)]*', text)
    return {html.unescape(one).partition("#")[0] for one in (*(origin + path for path in by_path), *whole)}


def test_every_address_on_every_page_and_in_every_feed_leads_somewhere_below_the_path(below, edited):
    waiting, seen, stray = [f"{below}/"], {}, set()
    while waiting:
        address = waiting.pop()
        status, headers, body = ask(address)
        seen[address] = status
        if headers.get_content_type().startswith("image/"):
            continue
        found = addresses(body.decode(), below)
        stray |= {one for one in found if not f"{one}/".startswith(f"{below}/")}
        waiting += found - set(seen) - set(waiting) - stray
    assert stray == set()
    bad = {address: status for address, status in seen.items() if status != 200}
    assert bad == {f"{below}/diff": 400}  # a form's place: it wants two versions
    for part in ("/changes.atom", "/changes.rss?before=", "/changes.json", "/sources/bbc", "/opml", "/static/style.css", "/picture.png"):
        assert any(part in address for address in seen), part


def test_feeds_name_themselves_and_their_next_page_below_the_path(below, edited):
    feed = json.loads(ask(f"{below}/changes.json")[2])
    assert feed["feed_url"] == f"{below}/changes.json"
    assert feed["home_page_url"] == f"{below}/"
    assert json.loads(ask(feed["next_url"])[2])["items"]
    assert all(item["url"].startswith(f"{below}/diff/") for item in feed["items"])
    atom = ask(f"{below}/sources/bbc/changes.atom")[2].decode()
    assert re.search(rf'<link(?=[^>]* rel="self")[^>]* href="{re.escape(below)}/sources/bbc/changes.atom"', atom)
    robots = ask(f"{below}/robots.txt")[2].decode()
    assert f"Disallow: {PATH}/diff" in robots


def test_a_redirect_and_a_conditional_request_pass_the_proxy(below, seeded):
    status, headers, _ = ask(f"{below}/diff?old={seeded.old}&new={seeded.new}")
    assert status in {302, 303, 307}
    assert headers["location"] == PATH + seeded.diff
    _, headers, _ = ask(f"{below}{seeded.diff}")
    assert ask(f"{below}{seeded.diff}", **{"if-none-match": headers["etag"]})[0] == 304


def test_a_hub_calls_back_below_the_path(below, subscription):
    asked = f"hub.mode=subscribe&hub.topic={FEED}&hub.challenge=c&hub.lease_seconds=60"
    assert ask(f"{below}/websub/{subscription.token}?{asked}")[::2] == (200, b"c")
    assert ask(f"{below}/websub/{subscription.token}", "POST", b"<feed/>")[0] == 202


def test_the_host_that_is_asked_for_is_believed_of_nobody(below, seeded):
    plain = ask(f"{below}{seeded.diff}")[2]
    lying = {"host": "evil.example", "x-forwarded-host": "evil.example", "forwarded": "host=evil.example", "x-forwarded-prefix": "/evil"}
    assert ask(f"{below}{seeded.diff}", **lying)[2] == plain


def test_in_a_browser_links_forms_styles_and_scripts_work_below_the_path(browser, below, seeded):
    page, trouble = browser.new_page(), []
    page.on("console", lambda message: trouble.append(message.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith(f"{below}/") else trouble.append(request.url))
    page.on("response", lambda answer: None if answer.status < 400 else trouble.append(f"{answer.status} {answer.url}"))
    page.goto(f"{below}/")
    page.get_by_role("link", name="See the change").first.click()
    assert page.url == below + seeded.diff
    page.get_by_role("link", name="the article and all its versions").click()
    page.get_by_role("button", name="Compare").click()
    assert page.url.startswith(f"{below}/diff/")
    page.get_by_role("link", name="Sources").first.click()
    assert page.url == f"{below}/sources"
    page.close()
    assert trouble == []
