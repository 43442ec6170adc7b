"""The proof: workers on machines of their own share one PostgreSQL. One is killed, one is cut off, one's clock is an hour ahead."""

from __future__ import annotations

import json
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import pairwise

import psycopg
import pytest

from tracker.model import Outcome, Scope
from tracker.store import Store

# Looks at each article that must come of those who are left.
LOOKS = 10 if os.environ.get("SOAK") else 1
WITHIN = 1200 if os.environ.get("SOAK") else 200
STOPS_WITHIN = 10
# What a busy machine may hold up a single request by; over many requests it must not add up.
HELD_UP = 1.0


def until(true: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + WITHIN
    while not true():
        assert time.monotonic() < give_up_at
        threading.Event().wait(0.2)


@contextmanager
def reader(store: Store) -> Iterator[list[dict]]:
    """Reads along by the cursor of what it read last; what it got is whole when the block is left."""
    lines: list[dict] = []
    ended = threading.Event()

    def read() -> None:
        lines.extend(store.export(segment=str.split, since=lines[-1]["seq"] if lines else 0, polls=True))

    def follow() -> None:
        while not ended.wait(0.05):
            read()

    thread = threading.Thread(target=follow)
    thread.start()
    try:
        yield lines
    finally:
        ended.set()
        thread.join()
    read()


def revisions_counts(store: Store) -> Counter[str]:
    return Counter({article.url: article.revisions_count for article in store.articles.listed(limit=1000)})


@pytest.mark.timeout(1800 if os.environ.get("SOAK") else 400)
def test_what_machines_share_is_polled_by_those_that_are_left_kept_once_and_at_its_hosts_pace(installation):
    machines, site = installation.machines, installation.site
    with installation.explained(), closing(Store.open(installation.store_url)) as store:
        with reader(store) as lines:
            machines["scheduler"].start("schedule", installation.folder)
            for name in ("killed", "cut-off"):
                machines[name].start("work", installation.folder)
            machines["an-hour-ahead"].start("work", installation.folder, ahead=3600)
            until(lambda: sum(count > 0 for count in revisions_counts(store).values()) >= len(site.hosts))
            until(lambda: machines["killed"].namespace is None or {one.address for one in workers(machines)} <= asked_by(site))

            machines["killed"].kill()
            machines["cut-off"].cut_off()
            before = revisions_counts(store)
            until(lambda: every_article_was_looked_at_again(store, site, before))

            machines["cut-off"].connect()
            connected_at = time.monotonic()
            until(lambda: machines["cut-off"].namespace is None or machines["cut-off"].address in asked_by(site, connected_at))
            # Workers write no change feeds: the scheduler follows what they keep, a second later.
            until(lambda: len(change_feed(installation)) == 50)
            for name in ("scheduler", "an-hour-ahead"):
                assert machines[name].stop() < STOPS_WITHIN
            machines["cut-off"].stop()  # which may still wait for an answer on a connection from before
        nothing_is_leased(installation)
        each_answer_was_kept_once(store, installation)
        each_hosts_pace_was_kept(installation)
        the_reader_missed_nothing(store, lines)


def workers(machines):
    return [machines[name] for name in ("killed", "cut-off", "an-hour-ahead")]


def asked_by(site, since: float = 0) -> set[str]:
    return {asked.by for host in list(site.hosts) for asked in list(site.asked[host]) if asked.at > since}


def every_article_was_looked_at_again(store, site, before) -> bool:
    now = revisions_counts(store)
    return len(now) == len(site.hosts) * len({url.rpartition("/")[2] for url in now}) and all(
        count >= before[url] + LOOKS for url, count in now.items()
    )


def nothing_is_leased(installation) -> None:
    where = f"host={installation.cluster.socket} port={installation.cluster.port} user=tracker dbname=journey"
    with psycopg.connect(where) as connection:
        found = connection.execute("SELECT count(*) FROM article WHERE leased_until > extract(epoch FROM now()) * 1000000").fetchone()
    assert found == (0,)


def each_answer_was_kept_once(store, installation) -> None:
    """Every answer is another text: one that was kept twice would stand in a history twice, or come after a newer one."""
    kept = Counter()
    for stored in store.revisions.polls(limit=10**6):
        if stored.poll.outcome in {Outcome.FIRST, Outcome.CHANGED} and stored.poll.article_id is not None:
            kept[stored.poll.article_id] += 1
    for article in store.articles.listed(limit=1000):
        versions = [
            installation.version_of(store.revisions.extract(revision.id).text) for revision in store.revisions.history(article.id)
        ]
        assert versions == sorted(set(versions))
        assert len(versions) == article.revisions_count == kept[article.id] <= installation.site.versions[article.url]


def each_hosts_pace_was_kept(installation) -> None:
    """By the site's own log: however many requests, never more than there were pauses for."""
    for host, asked in installation.site.asked.items():
        times = [one.at for one in asked]
        lead = 0.0  # by how much the requests so far are ahead of their pace
        for earlier, later in pairwise(times):
            lead = max(0.0, lead + installation.delay - (later - earlier))
            assert lead < HELD_UP, (host, [(round(one.at - times[0], 2), one.by) for one in asked])


def the_reader_missed_nothing(store, lines) -> None:
    assert [line["seq"] for line in lines] == sorted({line["seq"] for line in lines})
    events = [event.id for event in reversed(store.revisions.events(Scope(), limit=10**6))]
    assert [line["id"] for line in lines if line["type"] == "event"] == events
    now = {line["seq"]: line for line in store.export(segment=str.split, polls=True)}
    assert all(now[line["seq"]] == line for line in lines if line["type"] != "article")
    assert now.keys() <= {line["seq"] for line in lines}


def change_feed(installation) -> list[dict]:
    feed = json.loads((installation.folder / "storage" / "feeds" / "changes.json").read_text(encoding="utf-8"))
    items: list[dict] = feed["items"]
    return items
