"""What all tests share: a clock that only moves when told, and a guard that keeps every test on loopback."""

from __future__ import annotations

import ipaddress
import shutil
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


@pytest.fixture
def browser():
    """A real Chromium, for tests without a loop of their own: its driver runs one.

    No sandbox where this is root; no look-ups of the browser's own anywhere.
    """
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        pytest.fail("these tests need a Chromium on PATH: `make test` installs one where it runs as root")
    flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
    flags += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=flags)
        yield opened
        opened.close()


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
