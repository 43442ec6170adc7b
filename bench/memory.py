#!/usr/bin/env python3
"""How large the main process and its workers are after each round of polls of 10,000 articles. Linux only.

python bench/memory.py [PAGES=10000]   The site is that of polling.py.
"""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from pathlib import Path

from polling import arguments, configuration, polled, site, tell

from tracker import app
from tracker.config import read_config

ROUNDS = ("validators", "validators", "nonce", "validators")


def resident(pid: int | str = "self") -> int:
    """MiB."""
    text = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(re.findall(r"VmRSS:\s+(\d+)", text)[0]) >> 10


def descendants(pid: int) -> list[int]:
    children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
    return [found for child in children for found in (child, *descendants(child))]


async def memory(port: int, pages: int, folder: Path) -> None:
    tell(port, "validators", pages)
    async with app.rooms(read_config(configuration(folder, port)), pace=False) as rooms:
        print(f"{'':30}main process {resident():5} MiB")
        for mode in ROUNDS:
            tell(port, mode, pages)
            took, outcomes = await polled(rooms, everything=True)
            workers = max((resident(child) for child in descendants(os.getpid())), default=0)
            print(f"{took:7.1f} s {dict(outcomes)!s:40} main process {resident():5} MiB, largest worker {workers:5} MiB", flush=True)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, site("") as port:
        asyncio.run(memory(port, int(arguments().get("PAGES", 10_000)), Path(folder)))


if __name__ == "__main__":
    main()
