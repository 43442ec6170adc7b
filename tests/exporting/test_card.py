"""The data card says by what an export was made, and on which days each source was not watched."""

from __future__ import annotations

from datetime import UTC, date, datetime

from tracker.exporting import card
from tracker.exporting.card import gaps
from tracker.model.card import Holding, SourceHolding


def days(*numbers: int) -> list[date]:
    return [date(2026, 3, number) for number in numbers]


def test_a_gap_is_a_stretch_without_a_good_day_between_two():
    assert gaps(days(1, 2, 3)) == []
    assert gaps(days(1, 3, 4, 9)) == [(date(2026, 3, 2), date(2026, 3, 2)), (date(2026, 3, 5), date(2026, 3, 8))]
    assert gaps([]) == []


def test_a_card_names_versions_sources_and_gaps():
    watched = {"title": "News", "feeds": ("https://news.example/feed",), "articles_count": 2, "events_count": 1}
    sources = (
        SourceHolding(name="news", good_days=tuple(days(1, 4)), **watched),
        SourceHolding(name="new", good_days=(), **watched),
    )
    holding = Holding(schema="0019", cursor=7, revisions={("3", "poll"): 4}, differs={"1.0": 1}, takedowns_count=0, sources=sources)
    made = card(holding, installation="i", program="0.1", config_hash="c", made_at=datetime(2026, 4, 1, tzinfo=UTC))
    assert (made["made_at"], made["cursor"]) == ("2026-04-01T00:00:00Z", 7)
    assert made["revisions"] == [{"extractor": "3", "origin": "poll", "count": 4}]
    news, new = made["sources"]
    assert (news["first_good_day"], news["last_good_day"], news["good_days"]) == ("2026-03-01", "2026-03-04", 2)
    assert news["gaps"] == [{"from": "2026-03-02", "to": "2026-03-03", "days": 2}]
    assert (new["first_good_day"], new["gaps"]) == (None, [])
