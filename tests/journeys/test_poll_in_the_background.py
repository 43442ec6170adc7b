"""The third use: the timer polls on its own, and the pages answer meanwhile."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import aiohttp
from aiohttp import web

PAGE = (
    "<!doctype html><html lang=en><head><title>A bridge</title></head><body><article><h1>A bridge for the town</h1>"
    "<p>The council agreed on Monday to spend {} million pounds on the bridge over the river.</p>"
    "<p>Work on it will begin in the spring, the leader of the council told reporters after the meeting.</p>"
    "<p>Residents had asked for years that something be done about the old crossing.</p></article></body></html>"
)


async def test_the_timer_finds_follows_and_polls_a_site_on_its_own(folder, start):
    looks, millions = 0, 5
    seen_twice, release = asyncio.Event(), asyncio.Event()

    async def article(_: web.Request) -> web.Response:
        nonlocal looks, millions
        looks += 1
        if looks == 2:
            millions = 6
        if looks == 3:
            # A slow publisher: the pages must answer while this look hangs.
            seen_twice.set()
            await release.wait()
        return web.Response(text=PAGE.format(millions), content_type="text/html")

    async def feed(request: web.Request) -> web.Response:
        link = f"http://{request.host}/bridge"
        return web.Response(
            text=f"<rss version='2.0'><channel><title>T</title><item><title>A bridge</title><link>{link}</link></item></channel></rss>",
            content_type="application/rss+xml",
        )

    app = web.Application()
    app.add_routes([web.get("/bridge", article), web.get("/feed", feed)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    address = f"127.0.0.1:{runner.addresses[0][1]}"
    config = folder / "config.yaml"
    text = config.read_text(encoding="utf-8").split("sources:\n  - name: seeds")[0]
    text = text.replace("allow_private_addresses: []", f'allow_private_addresses: ["{address}"]')
    text = text.replace("per_host_delay: 1s", "per_host_delay: 0s")
    source = f"sources:\n  - {{name: town, feeds: ['http://{address}/feed'], cadence: {{floor: 1s}}}}\n"
    config.write_text(text + source, encoding="utf-8")

    running = await asyncio.to_thread(start, folder)
    await asyncio.to_thread(running.wait_for, "changed:", 30)
    await asyncio.wait_for(seen_twice.wait(), 30)
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
        for path in ("/", "/sources/town", "/changes.atom", "/readyz"):
            async with session.get(running.base + path) as answer:
                assert answer.status == 200
    release.set()
    assert await asyncio.to_thread(running.stop) == 0
    await runner.cleanup()

    command = [sys.executable, "-m", "tracker", "show", f"http://{address}/bridge"]
    shown = await asyncio.to_thread(subprocess.run, command, cwd=folder, check=True, capture_output=True, text=True)
    assert "has changed once" in shown.stdout
