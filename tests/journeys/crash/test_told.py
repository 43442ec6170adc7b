"""The program is killed, again and again, while it tells a webhook what changes: each event comes, in order, signed."""

from __future__ import annotations

import hmac
import json
import os
import random
import signal
import threading
import time
from base64 import b64decode, b64encode
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tracker.model import Channel, Scope, Wish
from tracker.store import Store

SOAK = bool(os.environ.get("SOAK"))
ROUNDS = 20 if SOAK else 1
POINTS = ("look committed", "subscription claimed", "message sent", "cursor moved", "failure noted")
# Seconds after which a run is killed that has not come by its point so often.
PATIENCE = 40


class Receiver(ThreadingHTTPServer):
    """Takes two messages of three; all of them once it is well."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.asked_count = 0
        self.is_well = False
        self.got = []
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()


class Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked_count += 1
        refused = not self.server.is_well and self.server.asked_count % 3 == 0
        status = 500 if refused else 204
        if status == 204:
            self.server.got.append((dict(self.headers.items()), body))
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def receiver():
    made = Receiver()
    yield made
    made.shutdown()
    made.server_close()


@pytest.fixture
def subscription(watched, receiver):
    config = json.loads(watched.config.read_text())
    address = f"127.0.0.1:{receiver.server_port}"
    config["fetch"]["allow_private_addresses"].append(address)
    watched.config.write_text(json.dumps(config), encoding="utf-8")
    with closing(Store.open(watched.store_url)) as store:
        return store.subscriptions.add(Wish(channel=Channel.WEBHOOK, target=f"http://{address}/hook"), store.created_at)


@pytest.mark.timeout(3600 if SOAK else 300)
def test_a_program_that_is_killed_at_any_moment_tells_each_event_at_least_once_and_in_order(
    watched, condemned, start, receiver, subscription
):
    chance, program, reached = random.Random(), condemned(), set()
    plan = [*POINTS, None, None] * ROUNDS  # None: at any moment
    chance.shuffle(plan)
    for point in plan:
        program.start(watched.folder, point=point, passes=chance.randint(1, 3))
        give_up_at = time.monotonic() + (chance.uniform(0.5, 3) if point is None else PATIENCE)
        status = None
        while status is None and time.monotonic() < give_up_at:
            status = program.ended(within=0.05)
        if status is not None:
            reached.add(point)
        else:
            status = program.end(signal.SIGKILL)
        assert status == -signal.SIGKILL, (watched.folder / "log").read_text()
    watched.site.hold()
    # How much is still to be told differs: with waits after every second message it would take minutes.
    receiver.is_well = True
    running = start(watched.folder)
    watched.until(lambda: watched.is_up_to_date() and told(receiver)[-1:] == events(watched)[-1:])
    assert running.stop() == 0
    seqs = told(receiver)
    assert list(dict.fromkeys(seqs)) == events(watched)
    assert seqs == sorted(seqs), "what is told again is told at once"
    assert all(is_signed(headers, body, subscription.secret) for headers, body in receiver.got)
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == len(set(seqs))
    assert reached - {None} == set(POINTS)


def told(receiver):
    return [json.loads(body)["data"]["seq"] for _, body in receiver.got]


def events(watched):
    with closing(Store.open(watched.store_url)) as store:
        return [change.event.seq for change in reversed(store.revisions.changes(Scope(), limit=10**6))]


def is_signed(headers, body, secret):
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    made = b64encode(hmac.new(b64decode(secret.removeprefix("whsec_")), signed, "sha256").digest()).decode()
    return headers["webhook-signature"] == f"v1,{made}"
