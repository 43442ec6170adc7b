"""A sitemap is polled as a feed is: an index through its sitemaps, a newer lastmod as a hint."""

from __future__ import annotations

import gzip

from aiohttp import web

from tracker.model import Because, Outcome

TEXT = (
    "The council agreed on Monday to spend 5 million pounds on the bridge over the river.",
    "Work on it will begin in the spring, the leader of the council told reporters after the meeting.",
)


def _sitemap(site, lastmod: str) -> None:
    news = f"<urlset><url><loc>{site.url('/news/bridge')}</loc><lastmod>{lastmod}</lastmod></url></urlset>"
    site.answers["/news.xml.gz"] = lambda _: web.Response(body=gzip.compress(news.encode()), content_type="application/gzip")


async def test_an_index_leads_to_articles_and_a_newer_lastmod_makes_one_due_at_once(program, site, clock):
    index = f"<sitemapindex><sitemap><loc>{site.url('/news.xml.gz')}</loc></sitemap></sitemapindex>"
    site.answers["/feed"] = lambda _: web.Response(text=index, content_type="application/xml", headers={"ETag": '"1"'})
    site.page("/news/bridge", *TEXT)
    _sitemap(site, "2026-03-01T10:00:00Z")
    polls = await program.poll()
    assert [poll.outcome for poll in polls] == [Outcome.FIRST, Outcome.FIRST]
    clock.advance(minutes=30)
    _sitemap(site, "2026-03-01T10:20:00Z")
    hinted = [poll for poll in await program.poll() if poll.article_id]
    assert [poll.because for poll in hinted] == [Because.HINT]
    assert "If-None-Match" not in site.asked("/feed")[-1].headers


async def test_a_sitemap_of_an_index_that_is_gone_is_told_and_the_others_count(program, site):
    places = "".join(f"<sitemap><loc>{site.url(path)}</loc></sitemap>" for path in ("/gone.xml", "/news.xml.gz"))
    site.answers["/feed"] = lambda _: web.Response(text=f"<sitemapindex>{places}</sitemapindex>", content_type="application/xml")
    site.page("/news/bridge", *TEXT)
    _sitemap(site, "2026-03-01T10:00:00Z")
    feed_poll, article_poll = await program.poll()
    assert "/gone.xml, which it lists, answered with status 404" in feed_poll.reason
    assert article_poll.outcome == Outcome.FIRST
