"""The second use: a feed reader subscribes, asks conditionally, and meets the same entries after a restart."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.error
import urllib.request

import feedparser
import pytest

HEADLINE = "Ofsted rates Sunderland children's services inadequate"


def _get(url: str, **headers: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def _export(folder) -> list[dict]:
    done = subprocess.run([sys.executable, "-m", "tracker", "export"], cwd=folder, check=True, capture_output=True, text=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def _kept(lines: list[dict]) -> list[tuple]:
    return [(line["type"], line["id"], line.get("hash"), line.get("summary")) for line in lines if line["type"] in {"revision", "event"}]


@pytest.mark.parametrize("form", ["atom", "rss"])
def test_a_reader_gets_the_change_once_then_not_modified_then_the_same_after_a_restart(folder, start, form):
    running = start(folder)
    running.wait_for("changed:")
    url = f"{running.base}/changes.{form}"
    first = feedparser.parse(url)
    assert not first.bozo
    (entry,) = first.entries
    assert entry.title == HEADLINE
    assert "<ins" in (entry.content[0].value if "content" in entry else entry.summary)
    assert feedparser.parse(url, etag=first.etag).status == 304
    assert feedparser.parse(url, modified=first.modified).status == 304
    assert running.stop() == 0
    kept = _kept(_export(folder))

    again = start(folder)
    once_more = feedparser.parse(url)
    assert [found.id for found in once_more.entries] == [entry.id]
    assert once_more.etag == first.etag
    assert again.stop() == 0
    assert _kept(_export(folder)) == kept


def test_json_feed_and_every_scope_carry_the_change(folder, start):
    running = start(folder)
    running.wait_for("changed:")
    _, body = _get(f"{running.base}/changes.json")
    feed = json.loads(body)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    (item,) = feed["items"]
    event = next(line for line in _export(folder) if line["type"] == "event")
    for scope in ("/sources/bbc/changes", f"/articles/{event['article_id']}/changes"):
        (same,) = json.loads(_get(f"{running.base}{scope}.json")[1])["items"]
        assert same["id"] == item["id"]
    _, other = _get(f"{running.base}/sources/sunderland-echo/changes.json")
    assert json.loads(other)["items"] == []
    assert _get(item["url"])[0] == 200
