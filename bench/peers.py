#!/usr/bin/env python3
"""What one further unchanged page costs us, urlwatch and webchanges: the slope between few and many pages of one loopback site.

python bench/peers.py [FEW=300] [PAGES=3000]   Each program's own command looks at all pages twice; the second run counts. The peers
are no dependencies of ours: they are installed for this run only, in a virtual environment in a temporary folder; without a package
registry they are left out. The site is that of polling.py, and answers conditional requests.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Sequence
from pathlib import Path

from polling import arguments, configuration, site, tell, urls_of

PEERS = ("urlwatch", "webchanges")


def installed(folder: Path) -> Path | None:
    """Where the peers' commands are; None where they cannot be installed here."""
    venv.create(folder, with_pip=True)
    commands = folder / "bin"
    done = subprocess.run([commands / "pip", "install", "--quiet", *PEERS], capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"Left out, not installable here: {', '.join(PEERS)}.", file=sys.stderr)
    return None if done.returncode else commands


def command_of(name: str, commands: Path, folder: Path, urls: Sequence[str]) -> list[str]:
    """What looks at every page once."""
    jobs = folder / "jobs.yaml"
    jobs.write_text("---\n".join(f"url: {url}\n" for url in urls), encoding="utf-8")
    match name:
        case "urlwatch":
            files = ["--urls", jobs, "--config", folder / "config.yaml", "--hooks", folder / "hooks.py", "--cache", folder / "cache.db"]
        case _:
            files = ["--jobs", jobs, "--config", folder / "config.yaml", "--hooks", folder / "hooks.py", "--database", folder / "pages.db"]
    return [str(commands / name), *map(str, files)]


def seconds_of_unchanged(command: Sequence[str], folder: Path) -> float:
    """The second run: the first one has read the pages."""
    environment = os.environ | {"HOME": str(folder), "PYTHONWARNINGS": "ignore"}
    for _ in range(2):
        began = time.perf_counter()
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode not in {0, 3}:
        print(done.stdout[-500:], done.stderr[-500:], file=sys.stderr)
    return time.perf_counter() - began


def slopes(port: int, folder: Path, few: int, many: int) -> None:
    commands = installed(folder / "peers")
    ours = 0.0
    for name in ("tracker", *(PEERS if commands else ())):
        took = []
        for pages in (few, many):
            place = folder / f"{name}-{pages}"
            place.mkdir()
            tell(port, "validators", pages)
            if name == "tracker":
                command = [sys.executable, "-m", "tracker", "poll", "--all", "--no-pace", "--config", str(configuration(place, port))]
            else:
                command = command_of(name, commands, place, urls_of(port, pages))
            took.append(seconds_of_unchanged(command, place))
        slope = (took[1] - took[0]) / (many - few)
        ours = ours or slope
        print(f"{name:12}{few} pages {took[0]:7.2f} s, {many} pages {took[1]:7.2f} s", end="")
        print(f", a further page {slope * 1000:7.2f} ms, {slope / ours:6.1f} x ours", flush=True)


def main() -> None:
    given = arguments()
    with tempfile.TemporaryDirectory() as folder, site("") as port:
        slopes(port, Path(folder), int(given.get("FEW", 300)), int(given.get("PAGES", 3_000)))


if __name__ == "__main__":
    main()
