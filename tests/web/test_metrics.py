"""What Prometheus reads."""

from __future__ import annotations

import re

from tracker.model import AlarmKind, Because, Outcome, Poll
from tracker.scheduler.health import Health

_LINE = re.compile(r'[a-z_]+(\{[a-z_]+="[^"\\\n]*"(,[a-z_]+="[^"\\\n]*")*\})? -?[0-9.]+')


async def test_metrics_count_polls_by_outcome_and_name_the_alarms_that_stand(reader_with, store, seeded, clock):
    health = Health(store=store, clock=clock)
    look = {"because": Because.CADENCE, "url": "https://news.example/1", "article_id": seeded.article, "bytes": 1200, "ms": 250}
    await health.polled([Poll(at=clock(), outcome=Outcome.UNCHANGED, **look)] * 3, {seeded.article: "bbc"})
    store.alarms.settle("bbc", {AlarmKind.SILENT: "Nothing new."}, clock())
    answer = await reader_with(health=health).get("/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    text = answer.body.decode()
    for line in (
        'tracker_polls_total{of="article",outcome="unchanged"} 3',
        "tracker_answer_bytes_total 3600",
        "tracker_answer_seconds_total 0.75",
        'tracker_alarm{kind="silent",source="bbc"} 1.0',
    ):
        assert line in text.splitlines()
    assert all(line.startswith("# ") or _LINE.fullmatch(line) for line in text.splitlines())


async def test_an_alarm_stands_in_words_on_its_sources_page_until_it_ends(reader, store, seeded, clock):
    store.alarms.settle("bbc", {AlarmKind.SILENT: "Its feeds have listed nothing new for 9 hours."}, clock())
    text = (await reader.get("/sources/bbc")).body.decode()
    assert "Nothing new for long." in text
    assert "listed nothing new for 9 hours. Seen since" in text
    store.alarms.settle("bbc", {AlarmKind.SILENT: None}, clock())
    assert "Nothing new for long." not in (await reader.get("/sources/bbc")).body.decode()
