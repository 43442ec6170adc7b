"""The program is killed, again and again, while it looks at a site that never stops changing: what a reader saw stays true.

Each kill is a SIGKILL at a named point between a fetch and its change feeds (killed.py), or at any moment.
"""

from __future__ import annotations

import os
import random
import signal
import time

import pytest

SOAK = bool(os.environ.get("SOAK"))
ROUNDS = 10 if SOAK else 1
POINTS = (
    "articles claimed",
    "page fetched",
    "about to keep",
    "revision written",
    "rows of a look written",
    "look committed",
    "entries of a feed written",
    "feed committed",
    "change feed half written",
    "change feed written",
)
# Seconds after which a run is killed that has not come by its point so often.
PATIENCE = 20
SECONDS_OF_TWO = 60 if SOAK else 20


@pytest.mark.timeout(3600 if SOAK else 300)
def test_a_program_that_is_killed_at_any_point_loses_nothing_and_keeps_nothing_twice(watched, condemned, start):
    chance, program = random.Random(), condemned()
    plan = [*POINTS, *POINTS, None, None, None, None] * ROUNDS  # None: at any moment
    chance.shuffle(plan)
    reached = set()
    for number, point in enumerate(plan):
        if is_killed_by_itself(watched, program, point, chance):
            reached.add(point)
        if number % 2:  # else the next run is the first to open what this one left
            watched.read_the_export()
    watched.come_to_rest(start)
    watched.check()
    assert reached == set(POINTS)


def is_killed_by_itself(watched, program, point, chance):
    """One run, from its start to its end; meanwhile its change feed is read. Whether it came by its point."""
    program.start(watched.folder, point=point, passes=chance.randint(1, 5))
    give_up_at = time.monotonic() + (chance.uniform(0, 3) if point is None else PATIENCE)
    status = None
    while status is None and time.monotonic() < give_up_at:
        watched.read_the_feed()
        status = program.ended(within=0.05)
    by_itself = status is not None
    if not by_itself:
        status = program.end(signal.SIGKILL)
    assert status == -signal.SIGKILL, (watched.folder / "log").read_text()
    return by_itself


@pytest.mark.timeout(3600 if SOAK else 300)
def test_two_processes_over_one_database_keep_nothing_twice_and_lose_nothing(watched, condemned, start):
    """Their leases last two seconds, so that looks are lost to the other one as well; readers follow all the while."""
    programs = [condemned(), condemned()]
    programs[0].start(watched.folder)
    programs[1].start(watched.folder, TRACKER_WEB__PORT="0")
    give_up_at = time.monotonic() + SECONDS_OF_TWO
    while time.monotonic() < give_up_at:
        watched.read_the_feed()
        watched.read_the_export()
    assert [program.end(signal.SIGTERM) for program in programs] == [0, 0]
    watched.come_to_rest(start)
    watched.check()
