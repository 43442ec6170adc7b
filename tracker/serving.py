"""The web's socket, and the server on it: whom it believes, when it goes."""

from __future__ import annotations

import socket
from collections.abc import Generator
from contextlib import contextmanager
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_network
from urllib.parse import urlsplit

import uvicorn
from starlette.types import ASGIApp

from tracker.config import Config
from tracker.errors import ConfigError
from tracker.web import site

# Seconds that a reader gets to take the rest of an answer when the program ends.
SHUTDOWN_PATIENCE = 3


def listen(config: Config) -> socket.socket:
    """The web's listening socket; ConfigError with what to do if the address is taken."""
    host, port = config.web.host, config.web.port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named as TCP: only then asyncio sends what it has at once. Else each page waits 40 ms for the reader's acknowledgement.
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
        sock.listen(2048)
    except OSError as error:
        sock.close()
        sentence = f"cannot listen on {host}:{port} ({error.strerror}): stop what runs there, or set web.port (TRACKER_WEB__PORT=8001)"
        raise ConfigError(str(config.path), [(None, sentence)]) from None
    sock.setblocking(False)
    return sock


def is_loopback(config: Config) -> bool:
    """Whether only this machine reads the pages: then whole texts are shown, else changed sentences only."""
    host = urlsplit(config.web.base_url).hostname if config.web.base_url else config.web.host
    return site.is_loopback(str(host))


def callback_base(config: Config) -> str | None:
    """Where WebSub hubs can call us; None where they cannot, or shall not."""
    if not config.fetch.websub or config.web.base_url is None or is_loopback(config):
        return None
    return config.web.base_url.rstrip("/")


def _as_seen(network: IPv4Network | IPv6Network) -> tuple[IPv4Network | IPv6Network, ...]:
    """A socket that takes both kinds shows IPv4 addresses as IPv6 ones."""
    if isinstance(network, IPv6Network):
        return (network,)
    mapped = IPv6Address(0xFFFF << 32 | int(network.network_address))
    return network, IPv6Network((mapped, 96 + network.prefixlen))


class Server(uvicorn.Server):
    """Who asks, and whether by https, is believed of the proxies that the configuration names, and of no one else. What host
    was asked for is believed of nobody: our addresses begin with web.base_url.

    uvicorn raises a caught signal again after its own shutdown, which would end the process before the polls under way are
    finished or given back: signals are `run`'s.
    """

    def __init__(self, config: Config, application: ASGIApp) -> None:
        trusted = [str(network) for named in config.web.trusted_proxies for network in _as_seen(ip_network(named))]
        settings = uvicorn.Config(
            application,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=SHUTDOWN_PATIENCE,
            forwarded_allow_ips=trusted,
        )
        super().__init__(settings)

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield
