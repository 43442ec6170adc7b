"""One look at one URL: what each face of a server becomes."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web

from tracker.errors import (
    BadAnswer,
    BadStatus,
    RobotsDisallowed,
    TimedOut,
    TooLarge,
    TooManyRedirects,
    Truncated,
    Unreachable,
    UnsafeAddress,
)
from tracker.fetch.client import Client, Fetched, Gone, NotModified
from tracker.model import Validators

CERTIFICATE = Path(__file__).parents[1] / "cases" / "fetch" / "self-signed.pem"


def answer(body=b"", *headers, status="200 OK"):
    return b"\r\n".join([b"HTTP/1.1 " + status.encode(), *headers, b"Content-Length: %d" % len(body), b"", body])


def moved(location):
    return b"HTTP/1.1 302 Found\r\nLocation: " + location.encode() + b"\r\nContent-Length: 0\r\n\r\n"


# --- the page ------------------------------------------------------------------------------------


async def test_a_page_is_kept_exactly_as_it_came(raw, client, clock):
    site = await raw(
        b'HTTP/1.1 200 Fine\r\nETag: "a"\r\nlast-modified: Mon, 02 Mar 2026 09:00:00 GMT\r\nX-Twice: 1\r\nX-Twice: 2\r\n'
        b'Content-Type: Text/HTML; Charset="ISO-8859-1"\r\nDate: Mon, 02 Mar 2026 10:00:00 GMT\r\nContent-Length: 4\r\n\r\ncaf\xe9'
    )
    found = await client.get(site.url + "/news")
    assert isinstance(found, Fetched)
    assert found.capture.status_line == "HTTP/1.1 200 Fine"
    assert found.capture.headers[:4] == (
        (b"ETag", b'"a"'),
        (b"last-modified", b"Mon, 02 Mar 2026 09:00:00 GMT"),
        (b"X-Twice", b"1"),
        (b"X-Twice", b"2"),
    )
    assert found.capture.body == found.body == b"caf\xe9"
    assert found.capture.fetched_at == clock()
    assert (found.content_type, found.charset) == ("text/html", "iso-8859-1")
    assert found.validators == Validators(etag='"a"', last_modified="Mon, 02 Mar 2026 09:00:00 GMT")
    assert found.age == timedelta()  # a date to come, by a clock that goes ahead
    assert found.url == site.url + "/news"
    assert found.hops == ()


async def test_a_page_that_lay_in_a_cache_says_how_long(raw, client):
    site = await raw(answer(b"x", b"Age: 600", b"Date: Sun, 01 Mar 2026 11:58:00 GMT"))
    assert (await client.get(site.url + "/news")).age == timedelta(minutes=10)
    site = await raw(b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\nAge: 90\r\n\r\n')
    assert (await client.get(site.url + "/news", Validators(etag='"a"'))).age == timedelta(seconds=90)


async def test_a_request_says_who_asks_and_sends_no_cookie(raw, client):
    site = await raw(answer(b"x", b"Set-Cookie: tracked=1; Path=/"))
    await client.get(site.url)
    await client.get(site.url)
    assert all(b"User-Agent: tracker/1.0 (+mailto:desk@news.example)\r\n" in request for request in site.requests)
    assert all(b"Accept-Encoding: gzip, deflate, br, zstd\r\n" in request for request in site.requests)
    assert not any(b"cookie" in request.lower() for request in site.requests)


async def test_ten_thousand_cookies_are_ignored(raw, client):
    site = await raw(answer(b"page", *(b"Set-Cookie: c%d=1" % number for number in range(10_000))))
    assert (await client.get(site.url)).body == b"page"


async def test_the_environments_proxy_is_not_used(raw, client_of, monkeypatch):
    silent = await raw(None)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, silent.url)
    site = await raw(answer(b"page"))
    assert (await (await client_of()).get(site.url)).body == b"page"
    assert silent.connections == 0


async def test_the_operators_proxy_is_used(raw, client_of):
    proxy = await raw(answer(b"by proxy"))
    client = await client_of(allowed=(), proxy=proxy.url)
    assert (await client.get("http://news.example/story")).body == b"by proxy"
    assert proxy.requests[0].startswith(b"GET http://news.example/story HTTP/1.1\r\n")


# --- nothing new, nothing there ------------------------------------------------------------------


async def test_validators_bring_a_304(raw, client):
    site = await raw(b'HTTP/1.1 304 Not Modified\r\nETag: "b"\r\n\r\n')
    found = await client.get(site.url, Validators(etag='"a"', last_modified="Mon, 02 Mar 2026 09:00:00 GMT"))
    assert isinstance(found, NotModified)
    assert found.validators == Validators(etag='"b"', last_modified="Mon, 02 Mar 2026 09:00:00 GMT")
    assert b'If-None-Match: "a"\r\n' in site.requests[0]
    assert b"If-Modified-Since: Mon, 02 Mar 2026 09:00:00 GMT\r\n" in site.requests[0]


async def test_a_304_that_nobody_asked_for_is_a_failure(raw, client):
    site = await raw(b"HTTP/1.1 304 Not Modified\r\n\r\n")
    with pytest.raises(BadStatus, match="status 304: nothing has changed, which was not asked") as raised:
        await client.get(site.url)
    assert raised.value.status == 304


@pytest.mark.parametrize("etag", ['W/"x"\r\nX-Injected: 1', '"\x00"', '"' + "A" * 2000 + '"', '"\u2026"', "\x7f"])
async def test_a_validator_that_could_do_harm_is_never_sent(raw, client, etag):
    site = await raw(answer(b"page"))
    assert isinstance(await client.get(site.url, Validators(etag=etag, last_modified=etag)), Fetched)
    assert b"If-" not in site.requests[0]
    assert b"Injected" not in site.requests[0]


async def test_a_validator_that_could_do_harm_is_never_kept(raw, client):
    site = await raw(answer(b"page", b'ETag: "' + b"A" * 2000 + b'"', b"Last-Modified: \xe2\x80\xa6"))
    assert (await client.get(site.url)).validators == Validators()


@pytest.mark.parametrize("status", ["404 Not Found", "410 Gone", "451 Unavailable For Legal Reasons"])
async def test_absence_is_an_answer_and_is_kept(raw, client, status):
    site = await raw(answer(b"no such story", status=status))
    found = await client.get(site.url)
    assert isinstance(found, Gone)
    assert found.status == int(status[:3])
    assert found.capture.status_line == "HTTP/1.1 " + status
    assert found.capture.body == b"no such story"


@pytest.mark.parametrize("status", [201, 202, 204, 206, 300, 400, 401, 403, 429, 500, 503, 599])
async def test_any_other_status_is_a_failure(raw, client, status):
    site = await raw(answer(b"" if status == 204 else b"<html>a long page of excuses</html>", status=f"{status} Hm"))
    with pytest.raises(BadStatus, match=f"status {status}"):
        await client.get(site.url)


@pytest.mark.parametrize(
    ("wish", "wait"),
    [
        ("3600", timedelta(hours=1)),
        ("Sun, 01 Mar 2026 12:05:00 GMT", timedelta(minutes=5)),  # the clock stands at noon of that day
        ("Sun, 01 Mar 2026 11:00:00 GMT", timedelta(0)),
        ("9" * 400, timedelta(days=365)),
        ("-5", None),
        ("soon", None),
        ("", None),
    ],
)
async def test_retry_after_is_told_in_seconds_or_as_a_date(raw, client, wish, wait):
    site = await raw(answer(b"", b"Retry-After: " + wish.encode(), status="429 Too Many Requests"))
    with pytest.raises(BadStatus) as raised:
        await client.get(site.url)
    assert raised.value.retry_after == wait


# --- redirects -----------------------------------------------------------------------------------


async def test_redirects_are_followed_and_told(site, client):
    async def page(request):
        return web.Response(text="here")

    async def first(request):
        return web.Response(status=301, headers={"Location": "b?x=1#frag"})

    async def second(request):
        return web.Response(status=308, headers={"Location": "/c"})

    base = await site({"/a": first, "/b": second, "/c": page})
    found = await client.get(base + "/a#top")
    assert found.url == base + "/c"
    assert found.hops == (base + "/a", base + "/b?x=1")


async def test_each_hop_needs_permission_and_gets_no_request_without(site, client):
    asked, permitted = [], []

    async def count(request):
        asked.append(request.path)
        return web.Response(status=302, headers={"Location": "/forbidden"})

    async def permit(url):
        permitted.append(url)
        if url.endswith("/forbidden"):
            raise RobotsDisallowed(url)

    base = await site({"/a": count, "/forbidden": count})
    with pytest.raises(RobotsDisallowed):
        await client.get(base + "/a", permit=permit)
    assert permitted == [base + "/a", base + "/forbidden"]
    assert asked == ["/a"]


async def test_waiting_for_permission_is_not_counted_as_the_sites_time(raw, client_of):
    client = await client_of(seconds=0.1)
    site = await raw(answer(b"page"))

    async def permit(url):
        await asyncio.sleep(0.15)

    assert (await client.get(site.url, permit=permit)).body == b"page"


async def test_a_loop_of_redirects_ends(raw, client):
    site = await raw(moved("/again"))
    with pytest.raises(TooManyRedirects, match="more than 5 times"):
        await client.get(site.url)
    assert len(site.requests) == 6


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.2:{port}/",
        "//127.0.0.2:{port}/",
        "http://127.0.0.2/",
        "http://[::1]/",
        "http://0x7f.0.0.2/",
        "//169.254.169.254/latest/meta-data/",
        "http://127.0.0.1:{port}\\@news.example/",
        "http://user@127.0.0.1:{port}/",
        "http://news.example:22/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "http://[::1",
        "http://(",
        "http://]:80/",
        "http://a\tb/",
    ],
)
async def test_a_redirect_to_where_we_never_go_is_not_followed(raw, client_of, location):
    silent = await raw(None, host="127.0.0.2")
    site = await raw(moved(location.format(port=silent.port)))
    client = await client_of(allowed=[f"127.0.0.1:{site.port}"])
    with pytest.raises(UnsafeAddress):
        await client.get(site.url)
    assert silent.connections == 0


async def test_a_redirects_body_is_not_read(raw, client):
    page = await raw(answer(b"page"))

    async def endless(writer):
        writer.write(b"HTTP/1.1 302 Found\r\nTransfer-Encoding: chunked\r\nLocation: " + page.url.encode() + b"\r\n\r\n")
        while True:
            writer.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")
            await writer.drain()

    assert (await client.get((await raw(endless)).url)).body == b"page"


async def test_a_redirect_to_nowhere_is_a_bad_status(raw, client):
    site = await raw(answer(b"", status="302 Found"))
    with pytest.raises(BadStatus):
        await client.get(site.url)


@pytest.mark.parametrize("kind", ["application/pdf", "image/jpeg", "Video/MP4; codecs=x"])
async def test_what_is_of_a_type_that_has_no_text_is_named_and_not_read(raw, client, kind):
    async def endless(writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: " + kind.encode() + b"\r\nContent-Length: 900000\r\n\r\n%PDF")
        await writer.drain()
        await asyncio.sleep(60)

    with pytest.raises(BadAnswer, match="which is neither page nor feed"):
        await client.get((await raw(endless)).url)


async def test_a_refresh_header_is_not_followed(raw, client):
    silent = await raw(None)
    site = await raw(answer(b"page", b"Refresh: 0;url=" + silent.url.encode()))
    assert (await client.get(site.url)).body == b"page"
    assert silent.connections == 0


# --- caps ----------------------------------------------------------------------------------------


async def test_a_body_that_drips_is_cut_off_by_the_clock(raw, client_of):
    async def drip(writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.01)

    site = await raw(drip)
    with pytest.raises(TimedOut, match=r"within 0\.2 s"):
        await (await client_of(seconds=0.2)).get(site.url)


async def test_headers_that_drip_and_silence_are_cut_off_by_the_clock(raw, client_of):
    async def drip(writer):
        writer.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.01)

    client = await client_of(seconds=0.1)
    for site in (await raw(drip), await raw(None)):
        with pytest.raises(TimedOut):
            await client.get(site.url)


async def test_redirects_share_one_time_limit(raw, client_of):
    async def slow(writer):
        await asyncio.sleep(0.1)
        writer.write(moved("/again"))

    with pytest.raises(TimedOut):
        await (await client_of(seconds=0.25)).get((await raw(slow)).url)


async def test_a_promise_of_too_many_bytes_is_not_waited_for(raw, client):
    site = await raw(b"HTTP/1.1 200 OK\r\nContent-Length: 5000000000\r\n\r\nx")
    with pytest.raises(TooLarge):
        await client.get(site.url)


async def test_a_body_without_end_stops_at_the_cap(raw, client_of):
    async def endless(writer):
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")
            await writer.drain()

    site = await raw(endless)
    with pytest.raises(TooLarge, match="300000 bytes"):
        await (await client_of()).get(site.url, cap=300_000)


async def test_headers_without_end_are_cut_off(raw, client):
    async def lines(writer):
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(b"X-More: and more\r\n" * 1000)
            await writer.drain()

    async def line(writer):
        writer.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        while True:
            writer.write(b"x" * 10_000)
            await writer.drain()

    for endless in (lines, line):
        with pytest.raises(BadAnswer):
            await client.get((await raw(endless)).url)


# --- what breaks ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cut",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b"x" * 500,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nxxxx",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nxxxx\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnot a length\r\nxxxx",
    ],
)
async def test_an_answer_that_breaks_off_is_a_failure_and_never_a_page(raw, client, cut):
    with pytest.raises((Truncated, BadAnswer)):
        await client.get((await raw(cut)).url)


async def test_more_bytes_than_promised_are_a_failure_too(raw, client):
    site = await raw(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\npage and more")
    with pytest.raises(BadAnswer):
        await client.get(site.url)


async def test_a_connection_reset_inside_the_body_is_a_failure(raw, client):
    async def reset(writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nxxx")
        await writer.drain()
        _reset(writer)

    with pytest.raises((Truncated, Unreachable)):
        await client.get((await raw(reset)).url)


async def test_a_connection_reset_before_the_answer_is_unreachable(raw, client):
    async def reset(writer):
        _reset(writer)

    with pytest.raises(Unreachable):
        await client.get((await raw(reset)).url)


def _reset(writer):
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def test_no_answer_at_all_is_unreachable(raw, client):
    with pytest.raises(Unreachable, match="without an answer"):
        await client.get((await raw(b"")).url)


async def test_a_closed_port_is_unreachable(raw, client):
    site = await raw(b"")
    await site.stop()
    with pytest.raises(Unreachable):
        await client.get(site.url)


@pytest.mark.parametrize(
    "garbage", [b"<html>no status line</html>\r\n\r\n", b"SSH-2.0-OpenSSH\r\n\r\n", b"HTTP/1.1 abc OK\r\n\r\n", b"\x16\x03\x01" * 40]
)
async def test_what_is_not_http_is_named(raw, client, garbage):
    with pytest.raises(BadAnswer, match="it is not HTTP"):
        await client.get((await raw(garbage)).url)


async def test_a_certificate_that_nobody_vouches_for_is_refused(raw, client):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    site = await raw(answer(b"page"), ssl=context)
    with pytest.raises(Unreachable, match="its certificate is not valid"):
        await client.get(site.url.replace("http:", "https:"))
    assert site.requests == []


async def test_a_handshake_that_never_ends_is_cut_off_by_the_clock(raw, client_of):
    site = await raw(None)
    with pytest.raises(TimedOut):
        await (await client_of(seconds=0.1)).get(site.url.replace("http:", "https:"))


async def test_a_user_agent_that_no_header_can_carry_is_refused_at_once(client_of, clock):
    with pytest.raises(ValueError, match="user agent"):
        Client(user_agent="tracker\r\nX: y", limits=(await client_of()).limits, clock=clock)
