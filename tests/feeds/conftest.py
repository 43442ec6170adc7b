"""One change feed that all formats write, and hostile words for it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tracker.feeds import ChangeEntry, ChangeFeed


def make_entry(number: int = 9, **values) -> ChangeEntry:
    usual = {
        "id": f"urn:uuid:00000000-0000-4000-8000-{number:012}",
        "title": "Council rates its own services",
        "url": "http://127.0.0.1:8000/diff/11..12",
        "source": "bbc",
        "article_url": "http://127.0.0.1:8000/articles/7",
        "original_url": "https://news.example/story-7",
        "updated_at": datetime(2026, 3, 1, 12, 35, 8, tzinfo=UTC),
        "summary": "Two sentences edited, one removed.",
        "html": '<p>It <del style="color:#900">had</del> <ins>has</ins> begun &amp; ended.</p>',
        "categories": ("numbers", "quotes"),
    }
    return ChangeEntry(**usual | values)


def make_feed(*entries: ChangeEntry, **values) -> ChangeFeed:
    usual = {
        "id": "urn:uuid:00000000-0000-4000-8000-ffffffffffff",
        "title": "Changes in news articles",
        "subtitle": "What changed in published articles, sentence by sentence.",
        "home_url": "http://127.0.0.1:8000/",
        "self_urls": "http://127.0.0.1:8000/changes",
        "updated_at": datetime(2026, 3, 1, 12, 35, 8, tzinfo=UTC),
        "author": "tracker",
        "generator": "tracker 0.1",
        "entries": entries,
    }
    return ChangeFeed(**usual | values)


@pytest.fixture
def feed() -> ChangeFeed:
    return make_feed(make_entry(9), make_entry(8, title="Another", url="http://127.0.0.1:8000/diff/3..4", categories=()))


HOSTILE = {
    "script": "<script>alert(1)</script> rises",
    "cdata end": "before ]]> after",
    "entity": "AT&T &amp; &lt;b&gt; &nosuch; done",
    "controls": "a\x00b\x08c\x0bd\x1be\x7ff\x85g\ufffeh",
    "lone surrogate": "half \ud83d of it",
    "bidi override": "safe \u202egpj.exe\u202c \u2067word\u2069",
    "lines": " two\r\nlines\u2028three\t",
    "long word": "x" * 100_000,
    "right to left": "خبر عاجل\u200f 5",
    "emoji": "👩\u200d🚒 rescued",
    "processing instruction": "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'b'>]>&a;",
}
