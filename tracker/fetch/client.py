"""Asks for one URL, and keeps the answer exactly as it came.

Here: the request, its redirects one by one, the caps on time and bytes, and the name of every
way in which it fails. When to ask, how often, and what the answer means is the scheduler's
business; which addresses may be asked at all is guard.py's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self
from urllib.parse import urldefrag, urljoin

import aiohttp
from yarl import URL

from tracker.errors import BadAnswer, BadStatus, FetchError, TimedOut, TooLarge, TooManyRedirects, Truncated, Unreachable, UnsafeAddress
from tracker.fetch.decode import ACCEPTED, decode_body
from tracker.fetch.guard import PORTS, Gate, RefusedError, Resolver
from tracker.fetch.headers import age_of, ahead_of, charset_of, clean_validators, content_type_of, is_clean, retry_after
from tracker.model import Capture, Validators

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PERMANENT = frozenset({301, 308})
_PAGES = frozenset({200, 203})  # 206 was not asked for, 202 is what bot checks answer, 204 is no page
_ABSENT = frozenset({404, 410, 451})
# Never the page nor the feed, and often long: not read at all. Other types are often wrong and decided by the bytes.
_NO_TEXT = ("image/", "audio/", "video/", "font/", "application/pdf", "application/zip")

# One URL answers as a page or as a feed; a server that chooses by this header gives browsers the page.
_ACCEPT = "text/html,application/xhtml+xml,application/atom+xml,application/rss+xml,application/feed+json,application/xml;q=0.9,*/*;q=0.8"

# An endless header ends here. Some sites set cookies by the hundred; the worst answer costs 12,000 × 8 KiB.
_HEADERS = 12_000
_HEADER_LENGTH = 8190

# Above this, decompressing takes long enough to be felt by the web in the same loop, and goes to a thread.
_DECODED_IN_PLACE = 256 * 1024

Permit = Callable[[str], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Caps of one look. `timeout` is for all of it; bytes are counted as received and again when decoded."""

    timeout: timedelta
    article_bytes: int
    redirects: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """The page. `url` is where it was found, `hops` the addresses that led there; `body` is decoded.

    `ahead` is how far our clock is ahead of the server's, if its answer tells; `age` how long it may have lain in a cache.
    `moved_url` is where redirects lead that are all permanent; further ones that are not may follow. None: there is none.
    """

    url: str
    capture: Capture
    status: int
    body: bytes
    charset: str | None
    content_type: str | None
    validators: Validators
    hops: tuple[str, ...]
    ms: int
    age: timedelta = timedelta()
    ahead: timedelta | None = None
    moved_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """The page is as it was when it gave the validators. `age`, `ahead`, `hops` and `moved_url` are as in Fetched."""

    url: str
    validators: Validators
    ms: int
    age: timedelta = timedelta()
    ahead: timedelta | None = None
    hops: tuple[str, ...] = ()
    moved_url: str | None = None
    status: int = 304


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """The site says that there is no such page: 404, 410, or 451 for legal reasons."""

    url: str
    status: int
    capture: Capture
    hops: tuple[str, ...]
    ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """How a server took what it was sent. `retry_after` is its wish, unclamped."""

    status: int
    retry_after: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """What came for one request. `location` is where a redirect leads; only pages' bodies are read."""

    status: int
    status_line: str
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes = b""
    location: str | None = None

    def header(self, name: bytes) -> str | None:
        """The first one of this name. Bytes that are not UTF-8 become Latin-1: no header is an error."""
        for given, value in self.headers:
            if given.lower() == name:
                return _text(value)
        return None

    @property
    def validators(self) -> Validators:
        return clean_validators(Validators(etag=self.header(b"etag"), last_modified=self.header(b"last-modified")))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """What is being asked: the address by now, the `hops` that led there, and where those lead that are permanent."""

    url: str
    sent: Validators
    cap: int
    hops: tuple[str, ...] = ()
    moved_url: str | None = None

    def redirected(self, answer: _Answer, location: str) -> _Look:
        url = _joined(self.url, location)
        is_permanent = answer.status in _PERMANENT and self.moved_url == (self.url if self.hops else None)
        return replace(self, url=url, hops=(*self.hops, self.url), moved_url=url if is_permanent else self.moved_url)


class Client:
    """An async context manager; one for the whole program, since it keeps connections open.

    With a `proxy`, the proxy resolves names, so that only addresses written in a URL can be judged.
    """

    def __init__(
        self,
        *,
        user_agent: str,
        limits: Limits,
        clock: Callable[[], datetime],
        allowed: Iterable[str] = (),
        ports: Collection[int] = PORTS,
        proxy: str | None = None,
    ) -> None:
        if not user_agent or not is_clean(user_agent):
            message = f"the user agent {user_agent!r} is empty or has characters that no header may have"
            raise ValueError(message)
        self._limits = limits
        self._clock = clock
        self._proxy = URL(proxy) if proxy else None
        self._gate = Gate(allowed, ports)
        self._resolver = Resolver(self._gate)
        self._headers = {"User-Agent": user_agent, "Accept": _ACCEPT, "Accept-Encoding": ACCEPTED}
        self._open: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        # The proxy is the operator's own word and may stand anywhere; all else passes the gate.
        gated = aiohttp.TCPConnector(resolver=self._resolver, socket_factory=self._gate.new_socket)
        connector = aiohttp.TCPConnector() if self._proxy else gated
        self._open = aiohttp.ClientSession(
            connector=connector,
            headers=self._headers,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None),  # ours is for the whole look
            auto_decompress=False,
            trust_env=False,
            max_line_size=_HEADER_LENGTH,
            max_field_size=_HEADER_LENGTH,
            max_headers=_HEADERS,
        )
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        session, self._open = self._open, None
        if session is not None:
            await session.close()
        await self._resolver.close()

    @property
    def limits(self) -> Limits:
        return self._limits

    async def get(
        self,
        url: str,
        validators: Validators = Validators(),  # noqa: B008 - frozen and empty
        *,
        cap: int | None = None,
        permit: Permit | None = None,
    ) -> Fetched | NotModified | Gone:
        """What the URL answers, redirects followed. Raises FetchErrors only, and what `permit` raises.

        `permit` is awaited before the first request and before each redirect's; its time is not counted.
        `cap` is in bytes, for the body as received and for the body decoded; that of articles if not given.
        """
        look = _Look(url=urldefrag(url).url, sent=clean_validators(validators), cap=self._limits.article_bytes if cap is None else cap)
        spent = 0.0
        while True:
            target = self._gate.check_url(look.url)
            if permit is not None:
                await permit(look.url)
            began = asyncio.get_running_loop().time()
            answer = await self._ask(target, look, self._limits.timeout.total_seconds() - spent)
            spent += asyncio.get_running_loop().time() - began
            if answer.location is None:
                return await self._meaning(answer, look, round(spent * 1000))
            if len(look.hops) >= self._limits.redirects:
                raise TooManyRedirects(url, self._limits.redirects)
            look = look.redirected(answer, answer.location)

    async def post(self, url: str, fields: Mapping[str, str]) -> int:
        """The status that the URL answers to a form; redirects are not followed, nothing is read. Raises FetchErrors only."""
        return (await self._post(url, aiohttp.FormData(dict(fields)), {})).status

    async def send(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answered:
        """How the URL takes these bytes; as `post` for the rest."""
        return await self._post(url, body, headers)

    async def _post(self, url: str, body: bytes | aiohttp.FormData, headers: Mapping[str, str]) -> Answered:
        target = self._gate.check_url(url)
        assert self._open is not None, "the client is used inside `async with`"
        try:
            async with asyncio.timeout(self._limits.timeout.total_seconds()):
                async with self._open.post(target, data=body, headers=headers, allow_redirects=False, proxy=self._proxy) as response:
                    return Answered(status=response.status, retry_after=retry_after(response.headers.get("retry-after"), self._clock()))
        except TimeoutError as late:
            raise TimedOut(url, self._limits.timeout) from late
        except (aiohttp.ClientError, OSError) as error:
            raise _named(url, error) from error

    async def _ask(self, target: URL, look: _Look, seconds: float) -> _Answer:
        conditions = {"If-None-Match": look.sent.etag, "If-Modified-Since": look.sent.last_modified}
        headers = {name: value for name, value in conditions.items() if value}
        assert self._open is not None, "the client is used inside `async with`"
        try:
            async with asyncio.timeout(seconds):
                async with self._open.get(target, headers=headers, allow_redirects=False, proxy=self._proxy) as response:
                    return await _received(response, look)
        except TimeoutError as late:
            raise TimedOut(look.url, self._limits.timeout) from late
        except (aiohttp.ClientError, OSError) as error:
            raise _named(look.url, error) from error

    async def _meaning(self, answer: _Answer, look: _Look, ms: int) -> Fetched | NotModified | Gone:
        given, now = (answer.header(b"age"), answer.header(b"date")), self._clock()
        age, ahead = age_of(*given, now), ahead_of(*given, now)
        if answer.status == 304 and (look.sent.etag or look.sent.last_modified):
            fresh, sent = answer.validators, look.sent
            kept = replace(sent, etag=fresh.etag or sent.etag, last_modified=fresh.last_modified or sent.last_modified)
            return NotModified(url=look.url, validators=kept, ms=ms, age=age, ahead=ahead, hops=look.hops, moved_url=look.moved_url)
        if answer.status not in _PAGES | _ABSENT:
            raise BadStatus(look.url, answer.status, retry_after(answer.header(b"retry-after"), self._clock()))
        capture = Capture(
            url=look.url,
            status_line=answer.status_line,
            headers=answer.headers,
            body=answer.body,
            fetched_at=self._clock(),
            hops=look.hops,
        )
        if answer.status in _ABSENT:
            return Gone(url=look.url, status=answer.status, capture=capture, hops=look.hops, ms=ms)
        content_type = answer.header(b"content-type")
        return Fetched(
            url=look.url,
            capture=capture,
            status=answer.status,
            body=await _decoded(answer, look),
            charset=charset_of(content_type),
            content_type=content_type_of(content_type),
            validators=answer.validators,
            hops=look.hops,
            ms=ms,
            age=age,
            ahead=ahead,
            moved_url=look.moved_url,
        )


async def _decoded(answer: _Answer, look: _Look) -> bytes:
    if len(answer.body) > _DECODED_IN_PLACE:
        return await asyncio.to_thread(decode_body, answer.headers, answer.body, look.cap, url=look.url)
    return decode_body(answer.headers, answer.body, look.cap, url=look.url)


async def _received(response: aiohttp.ClientResponse, look: _Look) -> _Answer:
    """The answer, with its body if it is a page or says that there is none. No other body is read."""
    version = response.version or aiohttp.HttpVersion11
    status_line = f"HTTP/{version.major}.{version.minor} {response.status} {response.reason or ''}".rstrip()
    headers = tuple(response.raw_headers)
    answer = _Answer(status=response.status, status_line=status_line, headers=headers)
    location = answer.header(b"location")
    if response.status in _REDIRECTS and location is not None:
        return replace(answer, location=location)
    if response.status not in _PAGES | _ABSENT:
        return answer
    kind = content_type_of(answer.header(b"content-type")) or ""
    if response.status in _PAGES and kind.startswith(_NO_TEXT):
        raise BadAnswer(look.url, f"it is of type {kind}, which is neither page nor feed")
    if (response.content_length or 0) > look.cap:
        raise TooLarge(look.url, look.cap)
    body = bytearray()
    try:
        async for piece in response.content.iter_any():
            body += piece
            if len(body) > look.cap:
                raise TooLarge(look.url, look.cap)
    except (aiohttp.ClientError, OSError) as broken:
        raise Truncated(look.url) from broken
    return replace(answer, body=bytes(body))


def _text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _joined(base: str, location: str) -> str:
    """Where a redirect leads, without fragment; the gate judges what comes out."""
    if not location.isprintable():
        raise UnsafeAddress(base, "it redirects to an address with control characters")
    try:
        return urldefrag(urljoin(base, location.strip())).url
    except ValueError as error:
        raise UnsafeAddress(base, f"it redirects to what is no URL ({error})") from error


def _first_line(text: str) -> str:
    """The rest shows what a stranger sent."""
    return text.strip().partition("\n")[0].rstrip(" :")[:100]


def _named(url: str, error: aiohttp.ClientError | OSError) -> FetchError:
    """The FetchError that stands for what the library raised before there was an answer."""
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    told = (cause.strerror if isinstance(cause, OSError) else None) or str(cause) or type(cause).__name__
    match error:
        case _ if isinstance(cause, RefusedError):
            return UnsafeAddress(url, cause.why)
        case aiohttp.InvalidURL():
            return UnsafeAddress(url, "its host is not a plain name or address")
        case aiohttp.ClientConnectorCertificateError():
            return Unreachable(url, f"its certificate is not valid ({error.certificate_error})")
        case aiohttp.ClientSSLError():
            return Unreachable(url, f"no secure connection could be made ({told})")
        case aiohttp.ClientConnectorDNSError():
            return Unreachable(url, f"its host was not found ({told})")
        case aiohttp.ServerDisconnectedError():
            return Unreachable(url, "the server closed the connection without an answer")
        case aiohttp.ClientResponseError():
            return BadAnswer(url, f"it is not HTTP ({_first_line(error.message)})")
        case _:
            return Unreachable(url, told)
