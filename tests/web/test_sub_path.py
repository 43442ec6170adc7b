"""A real reverse proxy on loopback, below a path of its host, that takes the path away or leaves it; nginx and Caddy, where they
are installed, as docs/deploy.md configures them."""

from __future__ import annotations

import asyncio
import html
import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import threading
from contextlib import ExitStack, asynccontextmanager, contextmanager, nullcontext, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest
from aiohttp import web
from builders import emitter_of
from documents import code_blocks
from yarl import URL

from tracker.config import Config, WebConfig
from tracker.serving import Server

from .conftest import FEED

PATH = "/changes"


DOCUMENT = Path(__file__).parents[2] / "docs/deploy.md"


def forwarder(upstream, *, strips, session):
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


@asynccontextmanager
async def own_proxy(front, back, *, strips):
    with socket.create_server(("127.0.0.1", front)) as listening:
        async with aiohttp.ClientSession(auto_decompress=False) as session:
            runner = web.AppRunner(forwarder(f"http://127.0.0.1:{back}", strips=strips, session=session))
            await runner.setup()
            await web.SockSite(runner, listening).start()
            yield
            await runner.cleanup()


def documented(kind, path, back):
    """The server of that kind in the document, at this path; its upstream is this port."""
    (block,) = [one.text for one in code_blocks(DOCUMENT, kind) if (f"{PATH}/" in one.text) is bool(path)]
    return block.replace("127.0.0.1:8000", f"127.0.0.1:{back}")


def nginx(front, back, folder, *, path, strips=False):
    server = documented("nginx", path, back).replace("listen 443 ssl", f"listen 127.0.0.1:{front}")
    server = re.sub(r" *ssl_certificate.*\n", "", server)
    if strips:
        server = server.replace(f"127.0.0.1:{back};", f"127.0.0.1:{back}/;")
    places = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    whole = f"daemon off; master_process off; pid {folder}/pid; error_log stderr; events {{}} http {{ access_log off; {places} {server} }}"
    (folder / "nginx.conf").write_text(whole, encoding="utf-8")
    return "nginx", "-p", folder, "-c", folder / "nginx.conf"


def caddy(front, back, folder, *, path):
    server = re.sub(r"^\S+ \{", f"http://127.0.0.1:{front} {{", documented("caddyfile", path, back), flags=re.MULTILINE)
    (folder / "Caddyfile").write_text(f"{{\n admin off\n auto_https off\n}}\n{server}", encoding="utf-8")
    return "caddy", "run", "--adapter", "caddyfile", "--config", folder / "Caddyfile"


@contextmanager
def started(front, folder, command):
    """A program that listens on this port."""
    with (folder / "proxy.log").open("wb") as log:
        process = subprocess.Popen(list(map(str, command)), stdout=log, stderr=log, env=os.environ | {"HOME": str(folder)})
    try:
        for _ in range(1000):
            with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", front)):
                break
            with suppress(subprocess.TimeoutExpired):
                pytest.fail(f"it ended with {process.wait(0.02)}: {(folder / 'proxy.log').read_text()}")
        yield
    finally:
        process.kill()
        process.wait()


OWN = {"the path taken away": True, "the path left": False}
INSTALLED = {
    "nginx": ("", partial(nginx, path="")),
    "nginx below a path": (PATH, partial(nginx, path=PATH)),
    "nginx, the path taken away": (PATH, partial(nginx, path=PATH, strips=True)),
    "caddy": ("", partial(caddy, path="")),
    "caddy below a path": (PATH, partial(caddy, path=PATH)),
}


@pytest.fixture
def edited(seeded, desk, clock, monkeypatch):
    """Three changes, and feeds that hold one each, so that they have further pages."""
    monkeypatch.setattr("tracker.scheduler.emit.ENTRIES", 1)
    for headline in ("A headline", "Another headline"):
        clock.advance(hours=1)
        desk.read(seeded.article, replace(desk.store.revisions.extract(seeded.new), headline=headline))


@pytest.fixture(params=OWN)
def below(request, reader_with, site, store, sandbox, clock, tmp_path):
    """The address that readers use; behind it the program."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        front = probe.getsockname()[1]
    path, command = INSTALLED.get(request.param, (PATH, None))
    if command is not None and shutil.which(request.param.partition(" ")[0].strip(",")) is None:
        pytest.skip(f"{request.param} is not here, and .ci/prepare may not install it: it does where this is root on Debian")
    base_url = f"http://127.0.0.1:{front}{path}"
    emitter = emitter_of(store.for_readers(clock), sandbox, tmp_path / "feeds", base_url=base_url)
    app = reader_with(emitter=emitter, site=replace(site, base_url=base_url)).app
    config = Config(path=tmp_path / "config.yaml", web=WebConfig(trusted_proxies=("127.0.0.1",)))
    server = Server(config, app)
    with ExitStack() as stack:
        listening = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        back = listening.getsockname()[1]
        if command is not None:
            stack.enter_context(started(front, tmp_path, command(front, back, tmp_path)))
        proxied = nullcontext() if command else own_proxy(front, back, strips=OWN[request.param])

        is_proxied = threading.Event()

        async def serve():
            async with proxied:
                is_proxied.set()
                await server.serve(sockets=[listening])

        thread = threading.Thread(target=lambda: asyncio.run(serve()))
        thread.start()
        assert is_proxied.wait(10)
        yield base_url
        server.should_exit = True
        thread.join()


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
    origin = "http://" + urlsplit(base_url).netloc
    by_path = re.findall(r'\b(?:href|src|action|data-url)="(/[^"]*)"', text)
    whole = re.findall(rf'{re.escape(origin)}[^"<>\s\\)]*', text)
    return {html.unescape(one).partition("#")[0] for one in (*(origin + path for path in by_path), *whole)}


@pytest.mark.parametrize("below", [*OWN, *INSTALLED], indirect=True)
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
    assert f"Disallow: {urlsplit(below).path}/diff" in robots


def test_a_redirect_and_a_conditional_request_pass_the_proxy(below, seeded):
    status, headers, _ = ask(f"{below}/diff?old={seeded.old}&new={seeded.new}")
    assert status in {302, 303, 307}
    assert headers["location"] == urlsplit(below).path + seeded.diff
    _, headers, _ = ask(f"{below}{seeded.diff}")
    assert ask(f"{below}{seeded.diff}", **{"if-none-match": headers["etag"]})[0] == 304


def test_a_hub_calls_back_below_the_path(below, subscription):
    asked = f"hub.mode=subscribe&hub.topic={FEED}&hub.challenge=c&hub.lease_seconds=60"
    assert ask(f"{below}/websub/{subscription.token}?{asked}")[::2] == (200, b"c")
    assert ask(f"{below}/websub/{subscription.token}", "POST", b"<feed/>")[0] == 202


def test_the_host_that_is_asked_for_is_believed_of_nobody(below, seeded):
    plain = ask(f"{below}{seeded.diff}")[2]
    lying = {"x-forwarded-host": "evil.example", "forwarded": "host=evil.example", "x-forwarded-prefix": "/evil"}
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
