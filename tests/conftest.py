"""What all tests share: a clock that only moves when told, and a guard that keeps every test on loopback."""

from __future__ import annotations

import ipaddress
import socket
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes says more of the machine than of the law it tests.
settings.register_profile("tracker", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tracker")


class FakeClock:
    """Calling it gives the time; `advance` moves it."""

    def __init__(self, at: datetime = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def advance(self, **duration: float) -> datetime:
        self.at += timedelta(**duration)
        return self.at


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def _stays_home(address: object) -> bool:
    if not isinstance(address, tuple):
        return True  # a Unix socket's path
    try:
        return ipaddress.ip_address(str(address[0]).split("%")[0]).is_loopback
    except ValueError:
        return str(address[0]) == "localhost"


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A socket to anywhere but loopback fails the test that opens it."""
    for name in ("connect", "connect_ex", "sendto"):
        original = getattr(socket.socket, name)

        def guarded(self, *args, _original=original):
            if self.family in {socket.AF_INET, socket.AF_INET6} and not _stays_home(args[-1]):
                message = f"a test tried to reach {args[-1]!r}"
                raise AssertionError(message)
            return _original(self, *args)

        monkeypatch.setattr(socket.socket, name, guarded)
