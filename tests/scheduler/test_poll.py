"""The one way of data, over real loopback HTTP, the real sandbox and a real SQLite file."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import timedelta

import feedparser
import pytest
from aiohttp import web

from tracker.extract.article import extractor_name
from tracker.fetch.guard import Gate
from tracker.model import ArticleStatus, Because, LiveMode, Outcome, PageRules, Scope
from tracker.scheduler.cadence import Cadence
from tracker.scheduler.rules import SourceRules

ONE = "The council agreed on Monday to spend 5 million pounds on the bridge over the river."
TWO = "The council agreed on Monday to spend 6 million pounds on the bridge over the river."
REST = "Work on it will begin in the spring, the leader of the council told reporters after the meeting."
MORE = "Residents had asked for years that something be done about the old crossing, which is closed to lorries."


def _outcomes(polls) -> list[Outcome]:
    return [poll.outcome for poll in polls]


async def _followed(program, site, *, etag: str | None = None):
    site.feed("/feed", ("/news/bridge", "Council agrees the plan"))
    site.page("/news/bridge", ONE, REST, MORE, etag=etag)
    polls = await program.poll()
    assert _outcomes(polls)[-1] is Outcome.FIRST
    return program.store.articles.find("1")


async def test_a_feed_leads_to_an_article_and_its_first_revision(program, site):
    article = await _followed(program, site)
    latest = program.store.revisions.latest(article.id)
    assert latest is not None
    assert [block.text for block in latest.extract.blocks] == [ONE, REST, MORE]
    assert latest.extract.headline == "Council agrees the plan"
    assert program.store.revisions.events(Scope()) == ()


async def test_a_changed_text_is_one_event_with_the_interval_in_which_it_changed(program, site, clock):
    article = await _followed(program, site)
    before = clock()
    site.page("/news/bridge", TWO, REST, MORE)
    polls = await _after(program, clock, minutes=35)
    assert Outcome.CHANGED in _outcomes(polls)
    (event,) = program.store.revisions.events(Scope())
    assert (event.article_id, event.after_at, event.before_at) == (article.id, before, clock())
    assert "number" in event.diff.summary.lower()


async def test_after_the_commit_the_feeds_of_everything_and_of_the_source_carry_the_change(program, site, clock):
    await _followed(program, site)
    site.page("/news/bridge", TWO, REST, MORE)
    await _after(program, clock, minutes=35)
    for scope in (Scope(), Scope(source="news")):
        for form in ("atom", "rss"):
            read = feedparser.parse(program.emitter.path(scope, form).read_bytes())
            assert not read.bozo
            (entry,) = read.entries
            assert entry.title == "Council agrees the plan"


async def test_an_answer_304_is_not_modified_and_extends_the_sighting(program, site, clock):
    article = await _followed(program, site, etag='"v1"')
    polls = await _after(program, clock, minutes=6)
    assert Outcome.NOT_MODIFIED in _outcomes(polls)
    assert site.asked("/news/bridge")[-1].headers["If-None-Match"] == '"v1"'
    assert program.store.revisions.latest(article.id).revision.last_seen_at == clock()


async def test_a_server_that_says_not_modified_for_ever_is_asked_for_the_whole_page_and_feed_once_a_day(program, site, clock):
    site.feed("/feed", ("/news/bridge", "Council agrees the plan"), etag='"f"')
    site.page("/news/bridge", ONE, REST, MORE, etag='"v1"')
    await program.poll()
    site.page("/news/bridge", TWO, REST, MORE, etag='"v1"')
    site.feed("/feed", ("/news/bridge", "Council agrees the plan"), ("/news/library", "Libraries close"), etag='"f"')
    for hours, outcome in ((11, Outcome.NOT_MODIFIED), (11, Outcome.NOT_MODIFIED), (2, Outcome.CHANGED), (1, Outcome.NOT_MODIFIED)):
        clock.advance(hours=hours)
        assert outcome in _outcomes(await program.poll(everything=True))
    for path in ("/feed", "/news/bridge"):
        assert ["If-None-Match" in request.headers for request in site.asked(path)] == [False, True, True, False, True]
    assert site.asked("/news/library") != []


async def test_validators_are_kept_only_with_the_text_they_belong_to(program, site, clock):
    article = await _followed(program, site, etag='"v1"')
    login = "<html><body><p>Hello</p></body></html>"
    site.answers["/news/bridge"] = lambda _: web.Response(text=login, content_type="text/html", headers={"ETag": '"stub"'})
    assert Outcome.REFUSED in _outcomes(await _after(program, clock, minutes=6))
    assert program.store.articles.get(article.id).gates.validators.etag == '"v1"'
    whole = site.answers["/feed"]
    site.answers["/feed"] = lambda request: web.Response(text=whole(request).text[:-9], content_type="text/xml", headers={"ETag": '"cut"'})
    await _after(program, clock, hours=2)
    assert "If-None-Match" not in site.asked("/feed")[-1].headers
    assert "breaks off" in program.store.revisions.polls(feed_id=1, limit=1)[0].poll.reason
    await _after(program, clock, hours=2)
    assert "If-None-Match" not in site.asked("/feed")[-1].headers


async def test_an_equal_etag_beside_another_text_is_a_change(program, site, clock):
    await _followed(program, site, etag='"same"')
    site.page("/news/bridge", TWO, REST, MORE)
    plain = site.answers["/news/bridge"]

    def answer(request):
        response = plain(request)
        response.headers["ETag"] = '"same"'
        return response

    site.answers["/news/bridge"] = answer
    assert Outcome.CHANGED in _outcomes(await _after(program, clock, minutes=6))


async def test_an_answer_that_breaks_off_is_a_failed_look_and_no_revision(program, site, clock):
    article = await _followed(program, site)
    plain = site.answers["/news/bridge"]

    def cut(request):
        response = plain(request)
        response.headers["Content-Encoding"] = "gzip"
        response.body = gzip.compress(response.body)[:-20]
        return response

    site.answers["/news/bridge"] = cut
    polls = await _after(program, clock, minutes=6)
    assert "broke off before the answer was complete" in polls[-1].reason
    assert len(program.store.revisions.history(article.id)) == 1


async def test_the_same_bytes_and_the_same_visible_text_are_unchanged_without_extraction(program, site, clock):
    article = await _followed(program, site)
    assert Outcome.UNCHANGED in _outcomes(await _after(program, clock, minutes=6))
    plain = site.answers["/news/bridge"]
    site.answers["/news/bridge"] = lambda request: web.Response(
        text=plain(request).text.replace("<body>", "<body class='night'><!-- nonce 8716 -->"), content_type="text/html"
    )
    assert Outcome.UNCHANGED in _outcomes(await _after(program, clock, minutes=20))
    assert len(program.store.revisions.history(article.id)) == 1


async def test_a_text_that_comes_back_is_reverted_after_a_second_look(program, site, clock):
    article = await _followed(program, site)
    site.page("/news/bridge", TWO, REST, MORE)
    await _after(program, clock, minutes=6)
    site.page("/news/bridge", ONE, REST, MORE)
    assert Outcome.HELD in _outcomes(await _after(program, clock, minutes=6))
    assert len(program.store.revisions.history(article.id)) == 2
    seen_at = clock()
    assert Outcome.REVERTED in _outcomes(await _after(program, clock, minutes=10))
    newest = program.store.revisions.events(Scope())[0]
    assert newest.reverts_to_id == program.store.revisions.history(article.id)[0].id
    assert newest.before_at == seen_at


async def test_a_text_that_goes_back_and_forth_is_all_kept_and_one_entry_of_the_feed(program, site, clock):
    article = await _followed(program, site)
    for number in range(5):
        site.page("/news/bridge", (TWO, ONE)[number % 2], REST, MORE)
        await _after(program, clock, hours=1)
        await _after(program, clock, minutes=10)
    assert len(program.store.revisions.history(article.id)) == 6
    assert len(program.store.revisions.events(Scope())) == 5
    first, second = reversed(program.store.revisions.changes(Scope()))
    assert (first.alternations_count, second.alternations_count) == (0, 3)
    read = feedparser.parse(program.emitter.path(Scope(), "atom").read_bytes())
    assert len(read.entries) == 2
    assert "It has gone back and forth 3 more times since." in read.entries[0].summary
    assert program.store.articles.get(article.id).last_changed_at == second.event.before_at


def _server_error(site):
    site.status("/news/bridge", 500)
    return Outcome.FAILED, "status 500"


def _no_article(site):
    site.answers["/news/bridge"] = lambda _: web.Response(text="<html><body><p>Hello</p></body></html>", content_type="text/html")
    return Outcome.REFUSED, "stub"


def _empty(site):
    site.answers["/news/bridge"] = lambda _: web.Response(text="", content_type="text/html")
    return Outcome.REFUSED, "empty"


def _gone(site):
    site.status("/news/bridge", 404)
    return Outcome.MISSING, "status 404"


def _bomb(site):
    site.answers["/news/bridge"] = lambda _: web.Response(text="<html><body>" + "<div>" * 60_000, content_type="text/html")
    return Outcome.FAILED, ""


@pytest.mark.parametrize("break_it", [_server_error, _no_article, _empty, _gone, _bomb])
async def test_a_bad_answer_leaves_a_poll_with_its_sentence_and_the_next_good_one_goes_on(program, site, clock, break_it):
    article = await _followed(program, site)
    outcome, part = break_it(site)
    polls = await _after(program, clock, minutes=6)
    assert outcome in _outcomes(polls)
    kept = program.store.revisions.polls(article_id=article.id, limit=1)[0].poll
    assert kept.outcome is outcome
    assert part in kept.reason
    health = program.store.articles.source("news")
    assert health.last_failure is not None
    assert health.last_failure.reason == kept.reason
    assert len(program.store.revisions.history(article.id)) == 1

    site.page("/news/bridge", TWO, REST, MORE)
    polls = await _after(program, clock, minutes=6)
    assert Outcome.CHANGED in _outcomes(polls)
    assert program.store.articles.get(article.id).status is ArticleStatus.TRACKED
    assert program.store.articles.source("news").last_failure is None


async def test_an_unreachable_feed_leaves_a_failed_poll_and_is_tried_again(program, site, clock):
    program.store.articles.add_feed("news", "http://127.0.0.1:1/feed", clock())
    site.feed("/feed")
    polls = await program.poll()
    assert sorted(_outcomes(polls)) == [Outcome.FAILED, Outcome.UNCHANGED]
    failed = next(poll for poll in polls if poll.outcome is Outcome.FAILED)
    assert "127.0.0.1:1" in failed.reason
    assert program.store.articles.source("news").last_failure is not None


async def test_a_feed_that_is_no_feed_removes_nothing(program, site, clock):
    article = await _followed(program, site)
    site.answers["/feed"] = lambda _: web.Response(text="<html>Sorry</html>", content_type="text/html")
    polls = await _after(program, clock, hours=2)
    assert Outcome.FAILED in _outcomes(polls)
    assert program.store.articles.get(article.id).status is ArticleStatus.TRACKED


async def test_a_newer_updated_in_the_feed_makes_an_article_due_at_once(program, site, clock):
    article = await _followed(program, site)
    await _after(program, clock, days=20)
    due_at = program.store.articles.get(article.id).next_poll_at
    assert due_at > clock() + timedelta(days=1)
    site.feed("/feed", ("/news/bridge", "Council agrees the plan"), updated="2026-03-21T10:00:00Z")
    site.page("/news/bridge", TWO, REST, MORE)
    await _after(program, clock, hours=2)
    (event,) = program.store.revisions.events(Scope())
    kept = program.store.revisions.polls(article_id=article.id, limit=1)[0].poll
    assert (kept.outcome, kept.because) == (Outcome.CHANGED, Because.HINT)
    assert event.before_at == clock()


async def test_a_feed_that_skips_every_hour_is_read_all_the_same(program, site, clock):
    hours = "".join(f"<hour>{hour}</hour>" for hour in range(24))
    item = f"<item><title>Council agrees the plan</title><link>{site.url('/news/bridge')}</link></item>"
    rss = f"<rss version='2.0'><channel><title>News</title><ttl>999999</ttl><skipHours>{hours}</skipHours>{item}</channel></rss>"
    site.answers["/feed"] = lambda _: web.Response(text=rss, content_type="application/rss+xml")
    site.page("/news/bridge", ONE, REST, MORE)
    await program.poll()
    await _after(program, clock, hours=2)
    assert len(site.asked("/feed")) == 2


async def test_addresses_that_the_source_excludes_are_not_followed(program, site):
    site.feed("/feed", ("/sport/match", "A match"), ("/news/bridge", "Council agrees the plan"))
    site.page("/news/bridge", ONE, REST, MORE)
    await program.poll()
    assert site.asked("/sport/match") == []


async def test_a_reservation_in_a_header_is_kept_with_the_text(program, site):
    site.page("/news/bridge", ONE, REST, MORE)
    plain = site.answers["/news/bridge"]

    def reserved(request):
        answer = plain(request)
        answer.headers["TDM-Reservation"] = "1"
        return answer

    site.answers["/news/bridge"] = reserved
    site.feed("/feed", ("/news/bridge", "Council agrees the plan"))
    await program.poll()
    assert program.store.revisions.latest(program.store.articles.find("1").id).extract.reserved == "tdm-reservation"


async def test_robots_txt_is_read_first_and_what_it_forbids_is_never_asked(program, site):
    site.answers["/robots.txt"] = lambda _: web.Response(text="User-agent: *\nDisallow: /news/")
    site.feed("/feed", ("/news/bridge", "Council agrees the plan"))
    polls = await program.poll()
    assert site.requests[0].path == "/robots.txt"
    assert site.asked("/news/bridge") == []
    assert "robots.txt does not allow" in polls[-1].reason


async def test_a_robots_txt_that_cannot_be_read_forbids_everything_for_a_while(program, site, clock):
    site.status("/robots.txt", 500)
    site.feed("/feed")
    (poll,) = await program.poll()
    assert "could not be read (status 500)" in poll.reason
    assert site.asked("/feed") == []
    site.status("/robots.txt", 404)
    (poll,) = await _after(program, clock, minutes=11)
    assert poll.outcome is Outcome.UNCHANGED
    assert len(site.asked("/feed")) == 1


async def test_a_host_that_answers_429_with_retry_after_is_left_alone_until_then(program, site, clock):
    await _followed(program, site)
    site.status("/news/bridge", 429, **{"Retry-After": "7200"})
    polls = await _after(program, clock, minutes=6)
    assert Outcome.FAILED in _outcomes(polls)
    asked = len(site.requests)
    assert all("left alone" in poll.reason for poll in await _after(program, clock, minutes=90))
    assert await _after(program, clock, minutes=10) == []
    assert len(site.requests) == asked
    site.page("/news/bridge", TWO, REST, MORE)
    assert Outcome.CHANGED in _outcomes(await _after(program, clock, minutes=21))


async def test_a_redirect_to_another_tracked_article_is_refused_and_is_no_change(program, site, clock):
    site.feed("/feed", ("/news/bridge", "Council agrees the plan"), ("/news/library", "Libraries close"))
    site.page("/news/bridge", ONE, REST, MORE)
    site.page("/news/library", "Four libraries will close in the autumn, the council said.", REST, MORE, headline="Libraries close")
    await program.poll()
    bridge = program.store.articles.find(site.url("/news/bridge"))
    site.answers["/news/bridge"] = lambda _: web.Response(status=302, headers={"Location": "/news/library"})
    polls = await _after(program, clock, minutes=6)
    refused = next(poll for poll in polls if poll.outcome is Outcome.REFUSED)
    assert refused.article_id == bridge.id
    assert "leads to" in refused.reason
    assert program.store.revisions.events(Scope()) == ()


async def test_a_host_that_never_answers_is_left_alone_after_two_looks(program, site, clock):
    site.feed("/feed", *((f"/news/{number}", f"Story {number}") for number in range(6)))
    for number in range(6):
        site.answers[f"/news/{number}"] = _hang_up
    polls = await program.poll()
    assert len([poll for poll in polls if poll.outcome is Outcome.FAILED]) == 2
    assert program.store.articles.host(site.base.removeprefix("http://")).pause_until == clock() + timedelta(minutes=5)


async def test_what_robots_txt_forbids_is_no_silence_of_the_host(program, site):
    site.answers["/robots.txt"] = lambda _: web.Response(text="User-agent: *\nDisallow: /private/")
    listed = [f"/private/{number}" for number in range(3)] + ["/news/bridge"]
    site.feed("/feed", *((path, f"Story {path}") for path in listed))
    site.page("/news/bridge", ONE, REST, MORE)
    polls = await program.poll()
    assert _outcomes(polls).count(Outcome.FAILED) == 3
    assert len(site.asked("/news/bridge")) == 1


def _hang_up(request: web.Request) -> web.Response:
    request.transport.abort()
    return web.Response()


async def test_a_retry_after_behind_a_redirect_is_kept_for_the_host_that_said_it(program, site, clock):
    other = site.base.replace("127.0.0.1", "localhost")
    site.feed("/feed", ("/news/bridge", "Council agrees the plan"))
    site.answers["/news/bridge"] = lambda request: (
        web.Response(status=429, headers={"Retry-After": "3600"})
        if request.host.startswith("localhost")
        else web.Response(status=302, headers={"Location": f"{other}/news/bridge"})
    )
    program.poller._client._gate = Gate(["127.0.0.1"])
    polls = await program.poll()
    assert "429" in polls[-1].reason
    article = program.store.articles.find("1")
    assert article.next_poll_at == clock() + timedelta(hours=1)


async def test_a_redirect_to_the_front_page_is_refused_by_its_name(program, site, clock):
    article = await _followed(program, site)
    site.page("/", ONE, REST, MORE, headline="All the news")
    site.answers["/news/bridge"] = lambda _: web.Response(status=302, headers={"Location": "/"})
    await _after(program, clock, minutes=6)
    kept = program.store.revisions.polls(article_id=article.id, limit=1)[0].poll
    assert kept.outcome is Outcome.REFUSED
    assert "redirect to home or section" in kept.reason


async def test_the_wait_for_a_hosts_turn_is_no_part_of_the_look(program, site, clock, monkeypatch):
    await _followed(program, site)

    async def late(name: str, *, again: bool) -> bool:
        clock.advance(seconds=12)
        return False

    monkeypatch.setattr(program.hosts, "wait", late)
    site.page("/news/bridge", TWO, REST, MORE)
    await _after(program, clock, minutes=6)
    (event,) = program.store.revisions.events(Scope())
    assert event.before_at == clock()


async def test_polling_everything_looks_at_every_article_once_whatever_is_due(program, site):
    await _followed(program, site)
    polls = await program.poll(everything=True)
    assert len(polls) == 2
    assert {poll.because for poll in polls} == {Because.MANUAL}


# --- what one source's rules say -------------------------------------------------------------------


def _rule(program, **values) -> None:
    values = {"cadence": Cadence(floor=timedelta(minutes=5))} | values
    program.poller._rules = {"news": SourceRules(**values)}


async def test_only_addresses_that_the_source_includes_are_followed(program, site):
    _rule(program, include=("/news/",))
    site.feed("/feed", ("/sport/match", "A match"), ("/news/bridge", "Council agrees the plan"))
    site.page("/news/bridge", ONE, REST, MORE)
    await program.poll()
    assert site.asked("/news/bridge")
    assert site.asked("/sport/match") == []


async def test_what_the_source_drops_is_no_part_of_the_revision_which_names_its_rules(program, site):
    rules = PageRules(drop=("p:nth-of-type(2)",))
    _rule(program, page=rules)
    article = await _followed(program, site)
    latest = program.store.revisions.latest(article.id)
    assert [block.text for block in latest.extract.blocks] == [ONE, MORE]
    assert latest.revision.extractor == latest.extract.extractor == extractor_name(rules)


async def test_a_renamed_address_continues_the_history_where_the_sources_pattern_finds_the_same_id(program, site, clock):
    _rule(program, page=PageRules(id_pattern="^/story/(c[a-z]+)/"))
    site.feed("/feed", ("/story/cbridge/council-agrees", "Council agrees the plan"))
    site.page("/story/cbridge/council-agrees", ONE, REST, MORE)
    await program.poll()
    site.feed("/feed", ("/story/cbridge/six-million", "Six million for the bridge"))
    site.page("/story/cbridge/six-million", TWO, REST, MORE, headline="Six million for the bridge")
    assert Outcome.CHANGED in _outcomes(await _after(program, clock, minutes=35))
    (article,) = program.store.articles.listed(limit=10)
    assert article.url == site.url("/story/cbridge/six-million")


async def test_what_a_page_calls_itself_is_a_key_where_the_sources_pattern_finds_the_same_id(program, site):
    _rule(program, page=PageRules(id_pattern="^/story/(c[a-z]+)/"))
    site.feed("/feed", ("/story/cbridge/council-agrees", "Council agrees the plan"))
    site.page("/story/cbridge/council-agrees", ONE, REST, MORE)
    page = site.answers["/story/cbridge/council-agrees"]
    link = f"<link rel=canonical href='{site.url('/story/cbridge/six-million')}'></head>"
    site.answers["/story/cbridge/council-agrees"] = lambda asked: web.Response(
        text=page(asked).text.replace("</head>", link), content_type="text/html"
    )
    await program.poll()
    assert program.store.articles.find(site.url("/story/cbridge/six-million")).id == 1


async def test_a_pattern_that_never_ends_fails_the_feed_and_leaves_the_program_at_work(program, site, clock):
    _rule(program, page=PageRules(id_pattern="^/((?:a+)+)b$"))
    program.poller._limits = replace(program.poller._limits, task_timeout=timedelta(seconds=2))
    site.feed("/feed", (f"/{'a' * 60}", "A"))
    (poll,) = await program.poll()
    assert poll.outcome is Outcome.FAILED
    assert "took longer than 2 s" in poll.reason
    _rule(program)
    assert _outcomes(await _after(program, clock, minutes=35))[0] is Outcome.FIRST


LIVE = (
    "<html lang=en><head><title>Live: the bridge</title><meta name=description content='All about the bridge.'>"
    "<script type='application/ld+json'>{{\"@type\": \"LiveBlogPosting\", \"headline\": \"Live: the bridge\"}}</script></head>"
    "<body><article><h1>Live: the bridge</h1><p>{}</p><p>{}</p></article></body></html>"
)


def _live_page(site, *paragraphs: str) -> None:
    site.feed("/feed", ("/news/bridge", "Live: the bridge"))
    site.answers["/news/bridge"] = lambda _: web.Response(text=LIVE.format(*paragraphs), content_type="text/html")


async def test_other_rules_are_no_event_and_the_next_change_is_compared_with_the_text_as_read_by_them(program, site, clock):
    await _followed(program, site)
    _rule(program, page=PageRules(drop=("p:nth-of-type(2)",)))
    site.page("/news/bridge", TWO, REST, MORE)
    assert Outcome.CHANGED in _outcomes(await _after(program, clock, minutes=35))
    (event,) = program.store.revisions.events(Scope())
    before, after = program.store.revisions.pair(event.from_revision_id, event.to_revision_id)
    assert [block.text for block in before[1].blocks] == [ONE, MORE]
    assert [block.text for block in after[1].blocks] == [TWO, MORE]


async def test_a_live_page_that_comes_to_be_tracked_is_no_event(program, site, clock):
    _live_page(site, ONE, REST)
    await program.poll()
    _rule(program, page=PageRules(live=LiveMode.TRACK))
    site.answers["/news/bridge"] = lambda _: web.Response(text=LIVE.format(ONE, REST) + "<footer>1</footer>", content_type="text/html")
    polls = await _after(program, clock, minutes=35)
    assert site.asked("/news/bridge")[1:]
    assert Outcome.CHANGED not in _outcomes(polls)
    assert program.store.revisions.events(Scope()) == ()
    assert ONE in program.store.revisions.latest(1).extract.text


@pytest.mark.parametrize(("live", "outcome"), [(LiveMode.HEADLINE, Outcome.UNCHANGED), (LiveMode.TRACK, Outcome.CHANGED)])
async def test_an_update_of_a_live_page_is_a_change_only_where_the_source_tracks_them(program, site, clock, live, outcome):
    _rule(program, page=PageRules(live=live))
    _live_page(site, ONE, REST)
    await program.poll()
    _live_page(site, TWO, REST)
    assert _outcomes(await _after(program, clock, minutes=35))[-1] is outcome


async def test_a_live_page_that_the_source_skips_is_refused_and_never_a_revision(program, site):
    _rule(program, page=PageRules(live=LiveMode.SKIP))
    _live_page(site, ONE, REST)
    polls = await program.poll()
    assert polls[-1].outcome is Outcome.REFUSED
    assert "(live page)" in polls[-1].reason
    assert program.store.revisions.history(1) == ()


async def _after(program, clock, **duration) -> list:
    clock.advance(**duration)
    return await program.poll()
