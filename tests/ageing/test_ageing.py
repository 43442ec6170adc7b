"""The whole program follows a news site that ages: furniture is no change, and no edit is missed."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ageing.follow import Clock, follow
from ageing.held_out import HELD_OUT
from ageing.site import AgeingSite
from ageing.templates import TEMPLATES
from ageing.words import LANGUAGES
from tracker.sandbox import Sandbox

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
SOAK = bool(os.environ.get("SOAK"))
# The long form follows every template in every language; the short one a small site for a few steps.
RUNS = [(name, code) for name in (*TEMPLATES, *HELD_OUT) for code in LANGUAGES] if SOAK else [("portal", "en")]
STORIES, STEPS = (10, 30) if SOAK else (6, 6)
MOST_FALSE, MOST_MISSED = 0.03, 0.01


@pytest.fixture(scope="module")
def sandbox():
    workers = Sandbox(workers=1)
    yield workers
    workers.close()


@pytest.mark.timeout(1800 if SOAK else 120)
@pytest.mark.parametrize(("name", "code"), RUNS)
async def test_an_ageing_site_raises_no_false_alarm_and_no_edit_is_missed(name, code, tmp_path: Path, sandbox):
    site = AgeingSite(template=(TEMPLATES | HELD_OUT)[name], language=code, seed=1, stories_count=STORIES)
    tally = await follow(site, STEPS, folder=tmp_path, clock=Clock(AT), sandbox=sandbox)
    assert tally.furniture_count > STEPS
    assert tally.false_count <= MOST_FALSE * tally.furniture_count, tally.false_kinds
    assert tally.missed_count <= MOST_MISSED * tally.edits_count, tally.missed_kinds
