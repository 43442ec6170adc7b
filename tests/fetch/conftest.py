"""Sites on loopback that answer as told: byte for byte, or through aiohttp."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta

import pytest
from aiohttp import web

from tracker.fetch.client import Client, Limits

MIB = 1 << 20


class RawSite:
    """Answers every connection with what it was told to write; counts the connections."""

    def __init__(self, answer, host="127.0.0.1"):
        self._answer = answer
        self._host = host
        self.requests = []
        self.connections = 0
        self._conversations = []

    async def start(self, port=0, ssl=None):
        self._server = await asyncio.start_server(self._serve, self._host, port, ssl=ssl)
        self.port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://{self._host}:{self.port}"
        return self

    async def stop(self):
        self._server.close()
        for conversation in self._conversations:
            conversation.cancel()
        await asyncio.gather(*self._conversations, return_exceptions=True)

    async def _serve(self, reader, writer):
        self.connections += 1
        self._conversations.append(asyncio.current_task())
        try:
            await self._converse(reader, writer)
        finally:
            writer.transport.abort() if writer.is_closing() else writer.close()

    async def _converse(self, reader, writer):
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            if self._answer is not None:
                self.requests.append(await reader.readuntil(b"\r\n\r\n"))
                if callable(self._answer):
                    await self._answer(writer)
                else:
                    writer.write(self._answer)
                    await writer.drain()
            else:
                await reader.read()


@pytest.fixture
async def raw():
    """`await raw(bytes | coroutine function of the writer | None for silence)` is a site."""
    sites = []

    async def start(answer, *, host="127.0.0.1", port=0, ssl=None):
        sites.append(await RawSite(answer, host).start(port, ssl))
        return sites[-1]

    yield start
    for site in sites:
        await site.stop()


@pytest.fixture
async def site():
    """`await site({"/path": handler or response maker})` is the address of a site."""
    runners = []

    async def start(routes):
        app = web.Application()
        for path, handler in routes.items():
            app.router.add_get(path, handler)
        runners.append(web.AppRunner(app))
        await runners[-1].setup()
        await web.TCPSite(runners[-1], "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{runners[-1].addresses[0][1]}"

    yield start
    for runner in runners:
        await runner.cleanup()


@pytest.fixture
async def client_of(clock):
    """A client that may ask 127.0.0.1, or what is given."""
    clients = []

    async def start(*, allowed=("127.0.0.1",), seconds=5.0, cap=MIB, proxy=None):
        limits = Limits(timeout=timedelta(seconds=seconds), article_bytes=cap)
        client = Client(user_agent="tracker/1.0 (+mailto:desk@news.example)", limits=limits, allowed=allowed, clock=clock, proxy=proxy)
        clients.append(client)
        return await client.__aenter__()

    yield start
    for client in clients:
        await client.__aexit__(None, None, None)


@pytest.fixture
async def client(client_of):
    return await client_of()
