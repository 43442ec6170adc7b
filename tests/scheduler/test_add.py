"""What an operator's address turns out to be."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from aiohttp import web

from tracker.errors import AlreadyTracked, FeedError
from tracker.model import Outcome
from tracker.scheduler.add import Adder, source_name
from tracker.urls import host_of

TEXT = (
    "The council agreed on Monday to spend 5 million pounds on the bridge over the river.",
    "Work on it will begin in the spring, the leader of the council told reporters after the meeting.",
    "Residents had asked for years that something be done about the old crossing, which is closed to lorries.",
)


@pytest.fixture
def adder(program, clock) -> Adder:
    return Adder(
        store=program.store,
        client=program.poller._client,
        sandbox=program.sandbox,
        hosts=program.hosts,
        timeout=timedelta(seconds=20),
        clock=clock,
    )


async def test_a_feed_is_followed_as_it_is(adder, site, program):
    site.feed("/other", ("/news/bridge", "Council agrees the plan"))
    added = await adder.add(site.url("/other"), source="town")
    assert (added.what, added.source, added.urls) == ("feed", "town", (site.url("/other"),))
    made = program.store.articles.source("town")
    assert (made.source.title, made.feeds[0].url) == ("News", site.url("/other"))


async def test_whoever_adds_to_a_source_that_is_paused_is_told_that_nothing_of_it_is_looked_at(adder, site, program, clock):
    site.page("/news/bridge", *TEXT)
    for path in ("/one", "/two", "/three"):
        site.feed(path, ("/news/bridge", "Council agrees the plan"))
    assert (await adder.add(site.url("/one"), source="town")).pause is None
    program.store.articles.remove("town", clock())
    for path in ("/two", "/news/bridge"):
        assert "The source town is paused" in (await adder.add(site.url(path), source="town")).pause
    program.store.articles.set_paused("town", False, clock())
    assert (await adder.add(site.url("/three"), source="town")).pause is None


async def test_a_source_is_called_as_its_feed_calls_itself_or_as_its_host(adder, site, program):
    for number, title in enumerate(("<title>  The &lt;b&gt;Herald&lt;/b&gt; </title>", f"<title>{'long ' * 50}</title>", "")):
        rss = f"<rss version='2.0'><channel>{title}<item><title>A</title><link>{site.url('/a')}</link></item></channel></rss>"
        site.answers[f"/{number}"] = lambda _, rss=rss: web.Response(text=rss, content_type="application/rss+xml")
        await adder.add(site.url(f"/{number}"), source=f"town-{number}")
    titles = [program.store.articles.source(f"town-{number}").source.title for number in range(3)]
    assert titles == ["The Herald", ("long " * 16).strip(), host_of(site.url("/"))]


async def test_a_source_that_a_page_leads_to_is_called_as_the_site_calls_itself(adder, site, program):
    name = "<meta property='og:site_name' content='  Town\u202e Crier '>"
    feed = "<link rel='alternate' type='application/rss+xml' href='/a.xml'>"
    article = f"<article><h1>Council agrees the plan</h1>{''.join(f'<p>{text}</p>' for text in TEXT)}</article>"
    for number, page in enumerate((name + feed, name + article, feed.replace("a.xml", "b.xml"))):
        site.answers[f"/{number}"] = lambda _, page=page: web.Response(text=f"<html><body>{page}</body></html>", content_type="text/html")
        await adder.add(site.url(f"/{number}"), source=f"town-{number}")
    titles = [program.store.articles.source(f"town-{number}").source.title for number in range(3)]
    assert titles == ["Town Crier", "Town Crier", host_of(site.url("/"))]


async def test_the_feeds_that_a_page_announces_are_followed(adder, site):
    head = "<link rel='alternate' type='application/rss+xml' href='/a.xml'><link rel='alternate' type='application/atom+xml' href='/b.xml'>"
    site.answers["/"] = lambda _: web.Response(text=f"<html><head>{head}</head><body>News</body></html>", content_type="text/html")
    added = await adder.add(site.url("/"), source="town")
    assert added.urls == (site.url("/a.xml"), site.url("/b.xml"))


async def test_an_article_is_followed_by_itself_and_its_first_text_is_read_at_the_next_look(adder, site, program):
    site.page("/news/bridge", *TEXT)
    added = await adder.add(site.url("/news/bridge"), source=None)
    assert added.what == "article"
    site.feed("/feed")
    await program.poll()
    article = program.store.articles.find(site.url("/news/bridge"))
    assert article.revisions_count == 1
    assert article.source == added.source


async def test_a_live_page_is_an_article_though_little_of_it_is_followed(adder, site):
    site.page("/live/bridge", *TEXT)
    page = site.answers["/live/bridge"]
    data = '<script type="application/ld+json">{"@type": "LiveBlogPosting"}</script></head>'
    site.answers["/live/bridge"] = lambda asked: web.Response(text=page(asked).text.replace("</head>", data), content_type="text/html")
    assert (await adder.add(site.url("/live/bridge"), source=None)).what == "article"


async def test_what_is_neither_and_what_is_not_there_says_so(adder, site):
    site.answers["/empty"] = lambda _: web.Response(text="<html><body>Nothing</body></html>", content_type="text/html")
    with pytest.raises(FeedError, match="neither a feed nor an article"):
        await adder.add(site.url("/empty"), source=None)
    with pytest.raises(FeedError, match="status 404"):
        await adder.add(site.url("/none"), source=None)
    with pytest.raises(FeedError, match="cannot be followed"):
        await adder.add("mailto:someone@example.org", source=None)


async def test_the_same_twice_is_already_tracked(adder, site):
    site.page("/news/bridge", *TEXT)
    site.feed("/other")
    for path in ("/news/bridge", "/other"):
        await adder.add(site.url(path), source="town")
        with pytest.raises(AlreadyTracked):
            await adder.add(site.url(path), source="town")


@pytest.mark.parametrize("name", ["../../escaped", "Bad Name", "", "ä", "a/b"])
async def test_a_name_that_would_leave_our_addresses_and_folders_is_refused(adder, site, name):
    site.feed("/other")
    with pytest.raises(FeedError, match="cannot be a source's name"):
        await adder.add(site.url("/other"), source=name)


async def test_what_is_tracked_already_leaves_no_empty_source_behind(adder, site, program):
    site.page("/news/bridge", *TEXT)
    await adder.add(site.url("/news/bridge"), source="town")
    for path in ("/news/bridge", "/feed"):
        site.feed("/feed")
        with pytest.raises(AlreadyTracked):
            await adder.add(site.url(path), source="other")
    assert [health.source.name for health in program.store.articles.sources()] == ["news", "town"]


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://www.example.org/x", "example-org"),
        ("https://feeds.example.co.uk/news/rss.xml", "example-co-uk"),
        ("http://127.0.0.1:8765/feed", "127-0-0-1-8765"),
    ],
)
def test_a_source_is_named_for_its_host(url, name):
    assert source_name(url) == name


async def test_an_address_as_browsers_once_wrote_feeds_is_the_feeds(adder, site):
    site.feed("/other", ("/news/bridge", "Council agrees the plan"))
    for number, written in enumerate((site.url("/other").replace("http:", "feed:"), f"feed:{site.url('/third')}")):
        site.feed("/third", ("/news/harbour", "Harbour opens again"))
        assert (await adder.add(written, source=f"town{number}")).what == "feed"


async def test_a_page_that_announces_a_feed_at_a_forbidden_address_gets_no_request_sent_there(adder, program, site):
    heard = []
    listener = await asyncio.start_server(lambda reader, writer: heard.append(writer.close()), "127.0.0.1", 0)
    forbidden = "http://{}:{}/feed".format(*listener.sockets[0].getsockname())
    head = f"<link rel='alternate' type='application/rss+xml' href='{forbidden}'>"
    site.answers["/"] = lambda _: web.Response(text=f"<html><head>{head}</head><body>News</body></html>", content_type="text/html")
    await adder.add(site.url("/"), source="town")
    polls = await program.poll(everything=True)
    told = {poll.url: poll.reason for poll in polls if poll.outcome is Outcome.FAILED}
    assert "fetch.allow_private_addresses" in told[forbidden]
    listener.close()
    await listener.wait_closed()
    assert heard == []
