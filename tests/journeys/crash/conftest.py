"""A site that never stops changing, its readers, and the program that is killed over it."""

from __future__ import annotations

import asyncio
import json
import os
import queue
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise, product
from pathlib import Path
from uuid import uuid5

import pytest

from tracker.app import rooms
from tracker.config import read_config
from tracker.feeds import FORMATS
from tracker.model import Outcome, Scope
from tracker.scheduler.emit import emitted_file
from tracker.store import Store

TESTS = Path(__file__).resolve().parents[2]
STORIES = ("bridge", "harbour", "school", "budget", "train")
SCOPES = (Scope(), Scope(source="town"))  # of the change feeds that are written


def free_ports(count: int) -> list[int]:
    """All held while choosing, so that they differ."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


# --- a site that never stops changing, and its readers ---------------------------------------------


def is_gone(path, version):
    return path == "/harbour" and version % 7 == 6


class NewsSite(ThreadingHTTPServer):
    """Every answer is another version of its story, until `hold`; every seventh of one story is "gone"."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.address = f"127.0.0.1:{self.server_port}"
        self.versions = Counter()
        self.held = False
        self.lock = threading.Lock()
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def version_of(self, path):
        with self.lock:
            if not self.held or is_gone(path, self.versions[path]):
                self.versions[path] += 1
            return self.versions[path]

    def hold(self):
        with self.lock:
            self.held = True

    def url(self, path):
        return f"http://{self.address}{path}"


class Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        site, status, text = self.server, 200, ""
        if self.path == "/feed":
            items = "".join(f"<item><title>{name}</title><link>{site.url('/' + name)}</link></item>" for name in STORIES)
            text = f"<rss version='2.0'><channel><title>T</title>{items}</channel></rss>"
        elif self.path[1:] in STORIES:
            version = site.version_of(self.path)
            status, text = (410, "gone") if is_gone(self.path, version) else (200, page(self.path[1:], version))
        else:
            status = 404
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/rss+xml" if self.path == "/feed" else "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def page(name, version):
    told = (
        f"The council spoke on Monday about the {name} of the town, which many had asked for.",
        f"This is version {version} of what is known of the {name}.",
        f"Work on the {name} will begin in the spring, the leader of the council told reporters after the meeting.",
        f"Residents had asked for years that something be done about the old {name}, and said so again.",
    )
    body = "".join(f"<p>{sentence}</p>" for sentence in told)
    title = f"A {name} for the town"
    return f"<!doctype html><html lang=en><head><title>{title}</title></head><body><article><h1>{title}</h1>{body}</article></body></html>"


@pytest.fixture
def changing_site() -> Iterator[NewsSite]:
    site = NewsSite()
    yield site
    site.shutdown()
    site.server_close()


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request, folder) -> Iterator[str]:
    """A database of each kind without a schema: the first run makes it."""
    if request.param == "sqlite":
        yield f"sqlite:///{folder / 'storage' / 'tracker.db'}"
        return
    cluster = request.getfixturevalue("cluster")
    cluster.execute("CREATE DATABASE journey")
    yield cluster.url("journey")
    cluster.execute("DROP DATABASE journey WITH (FORCE)")


class Watched:
    """A working folder whose one source is the changing site, looked at without pause.

    What its readers saw: the lines of the export, and the entries of the change feed.
    """

    def __init__(self, folder, site, store_url):
        self.folder, self.site, self.store_url = folder, site, store_url
        self.config = folder / "config.yaml"
        (port,) = free_ports(1)
        self.local = f"http://127.0.0.1:{port}"
        self.lines, self.entries = [], {}
        config = {
            "store": {"url": store_url},
            "web": {"port": port, "base_url": "https://tracker.example"},
            "fetch": {"per_host_delay": "0s", "allow_private_addresses": [site.address]},
            "cadence": {"floor": "0.1s", "ceiling": "0.3s"},
            "sources": [{"name": "town", "feeds": [site.url("/feed")]}],
        }
        self.config.write_text(json.dumps(config), encoding="utf-8")

    # --- readers

    def read_the_feed(self):
        """The entries that the program serves, newest first; none where it does not answer."""
        with suppress(OSError, HTTPException), urllib.request.urlopen(f"{self.local}/changes.json", timeout=2) as answer:
            items = json.load(answer)["items"]
            for item in items:
                assert self.entries.setdefault(item["id"], item) == item
            return items
        return []

    def read_the_export(self):
        """What is new since the last line that was read."""
        with closing(Store.open(self.store_url)) as store:
            self.lines += store.export(segment=str.split, since=self.lines[-1]["seq"] if self.lines else 0, polls=True)

    # --- what must be true

    def come_to_rest(self, start):
        """The site changes no more; the program as it is learns what it shows, and ends."""
        self.site.hold()
        running = start(self.folder)
        self.until(self.is_up_to_date)
        assert running.stop() == 0

    @staticmethod
    def until(true, within=60):
        give_up_at = time.monotonic() + within
        while not true():
            assert time.monotonic() < give_up_at
            threading.Event().wait(0.1)

    def is_up_to_date(self):
        """Every story is known as it is now, and the newest event stands first in every change feed."""
        with closing(Store.open(self.store_url)) as store:
            latest = {article.url: store.revisions.latest(article.id) for article in store.articles.listed(limit=100)}
            shown = {url: version(one.extract) for url, one in latest.items() if one is not None}
            newest = entry_id(store, store.revisions.events(Scope(), limit=1)[0])
        published = {self.site.url(f"/{name}"): self.site.versions[f"/{name}"] for name in STORIES}
        return shown == published and set(self.first_entries()) == {newest}

    def first_entries(self):
        """The newest entry of the change feed that is served, and of each that is written."""
        yield next((item["id"] for item in self.read_the_feed()), None)
        for scope, (form, kind) in product(SCOPES, FORMATS.items()):
            path = emitted_file(self.folder / "storage" / "feeds", scope, form)
            yield kind.entry_ids(path.read_bytes())[0] if path.exists() else None

    def every_version_was_kept(self):
        """No answer of the site is missing in the histories: what was fetched, was kept."""
        with closing(Store.open(self.store_url)) as store:
            for article in store.articles.listed(limit=100):
                path = "/" + article.url.rpartition("/")[2]
                kept = [version(store.revisions.extract(revision.id)) for revision in store.revisions.history(article.id)]
                assert kept == [one for one in range(1, self.site.versions[path] + 1) if not is_gone(path, one)]

    def check(self):
        """All that can be told of what is stored and served, now that nothing runs."""
        self.read_the_export()
        with closing(Store.open(self.store_url)) as store:
            self.readers_saw_each_event_once(store)
            self.every_history_is_one_that_was_published(store)
            asyncio.run(self.every_change_feed_is_what_the_store_says(store))
        if self.store_url.startswith("sqlite"):
            with closing(sqlite3.connect(self.store_url.removeprefix("sqlite:///"))) as database:
                assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
                assert database.execute("PRAGMA foreign_key_check").fetchall() == []

    def readers_saw_each_event_once(self, store):
        lines = self.lines
        assert [line["seq"] for line in lines] == sorted({line["seq"] for line in lines})
        events = [event.id for event in reversed(store.revisions.events(Scope(), limit=10**6))]
        assert [line["id"] for line in lines if line["type"] == "event"] == events
        now = {line["seq"]: line for line in store.export(segment=str.split, polls=True)}
        for line in lines:
            if line["type"] != "article":  # whose line moves to a later number when it changes
                assert now[line["seq"]] == line
        assert self.entries.keys() <= {entry_id(store, event) for event in store.revisions.events(Scope(), limit=10**6)}

    def every_history_is_one_that_was_published(self, store):
        health = store.articles.source("town")
        assert (health.articles_count, health.events_count) == (len(STORIES), len(store.revisions.events(Scope(), limit=10**6)))
        looks = defaultdict(Counter)
        for stored in store.revisions.polls(limit=10**6):
            looks[stored.poll.article_id][stored.poll.outcome] += 1
        for article in store.articles.listed(limit=100):
            name = article.url.rpartition("/")[2]
            history = store.revisions.history(article.id)
            versions = [version(store.revisions.extract(revision.id)) for revision in history]
            assert versions == sorted(set(versions))
            assert versions[-1] == self.site.versions[f"/{name}"]
            assert [revision.number for revision in history] == list(range(1, len(history) + 1))
            for revision, number in zip(history, versions, strict=True):
                assert [capture.body for capture in store.revisions.pages(revision.id)] == [page(name, number).encode()]
            seen = looks[article.id]
            assert seen[Outcome.FIRST] + seen[Outcome.CHANGED] == len(history) == article.revisions_count
            events = reversed(store.revisions.events(Scope(article_id=article.id), limit=10**6))
            steps = [(event.from_revision_id, event.to_revision_id) for event in events if event.from_revision_id and event.to_revision_id]
            assert steps == list(pairwise(revision.id for revision in history))

    async def every_change_feed_is_what_the_store_says(self, store):
        emitted = {path for path in (self.folder / "storage" / "feeds").rglob("*") if path.is_file()}
        async with rooms(read_config(self.config, {})) as opened:
            for scope in SCOPES:
                feed = await opened.emitter.build(scope)
                for form, writer in FORMATS.items():
                    path = opened.emitter.path(scope, form)
                    assert path.read_bytes() == writer.write(feed)
                    emitted.remove(path)
        assert emitted == set()  # no half-written ones


def version(extract):
    return int(re.search(r"This is version (\d+) of", extract.text)[1])


def entry_id(store, event):
    return f"urn:uuid:{uuid5(store.installation_id, f'event:{event.id}')}"


@pytest.fixture
def watched(folder, changing_site, store_url) -> Watched:
    return Watched(folder, changing_site, store_url)


# --- the program in a bad world --------------------------------------------------------------------


class Condemned:
    """killed.py, and what it says: one run at a time."""

    def __init__(self):
        program = Path(__file__).with_name("killed.py")
        environment = {name: value for name, value in os.environ.items() if not name.startswith("TRACKER_")}
        environment["PYTHONPATH"] = str(TESTS)
        self.process = subprocess.Popen(
            [sys.executable, str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        self.run = None
        self.lines = queue.Queue()
        self.reader = threading.Thread(target=self.listen, daemon=True)
        self.reader.start()

    def listen(self):
        for line in self.process.stdout:
            self.lines.put(int(line))

    def start(self, folder, *, point=None, passes=0, **environment):
        said = {"folder": str(folder), "point": point, "passes": passes, "environment": environment}
        self.process.stdin.write(json.dumps(said) + "\n")
        self.process.stdin.flush()
        self.run = self.lines.get(timeout=60)

    def ended(self, within):
        """The status of the run, or None."""
        try:
            status = self.lines.get(timeout=within)
        except queue.Empty:
            return None
        self.run = None
        return status

    def end(self, how):
        """The status of the run, which is over now, whoever ended it."""
        os.kill(self.run, how)
        return self.ended(within=60)

    def close(self):
        if self.run is not None:
            self.end(signal.SIGKILL)
        self.process.stdin.close()
        self.process.wait(timeout=30)
        self.reader.join()
        self.process.stdout.close()


@pytest.fixture
def condemned() -> Iterator[Callable[[], Condemned]]:
    """Starts a killed.py; more than one where asked again."""
    with ExitStack() as started:
        yield lambda: started.enter_context(closing(Condemned()))
