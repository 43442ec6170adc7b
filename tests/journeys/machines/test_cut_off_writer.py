"""A machine that is cut off in the middle of what it writes holds up no other one for longer than those wait."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing

import pytest

from tracker.store.database import BUSY_AFTER, Database

# What it has written it holds; then it says no more.
WRITER = """
import sys
from tracker.store.database import Database

with Database(sys.argv[1]).writing() as connection:
    driver = connection.connection.driver_connection
    with driver.pipeline() as pipeline:
        held = driver.execute("UPDATE held SET number = 1 RETURNING number")
        {ending}
        assert held.fetchone() == (1,)
        print("holds", flush=True)
        sys.stdin.read()
"""
SETTINGS = """
import sys
from tracker.store.database import Database

with Database(sys.argv[1]).writing() as connection:
    for name in ("tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count", "tcp_user_timeout"):
        print(connection.exec_driver_sql("SHOW " + name).scalar())
"""
ENDINGS = {"between statements": "pipeline.sync()", "in the middle of several": "pass"}


def test_a_server_asks_a_writers_machine_for_a_word_within_the_time_that_others_wait(another_machine):
    """Of this one, where no machine can be cut off."""
    machine, _, url = another_machine
    inside = ["ip", "netns", "exec", machine.namespace] if machine.namespace else []
    told = subprocess.run([*inside, sys.executable, "-c", SETTINGS, url], capture_output=True, text=True, check=True).stdout.split()
    idle, interval, count, milliseconds = map(int, told)
    assert 0 < idle + interval * count < BUSY_AFTER.total_seconds()
    assert 0 < milliseconds < BUSY_AFTER.total_seconds() * 1000


@pytest.mark.parametrize("ending", ENDINGS.values(), ids=ENDINGS.keys())
def test_what_a_writer_that_is_cut_off_holds_is_let_go_before_others_give_up(another_machine, ending):
    machine, cluster, url = another_machine
    if machine.namespace is None:
        pytest.skip("only a network namespace can be cut off from the server, and this user may not make one")
    with closing(Database(cluster.url("journey"))) as ours:
        with ours.writing() as connection:
            connection.exec_driver_sql("CREATE TABLE held AS SELECT 0 AS number")
        inside = ["ip", "netns", "exec", machine.namespace, sys.executable, "-c", WRITER.format(ending=ending), url]
        with subprocess.Popen(inside, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout.readline() == "holds\n"
            machine.cut_off()
            try:
                with ours.writing() as connection:
                    assert connection.exec_driver_sql("UPDATE held SET number = 2 RETURNING number - 1").scalar() == 1
            finally:
                writer.kill()
