"""Hosts: pace and robots rules that every process shares."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial

from sqlalchemy import event as hooks

from tracker.model import Host

DELAY = timedelta(seconds=1)


def test_a_host_that_was_never_asked_is_known_by_name_alone(store):
    assert store.articles.host("news.example") == Host(name="news.example")


def test_what_is_known_of_a_host_comes_back(store, clock):
    articles, name = store.articles, "news.example:8080"
    articles.reserve_request(name, now=clock(), wait_at_most=DELAY, delay=DELAY)
    articles.pause_host(name, clock() + timedelta(hours=1))
    articles.keep_robots(name, b"User-agent: *\nDisallow: /private\xff", status=200, read_at=clock())
    host = Host(
        name=name,
        next_request_at=clock() + DELAY,
        pause_until=clock() + timedelta(hours=1),
        robots=b"User-agent: *\nDisallow: /private\xff",
        robots_status=200,
        robots_read_at=clock(),
    )
    assert articles.host(name) == host
    later = clock.advance(days=1)
    articles.keep_robots(name, None, status=0, read_at=later)
    assert articles.host(name) == replace(host, robots=None, robots_status=0, robots_read_at=later)


def test_requests_that_are_wanted_at_once_get_times_a_delay_apart(store, clock):
    def reserve(at_most):
        return store.articles.reserve_request("news.example", now=clock(), wait_at_most=at_most, delay=DELAY)

    assert [reserve(timedelta(days=1)) for _ in range(3)] == [clock(), clock() + DELAY, clock() + 2 * DELAY]
    assert reserve(DELAY) == clock() + DELAY  # what is reserved for later than that is a clock's mistake
    clock.advance(hours=1)
    assert reserve(DELAY) == clock()


def test_a_request_that_may_go_sooner_takes_nothing_of_what_others_reserved(store, clock):
    reserve = partial(store.articles.reserve_request, "news.example", delay=timedelta(seconds=10), wait_at_most=timedelta(minutes=1))
    began = clock()
    assert [reserve(now=began) for _ in range(2)] == [began, began + timedelta(seconds=10)]
    clock.advance(seconds=1)
    assert reserve(now=clock(), within=DELAY) == began + timedelta(seconds=2)
    assert reserve(now=clock()) == began + timedelta(seconds=20)


def test_the_next_look_waits_its_whole_delay_after_a_request_that_went_sooner(store, clock):
    reserve = partial(store.articles.reserve_request, "news.example", delay=timedelta(seconds=10), wait_at_most=timedelta(minutes=1))
    began = reserve(now=clock())
    assert reserve(now=began, within=DELAY) == began + DELAY
    assert reserve(now=began + DELAY) == began + timedelta(seconds=11)


def test_processes_that_reserve_at_the_same_moment_never_get_the_same_time(store, clock):
    with ThreadPoolExecutor(8) as processes:
        reserve = partial(store.articles.reserve_request, "news.example", now=clock(), wait_at_most=timedelta(days=1), delay=DELAY)
        given = [found.result() for found in [processes.submit(reserve) for _ in range(40)]]
    assert sorted(given) == [clock() + number * DELAY for number in range(40)]


def test_of_two_pauses_the_longer_one_holds(store, clock):
    for hours in (2, 1):
        store.articles.pause_host("news.example", clock() + timedelta(hours=hours))
    assert store.articles.host("news.example").pause_until == clock() + timedelta(hours=2)


def test_a_request_does_not_write_the_robots_file_again(store, clock):
    store.articles.keep_robots("news.example", b"x" * 500_000, status=200, read_at=clock())
    written: list[str] = []

    def note(_connection, _cursor, statement, *_):
        written.append(statement)

    hooks.listen(store._database._writers, "after_cursor_execute", note)
    store.articles.reserve_request("news.example", now=clock(), wait_at_most=DELAY, delay=DELAY)
    assert not [statement for statement in written if "robots" in statement]


def test_an_article_and_the_request_for_it_share_one_host(desk):
    desk.store.articles.pause_host("news.example", desk.now)
    desk.track()
    assert desk.store.articles.due_hosts(due_at=desk.now, now=desk.now, limit=10) == ("news.example",)


def test_a_host_that_asked_to_be_left_alone_is_not_due_until_then(desk):
    desk.track()
    until = desk.now + timedelta(minutes=5)
    desk.store.articles.pause_host("news.example", until)
    assert desk.store.articles.due_hosts(due_at=desk.now, now=desk.now, limit=10) == ()
    desk.later(minutes=5)
    assert desk.store.articles.due_hosts(due_at=desk.now, now=desk.now, limit=10) == ("news.example",)
