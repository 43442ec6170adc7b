"""One story, one history: over real loopback HTTP, the real sandbox and a real SQLite file."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from aiohttp import web

from tracker.fetch.guard import Gate
from tracker.model import ArticleStatus, EditKind, EventKind, Outcome, PageRules, Scope, Source
from tracker.scheduler import judge
from tracker.scheduler.cadence import Cadence
from tracker.scheduler.rules import SourceRules

FERRY = (
    "The evening ferry to the islands was cancelled on Monday after a fault in the engine room.",
    "Some 140 passengers were taken to hotels on the mainland, the company said in the evening.",
    "Engineers are on their way and hope to have the ship running again by noon on Tuesday.",
    "A spokeswoman said that all tickets would be refunded without a form to be filled in.",
)
FERRY_2 = (FERRY[0], FERRY[1].replace("140", "150"), *FERRY[2:])
LIBRARY = (
    "Four libraries will close in the autumn, the council decided on Monday after a long debate.",
    "The vote was 31 to 28, with two councillors of the governing party against their own side.",
    "Campaigners say that they will go to court, and that the figures were never shown to anyone.",
)


def redirect(site, path: str, to: str, status: int = 301) -> None:
    site.answers[path] = lambda _: web.Response(status=status, headers={"Location": to})


def item(site, path: str, title: str, guid: str) -> str:
    return f"<item><title>{title}</title><link>{site.url(path)}</link><guid isPermaLink='false'>{guid}</guid></item>"


def rss(site, *items: str, path: str = "/feed") -> None:
    text = f"<rss version='2.0'><channel><title>News</title>{''.join(items)}</channel></rss>"
    site.answers[path] = lambda _: web.Response(text=text, content_type="application/rss+xml")


def article_page(site, path: str, *paragraphs: str, canonical: str | None = None, headline: str = "Ferry cancelled", more: str = ""):
    site.page(path, *paragraphs, headline=headline)
    made = site.answers[path]
    link = f"<link rel=canonical href='{site.url(canonical)}'>" if canonical else ""

    def answer(request):
        response = made(request)
        response.text = response.text.replace("</head>", f"{link}{more}</head>")
        return response

    site.answers[path] = answer


async def hours_later(program, clock, hours: float) -> list:
    clock.advance(hours=hours)
    return await program.poll(everything=True)


def listed(program) -> list:
    return list(program.store.articles.listed(limit=100))


def texts(program, article_id: int) -> list[str]:
    store = program.store
    return [store.revisions.extract(revision.id).text for revision in store.revisions.history(article_id)]


async def test_a_slug_that_follows_the_headline_keeps_its_history_by_the_publishers_id(program, site, clock):
    rss(site, item(site, "/a/6213456/ferry-late.html", "Ferry late", "x1"))
    article_page(site, "/a/6213456/ferry-late.html", *FERRY)
    await program.poll()
    rss(site, item(site, "/b/6213456/ferry-cancelled.html", "Ferry cancelled", "x2"))
    article_page(site, "/b/6213456/ferry-cancelled.html", *FERRY_2)
    await hours_later(program, clock, 1)
    (article,) = listed(program)
    assert article.url == site.url("/b/6213456/ferry-cancelled.html")
    assert len(texts(program, article.id)) == 2


async def test_an_address_that_redirects_for_good_moves_after_three_looks_over_a_day(program, site, clock):
    site.feed("/feed", ("/ferry-late-tonight", "Ferry late"))
    site.page("/ferry-late-tonight", *FERRY)
    await program.poll()
    redirect(site, "/ferry-late-tonight", "/ferry-cancelled-tonight")
    site.page("/ferry-cancelled-tonight", *FERRY_2)
    for _ in range(3):
        assert listed(program)[0].url == site.url("/ferry-late-tonight")
        await hours_later(program, clock, 12.5)
    (article,) = listed(program)
    assert article.url == site.url("/ferry-cancelled-tonight")
    assert len(texts(program, article.id)) == 2
    asked = len(site.asked("/ferry-late-tonight"))
    await hours_later(program, clock, 12)
    assert len(site.asked("/ferry-late-tonight")) == asked


async def test_an_address_that_redirects_for_a_while_stays(program, site, clock):
    site.feed("/feed", ("/ferry-late-tonight", "Ferry late"))
    site.page("/ferry-late-tonight", *FERRY)
    await program.poll()
    redirect(site, "/ferry-late-tonight", "/ferry-cancelled-tonight", status=302)
    site.page("/ferry-cancelled-tonight", *FERRY_2)
    for _ in range(5):
        await hours_later(program, clock, 12)
    (article,) = listed(program)
    assert article.url == site.url("/ferry-late-tonight")
    assert article.keys == ("url:" + site.url("/ferry-late-tonight").removeprefix("http://"),)


async def test_a_new_address_that_the_feed_listed_first_is_merged_when_the_old_one_redirects_there(program, site, clock):
    site.feed("/feed", ("/ferry-late-tonight", "Ferry late"))
    site.page("/ferry-late-tonight", *FERRY)
    await program.poll()
    site.feed("/feed", ("/ferry-cancelled-tonight", "Ferry cancelled"))
    site.page("/ferry-cancelled-tonight", *FERRY_2)
    redirect(site, "/ferry-late-tonight", "/ferry-cancelled-tonight")
    await hours_later(program, clock, 1)
    await hours_later(program, clock, 1)
    (article,) = listed(program)
    assert (article.id, article.url) == (1, site.url("/ferry-cancelled-tonight"))
    assert texts(program, 1)[-1].splitlines()[2] == FERRY_2[1]
    (made,) = program.store.articles.merged(1)
    assert "for good" in made.reason


async def test_a_new_address_whose_page_claims_the_same_canonical_address_continues_at_once(program, site, clock):
    site.feed("/feed", ("/ferry-late-tonight", "Ferry late"))
    article_page(site, "/ferry-late-tonight", *FERRY, canonical="/story-of-the-ferry")
    await program.poll()
    site.feed("/feed", ("/ferry-cancelled-tonight", "Ferry cancelled"))
    article_page(site, "/ferry-cancelled-tonight", *FERRY_2, canonical="/story-of-the-ferry")
    del site.answers["/ferry-late-tonight"]
    await hours_later(program, clock, 1)
    await hours_later(program, clock, 1)
    await hours_later(program, clock, 1)
    (article,) = listed(program)
    assert (article.id, article.url) == (1, site.url("/ferry-cancelled-tonight"))
    assert len(texts(program, 1)) == 2
    (event,) = program.store.revisions.events(Scope())
    assert (event.kind, "number" in event.diff.summary.lower()) == (EventKind.CHANGED, True)


async def test_a_copy_of_a_story_that_claims_its_address_is_one_article_with_it_and_moves_nothing(program, site, clock):
    own = ("/ferry-late-tonight", "Ferry late")
    site.feed("/feed", own)
    article_page(site, *own[:1], *FERRY, canonical="/ferry-late-tonight")
    await program.poll()
    site.feed("/feed", own, ("/readers/my-own-post-here", "Ferry late"))
    article_page(site, "/readers/my-own-post-here", *FERRY, canonical="/ferry-late-tonight")
    await hours_later(program, clock, 1)
    article_page(site, "/readers/my-own-post-here", *LIBRARY, canonical="/ferry-late-tonight")
    await hours_later(program, clock, 1)
    (article,) = listed(program)
    assert article.url == site.url("/ferry-late-tonight")
    assert texts(program, 1) == ["\n\n".join(FERRY)]


async def test_two_articles_that_claim_one_address_but_tell_different_stories_stay_apart(program, site, clock):
    site.feed("/feed", ("/ferry-late-tonight", "Ferry late"), ("/libraries-will-close", "Libraries close"))
    article_page(site, "/ferry-late-tonight", *FERRY, canonical="/story-of-the-day")
    article_page(site, "/libraries-will-close", *LIBRARY, canonical="/story-of-the-day", headline="Libraries close")
    await program.poll()
    await hours_later(program, clock, 1)
    assert len(listed(program)) == 2
    assert [len(texts(program, number)) for number in (1, 2)] == [1, 1]


async def test_columns_that_share_their_last_line_and_a_landing_page_stay_apart(program, site, clock):
    foot = "Write to us by letter or by mail, with your name and the place where you live, in no more than 200 words."
    days = {"monday": FERRY[:3], "tuesday": LIBRARY, "wednesday": (FERRY[3], *LIBRARY[:1])}
    site.feed("/feed", *((f"/letters-of-the-day-{day}", f"Letters, {day}") for day in days))
    for day, lines in days.items():
        article_page(site, f"/letters-of-the-day-{day}", *lines, foot, canonical="/letters-to-the-editor", headline=f"Letters, {day}")
    await program.poll()
    await hours_later(program, clock, 1)
    assert len(listed(program)) == 3


async def test_the_page_of_another_article_in_place_of_an_articles_own_is_refused(program, site, clock):
    site.feed("/feed", ("/ferry-late-tonight", "Ferry late"), ("/libraries-will-close", "Libraries close"))
    article_page(site, "/ferry-late-tonight", *FERRY, canonical="/ferry-late-tonight")
    article_page(site, "/libraries-will-close", *LIBRARY, *FERRY[3:], canonical="/libraries-will-close", headline="Libraries close")
    await program.poll()
    site.answers["/ferry-late-tonight"] = site.answers["/libraries-will-close"]
    polls = await hours_later(program, clock, 1)
    assert [poll.outcome for poll in polls if poll.article_id == 1] == [Outcome.REFUSED]
    assert program.store.revisions.events(Scope()) == ()


async def test_a_rename_that_only_another_source_of_the_site_lists_continues_the_history(program, site, clock):
    program.store.articles.declare(
        [Source(name=name, title=name, feeds=(site.url(f"/feed-{name}"),)) for name in ("world", "uk")], clock()
    )
    rss(site, item(site, "/a/6213456/ferry-late", "Ferry late", "guid-1"), path="/feed-world")
    rss(site, path="/feed-uk")
    site.page("/a/6213456/ferry-late", *FERRY)
    await program.poll()
    rss(site, path="/feed-world")
    rss(site, item(site, "/a/6213456/ferry-renamed", "Ferry renamed", "guid-1"), path="/feed-uk")
    site.page("/a/6213456/ferry-renamed", *FERRY_2)
    del site.answers["/a/6213456/ferry-late"]
    for _ in range(3):
        await hours_later(program, clock, 1)
    (article,) = listed(program)
    assert (article.id, article.url, len(texts(program, 1))) == (1, site.url("/a/6213456/ferry-renamed"), 2)


async def test_what_the_operator_parted_stays_apart(program, site, clock):
    site.feed("/feed", ("/ferry-late-tonight", "Ferry late"), ("/ferry-cancelled-tonight", "Ferry cancelled"))
    site.page("/ferry-late-tonight", *FERRY)
    site.page("/ferry-cancelled-tonight", *FERRY)
    await program.poll()
    redirect(site, "/ferry-late-tonight", "/ferry-cancelled-tonight")
    await hours_later(program, clock, 1)
    assert len(listed(program)) == 1
    program.store.articles.unmerge(2, clock())
    for _ in range(3):
        polls = await hours_later(program, clock, 1)
    assert len(listed(program)) == 2
    assert "keeps the two apart" in next(poll.reason for poll in polls if poll.article_id == 1)


async def test_a_redirect_to_a_new_address_with_another_story_is_refused(program, site, clock):
    site.feed("/feed", ("/ferry-late-tonight", "Ferry late"))
    site.page("/ferry-late-tonight", *FERRY)
    await program.poll()
    redirect(site, "/ferry-late-tonight", "/libraries-will-close")
    site.page("/libraries-will-close", *LIBRARY, headline="Libraries close")
    polls = await hours_later(program, clock, 1)
    assert Outcome.REFUSED in {poll.outcome for poll in polls}
    assert len(texts(program, 1)) == 1


# --- what strangers claim ------------------------------------------------------------------------


@pytest.fixture
def victim(program, site, clock):
    """A followed article, and a stranger's source with pages on the very same host. Gives the article's history."""
    program.store.articles.declare(
        [
            Source(name="news", title="News", feeds=(site.url("/feed"),)),
            Source(name="evil", title="Evil", feeds=(site.url("/evil-feed"),)),
        ],
        clock(),
    )
    rss(site, item(site, "/a/6213456/ferry-late.html", "Ferry late", "ferry-guid"))
    article_page(site, "/a/6213456/ferry-late.html", *FERRY, canonical="/a/6213456/ferry-late.html")
    rss(site, path="/evil-feed")

    async def history():
        article = program.store.articles.find(site.url("/a/6213456/ferry-late.html"))
        return article.id, article.url, article.keys, article.revisions_count, texts(program, article.id)

    return history


CLAIMS = {
    "canonical": "<link rel=canonical href='{0}'>",
    "og:url": "<meta property=og:url content='{0}'>",
    "json-ld": '<script type=application/ld+json>{{"@type":"NewsArticle","url":"{0}","mainEntityOfPage":"{0}"}}</script>',
}


@pytest.mark.parametrize("claim", CLAIMS)
@pytest.mark.parametrize("first", ["victim", "stranger"])
async def test_a_page_that_claims_anothers_address_changes_nothing_there(program, site, clock, victim, claim, first):
    theirs = site.url("/a/6213456/ferry-late.html")
    rss(site, item(site, "/strangers-own-page", "Look here", "evil-guid"), path="/evil-feed")
    article_page(site, "/strangers-own-page", *LIBRARY, headline="Look here", more=CLAIMS[claim].format(theirs))
    if first == "victim":
        rss(site, path="/evil-feed")
        await program.poll()
        rss(site, item(site, "/strangers-own-page", "Look here", "evil-guid"), path="/evil-feed")
    else:
        feed = site.answers.pop("/feed")
        await program.poll()
        site.answers["/feed"] = feed
    await hours_later(program, clock, 1)
    await hours_later(program, clock, 1)
    _, url, keys, count, kept = await victim()
    assert (url, count) == (theirs, 1)
    assert kept[0].startswith(FERRY[0])
    assert not any("strangers" in key for key in keys)


async def test_a_feed_that_lists_anothers_id_or_guid_under_its_own_address_moves_nothing(program, site, clock, victim):
    await program.poll()
    before = await victim()
    rss(
        site,
        item(site, "/evil/6213456/other-name.html", "Look here", "evil-1"),
        item(site, "/strangers-own-page", "Look there", "ferry-guid"),
        path="/evil-feed",
    )
    article_page(site, "/evil/6213456/other-name.html", *LIBRARY, headline="Look here")
    article_page(site, "/strangers-own-page", *LIBRARY, headline="Look there")
    await hours_later(program, clock, 1)
    await hours_later(program, clock, 1)
    assert await victim() == before
    assert listed(program)[-1].url == site.url("/strangers-own-page")


async def test_a_page_on_another_site_with_the_same_text_and_claim_joins_nothing(program, site, clock, victim):
    await program.poll()
    before = await victim()
    other = site.base.replace("127.0.0.1", "localhost")
    program.poller._client._gate = Gate(["127.0.0.1"])
    text = f"<item><title>Copy</title><link>{other}/a/6213456/ferry-late.html</link><guid>ferry-guid</guid></item>"
    rss(site, text, path="/evil-feed")
    await hours_later(program, clock, 1)
    assert await victim() == before
    assert len(listed(program)) == 2


async def test_a_guid_that_its_own_source_uses_again_for_another_story_joins_nothing(program, site, clock):
    rss(site, item(site, "/ferry-late-tonight", "Ferry late", "guid-of-today"))
    site.page("/ferry-late-tonight", *FERRY)
    await program.poll()
    rss(site, item(site, "/libraries-will-close", "Libraries close", "guid-of-today"))
    site.page("/libraries-will-close", *LIBRARY, headline="Libraries close")
    await hours_later(program, clock, 1)
    assert texts(program, 1) == ["\n\n".join(FERRY)]
    assert program.store.revisions.events(Scope()) == ()


async def test_a_guid_that_stands_twice_in_a_feed_is_none(program, site, clock):
    rss(site, item(site, "/ferry-late-tonight", "Ferry", "all-the-same"), item(site, "/libraries-will-close", "Libraries", "all-the-same"))
    site.page("/ferry-late-tonight", *FERRY)
    site.page("/libraries-will-close", *LIBRARY, headline="Libraries close")
    await program.poll()
    assert len(listed(program)) == 2
    assert not any(key.startswith("guid:") for article in listed(program) for key in article.keys)


# --- gone, and back ------------------------------------------------------------------------------


async def test_an_article_that_vanishes_is_removed_after_a_day_with_its_evidence_and_restored_when_it_is_back(program, site, clock):
    site.feed("/feed", ("/ferry-late-tonight", "Ferry late"))
    site.page("/ferry-late-tonight", *FERRY)
    await program.poll()
    seen_at = clock()
    site.answers["/ferry-late-tonight"] = lambda _: web.Response(status=302, headers={"Location": "/errors/no-such-page"})
    site.answers["/errors/no-such-page"] = lambda _: web.Response(status=404, text="We have no such page.", headers={"X-Served-By": "desk"})
    await hours_later(program, clock, 1)
    missing_at = clock()
    assert program.store.articles.get(1).status is ArticleStatus.TRACKED
    await hours_later(program, clock, 1.5)
    assert (program.store.articles.get(1).status, program.store.articles.get(1).missing_since) == (ArticleStatus.MISSING, missing_at)
    await hours_later(program, clock, 23)
    (removed,) = program.store.revisions.events(Scope())
    assert (removed.kind, removed.after_at, removed.before_at) == (EventKind.REMOVED, seen_at, missing_at)
    evidence = program.store.revisions.capture(removed.capture_id)
    assert (evidence.status_line, evidence.body) == ("HTTP/1.1 404 Not Found", b"We have no such page.")
    assert (b"X-Served-By", b"desk") in evidence.headers
    assert evidence.hops == (site.url("/ferry-late-tonight"),)
    assert len(site.asked("/errors/no-such-page")) == 3

    gone_at = clock()
    site.page("/ferry-late-tonight", *FERRY)
    await hours_later(program, clock, 5)
    restored, _ = program.store.revisions.events(Scope())
    assert (restored.kind, restored.after_at, restored.before_at) == (EventKind.RESTORED, gone_at, clock())
    assert program.store.articles.get(1).status is ArticleStatus.TRACKED
    assert texts(program, 1) == ["\n\n".join(FERRY)]
    atom = program.emitter.path(Scope(), "atom").read_text()
    assert re.search(r"Not found since .*, last seen", atom)
    assert "Found again" in atom


async def test_articles_that_are_all_gone_for_good_at_once_are_their_sites_trouble_but_for_the_first_two(program, site, clock):
    paths = [f"/story-number-{number}-of-the-day" for number in range(8)]
    site.feed("/feed", *((path, f"Story {path}") for path in paths))
    for number, path in enumerate(paths):
        site.page(path, *(f"Paragraph {place} of story {number} has words of its own, {number * 7 + place}." for place in range(4)))
    await program.poll()
    for path in paths:
        site.status(path, 410)
    await hours_later(program, clock, 1)
    assert len(program.store.revisions.events(Scope())) == 2


async def test_an_article_that_is_merged_into_its_dead_address_is_looked_for_where_it_lives(program, site, clock):
    site.feed("/feed", ("/ferry-late-tonight", "Ferry late"))
    site.page("/ferry-late-tonight", *FERRY)
    await program.poll()
    del site.answers["/ferry-late-tonight"]
    site.feed("/feed", ("/ferry-cancelled-tonight", "Ferry cancelled"))
    site.page("/ferry-cancelled-tonight", *FERRY_2)
    for _ in range(2):
        await hours_later(program, clock, 1)
    program.store.articles.merge(2, 1, reason="The operator said that they are one story.", now=clock())
    await hours_later(program, clock, 26)
    article = program.store.articles.get(1)
    assert (article.url, article.status, article.missing_since) == (site.url("/ferry-cancelled-tonight"), ArticleStatus.TRACKED, None)
    assert program.store.revisions.events(Scope()) == ()


async def test_an_address_that_answers_anything_is_no_longer_said_to_be_missing(program, site, clock):
    site.feed("/feed", ("/ferry-late-tonight", "Ferry late"))
    site.page("/ferry-late-tonight", *FERRY)
    await program.poll()
    del site.answers["/ferry-late-tonight"]
    for _ in range(2):
        await hours_later(program, clock, 1)
    assert program.store.articles.get(1).status is ArticleStatus.MISSING
    site.answers["/ferry-late-tonight"] = lambda _: web.Response(text="<html><body><p>Hello</p></body></html>", content_type="text/html")
    await hours_later(program, clock, 1)
    assert (program.store.articles.get(1).status, program.store.articles.get(1).missing_since) == (ArticleStatus.TRACKED, None)


async def test_articles_that_vanish_together_are_their_sites_trouble(program, site, clock):
    paths = [f"/story-number-{number}-of-the-day" for number in range(5)]
    site.feed("/feed", *((path, f"Story {path}") for path in paths))
    for number, path in enumerate(paths):
        site.page(path, *(f"Paragraph {place} of story {number} has words of its own, {number * 7 + place}." for place in range(4)))
    await program.poll()
    for path in paths[:4]:
        del site.answers[path]
    for _ in range(4):
        await hours_later(program, clock, 12)
    assert program.store.revisions.events(Scope()) == ()
    assert {article.status for article in listed(program)} == {ArticleStatus.TRACKED}
    assert program.store.articles.source("news").last_looks.is_outage


# --- links ---------------------------------------------------------------------------------------


async def test_a_link_that_leads_elsewhere_is_told_with_an_edit_and_is_none_alone(program, site, clock):
    def page(*paragraphs, ship, more=""):
        linked = (paragraphs[0].replace("evening ferry", f"<a href='/ships/{ship}?utm_source=home'>evening ferry</a>"), *paragraphs[1:])
        article_page(site, "/ferry-late-tonight", *linked, more=more)

    site.feed("/feed", ("/ferry-late-tonight", "Ferry late"))
    page(*FERRY, ship="gull")
    await program.poll()
    page(*FERRY, ship="heron", more="<meta name=description content='Look here'>")
    assert (await hours_later(program, clock, 1))[-1].outcome is Outcome.UNCHANGED
    page(*FERRY_2, ship="heron")
    await hours_later(program, clock, 1)
    (event,) = program.store.revisions.events(Scope())
    assert event.diff.summary == "A number changed; a link changed."
    assert event.diff.facets == {"links", "numbers"}
    (link,) = program.store.revisions.latest(1).extract.blocks[0].links
    assert link.url == site.url("/ships/heron")


# --- our upgrade, their edit ---------------------------------------------------------------------


class Here:
    """In the place of the sandbox, whose workers cannot be given another extractor."""

    async def run(self, task, *arguments, timeout):  # noqa: ASYNC109 - the sandbox's own signature
        return task(*arguments)


def upgrade(program, monkeypatch) -> None:
    """A newer extractor, which adds some words to every paragraph."""
    extract = judge.extract_article

    def upgraded(*arguments, **named):
        found = extract(*arguments, **named)
        blocks = tuple(replace(block, text=f"{block.text} (as read now)") for block in found.blocks)
        return replace(found, extractor="99", blocks=blocks)

    monkeypatch.setattr(judge, "extract_article", upgraded)
    monkeypatch.setattr(judge, "extractor_name", lambda rules: "99")
    program.poller._sandbox = Here()


async def test_an_upgrade_of_the_extractor_is_no_event_and_the_next_change_is_compared_with_the_text_as_read_now(
    program, site, clock, monkeypatch
):
    site.feed("/feed", ("/ferry-late-tonight", "Ferry late"))
    site.page("/ferry-late-tonight", *FERRY)
    await program.poll()
    upgrade(program, monkeypatch)
    site.page("/ferry-late-tonight", *FERRY, headline="Ferry cancelled for the night")
    await hours_later(program, clock, 1)
    history = program.store.revisions.history(1)
    assert [(one.number, one.origin, one.extractor) for one in history][1:] == [(2, "reread", "99"), (3, "poll", "99")]
    assert history[1].capture_id == history[0].capture_id
    (event,) = program.store.revisions.events(Scope())
    assert (event.from_revision_id, event.to_revision_id) == (history[1].id, history[2].id)
    assert event.diff.facets == frozenset({"headline"})
    assert program.store.articles.get(1).changes_count == 1


async def test_an_upgrade_without_a_change_of_the_page_makes_a_version_without_an_event(program, site, clock, monkeypatch):
    site.feed("/feed", ("/ferry-late-tonight", "Ferry late"))
    site.page("/ferry-late-tonight", *FERRY)
    await program.poll()
    upgrade(program, monkeypatch)
    article_page(site, "/ferry-late-tonight", *FERRY, headline="Council agrees the plan", more="<meta name=x content=y>")
    polls = await hours_later(program, clock, 1)
    assert Outcome.CHANGED not in {one.outcome for one in polls}
    assert program.store.revisions.events(Scope()) == ()
    assert [one.origin for one in program.store.revisions.history(1)] == ["poll", "reread"]
    assert program.store.revisions.latest(1).extract.text.endswith("(as read now)")
    assert program.store.revisions.history(1)[-1].last_seen_at == clock() == program.store.articles.get(1).last_seen_at
    assert program.store.articles.get(1).changes_count == 0


async def test_rules_that_the_operator_changes_are_nobodys_edit(program, site, clock):
    site.feed("/feed", ("/ferry-late-tonight", "Ferry late"))
    site.page("/ferry-late-tonight", *FERRY)
    await program.poll()
    program.poller._rules = {"news": SourceRules(cadence=Cadence(), page=PageRules(drop=("p:last-of-type",)))}
    site.page("/ferry-late-tonight", *FERRY_2)
    await hours_later(program, clock, 1)
    assert texts(program, 1) == ["\n\n".join(FERRY), "\n\n".join(FERRY[:3]), "\n\n".join(FERRY_2[:3])]
    (event,) = program.store.revisions.events(Scope())
    assert dict(event.diff.counts)[EditKind.EDITED] == 1
    assert EditKind.REMOVED not in dict(event.diff.counts)


# --- live, and no longer -------------------------------------------------------------------------

SUMMARY = "What is known of the ferry that was cancelled on Monday evening, and of those who were on board."


def ferry(site, *paragraphs: str, live: bool, headline: str = "Ferry cancelled", summary: str = SUMMARY) -> None:
    kind = "LiveBlogPosting" if live else "NewsArticle"
    said = f'<meta property="og:description" content="{summary}"><script type="application/ld+json">{{"@type": "{kind}"}}</script>'
    article_page(site, "/ferry-late-tonight", *paragraphs, headline=headline, more=said)
    site.feed("/feed", ("/ferry-late-tonight", "Ferry late"))


def told(program) -> list[str]:
    return [event.diff.summary for event in program.store.revisions.events(Scope())]


async def test_an_article_that_becomes_a_live_page_is_read_again_as_one_without_an_event(program, site, clock):
    ferry(site, *FERRY, live=False)
    await program.poll()
    ferry(site, *FERRY_2, *LIBRARY, live=True)
    polls = await hours_later(program, clock, 1)
    assert polls[-1].outcome is Outcome.UNCHANGED
    assert told(program) == []
    assert texts(program, 1) == ["\n\n".join(FERRY), SUMMARY]
    history = program.store.revisions.history(1)
    assert [(one.origin, one.capture_id) for one in history] == [("poll", history[0].capture_id), ("reread", history[0].capture_id)]
    ferry(site, *FERRY, *LIBRARY, live=True)
    await hours_later(program, clock, 1)
    assert (len(texts(program, 1)), told(program)) == (2, [])


async def test_a_new_headline_of_an_article_that_becomes_a_live_page_is_all_that_is_told(program, site, clock):
    ferry(site, *FERRY, live=False)
    await program.poll()
    ferry(site, *FERRY_2, *LIBRARY, live=True, headline="Ferry cancelled: the latest")
    await hours_later(program, clock, 1)
    history = program.store.revisions.history(1)
    assert [one.origin for one in history] == ["poll", "reread", "poll"]
    (event,) = program.store.revisions.events(Scope())
    assert (event.diff.summary, event.from_revision_id, event.to_revision_id) == ("The headline changed.", history[1].id, history[2].id)


async def test_a_live_page_that_becomes_an_article_is_read_whole_without_an_event_and_its_next_edit_is_told(program, site, clock):
    ferry(site, *LIBRARY, live=True)
    await program.poll()
    ferry(site, *FERRY, live=False)
    polls = await hours_later(program, clock, 1)
    assert polls[-1].outcome is Outcome.UNCHANGED
    assert (texts(program, 1), told(program)) == ([SUMMARY, "\n\n".join(FERRY)], [])
    assert program.store.articles.get(1).changes_count == 0
    ferry(site, *FERRY_2, live=False)
    await hours_later(program, clock, 1)
    assert told(program) == ["A number changed."]


async def test_a_new_headline_of_a_live_page_that_becomes_an_article_is_told_first_and_then_its_text_is_followed(program, site, clock):
    ferry(site, *LIBRARY, live=True)
    await program.poll()
    ferry(site, *FERRY, live=False, headline="How the ferry was cancelled")
    await hours_later(program, clock, 1)
    assert told(program) == ["The headline changed."]
    ferry(site, *FERRY_2, live=False, headline="How the ferry was cancelled")
    await hours_later(program, clock, 1)
    assert told(program) == ["A number changed.", "The headline changed."]
    assert texts(program, 1) == [SUMMARY, SUMMARY, "\n\n".join(FERRY), "\n\n".join(FERRY_2)]


async def test_an_article_that_is_a_live_page_for_a_while_is_compared_with_what_it_was_before(program, site, clock):
    ferry(site, *FERRY, live=False)
    await program.poll()
    ferry(site, *LIBRARY, live=True)
    await hours_later(program, clock, 1)
    ferry(site, *FERRY_2, live=False)
    await hours_later(program, clock, 1)
    assert told(program) == ["A number changed."]
    assert texts(program, 1) == ["\n\n".join(FERRY), SUMMARY, "\n\n".join(FERRY), "\n\n".join(FERRY_2)]
