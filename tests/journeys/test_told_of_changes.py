"""Subscribing, as a user does it: the commands, and a running program that tells a webhook and a reader of the newsroom's change."""

from __future__ import annotations

import email
import email.policy
import json
import queue
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from aiosmtpd.controller import Controller

from .conftest import free_ports

CHANGED = "Ofsted rates Sunderland children's services inadequate"


class Hook(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), HookAnswer)
        self.url = f"http://127.0.0.1:{self.server_port}/hook"
        self.got = queue.Queue()
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()


class HookAnswer(BaseHTTPRequestHandler):
    def do_POST(self):
        self.server.got.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def hook():
    made = Hook()
    yield made
    made.shutdown()
    made.server_close()


@pytest.fixture
def mails():
    """What a mail server on loopback takes, and its port."""

    class Postbox(queue.Queue):
        async def handle_DATA(self, server, session, envelope):  # noqa: N802 - the library's name
            self.put(email.message_from_bytes(envelope.original_content, policy=email.policy.default))
            return "250 OK"

    made = Postbox()
    (made.port,) = free_ports(1)
    running = Controller(made, hostname="127.0.0.1", port=made.port)
    running.start()
    yield made
    running.stop()


@pytest.fixture
def ready(folder, mails):
    """A working folder with a mail server, and receivers on loopback allowed."""
    config = folder / "config.yaml"
    text = config.read_text(encoding="utf-8").replace("allow_private_addresses: []", 'allow_private_addresses: ["127.0.0.1"]')
    text = text.replace("  host: null  ", "  host: 127.0.0.1  ").replace("  port: 587 ", f"  port: {mails.port} ")
    text = text.replace("  from: null", "  from: tracker@example.net").replace("  tls: starttls", "  tls: none")
    text = text.replace("  alarms: []", "  alarms: [{mail: ops@example.org}]")
    config.write_text(text, encoding="utf-8")
    return folder


def test_a_webhook_and_a_reader_are_told_of_a_change_while_the_program_runs(ready, tracker, start, hook, mails):
    done = tracker(ready, "subscribe", "webhook", hook.url, "--source", "bbc", "--json")
    made = json.loads(done.stdout)
    assert made["secret"].startswith("whsec_"), done.stderr
    assert tracker(ready, "subscribe", "mail", "reader@example.org", "--search", "rolling").returncode == 0
    running = start(ready)
    told = hook.got.get(timeout=60)
    assert (told["type"], told["data"]["title"]) == ("event.changed", CHANGED)
    mail = mails.get(timeout=60)
    assert (mail["To"], mail["Subject"]) == ("reader@example.org", CHANGED)
    with urllib.request.urlopen(told["data"]["url"], timeout=10) as page:
        assert page.status == 200
    ending = mail["List-Unsubscribe"].strip("<>")
    urllib.request.urlopen(urllib.request.Request(ending, data=b"List-Unsubscribe=One-Click", method="POST"), timeout=10).close()
    assert running.stop() == 0
    listed = [json.loads(line) for line in tracker(ready, "subscriptions", "--json").stdout.splitlines()]
    assert [(one["channel"], one["waiting"], one["declared"]) for one in listed] == [("webhook", 0, False), ("mail", 0, True)][::-1]
    assert [one["reason"] for one in listed[1]["attempts"]] == [None]


def test_subscriptions_are_made_tried_listed_and_ended(ready, tracker, hook, mails):
    made = tracker(ready, "subscribe", "webhook", hook.url, "--significance", "major", "--facet", "numbers")
    assert "Subscription 2: major changes of numbers, at once." in made.stdout, made.stderr
    assert "whsec_" in made.stdout
    daily = tracker(ready, "subscribe", "mail", "reader@example.org", "--daily", "--at", "17:30", "--zone", "Europe/Amsterdam")
    assert "all changes, daily at 17:30 (Europe/Amsterdam)" in daily.stdout, daily.stderr
    sought = tracker(ready, "subscribe", "mail", "reader@example.org", "--search", '"prime minister"', "--side", "deleted")
    assert 'changes with “"prime minister"” in deleted words, at once' in " ".join(sought.stdout.split()), sought.stderr
    assert tracker(ready, "subscribe", "test", "2").returncode == 0
    assert hook.got.get(timeout=5)["type"] == "test"
    assert tracker(ready, "subscribe", "test", "3").returncode == 0
    assert mails.get(timeout=5)["Subject"].startswith("A test")
    listed = tracker(ready, "subscriptions").stdout
    for said in ("mail ops@example.org, in config.yaml", "the operator’s alarms", f"webhook {hook.url}", "nothing waits", "next digest at"):
        assert said in listed
    assert "whsec_" not in listed
    assert tracker(ready, "unsubscribe", "2").returncode == 0
    assert tracker(ready, "unsubscribe", "2").returncode == 2
    assert "take its line out" in tracker(ready, "unsubscribe", "1").stderr
    hook.shutdown()
    hook.server_close()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["webhook", "http://10.0.0.1/hook"], "is not asked"),
        (["webhook", "ftp://example.org/"], "begin with http:// or https://"),
        (["mail", "nobody"], "no mail address"),
        (["mail", "a@example.org>\r\nBcc: b@example.org"], "no mail address"),
        (["apprise", "phone"], "names no phone"),
        (["mail", "a@example.org", "--facet", "colours"], "--facet is one of"),
        (["webhook", "https://example.org/hook", "--daily"], "a webhook gets each change at once"),
        (["mail", "a@example.org", "--at", "07:00"], "--daily"),
        (["mail", "a@example.org", "--daily", "--at", "25:00"], "time of day"),
        (["mail", "a@example.org", "--daily", "--zone", "Mars/Base"], "time zone"),
        (["mail", "a@example.org", "--alarms", "--source", "bbc"], "--alarms takes no other"),
        (["mail", "a@example.org", "--source", "unknown"], "no source unknown"),
        (["mail", "a@example.org", "--search", "-minister"], "only what to leave out"),
        (["mail", "a@example.org", "--side", "deleted"], "in which words of a change --search looks"),
        (["test", "99"], "no subscription 99"),
    ],
)
def test_what_cannot_be_subscribed_to_is_refused_with_a_sentence(ready, tracker, arguments, says):
    done = tracker(ready, "subscribe", *arguments)
    assert done.returncode == 2
    assert says in " ".join(done.stderr.replace("│", " ").split())
