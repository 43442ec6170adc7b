"""Several machines on one: network namespaces on a bridge where root may make them, else separate processes on loopback; a site of
many hosts that notes when it was asked; and PostgreSQL, reached over TCP."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web
from postgres import Cluster, server

HOSTS, ARTICLES = 50, 2
# Of RFC 2544's addresses, no network of anybody's; two processes that test at once have two.
NETWORK = f"198.{18 + os.getpid() // 256 % 2}.{os.getpid() % 256}"
PROGRAM = Path(__file__).with_name("process.py")


# --- machines ------------------------------------------------------------------------------------


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True)


def can_make_namespaces() -> bool:
    """Tried, since a container's root often may not."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        return False
    name = f"trk{os.getpid()}t"
    try:
        _ip("netns", "add", name)
        _ip("link", "add", f"{name}a", "type", "veth", "peer", "name", f"{name}b", "netns", name)
        _ip("-n", name, "link", "set", "lo", "up")  # below a root that is no mount of its own, none can be entered
    except subprocess.CalledProcessError:
        return False
    finally:
        subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)
    return True


@dataclass
class Machine:
    """A host of its own: in a namespace with one link, or (`namespace` None) this one, where only its process can be stopped."""

    name: str
    address: str
    namespace: str | None
    process: subprocess.Popen[bytes] | None = None

    def start(self, command: str, folder: Path, *, ahead: float = 0) -> None:
        inside = ["ip", "netns", "exec", self.namespace] if self.namespace else []
        environment = {name: value for name, value in os.environ.items() if not name.startswith("TRACKER_")}
        with (folder / f"{self.name}.log").open("ab") as log:
            arguments = [*inside, sys.executable, "-X", "faulthandler", str(PROGRAM), command, str(folder), str(ahead)]
            self.process = subprocess.Popen(arguments, env=environment, stdout=log, stderr=log)

    def cut_off(self) -> None:
        if self.namespace:
            _ip("-n", self.namespace, "link", "set", "eth0", "down")
        else:
            self.process.send_signal(signal.SIGSTOP)

    def connect(self) -> None:
        if self.namespace:
            _ip("-n", self.namespace, "link", "set", "eth0", "up")
        else:
            self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def stop(self) -> float:
        """Asks it to end; gives how many seconds that took."""
        began = time.monotonic()
        self.process.terminate()
        assert self.process.wait(timeout=60) == 0, self.name
        return time.monotonic() - began


@contextmanager
def network(names: list[str]) -> Iterator[tuple[str, dict[str, Machine]]]:
    """The address that all machines reach this one by, and the machines."""
    if not can_make_namespaces():
        yield "127.0.0.1", {name: Machine(name, "127.0.0.1", None) for name in names}
        return
    with ExitStack() as stack:
        own = f"trk{os.getpid()}"
        _ip("link", "add", own, "type", "bridge")
        stack.callback(_ip, "link", "del", own)
        _ip("addr", "add", f"{NETWORK}.1/24", "dev", own)
        _ip("link", "set", own, "up")
        machines = {}
        for number, name in enumerate(names, start=2):
            inside, address = f"{own}-{number}", f"{NETWORK}.{number}"
            _ip("netns", "add", inside)
            stack.callback(_ip, "netns", "del", inside)
            _ip("link", "add", f"{own}v{number}", "type", "veth", "peer", "name", "eth0", "netns", inside)
            # The namespace goes when its last socket does: the link is not left waiting for that.
            stack.callback(_ip, "link", "del", f"{own}v{number}")
            _ip("link", "set", f"{own}v{number}", "master", own, "up")
            _ip("-n", inside, "addr", "add", f"{address}/24", "dev", "eth0")
            _ip("-n", inside, "link", "set", "eth0", "up")
            _ip("-n", inside, "link", "set", "lo", "up")
            machines[name] = Machine(name, address, inside)
        yield f"{NETWORK}.1", machines


# --- the site ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    at: float
    by: str


@dataclass
class ManyHosts:
    """Every answer is another version of its story. A host is a port; `asked` is each one's log."""

    address: str
    hosts: list[str] = field(default_factory=list)
    asked: defaultdict[str, list[Asked]] = field(default_factory=lambda: defaultdict(list))
    versions: Counter[str] = field(default_factory=Counter)

    async def answer(self, request: web.Request) -> web.Response:
        port = request.transport.get_extra_info("sockname")[1]
        host = f"{self.address}:{port}"
        self.asked[host].append(Asked(time.monotonic(), request.remote))
        await asyncio.sleep(0.02)  # a line's length
        if request.path == "/robots.txt":
            return web.Response(status=404)
        if request.path == "/feed":
            items = "".join(f"<item><title>Story {number}</title><link>http://{host}/{number}</link></item>" for number in range(ARTICLES))
            text = f"<rss version='2.0'><channel><title>T</title>{items}</channel></rss>"
            return web.Response(text=text, content_type="application/rss+xml")
        url = f"http://{host}{request.path}"
        self.versions[url] += 1
        return web.Response(text=_page(url, self.versions[url]), content_type="text/html")


def _page(url: str, version: int) -> str:
    told = (
        f"The council spoke on Monday about the matter of {url} in the town, which many had asked for.",
        f"This is version {version} of what is known of it.",
        "Work on it will begin in the spring, the leader of the council told reporters after the meeting.",
        "Residents had asked for years that something be done about it, and said so again.",
    )
    body = "<h1>A matter for the town</h1>" + "".join(f"<p>{sentence}</p>" for sentence in told)
    return f"<!doctype html><html lang=en><head><title>{url}</title></head><body><article>{body}</article></body></html>"


@contextmanager
def many_hosts(address: str) -> Iterator[ManyHosts]:
    """In a thread of its own, so that the test's waits hold up no answer."""
    site, loop, ready, ended = ManyHosts(address), asyncio.new_event_loop(), threading.Event(), asyncio.Event()

    async def serve() -> None:
        app = web.Application()
        app.router.add_get("/{path:.*}", site.answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        for _ in range(HOSTS):
            sock = socket.socket()
            sock.bind((address, 0))
            await web.SockSite(runner, sock).start()
            site.hosts.append(f"{address}:{sock.getsockname()[1]}")
        ready.set()
        await ended.wait()
        await runner.cleanup()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    try:
        assert ready.wait(30)
        yield site
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join()
        loop.close()


# --- all together --------------------------------------------------------------------------------


@dataclass
class Installation:
    machines: dict[str, Machine]
    site: ManyHosts
    cluster: Cluster
    folder: Path
    delay: float

    @property
    def store_url(self) -> str:
        """For this process, which opens no socket to an address."""
        return self.cluster.url("journey")

    @staticmethod
    def version_of(text: str) -> int:
        return int(re.search(r"This is version (\d+) of", text)[1])

    def said(self) -> str:
        return "\n".join(f"--- {path.name}\n{path.read_text(errors='replace')[-4000:]}" for path in sorted(self.folder.glob("*.log")))

    @contextmanager
    def explained(self) -> Iterator[None]:
        """A failure shows what the processes said."""
        try:
            yield
        except BaseException:
            sys.stderr.write(self.said())
            raise


def _free_port(address: str) -> int:
    with socket.socket() as probe:
        probe.bind((address, 0))
        return probe.getsockname()[1]


@contextmanager
def database(address: str) -> Iterator[tuple[Cluster, str]]:
    """A PostgreSQL with an empty database, and where machines reach that."""
    port = _free_port(address)
    with server(address, port) as cluster:
        cluster.execute("CREATE DATABASE journey")
        yield cluster, f"postgresql+psycopg://tracker@{address}:{port}/journey"


@pytest.fixture
def another_machine() -> Iterator[tuple[Machine, Cluster, str]]:
    """It, and the database that it shares with this one."""
    with network(["another"]) as (address, machines), database(address) as (cluster, url):
        yield machines["another"], cluster, url


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    names, delay = ["scheduler", "killed", "cut-off", "an-hour-ahead"], 0.5
    with ExitStack() as stack:
        address, machines = stack.enter_context(network(names))
        site = stack.enter_context(many_hosts(address))
        cluster, store_url = stack.enter_context(database(address))
        config = {
            "store": {"url": store_url},
            "queue": {"workers": True},
            "fetch": {"per_host_delay": f"{delay}s", "timeout": "5s", "allow_private_addresses": [address]},
            "cadence": {"mode": "fixed", "every": "3s", "for": "1h", "floor": "3s"},
            "sources": [{"name": "towns", "feeds": [f"http://{host}/feed" for host in site.hosts]}],
        }
        (tmp_path / "config.yaml").write_text(json.dumps(config), encoding="utf-8")
        for machine in machines.values():
            stack.callback(machine.kill)
        yield Installation(machines, site, cluster, tmp_path, delay)
