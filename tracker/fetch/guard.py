"""The one gate to the network: which URLs and which addresses the program asks.

Every request passes it, and every hop of a redirect: the URL's form here, then the addresses
that its host resolves to, then once more the address that is about to be connected to. Judged
is always the resolved address, never the text of the host: 127.1, 0x7f.1, 2130706433 and
full-width digits all reach loopback. What is asked, and when, is decided elsewhere.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from aiohappyeyeballs import AddrInfoType
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from tracker.errors import UnsafeAddress
from tracker.urls import host_of

# Ports that web sites use, where the operator names no others: any other is a port scan, or a service that does not expect HTTP.
PORTS = frozenset({80, 443, 8080, 8443})

# No article's address is longer; what is longer fills logs and indexes.
_URL_LENGTH = 8192

# Not allowed in a URL (RFC 3986), and never in an honest one: what ends a header line, what parsers
# disagree about (the backslash), and what templates and HTML give a meaning to.
_FORBIDDEN = frozenset(chr(code) for code in (*range(0x21), *range(0x7F, 0xA1))) | frozenset('\\<>"{}^`')

# A resolver that hangs holds a thread until it gives up; so many may hang before others wait.
_RESOLVING_AT_ONCE = 16

_HOSTS_KEPT = 1024

# IANA's special-purpose registry for IPv4, multicast and the reserved part, and the metadata services of
# clouds that stand in public space. ipaddress.is_global passes some of these, and differs between Pythons.
_SPECIAL_4: tuple[tuple[IPv4Network, str], ...] = tuple(
    (IPv4Network(network), what)
    for network, what in (
        ("0.0.0.0/8", "this host"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "shared by a provider's customers"),
        ("127.0.0.0/8", "loopback"),
        ("168.63.129.16/32", "a cloud's metadata service"),
        ("169.254.0.0/16", "link-local, where clouds keep their metadata"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved for protocols"),
        ("192.0.2.0/24", "for documentation"),
        ("192.31.196.0/24", "reserved for AS112"),
        ("192.52.193.0/24", "reserved for multicast tunnels"),
        ("192.88.99.0/24", "a former 6to4 relay"),
        ("192.168.0.0/16", "private"),
        ("192.175.48.0/24", "reserved for AS112"),
        ("198.18.0.0/15", "for benchmarks"),
        ("198.51.100.0/24", "for documentation"),
        ("203.0.113.0/24", "for documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
    )
)
_GLOBAL_6 = IPv6Network("2000::/3")
_SPECIAL_6: tuple[tuple[IPv6Network, str], ...] = tuple(
    (IPv6Network(network), what)
    for network, what in (
        ("2001::/23", "reserved for protocols"),  # Teredo, ORCHID, benchmarks among them
        ("2001:db8::/32", "for documentation"),
        ("2002::/16", "6to4, which leads to an IPv4 address"),
        ("2620:4f:8000::/48", "reserved for AS112"),
        ("3fff::/20", "for documentation"),
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")  # how a network without IPv4 reaches IPv4 sites: its resolver makes these
_ISATAP = (0x00005EFE, 0x02005EFE)  # the upper half of an interface part whose lower half is an IPv4 address


class RefusedError(OSError):
    """An address that is not asked. An OSError, so that aiohttp hands it on like a failed connection."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


def judge(address: IPv4Address | IPv6Address) -> str | None:
    """Why this address is no place for a publisher; None for a public one."""
    if isinstance(address, IPv6Address):
        return _judge_6(address)
    for network, what in _SPECIAL_4:
        if address in network:
            return f"{address} is {what}"
    return None


def _judge_6(address: IPv6Address) -> str | None:
    bare = IPv6Address(int(address))  # without its zone
    embedded = bare.ipv4_mapped or (IPv4Address(int(bare) & 0xFFFFFFFF) if bare in _NAT64 else None)
    if embedded is not None:
        why = judge(embedded)
        return f"{address} leads to {embedded}: {why}" if why else None
    if address.scope_id is not None or bare not in _GLOBAL_6:
        return f"{address} is not in the public part of IPv6"
    for network, what in _SPECIAL_6:
        if bare in network:
            return f"{address} is {what}"
    if (int(bare) >> 32) & 0xFFFFFFFF in _ISATAP:
        why = judge(IPv4Address(int(bare) & 0xFFFFFFFF))
        return f"{address} is a tunnel: {why}" if why else None
    return None


def _not_a_port(port: int) -> str:
    return f"port {port} is not one of web sites (fetch.ports)"


@dataclass(frozen=True, slots=True)
class _Opening:
    """One entry of `allowed`: a network, and the only port of it that is meant, or all."""

    network: IPv4Network | IPv6Network
    port: int | None

    @classmethod
    def of(cls, entry: str) -> _Opening:
        """From "127.0.0.1", "127.0.0.1:8765", "[::1]:8765" or "10.0.0.0/8"; ValueError for all else."""
        text, port = entry.strip(), None
        if text.startswith("[") or (text.count(":") == 1 and "/" not in text):
            text, _, number = text.removeprefix("[").rpartition(":")
            text = text.removesuffix("]")
            if not (number.isascii() and number.isdigit() and 0 < int(number) < 1 << 16):
                message = f"{entry!r}: {number!r} is not a port"
                raise ValueError(message)
            port = int(number)
        return cls(ipaddress.ip_network(text), port)


class Gate:
    """Lets through what is public, at one of `ports`, and of the rest exactly what `allowed` names.

    An entry of `allowed` is an address (any port of it), an address with a port, or a network in
    CIDR notation; ValueError names one that is neither. It also opens the ports it names.
    """

    def __init__(self, allowed: Iterable[str] = (), ports: Collection[int] = PORTS) -> None:
        self._openings = tuple(_Opening.of(entry) for entry in allowed)
        self._ports = frozenset(ports)
        self._why_not_host = lru_cache(_HOSTS_KEPT)(self._judge_host)  # the same few hosts are asked all day

    def check_url(self, url: str) -> URL:
        """The URL as it may be asked; UnsafeAddress for a form that never is. Hosts by name are judged when resolved."""
        if len(url) > _URL_LENGTH:
            raise UnsafeAddress(url[:200] + "...", f"it is longer than {_URL_LENGTH} characters")
        found = _FORBIDDEN.intersection(url)
        if found:
            printable = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in url)
            raise UnsafeAddress(printable, f"it contains {min(found)!r}, which no URL may")
        try:
            host_of(url)  # what the rest of the program will call this host; not every form has such a name
            parsed = URL(url)
            port = parsed.port
        except (ValueError, IndexError) as error:  # yarl's own slip on some brackets
            raise UnsafeAddress(url, f"it is not a valid URL ({error})") from error
        if parsed.scheme not in {"http", "https"}:
            raise UnsafeAddress(url, "only http and https addresses are asked")
        host = (parsed.raw_host or "").removesuffix(".")  # "localhost." is localhost, to some resolvers only
        if not host or port is None or port == 0:
            raise UnsafeAddress(url, "it names no host, or no possible port")
        if parsed.raw_user is not None or parsed.raw_password is not None:
            raise UnsafeAddress(url, "it carries a user name or password")
        if "%" in host and ":" not in host:
            raise UnsafeAddress(url, "its host is not a name or address")
        why = self._why_not_host(host, port)
        if why:
            raise UnsafeAddress(url, why)
        return parsed if host == parsed.raw_host else parsed.with_host(host)

    def _judge_host(self, host: str, port: int) -> str | None:
        try:
            address = ipaddress.ip_address(host)
        except ValueError:  # a name, or a way to write an address that only the resolver understands
            if port in self._ports or any(opening.port in {None, port} for opening in self._openings):
                return None
            return _not_a_port(port)
        return self.why_not(address, port)

    def why_not(self, address: IPv4Address | IPv6Address, port: int) -> str | None:
        """Why this address and port are not connected to; None if they are."""
        if self._opens(address, port):
            return None
        if why := judge(address):
            return f"{why}, and fetch.allow_private_addresses does not name it"
        return None if port in self._ports else _not_a_port(port)

    def _opens(self, address: IPv4Address | IPv6Address, port: int) -> bool:
        if isinstance(address, IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped  # the same host, written otherwise; no other embedding is
        return any(address in opening.network and opening.port in {None, port} for opening in self._openings)

    def new_socket(self, info: AddrInfoType) -> socket.socket:
        """The socket for one connection, if its address may be connected to: the last look, after all resolving."""
        family, kind, protocol, _, place = info
        why = self.why_not(ipaddress.ip_address(str(place[0])), int(place[1]))
        if why:
            raise RefusedError(why)
        return socket.socket(family=family, type=kind, proto=protocol)


class Resolver(AbstractResolver):
    """Resolves a host once, and refuses the name if any of its addresses is refused."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._threads = ThreadPoolExecutor(_RESOLVING_AT_ONCE, thread_name_prefix="resolve")

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC) -> list[ResolveResult]:
        loop = asyncio.get_running_loop()
        try:
            answers = await loop.run_in_executor(self._threads, self._look_up, host, port, family)
        except UnicodeError as error:  # a label without letters, or with more than 63
            raise RefusedError("its host is not a name that could exist") from error
        if not answers:
            raise socket.gaierror(socket.EAI_NONAME, "it has no address")
        results: list[ResolveResult] = []
        for kind, _, protocol, _, place in answers:
            address = ipaddress.ip_address(place[0])
            why = self._gate.why_not(address, port)
            if why:
                raise RefusedError(why)
            results.append(
                ResolveResult(
                    hostname=host,
                    host=str(place[0]),
                    port=port,
                    family=kind,
                    proto=protocol,
                    flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
                )
            )
        return results

    def _look_up(self, host: str, port: int, family: socket.AddressFamily) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        """Replaced in tests by answers of their own."""
        answers = socket.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
        return [(kind, sort, protocol, name, (str(place[0]), port)) for kind, sort, protocol, name, place in answers]

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
