"""Furniture is learned while articles are read, and learning it is never a change."""

from __future__ import annotations

import pytest
from aiohttp import web

from tracker.model import AlarmKind, Outcome, Scope
from tracker.scheduler.furniture import explained

THINGS = ("bridge", "pool", "wall")
TEXT = [
    [f"In {town} the council voted on Monday to spend {number} million on the {thing}." for number, thing in enumerate(THINGS, 2)]
    for town in ("Harrow", "Lindau", "Vire", "Delft", "Marl", "Oban", "Lugo", "Kehl", "Jaca", "Ripon", "Tarbes", "Zwolle", "Cadiz")
]
ENDINGS = [" ".join(f"{word}{number}" for word in ("the", "old", "tide", "came", "back", "twice")) + "." for number in range(13)]
FILM, WALKS, SOUPS = "Tonight at nine: our film.", "Ten walks along the river.", "Five soups for the winter."
PLACE = "article > div.x7 > p"


class Papers:
    """Six articles with a box between their paragraphs."""

    def __init__(self, site) -> None:
        self.site = site
        self.texts = [list(text) for text in TEXT]
        self.boxes = [FILM] * len(TEXT)
        self.endings = [""] * len(TEXT)
        for number in range(6):
            self.add(number)

    def add(self, number: int) -> None:
        self.site.feed("/feed", *((f"/news/{one}", f"Story {one}") for one in range(number + 1)))
        self.site.answers[f"/news/{number}"] = lambda _: web.Response(text=self.page(number), content_type="text/html")

    def page(self, number: int) -> str:
        first, *others = (f"<p>{line}</p>" for line in self.texts[number])
        box = f"<div class=x7><p>{self.boxes[number]}</p></div>" if self.boxes[number] else ""
        title = f"Story {number} of the council"
        body = "".join((first, box, *others, self.endings[number]))
        return f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1>{body}</article></body></html>"

    def show(self, text: str) -> None:
        self.boxes = [text] * len(TEXT)


@pytest.fixture
async def papers(site, program, clock):
    made = Papers(site)
    await program.poll(everything=True)
    clock.advance(hours=7)
    return made


async def look(program, clock) -> list[Outcome]:
    polls = await program.poll(everything=True)
    clock.advance(minutes=20)
    return [poll.outcome for poll in polls if poll.article_id is not None]


def summaries(program) -> list[str]:
    return [event.diff.summary for event in program.store.revisions.events(Scope())]


async def test_what_all_articles_share_may_change_and_learning_it_is_no_change(papers, program, clock):
    for text in (WALKS, "", SOUPS):
        papers.show(text)
        assert await look(program, clock) == [Outcome.UNCHANGED] * 6
    assert summaries(program) == []
    assert {article.revisions_count for article in program.store.articles.listed(limit=10)} == {1}
    reasons = [(one.kind, one.place, sample) for one, sample in explained(program.store, "news")]
    assert reasons == [("text", PLACE, FILM), ("place", PLACE, FILM)]


async def test_an_edit_beside_furniture_is_told_alone(papers, program, clock):
    papers.show(WALKS)
    papers.texts[2][1] = papers.texts[2][1].replace("3 million", "8 million")
    assert sorted(await look(program, clock)) == [Outcome.CHANGED, *[Outcome.UNCHANGED] * 5]
    assert summaries(program) == ["A number changed."]
    (event,) = program.store.revisions.events(Scope())
    assert WALKS in program.store.revisions.extract(event.to_revision_id).text


async def test_what_the_operator_keeps_is_compared_again(papers, program, clock):
    papers.show(WALKS)
    await look(program, clock)
    for one in program.store.furniture.of("news"):
        program.store.furniture.overrule("news", one.id, clock())
    papers.boxes[3] = SOUPS
    outcomes = [*await look(program, clock), *await look(program, clock)]
    assert Outcome.CHANGED in outcomes


async def test_a_change_of_the_template_is_held_and_dropped_and_tells_of_no_article(papers, program, clock):
    papers.endings = [f"<div class=y9><p>Our page has changed, dear reader {number}, and so have we.</p></div>" for number in range(13)]
    first = await look(program, clock)
    assert first[0] == Outcome.HELD
    assert set(first) <= {Outcome.HELD, Outcome.UNCHANGED}
    assert set(await look(program, clock)) == {Outcome.UNCHANGED}
    assert summaries(program) == []
    assert program.store.alarms.standing() == ()


async def test_a_change_of_some_pages_of_the_template_is_one_alarm_and_told_when_it_is_not_learned_within_a_day(papers, program, clock):
    """Three of seven articles that have the place: too few to learn it. The first two are told before it shows."""
    papers.endings = [f"<div class=y9><p>{line}</p></div>" if number > 5 else "" for number, line in enumerate(ENDINGS)]
    for number in range(6, 13):
        papers.add(number)
    await look(program, clock)
    papers.endings[6:9] = [f"<div class=y9><p>{line[::-1]}</p></div>" for line in ENDINGS[6:9]]
    assert sorted(set(await look(program, clock))) == [Outcome.CHANGED, Outcome.HELD, Outcome.UNCHANGED]
    papers.texts[0][1] = papers.texts[0][1].replace("3 million", "8 million")
    await look(program, clock)
    (alarm,) = program.store.alarms.standing()
    assert (alarm.kind, alarm.source) == (AlarmKind.TEMPLATE, "news")
    assert len(summaries(program)) == 3
    clock.advance(days=1)
    await look(program, clock)
    assert len(summaries(program)) == 4
    clock.advance(days=1)
    papers.texts[5][1] = papers.texts[5][1].replace("3 million", "8 million")
    await look(program, clock)
    assert program.store.alarms.standing() == ()


async def test_what_one_article_gains_in_a_place_of_its_own_is_told_after_a_second_look(papers, program, clock):
    papers.endings[4] = "<div class=y9><p>The mayor was later seen to smile at the vote of Monday.</p></div>"
    assert Outcome.HELD in await look(program, clock)
    assert Outcome.CHANGED in await look(program, clock)
    assert len(summaries(program)) == 1
