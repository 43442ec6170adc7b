"""Whom the server believes; whether hubs can call us: only at an address that others can reach, and only if they shall."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager

import aiohttp
import pytest
from starlette.responses import JSONResponse

from tracker.config import read_config
from tracker.errors import ConfigError
from tracker.serving import Server, callback_base


@pytest.mark.parametrize(
    ("text", "base"),
    [
        ("web: {port: 8000}", None),
        ("web: {base_url: 'http://localhost:8000'}", None),
        ("web: {base_url: 'http://127.0.0.2:8000'}", None),
        ("web: {base_url: 'https://changes.example.org/tracker/'}", "https://changes.example.org/tracker"),
        ("web: {base_url: 'https://changes.example.org'}\nfetch: {websub: false}", None),
    ],
)
def test_hubs_call_at_the_address_that_others_use(tmp_path, text, base):
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    assert callback_base(read_config(path, {})) == base


async def who_asks(scope, receive, send):
    """Answers with what the program would believe."""
    await JSONResponse([scope["client"][0], scope["scheme"]])(scope, receive, send)


@asynccontextmanager
async def serving(tmp_path, trusted, *, host="127.0.0.1", family=socket.AF_INET):
    path = tmp_path / "config.yaml"
    path.write_text(f"web: {{trusted_proxies: {trusted}}}", encoding="utf-8")
    with socket.create_server((host, 0), family=family, dualstack_ipv6=family == socket.AF_INET6) as listening:
        server = Server(read_config(path, {}), who_asks)
        task = asyncio.create_task(server.serve(sockets=[listening]))
        async with aiohttp.ClientSession() as session:
            yield session, f"http://127.0.0.1:{listening.getsockname()[1]}/"
        server.should_exit = True
        await task


FORWARDED = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}


@pytest.mark.parametrize(
    ("trusted", "believed"),
    [
        ([], ["127.0.0.1", "http"]),
        (["10.0.0.0/8"], ["127.0.0.1", "http"]),
        (["127.0.0.1"], ["203.0.113.9", "https"]),
        (["127.0.0.0/8", "10.0.0.0/8"], ["203.0.113.9", "https"]),
    ],
)
async def test_only_the_proxies_that_are_named_are_believed_about_who_asks(tmp_path, monkeypatch, trusted, believed):
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")  # the server's own variable counts for nothing
    async with serving(tmp_path, trusted) as (session, address), session.get(address, headers=FORWARDED) as answer:
        assert await answer.json() == believed


async def test_what_a_reader_wrote_into_the_header_himself_is_not_believed(tmp_path):
    """A proxy adds whom it saw at the end; before that stands what it was sent."""
    headers = FORWARDED | {"X-Forwarded-For": "198.51.100.1, 203.0.113.9, 10.0.0.7"}
    async with serving(tmp_path, ["127.0.0.1", "10.0.0.0/8"]) as (session, address), session.get(address, headers=headers) as answer:
        assert (await answer.json())[0] == "203.0.113.9"


async def test_a_named_proxy_is_known_on_a_socket_for_both_kinds_of_address(tmp_path):
    listening = serving(tmp_path, ["127.0.0.0/8"], host="::", family=socket.AF_INET6)
    async with listening as (session, address), session.get(address, headers=FORWARDED) as answer:
        assert await answer.json() == ["203.0.113.9", "https"]


@pytest.mark.parametrize("proxy", ["*", "localhost", "10.0.0.1/8", "10.0.0.300"])
def test_a_proxy_is_an_address_or_a_network(tmp_path, proxy):
    path = tmp_path / "config.yaml"
    path.write_text(f"web:\n  trusted_proxies: ['{proxy}']", encoding="utf-8")
    with pytest.raises(ConfigError, match=r":2: web.trusted_proxies.1: .* write one such as 127.0.0.1 or 10.0.0.0/24"):
        read_config(path, {})
