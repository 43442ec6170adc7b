"""What `tracker check` finds by asking every feed once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from aiohttp import web

from tracker.scheduler.checkup import check_feeds


@pytest.fixture
def check(program):
    async def run(*urls):
        feeds = [feed for health in program.store.articles.sources() for feed in health.feeds]
        client, timeout = program.poller._client, timedelta(seconds=20)
        return await check_feeds(feeds, client=client, sandbox=program.sandbox, hosts=program.hosts, cap=100_000, task_timeout=timeout)

    return run


def _dated(site, date, **headers):
    feed = "<rss version='2.0'><channel><item><link>/a</link></item></channel></rss>"
    site.answers["/feed"] = lambda _: web.Response(text=feed, content_type="text/xml", headers={"Date": date, **headers})


async def test_a_feed_that_answers_is_good_and_one_that_does_not_says_why(program, site, clock, check):
    _dated(site, "Sun, 01 Mar 2026 12:00:30 GMT")
    (finding,) = await check()
    assert (finding.about, finding.good, finding.sentence) == (site.url("/feed"), True, "answers and lists 1 entry")
    site.status("/feed", 404)
    (finding,) = await check()
    assert not finding.good
    assert "status 404" in finding.sentence


@pytest.mark.parametrize(
    ("date", "says"), [("Sun, 01 Mar 2026 11:50:00 GMT", "is 10 min ahead of"), ("Sun, 01 Mar 2026 15:00:00 GMT", "is 180 min behind")]
)
async def test_a_clock_that_differs_from_the_servers_is_told(site, check, date, says):
    _dated(site, date)
    _, finding = await check()
    assert (finding.about, finding.good) == ("this machine's clock", False)
    assert says in finding.sentence


async def test_what_a_cache_gave_tells_nothing_of_our_clock(site, check):
    _dated(site, "Sun, 01 Mar 2026 11:00:00 GMT", Age="3600")
    assert len(await check()) == 1
