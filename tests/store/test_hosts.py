"""Hosts: pace and robots rules that every process shares."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import event as hooks

from tracker.model import Host


def test_a_host_that_was_never_asked_is_known_by_name_alone(store):
    assert store.articles.host("news.example") == Host(name="news.example")


def test_what_is_known_of_a_host_comes_back(store, clock):
    host = Host(
        name="news.example:8080",
        next_request_at=clock(),
        pause_until=clock() + timedelta(hours=1),
        robots=b"User-agent: *\nDisallow: /private\xff",
        robots_status=200,
        robots_read_at=clock(),
    )
    store.articles.keep_host(host)
    assert store.articles.host("news.example:8080") == host
    unreachable = replace(host, robots=None, robots_status=0, robots_read_at=clock.advance(days=1), pause_until=None)
    store.articles.keep_host(unreachable)
    assert store.articles.host("news.example:8080") == unreachable


def test_a_request_does_not_write_the_robots_file_again(store, clock):
    host = Host(name="news.example", robots=b"x" * 500_000, robots_status=200, robots_read_at=clock())
    store.articles.keep_host(host)
    written: list[str] = []

    def note(_connection, _cursor, statement, *_):
        written.append(statement)

    hooks.listen(store._database._writers, "after_cursor_execute", note)
    store.articles.keep_host(replace(host, next_request_at=clock()))
    assert not [statement for statement in written if "robots" in statement and not statement.startswith("SELECT")]
    assert store.articles.host("news.example").next_request_at == clock()


def test_an_article_and_the_request_for_it_share_one_host(desk):
    desk.store.articles.keep_host(Host(name="news.example", pause_until=desk.now))
    desk.track()
    assert desk.store.articles.due_hosts(due_at=desk.now, now=desk.now, limit=10) == ("news.example",)


def test_a_host_that_asked_to_be_left_alone_is_not_due_until_then(desk):
    desk.track()
    until = desk.now + timedelta(minutes=5)
    desk.store.articles.keep_host(Host(name="news.example", pause_until=until))
    assert desk.store.articles.due_hosts(due_at=desk.now, now=desk.now, limit=10) == ()
    desk.later(minutes=5)
    assert desk.store.articles.due_hosts(due_at=desk.now, now=desk.now, limit=10) == ("news.example",)
