"""Apprise itself, told to ask a receiver on loopback; and what is said where it is not there."""

from __future__ import annotations

import importlib

import pytest

from tracker.errors import NotDelivered
from tracker.model import Channel
from tracker.notify.apprises import Apprises
from tracker.notify.told import Outlet

# Apprise's own, on some Pythons.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


@pytest.fixture
async def notifier(notifier_with, receiver):
    apprises = Apprises({"phone": f"json://127.0.0.1:{receiver.port}/hook", "nonsense": "nosuch://x"})
    yield await notifier_with(apprise=Outlet(send=apprises.send, at_once=10, of_a_day=50))
    apprises.close()


async def test_changes_that_wait_come_as_one_short_message(desk, receiver, notifier, subscribe):
    subscribe("phone", channel=Channel.APPRISE)
    desk.change(desk.article(), times=2)
    await notifier.settle()
    (said,) = receiver.said
    assert said["title"] == "2 changes: A bridge for the town, …"
    assert said["message"].count("A number changed.") == 2
    assert said["message"].count("https://tracker.example/diff/") == 2


@pytest.mark.parametrize(
    ("name", "status", "says"), [("phone", 500, "could not deliver"), ("nonsense", 200, "this form"), ("unknown", 200, "names no unknown")]
)
async def test_what_went_wrong_is_said(receiver, notifier, subscribe, name, status, says):
    receiver.statuses = [status]
    with pytest.raises(NotDelivered, match=says):
        await notifier.try_out(subscribe(name, channel=Channel.APPRISE))


async def test_without_the_extra_a_sentence_says_what_to_install(notifier, subscribe, monkeypatch):
    real = importlib.import_module

    def missing(name):
        if name == "apprise":
            raise ImportError(name)
        return real(name)

    monkeypatch.setattr("tracker.notify.apprises.importlib.import_module", missing)
    with pytest.raises(NotDelivered, match="pip install apprise"):
        await notifier.try_out(subscribe("phone", channel=Channel.APPRISE))
