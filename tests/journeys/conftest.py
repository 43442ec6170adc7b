"""The program as a user has it: a process of its own, in a folder of its own, on loopback."""

from __future__ import annotations

import logging
import os
import queue
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tracker.cli import main


def free_ports(count: int) -> list[int]:
    """All held while choosing, so that they differ."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


@dataclass
class Running:
    """`tracker run`, or a part of it, and what it says, line by line."""

    process: subprocess.Popen[str]
    reader: threading.Thread | None = None
    lines: queue.Queue[str] = field(default_factory=queue.Queue)
    said: list[str] = field(default_factory=list)
    base: str = ""

    def listen(self) -> None:
        for line in self.process.stdout or ():
            self.lines.put(line)

    def wait_for(self, part: str, within: float = 60) -> str:
        """The next line that contains `part`; fails with everything said so far where none comes."""
        end = time.monotonic() + within
        while (left := end - time.monotonic()) > 0:
            try:
                line = self.lines.get(timeout=left)
            except queue.Empty:
                break
            self.said.append(line)
            if part in line:
                return line
        pytest.fail(f"no line with {part!r} within {within} s; said:\n{''.join(self.said)}")

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(timeout=30)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A working folder as `tracker init` lays it out, with ports of its own."""
    made = tmp_path / "work"
    subprocess.run([sys.executable, "-m", "tracker", "init", str(made)], check=True, capture_output=True)
    config = made / "config.yaml"
    text = config.read_text(encoding="utf-8")
    newsroom, pages = free_ports(2)
    config.write_text(text.replace("port: 8765", f"port: {newsroom}").replace("port: 8000", f"port: {pages}"), encoding="utf-8")
    return made


@pytest.fixture
def start() -> Iterator[Callable[..., Running]]:
    """Starts `tracker run` or a part of it in a folder and waits until it says that it has begun; ends what is left at the end of
    the test."""
    started: list[Running] = []

    def run(folder: Path, command: str = "run", begun: str = "listening on", **environment: str) -> Running:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("TRACKER_")}
        process = subprocess.Popen(
            [sys.executable, "-m", "tracker", command],
            cwd=folder,
            env=inherited | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        running = Running(process)
        started.append(running)
        running.reader = threading.Thread(target=running.listen, daemon=True)
        running.reader.start()
        running.base = running.wait_for(begun).split()[2]
        return running

    yield run
    for running in started:
        if running.process.poll() is None:
            running.process.kill()
            running.process.wait()
        running.reader.join()  # it ends with the process's output
        running.process.stdout.close()


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def tracker(monkeypatch, capfd) -> Iterator[Callable[..., Done]]:
    """The command line in this process, since starting Python anew costs more than most commands."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level

    def run(folder: Path, *arguments: str) -> Done:
        monkeypatch.chdir(folder)
        monkeypatch.setattr(sys, "argv", ["tracker", *arguments])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        said = capfd.readouterr()
        return Done(int(ended.value.code or 0), said.out, said.err)

    yield run
    root.handlers[:], root.level = handlers, level


@pytest.fixture
def polled(folder: Path, tracker) -> Path:
    """A folder in which the BBC article was read twice and changed in between."""
    config = folder / "config.yaml"
    config.write_text(config.read_text(encoding="utf-8").replace("change_after: 5s", "change_after: 0.001s"), encoding="utf-8")
    for _ in range(2):
        done = tracker(folder, "poll", "--all")
        assert done.returncode == 0, done.stderr
    return folder
