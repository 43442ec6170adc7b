"""Mails through a real SMTP server on loopback: what a mail client makes of them."""

from __future__ import annotations

import asyncio
import email
import email.policy
import re
from contextlib import suppress
from datetime import timedelta
from email.message import EmailMessage
from html.parser import HTMLParser

import pytest
from aiosmtpd.smtp import SMTP, AuthResult

from tracker.errors import NotDelivered
from tracker.model import Channel, Digest, Wish
from tracker.notify import smtp
from tracker.notify.mail import Mails
from tracker.notify.smtp import Mailer, MailServer
from tracker.notify.timing import next_digest
from tracker.notify.told import Outlet

READER = "reader@example.org"
TOLD = (
    "The council met on Monday to talk about the old bridge over the river.",
    "Work begins in the spring, and will take two years at the least.",
)


class Postbox:
    """What the server took; `answers` come before that."""

    def __init__(self):
        self.raw = []
        self.answers = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - the library's name
        if self.answers:
            return self.answers.pop(0)
        self.raw.append(envelope.original_content)
        self.envelope = envelope
        return "250 OK"

    @property
    def mails(self):
        return [email.message_from_bytes(raw, policy=email.policy.default) for raw in self.raw]


@pytest.fixture
def postbox():
    return Postbox()


@pytest.fixture
async def server(postbox):
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(lambda: SMTP(postbox, loop=loop, hostname="mail.example.net"), "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    yield MailServer(host="127.0.0.1", port=port, sender="News Tracker <tracker@example.net>", tls="none")
    listening.close()
    await listening.wait_closed()


@pytest.fixture
def mailer(server):
    made = Mailer(server)
    yield made
    made.close()


@pytest.fixture
async def notifier(notifier_with, mailer, store, clock):
    mails = Mails(mailer=mailer, base_url="https://tracker.example", installation_id=store.installation_id, clock=clock)
    return await notifier_with(mail=Outlet(send=mails.send, at_once=20, of_a_day=3))


@pytest.fixture
def mail(subscribe):
    return lambda **more: subscribe(READER, channel=Channel.MAIL, **more)


class Parsed(HTMLParser):
    """Tags as a client meets them."""

    def __init__(self, html):
        super().__init__()
        self.links, self.open, self.tags = [], [], set()
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        if tag not in {"meta", "br"}:
            self.open.append(tag)
        self.links += [value for name, value in attrs if name in {"href", "src"}]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def parts(message):
    return message.get_body(("plain",)).get_content(), message.get_body(("html",)).get_content()


async def test_changes_that_wait_come_as_one_mail_with_a_text_and_an_html_part(desk, mail, notifier, postbox, store):
    made = mail()
    desk.change(desk.article(), times=2)
    await notifier.settle()
    (message,) = postbox.mails
    assert [part.get_content_type() for part in message.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert message["From"] == "News Tracker <tracker@example.net>"
    assert message["To"] == READER == postbox.envelope.rcpt_tos[0]
    assert message["Subject"] == "2 changes: A bridge for the town, …"
    assert f"List-Unsubscribe: <https://tracker.example/unsubscribe/{made.secret}>\r\n".encode() in postbox.envelope.content
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Auto-Submitted"] == "auto-generated"
    assert re.fullmatch(r"<[0-9a-f-]{36}@example.net>", message["Message-ID"])
    text, html = parts(message)
    assert "[-10-]{+11+} residents" in re.sub(r"-\]\s*\{", "-]{", text)
    assert "<del style=" in html
    assert html.count("A number changed") == text.count("A number changed") == 2, "once a change"
    parsed = Parsed(html)
    assert parsed.open == []
    assert all(link.startswith("https://") for link in parsed.links)
    assert parsed.tags <= {"html", "head", "meta", "title", "body", "div", "h2", "p", "a", "b", "i", "del", "ins"}
    assert "line-through" in html
    assert "underline" in html
    assert store.subscriptions.attempts(made.id, limit=1)[0].notices_count == 2


async def test_each_line_is_short_and_ascii_whatever_the_words_are(desk, mail, mailer, notifier, postbox, clock, monkeypatch):
    """No server on the way has to know more than RFC 5321, no reader more than RFC 2045 and 2047 allow. Only the address that
    ends the subscription stands whole, however long."""
    made, given, send = mail(), [], mailer.send

    async def noted(message, to):
        given.append(message)
        await send(message, to)

    monkeypatch.setattr(mailer, "send", noted)
    article = desk.article()
    clock.advance(minutes=1)
    desk.read(article, *TOLD, "北京的桥很长。" * 60, "Мост через реку закрыли вчера. " * 40, headline="Мост у 北京 – ñandú " * 20)
    await notifier.settle()
    (raw,) = postbox.raw
    assert raw.isascii()
    ending = f"List-Unsubscribe: <https://tracker.example/unsubscribe/{made.secret}>".encode()
    assert [line for line in raw.split(b"\r\n") if len(line) > 76] == [ending]
    assert max(map(len, re.findall(rb"=\?utf-8\?\S+", raw))) <= 75
    assert parts(postbox.mails[0]) == parts(given[0])
    assert postbox.mails[0]["Subject"] == given[0]["Subject"]
    text, html = parts(postbox.mails[0])
    assert "北京的桥很长。" in text
    assert "北京的桥很长。" in html
    assert len(postbox.mails[0]["Subject"]) <= 120


async def test_a_hostile_headline_adds_no_header_and_no_markup(desk, mail, notifier, postbox, clock):
    mail()
    article = desk.article()
    clock.advance(minutes=1)
    evil = "Bridge\r\nBcc: victim@example.org\r\n\r\n<script>alert(1)</script>\u202e\u2066 gnp.exe"
    desk.read(article, *TOLD, "<img src=x onerror=alert(1)> said \u202eevil\x00.", headline=evil)
    await notifier.settle()
    (message,) = postbox.mails
    assert "Bcc" not in message
    assert postbox.envelope.rcpt_tos == [READER]
    assert message["Subject"] == "Bridge Bcc: victim@example.org <script>alert(1)</script> gnp.exe"
    text, html = parts(message)
    assert Parsed(html).tags.isdisjoint({"script", "img"})
    assert "\u202e" not in message["Subject"]
    assert "\x00" not in text + html


@pytest.mark.parametrize("word", ["=?utf-8?q?=0D=0ABcc:_victim@example.org=0D=0A=0D=0AForged.?=", "=?utf-8?b?Cg==?=", "=?utf-7?q?+2AA-?="])
async def test_an_encoded_word_in_a_headline_is_not_decoded(desk, mail, notifier, postbox, clock, word):
    mail()
    article = desk.article()
    clock.advance(minutes=1)
    desk.read(article, *TOLD, headline=f"Bridge é {word} closed")
    await notifier.settle()
    (message,) = postbox.mails
    assert {"Message-ID", "List-Unsubscribe", "MIME-Version"} <= set(message.keys())
    assert "Bcc" not in message
    assert message["Subject"] == f"Bridge é {word.replace('=?', '= ?')} closed"


async def test_a_daily_digest_comes_at_its_hour_with_all_of_the_day_and_on_no_quiet_day(desk, mail, notifier, postbox, clock, store):
    digest = Digest(at=(clock() + timedelta(hours=2)).time(), zone="UTC")
    made = mail(digest=digest, next_at=next_digest(digest, clock()))
    events = desk.change(desk.article(), times=4)
    await notifier.settle()
    assert postbox.mails == []
    clock.at = store.subscriptions.get(made.id).next_at
    await notifier.settle()
    assert [one["Subject"][:9] for one in postbox.mails] == ["3 changes", "A bridge "], "a message has at most three here"
    assert len(events) == 4
    again_at = store.subscriptions.get(made.id).next_at
    assert again_at == next_digest(digest, clock())
    clock.at = again_at
    await notifier.settle()
    assert len(postbox.mails) == 2
    assert store.subscriptions.get(made.id).next_at == again_at + timedelta(days=1)
    desk.change(desk.article(2))
    await notifier.settle()
    assert len(postbox.mails) == 2, "what comes after the hour is the next day's"


async def test_a_server_that_refuses_is_asked_again(desk, mail, notifier, postbox, clock, store):
    made = mail()
    postbox.answers = ["451 4.3.0 Try later", "550 5.7.1 No\r\n"]
    desk.change(desk.article())
    await notifier.settle()
    assert "451 4.3.0 Try later" in store.subscriptions.attempts(made.id, limit=1)[0].reason
    for _ in range(2):
        clock.at = store.subscriptions.get(made.id).next_at
        await notifier.settle()
    assert len(postbox.mails) == 1


async def test_a_retracted_change_is_mailed_as_such(desk, mail, notifier, postbox, clock, store):
    mail()
    (event,) = desk.change(desk.article())
    await notifier.settle()
    store.retract(event, reason="Our reader broke.", now=clock.advance(minutes=1))
    await notifier.settle()
    told = postbox.mails[1]
    assert told["Subject"].startswith("Retracted: ")
    assert all("Our reader broke." in part for part in parts(told))
    assert "<del" not in parts(told)[1]


async def test_an_alarm_of_the_configuration_is_mailed_without_an_address_that_ends_it(notifier, postbox, clock, store):
    store.subscriptions.declare([(Wish(channel=Channel.MAIL, target=READER, of_alarms=True), None)], clock())
    store.alarms.settle("news", {"silent": "Nothing new."}, clock())
    await notifier.settle()
    (message,) = postbox.mails
    assert message["Subject"] == "Alarm: news"
    assert "List-Unsubscribe" not in message
    assert "Nothing new." in parts(message)[0]


async def test_a_server_that_never_ends_its_sentence_holds_no_thread(monkeypatch):
    """Nor does it the program, which waits for its threads at its end."""
    monkeypatch.setattr(smtp, "MAIL_WITHIN", timedelta(milliseconds=200))

    ended = asyncio.Event()

    async def drip(reader, writer):
        while not reader.at_eof():
            writer.write(b"2")
            with suppress(TimeoutError, ConnectionError):
                await asyncio.wait_for(reader.read(1), 0.01)
        writer.close()
        ended.set()

    async with await asyncio.start_server(drip, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        mailer = Mailer(MailServer(host="127.0.0.1", port=port, sender="tracker@example.net", tls="none"))
        with pytest.raises(NotDelivered, match="took longer"):
            await mailer.send(EmailMessage(), READER)
        async with asyncio.timeout(10):
            await asyncio.to_thread(mailer._threads.shutdown)
            await ended.wait()


async def test_a_password_that_cannot_be_sent_is_a_failure_that_says_so(postbox):
    loop = asyncio.get_running_loop()
    asks = {"hostname": "mail.example.net", "auth_require_tls": False, "authenticator": lambda *_: AuthResult(success=True)}
    async with await loop.create_server(lambda: SMTP(postbox, loop=loop, **asks), "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        told = MailServer(host="127.0.0.1", port=port, sender="tracker@example.net", username="us", password="geheim€", tls="none")
        mailer = Mailer(told)
        with pytest.raises(NotDelivered, match="ASCII"):
            await mailer.send(EmailMessage(), READER)
        mailer.close()


async def test_a_server_that_wants_encryption_is_not_spoken_to_without(server, mailer):
    """The one here has none to offer."""
    strict = Mailer(MailServer(host=server.host, port=server.port, sender="tracker@example.net"))
    with pytest.raises(NotDelivered, match="cannot be used"):
        await asyncio.wait_for(strict.send(email.message.EmailMessage(), READER), 30)
    strict.close()
