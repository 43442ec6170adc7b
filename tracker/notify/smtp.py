"""Hands mails to the operator's server. The library waits for the server, so this happens on threads of its own: a slow server
holds up mails only."""

from __future__ import annotations

import asyncio
import smtplib
import socket
import ssl
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Literal

from tracker.errors import NotDelivered

# For each answer of the server, and for all of one mail.
ANSWER_WITHIN = timedelta(seconds=15)
MAIL_WITHIN = timedelta(seconds=45)
MAILS_AT_ONCE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """`tls`: "starttls" asks for encryption first and goes no further without, "tls" begins with it."""

    host: str
    port: int
    sender: str
    username: str | None = None
    password: str | None = None
    tls: Literal["starttls", "tls", "none"] = "starttls"


class Mailer:
    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._threads = ThreadPoolExecutor(MAILS_AT_ONCE, thread_name_prefix="mail")

    @property
    def sender(self) -> str:
        return self._server.sender

    async def send(self, message: EmailMessage, to: str) -> None:
        """Raises NotDelivered."""
        opened: list[smtplib.SMTP] = []
        sent = asyncio.get_running_loop().run_in_executor(self._threads, self._send, message, to, opened)
        try:
            async with asyncio.timeout(MAIL_WITHIN.total_seconds()):
                await sent
        except TimeoutError as late:
            raise NotDelivered(f"The mail server {self._server.host} took longer than {MAIL_WITHIN.total_seconds():g} s.") from late
        finally:
            _cut(opened)

    def _send(self, message: EmailMessage, to: str, opened: list[smtplib.SMTP]) -> None:
        try:
            with self._connected(opened) as server:
                server.send_message(message, from_addr=parseaddr(self._server.sender)[1], to_addrs=[to])
        except smtplib.SMTPRecipientsRefused as refused:
            code, said = refused.recipients[to]
            raise NotDelivered(f"The mail server refuses the address: {_words(code, said)}.") from refused
        except smtplib.SMTPResponseException as refused:
            raise NotDelivered(f"The mail server refuses the mail: {_words(refused.smtp_code, refused.smtp_error)}.") from refused
        except UnicodeEncodeError as error:  # the library's way to log in has no others
            raise NotDelivered("A mail server is given a name and a password of ASCII signs alone: change those under mail.") from error
        except (smtplib.SMTPException, OSError) as error:
            raise NotDelivered(f"The mail server {self._server.host}:{self._server.port} cannot be used: {error}.") from error

    @contextmanager
    def _connected(self, opened: list[smtplib.SMTP]) -> Iterator[smtplib.SMTP]:
        server = self._server
        with _Encrypted(server, opened) if server.tls == "tls" else _Plain(server, opened) as speaking:
            if server.tls == "starttls":
                speaking.starttls(context=ssl.create_default_context())
            if server.username is not None:
                speaking.login(server.username, server.password or "")
            yield speaking

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


class _Plain(smtplib.SMTP):
    """In `opened` from before the server has said anything."""

    def __init__(self, server: MailServer, opened: list[smtplib.SMTP]) -> None:
        opened.append(self)
        super().__init__(server.host, server.port, timeout=ANSWER_WITHIN.total_seconds())


class _Encrypted(smtplib.SMTP_SSL):
    """As _Plain."""

    def __init__(self, server: MailServer, opened: list[smtplib.SMTP]) -> None:
        opened.append(self)
        super().__init__(server.host, server.port, timeout=ANSWER_WITHIN.total_seconds(), context=ssl.create_default_context())


def _cut(opened: Sequence[smtplib.SMTP]) -> None:
    """A thread cannot be cancelled: one with a server that says a letter now and then would go on for ever, and the program with it."""
    for one in opened:
        sock = one.sock
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)


def _words(code: int, said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return f"{code} {' '.join(text.split())}"[:300].rstrip(".")
