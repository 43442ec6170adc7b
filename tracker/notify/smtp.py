"""Hands mails to the operator's server. The library waits for the server, so this happens on threads of its own: a slow server
holds up mails only."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
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
        sent = asyncio.get_running_loop().run_in_executor(self._threads, self._send, message, to)
        try:
            async with asyncio.timeout(MAIL_WITHIN.total_seconds()):
                await sent
        except TimeoutError as late:
            raise NotDelivered(f"The mail server {self._server.host} took longer than {MAIL_WITHIN.total_seconds():g} s.") from late

    def _send(self, message: EmailMessage, to: str) -> None:
        try:
            with self._connected() as server:
                server.send_message(message, from_addr=parseaddr(self._server.sender)[1], to_addrs=[to])
        except smtplib.SMTPRecipientsRefused as refused:
            code, said = refused.recipients[to]
            raise NotDelivered(f"The mail server refuses the address: {_words(code, said)}.") from refused
        except smtplib.SMTPResponseException as refused:
            raise NotDelivered(f"The mail server refuses the mail: {_words(refused.smtp_code, refused.smtp_error)}.") from refused
        except (smtplib.SMTPException, OSError) as error:
            raise NotDelivered(f"The mail server {self._server.host}:{self._server.port} cannot be used: {error}.") from error

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        server, seconds = self._server, ANSWER_WITHIN.total_seconds()
        if server.tls == "tls":
            opened: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=seconds, context=ssl.create_default_context())
        else:
            opened = smtplib.SMTP(server.host, server.port, timeout=seconds)
        with opened:
            if server.tls == "starttls":
                opened.starttls(context=ssl.create_default_context())
            if server.username is not None:
                opened.login(server.username, server.password or "")
            yield opened

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def _words(code: int, said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return f"{code} {' '.join(text.split())}"[:300].rstrip(".")
