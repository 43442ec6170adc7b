"""The gate: what is asked, and what never is."""

from __future__ import annotations

import asyncio
import ipaddress
import random
import socket
import threading

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tracker.errors import TimedOut, Unreachable, UnsafeAddress
from tracker.fetch.guard import Gate, RefusedError, Resolver, judge
from tracker.urls import host_of

PUBLIC = [
    "1.1.1.1",
    "93.184.216.34",
    "172.15.255.255",
    "172.32.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "192.0.1.1",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2606:4700::1111",
    "2a00:1450:4001::200e",
    "2001:200::1",
    "::ffff:1.1.1.1",
    "64:ff9b::101:101",
]
SPECIAL = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.7",
    "203.0.113.7",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:100.64.0.1",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:808:808::1",
    "2a00::5efe:127.0.0.1",
    "2a00::200:5efe:10.0.0.1",
    "3fff::1",
    "4000::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "2606:4700::1111%eth0",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_asked(address):
    assert judge(ipaddress.ip_address(address)) is None


@pytest.mark.parametrize("address", SPECIAL)
def test_a_special_address_is_refused_with_its_reason(address):
    judged = ipaddress.ip_address(address)
    assert judge(judged).startswith(f"{judged} ")


@given(st.ip_addresses())
def test_nothing_that_python_knows_to_be_private_is_ever_asked(address):
    if address.is_private or address.is_loopback or address.is_link_local or address.is_multicast or address.is_reserved:
        inner = getattr(address, "ipv4_mapped", None) or (
            ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in ipaddress.ip_network("64:ff9b::/96") else None
        )
        assert judge(address) is not None or (inner is not None and judge(inner) is None)


# --- URLs ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "http://news.example/story?id=1",
        "https://news.example:8443/",
        "http://news.example:8080/a%20b/%E3%83%84/ツ",
        "https://zeitung.münchen.example/",
        "http://xn--80ak6aa92e.example/",
        "http://93.184.216.34/",
        "http://[2606:4700::1111]/",
        "http://news.example/?a=b|c&d[]=e",
    ],
)
def test_an_ordinary_url_passes(url):
    assert Gate().check_url(url).host


@pytest.mark.parametrize(
    "url",
    [
        "",
        "news.example",
        "//127.0.0.1/",
        "http:///path",
        "http://[::1",
        "http://news.example:99999/",
        "http://news.example:0/",
        "http://news.example:22/",
        "http://news.example:6379/",
        "http://news.example/" + "A" * 65536,
        "file:///etc/passwd",
        "source:file:///etc/passwd",
        "ftp://news.example/",
        "dict://127.0.0.1:11211/",
        "feed:file:///etc/passwd",
        "view-source:http://news.example/",
        "javascript:alert(1)",
        "http://user@news.example/",
        "http://user:secret@news.example/",
        "http://@127.0.0.1/",
        "http://127.0.0.1%2f@news.example/",
        "http://127.0.0.1:8888\\@news.example/",
        "http://news.example\\.evil.example/",
        "http://news.example/\r\nX-Injected: 1",
        "http://news.example/\ta",
        " http://news.example/",
        "http://news.example/\x00",
        "http://news.example/{{7*7}}",
        "http://news.exa\u00a0mple/",
        "http://news.example%00.evil.example/",
    ],
)
def test_a_url_of_a_form_that_is_never_asked_is_refused(url):
    with pytest.raises(UnsafeAddress):
        Gate().check_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://0.0.0.0/",
        "http://127.0.0.1/",
        "http://127.0.0.1#@news.example/",
        "http://１２７.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://[fe80::1%25eth0]/",
        "http://127.0.0.1./",
    ],
)
def test_an_address_written_in_the_url_is_judged_like_a_resolved_one(url):
    with pytest.raises(UnsafeAddress):
        Gate().check_url(url)


def test_a_refusals_text_stays_on_one_line():
    with pytest.raises(UnsafeAddress) as raised:
        Gate().check_url("http://news.example/\r\n2026-01-01 CRITICAL forged")
    assert str(raised.value).isprintable()


@given(st.text(max_size=100) | st.text("ab.:/@[]()?#%&+,;_-1\u3002", max_size=20))
@example("(")
@example("0+99")
@example("+")
@example(":]")
def test_any_text_passes_or_is_refused(rest):
    text = "http://" + rest
    try:
        passed = Gate().check_url(text)
    except UnsafeAddress:
        return
    assert passed.scheme == "http"
    assert passed.port in {80, 443, 8080, 8443}
    assert host_of(text)


# --- what the operator opens ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "opens", "leaves"),
    [
        ("127.0.0.1", ["127.0.0.1:80", "127.0.0.1:8765", "::ffff:127.0.0.1:8765"], ["127.0.0.2:80", "::1:80", "::127.0.0.1:80"]),
        ("127.0.0.1:8765", ["127.0.0.1:8765"], ["127.0.0.1:80", "127.0.0.1:8766", "127.0.0.2:8765"]),
        ("10.1.0.0/16", ["10.1.0.1:80", "10.1.255.255:9000"], ["10.2.0.1:80", "10.0.255.255:80"]),
        ("::1", ["::1:8765"], ["::2:80", "127.0.0.1:80"]),
        ("[::1]:8765", ["::1:8765"], ["::1:80"]),
        ("93.184.216.34:9000", ["93.184.216.34:9000", "93.184.216.34:80"], ["93.184.216.34:9001", "1.1.1.1:9000"]),
    ],
)
def test_allowed_opens_exactly_what_it_names(entry, opens, leaves):
    gate = Gate([entry])
    for place in opens:
        address, _, port = place.rpartition(":")
        assert gate.why_not(ipaddress.ip_address(address), int(port)) is None, place
    for place in leaves:
        address, _, port = place.rpartition(":")
        assert gate.why_not(ipaddress.ip_address(address), int(port)) is not None, place


@pytest.mark.parametrize("entry", ["localhost", "127.0.0.1:http", "127.0.0.1:99999", "10.0.0.1/8", "", "127.1"])
def test_allowed_takes_addresses_and_says_what_is_none(entry):
    with pytest.raises(ValueError, match=r".+"):
        Gate([entry])


def test_a_name_with_a_port_that_allowed_names_waits_for_its_address():
    Gate(["127.0.0.1:8765"]).check_url("http://localhost:8765/")
    with pytest.raises(UnsafeAddress, match="port 9999"):
        Gate(["127.0.0.1:8765"]).check_url("http://localhost:9999/")


def test_the_operator_says_which_ports_sites_have():
    gate = Gate(ports=[80, 8000])
    assert gate.check_url("http://news.example:8000/").port == 8000
    assert gate.why_not(ipaddress.ip_address("93.184.216.34"), 8000) is None
    with pytest.raises(UnsafeAddress, match=r"port 443 is not one of web sites \(fetch\.ports\)"):
        gate.check_url("https://news.example/")
    assert "port 8080" in gate.why_not(ipaddress.ip_address("93.184.216.34"), 8080)
    assert "loopback" in gate.why_not(ipaddress.ip_address("127.0.0.1"), 8000)


# --- names ---------------------------------------------------------------------------------------


def answering(monkeypatch, *answers):
    """The resolver's answers, one list of addresses for each question; counts the questions."""
    left, asked = list(answers), []

    def look_up(self, host, port, family):
        asked.append(host)
        found = left.pop(0)
        if isinstance(found, Exception):
            raise found
        kinds = [socket.AF_INET6 if ":" in address else socket.AF_INET for address in found]
        return [(kind, socket.SOCK_STREAM, 6, "", (address, port)) for kind, address in zip(kinds, found, strict=True)]

    monkeypatch.setattr(Resolver, "_look_up", look_up)
    return asked


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\npage"


async def test_a_name_is_resolved_once_and_the_connection_goes_to_the_checked_address(raw, client_of, monkeypatch):
    site = await raw(OK)
    silent = await raw(None, host="127.0.0.2", port=site.port)
    asked = answering(monkeypatch, ["127.0.0.1"], ["127.0.0.2"])
    client = await client_of(allowed=["127.0.0.1"])
    assert (await client.get(f"http://news.example:{site.port}/")).body == b"page"
    assert asked == ["news.example"]
    assert silent.connections == 0


async def test_a_name_that_moves_to_a_private_address_is_refused_at_the_next_look(raw, client_of, monkeypatch):
    site = await raw(OK)
    silent = await raw(None, host="127.0.0.2", port=site.port)
    answering(monkeypatch, ["127.0.0.1"], ["127.0.0.2"])
    first, second = await client_of(allowed=["127.0.0.1"]), await client_of(allowed=["127.0.0.1"])
    await first.get(f"http://news.example:{site.port}/")
    with pytest.raises(UnsafeAddress, match=r"127\.0\.0\.2 is loopback"):
        await second.get(f"http://news.example:{site.port}/")
    assert silent.connections == 0


async def test_whatever_the_names_turn_into_meanwhile_a_forbidden_address_hears_nothing(raw, client_of, monkeypatch):
    """Each name answers otherwise each time it is asked, also between the hops of a redirect and after robots.txt."""
    chance = random.Random(7)
    port = 0

    async def lead_on(writer):
        next_host = f"http://n{chance.randrange(10**9)}.example:{port}/"
        status, location = ("302 Found", f"Location: {next_host}\r\n") if chance.random() < 0.5 else ("200 OK", "")
        writer.write(f"HTTP/1.1 {status}\r\n{location}Content-Length: 4\r\nConnection: close\r\n\r\npage".encode())

    def look_up(self, host, asked_port, family):
        found = chance.choice([["127.0.0.1"], ["127.0.0.2"], ["127.0.0.1", "127.0.0.2"], ["::1"], ["::ffff:127.0.0.2"], []])
        kinds = [socket.AF_INET6 if ":" in address else socket.AF_INET for address in found]
        return [(kind, socket.SOCK_STREAM, 6, "", (address, asked_port)) for kind, address in zip(kinds, found, strict=True)]

    monkeypatch.setattr(Resolver, "_look_up", look_up)
    site = await raw(lead_on)
    port = site.port
    silent = await raw(None, host="127.0.0.2", port=port)
    client = await client_of(allowed=["127.0.0.1"])
    refused = 0
    for number in range(150):
        try:
            await client.get(f"http://look{number}.example:{port}/")
        except (UnsafeAddress, Unreachable):
            refused += 1
    assert silent.connections == 0
    assert 50 < refused < 150
    assert site.connections > 20


@pytest.mark.parametrize(
    "answers", [["93.184.216.34", "10.0.0.5"], ["10.0.0.5", "93.184.216.34"], ["2606:4700::1111", "::1"], ["fe80::1%eth0"], ["127.0.0.1"]]
)
async def test_one_private_answer_refuses_the_name(client_of, monkeypatch, answers):
    answering(monkeypatch, answers)
    with pytest.raises(UnsafeAddress):
        await (await client_of(allowed=())).get("http://news.example/")


async def test_names_that_only_look_like_numbers_are_judged_by_what_they_reach(client_of):
    client = await client_of(allowed=())
    for host in ("127.1", "2130706433", "0x7f000001", "0177.0.0.1", "017700000001", "0x7f.1", "0", "localhost", "localhost."):
        with pytest.raises(UnsafeAddress):
            await client.get(f"http://{host}/")


@pytest.mark.parametrize("host", ["a..b", ".example", "a" * 64 + ".example", "a" * 300])
async def test_a_name_that_cannot_exist_is_refused(client_of, host):
    with pytest.raises((UnsafeAddress, Unreachable)):
        await (await client_of()).get(f"http://{host}/")


async def test_an_unknown_name_is_unreachable(client_of, monkeypatch):
    answering(monkeypatch, socket.gaierror(socket.EAI_NONAME, "Name or service not known"))
    with pytest.raises(Unreachable, match="its host was not found"):
        await (await client_of()).get("http://news.example/")


async def test_a_resolver_that_hangs_is_cut_off_by_the_clock_and_keeps_no_other_host_waiting(raw, client_of, monkeypatch):
    site = await raw(OK)
    release = threading.Event()

    def look_up(self, host, port, family):
        if host == "slow.example":
            release.wait(20)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(Resolver, "_look_up", look_up)
    slow, quick = await client_of(seconds=0.2), await client_of()
    hanging = asyncio.create_task(slow.get("http://slow.example/"))
    assert (await quick.get(f"http://quick.example:{site.port}/")).body == b"page"
    with pytest.raises(TimedOut):
        await hanging
    release.set()


def test_the_last_look_before_connecting_refuses_what_slipped_through():
    gate = Gate(["127.0.0.1:8765"])
    gate.new_socket((socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 8765))).close()
    with pytest.raises(RefusedError):
        gate.new_socket((socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 8766)))
    with pytest.raises(RefusedError):
        gate.new_socket((socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", 80, 0, 0)))
