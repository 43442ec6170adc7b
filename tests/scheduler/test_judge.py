"""Articles over several pages, over real loopback HTTP: read whole, or not at all."""

from __future__ import annotations

import pytest
from aiohttp import web

from tracker.extract.pagination import MOST_PAGES
from tracker.model import ArticleStatus, Gates, Outcome, Scope

HEADLINE = "Council agrees the plan"
STANDFIRST = "What the council decided on Monday, and what it means for those who cross the river every day."
ONE = "The council agreed on Monday to spend 5 million pounds on the bridge over the river, after a debate of four hours."
TWO = "Work on it will begin in the spring, the leader of the council told reporters after the meeting had ended."
THREE = "Residents had asked for years that something be done about the old crossing, which is closed to lorries."
OTHER = "The lighthouse at the point will be open to visitors on all Sundays in the summer, its keepers have announced."


def _page(site, path: str, *texts: str, following: str | None = None, etag: str | None = None):
    link = f"<link rel=next href='{following}'>" if following else ""
    body = "".join(f"<p>{text}</p>" for text in texts)
    html = f"<html lang=en><head><title>{HEADLINE}</title>{link}</head><body><article><h1>{HEADLINE}</h1>{body}</article></body></html>"

    def answer(request: web.Request) -> web.Response:
        if etag and request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers={"ETag": etag})
        return web.Response(text=html, content_type="text/html", headers={"ETag": etag} if etag else {})

    site.answers[path] = answer


def _story(site, *, two: str = TWO):
    site.feed("/feed", ("/news/bridge", HEADLINE))
    _page(site, "/news/bridge", STANDFIRST, ONE, following="/news/bridge/2", etag='"v1"')
    _page(site, "/news/bridge/2", STANDFIRST, two, following="/news/bridge/3")
    _page(site, "/news/bridge/3", STANDFIRST, THREE)


def _latest(program):
    latest = program.store.revisions.latest(program.store.articles.find("1").id)
    assert latest is not None
    return latest


async def _later(program, clock):
    clock.advance(minutes=40)
    return [poll for poll in await program.poll() if poll.article_id is not None]


async def test_an_article_over_several_pages_is_one_text_with_every_page_as_evidence(program, site):
    _story(site)
    await program.poll()
    latest = _latest(program)
    assert [block.text for block in latest.extract.blocks] == [STANDFIRST, ONE, TWO, THREE]
    assert latest.extract.headline == HEADLINE
    captures = program.store.revisions.pages(latest.revision.id)
    assert [capture.url.removeprefix(site.base) for capture in captures] == ["/news/bridge", "/news/bridge/2", "/news/bridge/3"]
    assert all(text.encode() in capture.body for text, capture in zip((ONE, TWO, THREE), captures, strict=True))


async def test_a_change_on_a_later_page_is_seen_though_the_first_page_is_the_same(program, site, clock):
    _story(site)
    await program.poll()
    assert program.store.articles.find("1").gates == Gates()
    assert [poll.outcome for poll in await _later(program, clock)] == [Outcome.UNCHANGED]
    assert program.store.articles.find("1").gates == Gates()
    _story(site, two=TWO.replace("spring", "autumn"))
    assert [poll.outcome for poll in await _later(program, clock)] == [Outcome.CHANGED]
    assert "autumn" in _latest(program).extract.text
    assert all("If-None-Match" not in request.headers for request in site.asked("/news/bridge"))


def _error(_: web.Request) -> web.Response:
    return web.Response(status=503)


def _not_there(_: web.Request) -> web.Response:
    return web.Response(status=404)


def _without_text(_: web.Request) -> web.Response:
    return web.Response(text="<html><body><h1>Please wait</h1></body></html>", content_type="text/html")


def _to_another(_: web.Request) -> web.Response:
    return web.Response(status=302, headers={"Location": "/news/lighthouse"})


def _bomb(_: web.Request) -> web.Response:
    return web.Response(text="<html><body>" + "<div>" * 60_000, content_type="text/html")


@pytest.mark.parametrize("answer", [_error, _not_there, _without_text, _to_another, _bomb])
async def test_a_later_page_that_fails_fails_the_look_and_shortens_nothing(program, site, clock, answer):
    _story(site)
    _page(site, "/news/lighthouse", OTHER)
    await program.poll()
    site.answers["/news/bridge/3"] = answer
    (poll,) = await _later(program, clock)
    assert poll.outcome is Outcome.FAILED
    assert poll.reason
    assert THREE in _latest(program).extract.text
    assert program.store.revisions.events(Scope()) == ()
    assert program.store.articles.find("1").status is ArticleStatus.TRACKED
    _story(site)
    assert [poll.outcome for poll in await _later(program, clock)] == [Outcome.UNCHANGED]


async def test_what_a_blog_links_as_its_next_post_is_not_joined(program, site):
    site.feed("/feed", ("/news/bridge", HEADLINE))
    _page(site, "/news/bridge", ONE, TWO, following="/news/lighthouse")
    _page(site, "/news/lighthouse", OTHER)
    await program.poll()
    assert _latest(program).extract.text == f"{ONE}\n\n{TWO}"
    assert site.asked("/news/lighthouse") == []


async def test_a_next_page_that_leads_back_or_shows_the_same_ends_the_article(program, site):
    site.feed("/feed", ("/news/bridge", HEADLINE), ("/news/tunnel", HEADLINE))
    _page(site, "/news/bridge", ONE, TWO, following="/news/bridge/2", etag='"v1"')
    site.answers["/news/bridge/2"] = lambda _: web.Response(status=302, headers={"Location": "/news/bridge"})
    _page(site, "/news/tunnel", ONE, THREE, following="/news/tunnel?page=2", etag='"v1"')
    await program.poll()
    for number, text in ((1, TWO), (2, THREE)):
        article = program.store.articles.find(str(number))
        assert program.store.revisions.latest(article.id).extract.text == f"{ONE}\n\n{text}"
        assert len(program.store.revisions.pages(program.store.revisions.latest(article.id).revision.id)) == 1
        assert article.gates.validators.etag == '"v1"'


async def test_a_later_page_that_robots_txt_forbids_is_no_part_of_the_article(program, site):
    site.answers["/robots.txt"] = lambda _: web.Response(text="User-agent: *\nDisallow: /news/bridge/3")
    _story(site)
    await program.poll()
    assert [block.text for block in _latest(program).extract.blocks] == [STANDFIRST, ONE, TWO]


async def test_no_more_than_ten_pages_are_read(program, site):
    site.feed("/feed", ("/news/bridge", HEADLINE))
    for number in range(1, 15):
        path = "/news/bridge" if number == 1 else f"/news/bridge/{number}"
        _page(site, path, ONE.replace("5", str(number + 20)), following=f"/news/bridge/{number + 1}")
    await program.poll()
    assert len(_latest(program).extract.blocks) == MOST_PAGES
    assert site.asked("/news/bridge/11") == []


DUTCH = (
    "De gemeenteraad stemde maandag in met het plan voor de nieuwe brug over de rivier, na een debat van vier uur.",
    "Het werk begint in het voorjaar, zei de wethouder na afloop, en de oude brug is dan niet open voor het verkeer.",
)


def _labelled(site, language: str, *texts: str):
    _page(site, "/news/bridge", *texts)
    made = site.answers["/news/bridge"]

    def answer(request: web.Request) -> web.Response:
        response = made(request)
        response.text = response.text.replace("lang=en", f"lang={language}")
        return response

    site.answers["/news/bridge"] = answer


async def test_a_language_label_that_is_mended_is_no_other_language(program, site, clock):
    site.feed("/feed", ("/news/bridge", HEADLINE))
    _labelled(site, "en", *DUTCH)
    await program.poll()
    _labelled(site, "nl", DUTCH[0].replace("vier", "vijf"), DUTCH[1])
    assert [poll.outcome for poll in await _later(program, clock)] == [Outcome.CHANGED]


async def test_another_language_is_refused_though_the_label_was_wrong_before(program, site, clock):
    site.feed("/feed", ("/news/bridge", HEADLINE))
    _labelled(site, "en", *DUTCH)
    await program.poll()
    _labelled(site, "en", ONE, TWO)
    (poll,) = await _later(program, clock)
    assert poll.outcome is Outcome.REFUSED
    assert "other language" in poll.reason
