"""Home, sources, articles, revisions and about."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tracker.extract.furniture import text_key
from tracker.model import (
    Because,
    Capture,
    FeedDecision,
    FeedEntry,
    Furniture,
    LastLooks,
    Outcome,
    Poll,
    Refusal,
    RefusalReason,
    Retention,
    Source,
    TrackedEntry,
)
from tracker.scheduler.look import Failed, NotThere
from tracker.store.store import Store
from tracker.urls import article_keys
from tracker.web import lists

NOT_THERE = NotThere(
    reason="The site answered with status 404.",
    capture=Capture(url="https://news.example/1", status_line="HTTP/1.1 404 Not Found", headers=(), body=b"", fetched_at=datetime.now(UTC)),
    last_looks=LastLooks(),
)

# --- an article -----------------------------------------------------------------------------------


async def test_the_article_page_shows_all_that_the_seed_page_shows(reader, seeded):
    answer = await reader.get(f"/articles/{seeded.article}")
    assert answer.fact("Source") == "BBC News"
    assert answer.fact("First published, says the page") == "20 July 2015, 09:30 UTC"
    assert answer.fact("First seen") == "1 March 2026, 10:02 UTC"
    assert answer.fact("Last changed") == "between 10:02 and 10:37 UTC on 1 March 2026"
    assert answer.fact("Last checked") == "1 March 2026, 10:37 UTC"
    assert answer.fact("Next check").startswith("from 1 March 2026, ")
    assert answer.fact("Checked until") == "5 April 2027, 10:37 UTC, if it does not change"
    assert 'href="http://www.bbc.co.uk/news/uk-england-tyne-33590863" rel="noopener nofollow external"' in answer.text
    assert "It has changed once since it was first seen." in answer.text
    assert f'href="/articles/{seeded.article}/changes.rss"' in answer.text
    assert f'href="{seeded.diff}"' in answer.text
    assert "35 minutes after version 1" in answer.text
    assert "The government said a commissioner for children" in answer.text


async def test_any_two_versions_can_be_chosen_without_javascript(reader, seeded):
    page = (await reader.get(f"/articles/{seeded.article}")).text
    assert '<form method="get" action="/diff">' in page
    assert f'name="old" value="{seeded.old}"' in page
    assert f'name="new" value="{seeded.new}"' in page
    assert page.count("<script") == 1, "our own file, for comfort only"


async def test_an_article_read_once_has_not_changed_and_offers_nothing_to_compare(reader, desk):
    article = desk.article()
    desk.read(article, desk.text("Headline", "One sentence."))
    answer = await reader.get(f"/articles/{article}")
    assert "It has not changed since it was first seen." in answer.text
    assert answer.fact("Last changed") == "no change seen"
    assert answer.fact("First published, says the page") == "the page does not say"
    assert 'type="radio"' not in answer.text


async def test_sightings_within_a_minute_are_told_apart_by_the_second(reader, desk, clock):
    article = desk.article()
    for _ in range(2):
        revision = desk.read(article, desk.text("Headline", "One sentence."))
        clock.advance(seconds=5)
    page = (await reader.get(f"/revisions/{revision}")).words
    assert "first seen 1 March 2026, 10:02:00 UTC, last seen 1 March 2026, 10:02:05 UTC." in page


async def test_another_address_that_the_page_gives_itself_is_shown_as_its_word(reader, desk):
    article = desk.article()
    desk.read(article, desk.text("Headline", "One sentence.", canonical_url="https://example.org/canonical"))
    answer = await reader.get(f"/articles/{article}")
    assert answer.fact("Its address, says the page") == "https://example.org/canonical"


async def test_an_article_not_read_yet_says_so(reader, desk):
    answer = await reader.get(f"/articles/{desk.article(title='Coming soon')}")
    assert "Its text has not been read yet." in answer.text
    assert answer.fact("Last checked") == "not yet"


async def test_a_missing_article_is_not_found_since_the_first_look_that_missed_it(reader, desk, seeded, clock):
    for _ in range(2):
        clock.advance(hours=1)
        desk.look(seeded.article, NOT_THERE)
    answer = await reader.get(f"/articles/{seeded.article}")
    assert "Not found since 1 March 2026, 11:37 UTC. The last look, 1 March 2026, 12:37 UTC, did not find" in answer.words


async def test_an_article_that_was_not_found_once_is_not_yet_called_missing(reader, desk, seeded, clock):
    clock.advance(hours=1)
    desk.look(seeded.article, NOT_THERE)
    assert "Not found since" not in (await reader.get(f"/articles/{seeded.article}")).words


async def test_a_removal_and_a_return_stand_on_the_page_in_the_list_and_in_the_feed(reader, desk, seeded, clock):
    for hours in (1, 1, 24):
        clock.advance(hours=hours)
        desk.look(seeded.article, NOT_THERE)
    clock.advance(hours=10)
    desk.read(seeded.article, desk.store.revisions.extract(seeded.new))
    page = (await reader.get(f"/articles/{seeded.article}")).words
    assert "The article was not found at its address. Not found since 1 March 2026, 11:37 UTC, last seen 1 March 2026, 10:37 UTC." in page
    assert "Found again 2 March 2026, 22:37 UTC, not found when last looked for, 2 March 2026, 12:37 UTC." in page
    assert "It has changed once since it was first seen." in page
    assert (await reader.get("/")).words.count("The article was") == 2
    feed = (await reader.get(f"/articles/{seeded.article}/changes.atom")).text
    assert feed.count("<entry>") == 3
    assert "Not found since 2026-03-01 11:37:00 UTC, last seen 2026-03-01 10:37:00 UTC." in feed


async def test_a_merged_articles_addresses_lead_to_the_one_that_it_is_part_of(reader, desk, seeded, clock):
    other = desk.article("http://www.bbc.co.uk/news/another-name-of-the-story")
    desk.read(other, desk.text("Another headline", "Another text."))
    desk.store.articles.merge(other, seeded.article, reason="The operator said that they are one story.", now=clock())
    for place in ("", "/changes.atom", "/changes.json"):
        answer = await reader.get(f"/articles/{other}{place}")
        assert (answer.status, answer.headers["location"].endswith(f"/articles/{seeded.article}{place}")) == (302, True)
    page = (await reader.get(f"/articles/{seeded.article}")).words
    assert f"Article {other}, since 1 March 2026, 10:37 UTC. The operator said that they are one story." in page
    assert "Version 3" in page


async def test_many_articles_that_are_not_found_together_are_told_as_the_sites_trouble(reader, desk, seeded, clock):
    for number in range(4):
        article = desk.article(f"http://www.bbc.co.uk/news/story-{number}")
        desk.look(article, NOT_THERE)
    for place in ("/sources", "/sources/bbc"):
        page = (await reader.get(place)).words
        assert "The site has a trouble. Of the 5 articles that were looked at last, 4 were not found or refused." in page


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (NOT_THERE, "did not find the article: The site answered with status 404."),
        (Refusal(reason=RefusalReason.EMPTY, detail="The answer has no body."), "did not find the article: The answer has no body."),
        (Failed(reason="The server did not answer"), "failed: The server did not answer."),
    ],
)
async def test_a_last_look_that_brought_no_article_is_told_at_the_top_with_its_reason(reader, desk, seeded, clock, found, said):
    clock.advance(hours=1)
    desk.look(seeded.article, found)
    page = await reader.get(f"/articles/{seeded.article}")
    assert f"The last look, 1 March 2026, 11:37 UTC, {said}" in page.words
    clock.advance(hours=1)
    desk.read(seeded.article, desk.store.revisions.extract(seeded.new))
    assert "The last look" not in (await reader.get(f"/articles/{seeded.article}")).words


async def test_a_date_that_only_the_feed_gave_is_said_to_be_the_feeds(reader, store, desk, clock):
    store.articles.declare((Source(name="bbc", title="BBC News", feeds=("https://example.org/feed.xml",)),), clock())
    (feed,) = store.articles.source("bbc").feeds
    url = "https://example.org/dated"
    entry = FeedEntry(url=url, published_at=datetime(2026, 2, 28, 9, tzinfo=UTC))
    tracked = TrackedEntry(entry=entry, url=url, host="example.org", keys=article_keys(url))
    poll = Poll(at=clock(), outcome=Outcome.FIRST, because=Because.CADENCE, url=feed.url, feed_id=feed.id, status=200)
    decision = FeedDecision(feed_id=feed.id, lease=feed.lease, poll=poll, next_poll_at=clock(), entries=(tracked,))
    (article,) = store.keep_feed(decision, clock()).new
    desk.read(article, desk.text("Headline", "One sentence."))
    answer = await reader.get(f"/articles/{article}")
    assert answer.fact("First published, says the feed") == "28 February 2026, 09:00 UTC"
    assert "First published, says the page" not in answer.text


async def test_versions_seen_within_one_minute_are_listed_with_seconds(reader, desk, clock):
    article = desk.article()
    for number in range(3):
        desk.read(article, desk.text("Headline", f"There are {number} cases."))
        clock.advance(seconds=(5, 600, 0)[number])
    page = (await reader.get(f"/articles/{article}")).words
    assert "seen once, 1 March 2026, 10:02:00 UTC" in page
    assert "seen once, 1 March 2026, 10:02:05 UTC" in page
    assert "seen once, 1 March 2026, 10:12 UTC" in page


async def test_checks_that_found_nothing_new_stand_in_one_row(reader, desk, seeded, clock):
    extract = desk.store.revisions.extract(seeded.new)
    for _ in range(3):
        clock.advance(minutes=10)
        desk.read(seeded.article, extract)
    page = (await reader.get(f"/articles/{seeded.article}")).words
    assert "1 March 2026, 10:47 to 11:07 UTC same text, 3 times" in page
    assert page.count("same text") == 1


async def test_an_article_that_rests_says_since_when_it_is_not_checked(reader, desk, seeded, clock):
    clock.advance(days=900)
    desk.read(seeded.article, desk.store.revisions.extract(seeded.new))
    answer = await reader.get(f"/articles/{seeded.article}")
    assert answer.fact("Next check") == "none; last checked 17 August 2028, 10:37 UTC, may have changed since"


async def test_a_text_that_came_back_is_said_to_be_that_version_again(reader, desk, clock):
    article = desk.article()
    for text in ("It was 1 pound.", "It was 2 pounds.", "It was 1 pound.", "It was 1 pound."):  # seen twice, it is believed
        desk.read(article, desk.text("Headline", text))
        clock.advance(hours=1)
    assert "This is the text of version 1 again." in (await reader.get(f"/articles/{article}")).text


@pytest.mark.parametrize("kind", ["articles", "revisions"])
async def test_a_text_of_a_publisher_is_not_to_be_indexed(reader, seeded, kind):
    address = {"articles": f"/articles/{seeded.article}", "revisions": f"/revisions/{seeded.old}"}[kind]
    assert (await reader.get(address)).headers["x-robots-tag"] == "noindex, noarchive"


async def test_a_revision_is_shown_as_read_with_its_place_in_the_history(reader, seeded):
    answer = await reader.get(f"/revisions/{seeded.old}")
    assert answer.status == 200
    page = answer.words
    assert "Version 1 of 2: seen once, 1 March 2026, 10:02 UTC." in page
    assert "During the inspection 21 cases" in page
    assert f'href="{seeded.diff}">What changed in version 2' in answer.text


@pytest.mark.parametrize("page", ["/revisions/{0.new}", "/articles/{0.article}"])
async def test_what_is_furniture_stands_greyed_and_named_with_its_reason(reader, seeded, store, clock, page):
    address = page.format(seeded)
    assert 'class="furniture"' not in (await reader.get(address)).text
    text = store.revisions.extract(seeded.new).blocks[1].text
    learned = Furniture(kind="text", key=text_key(text), place=None, reason="It stands in 5 articles.", learned_at=clock())
    store.furniture.learned("bbc", [learned])
    shown = (await reader.get(address)).text
    assert shown.count('class="furniture" title="Not compared. It stands in 5 articles."') == 1
    assert '<span class="named">furniture</span>' in shown


async def test_a_revision_says_whether_its_page_is_kept_or_when_it_was_dropped(reader, seeded, store, clock):
    address = f"/revisions/{seeded.old}"
    assert (await reader.get(address)).fact("The page as received") == "kept"
    clock.advance(days=40)
    assert sum(step.revisions_count for step in store.prune(Retention(captures=timedelta(days=30)), clock())) == 1
    page = await reader.get(address)
    assert page.fact("The page as received") == "dropped 10 April 2026, 10:37 UTC; its hash is kept"
    assert "During the inspection 21 cases" in page.words


# --- lists ----------------------------------------------------------------------------------------


async def test_home_lists_the_change_with_its_article_source_and_way_to_the_diff(reader, seeded):
    page = (await reader.get("/")).text
    assert f'<a href="/articles/{seeded.article}">Ofsted rates Sunderland children&#39;s services inadequate</a>' in page
    assert 'href="/sources/bbc"' in page
    assert f'href="{seeded.diff}"' in page
    assert "35 minutes later" in page
    assert '<link rel="alternate" type="application/atom+xml"' in page


async def test_changes_of_one_article_on_one_day_stand_together(reader, desk, clock):
    first, second = desk.article("https://example.org/1"), desk.article("https://example.org/2")
    for number in range(3):
        for article in (first, second):
            desk.read(article, desk.text(f"Article {article}", f"There are {number} cases."))
            clock.advance(minutes=5)
    page = (await reader.get("/")).text
    assert page.count('<article class="story">') == 2
    assert page.count('<li class="change">') == 4


async def test_changes_within_one_minute_are_told_apart_on_home_by_the_second(reader, desk, clock):
    article = desk.article()
    for number in range(3):
        desk.read(article, desk.text("Headline", f"There are {number} cases."))
        clock.advance(seconds=5)
    page = (await reader.get("/")).words
    assert "10:02:05 UTC" in page
    assert "10:02:10 UTC" in page


async def test_a_source_is_called_by_its_title_on_every_page(reader, seeded):
    for address in ("/", f"/articles/{seeded.article}", f"/revisions/{seeded.old}", seeded.diff):
        assert '<a href="/sources/bbc" dir="auto">BBC News</a>' in (await reader.get(address)).text


async def test_home_pages_by_key_without_losing_or_repeating_a_change(reader, desk, clock, monkeypatch):
    monkeypatch.setattr(lists, "CHANGES_A_PAGE", 3)
    article = desk.article()
    for number in range(8):
        desk.read(article, desk.text("Headline", f"There are {number} cases."))
        clock.advance(hours=1)
    seen, address = [], "/"
    while address:
        page = (await reader.get(address)).text
        seen += re.findall(r'class="go" href="(/diff/[^"]+)"', page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        address = following[1] if following else None
    assert len(seen) == len(set(seen)) == 7
    assert "No older changes are kept." in (await reader.get("/?before=1")).text


@pytest.mark.parametrize("given", ["x", "-1", "²", "99999999999999999999", "1.5", ""])
async def test_a_page_key_that_is_no_number_is_refused(reader, given):
    assert (await reader.get(f"/?before={given}")).status == 400


async def test_an_empty_home_says_what_to_do_next(reader, desk, store):
    assert "No article has been read yet." in (await reader.get("/")).text
    desk.article()
    assert "No change has been seen yet. 1 article is watched." in (await reader.get("/")).text


async def test_a_home_without_sources_says_how_to_add_one(reader_with, tmp_path):
    store = Store.open(f"sqlite:///{tmp_path / 'empty.db'}")
    reader = reader_with(store=store)
    for address in ("/", "/sources"):
        assert "tracker add https://example.org/feed.xml" in (await reader.get(address)).text
    store.close()


async def test_a_source_in_trouble_shows_the_newest_failure_in_words(reader, desk, store, seeded, clock):
    clock.advance(hours=1)
    desk.look(seeded.article, Failed(reason="http://www.bbc.co.uk/ answered with status 500."))
    for address in ("/sources", "/sources/bbc"):
        page = (await reader.get(address)).words
        assert "In trouble. http://www.bbc.co.uk/ answered with status 500." in page
        assert "Last good answer: 1 March 2026, 10:37 UTC." in page
    clock.advance(hours=1)
    desk.look(seeded.article, Refusal(reason=RefusalReason.EMPTY, detail="The answer has no body."))
    assert "The answer has no body." in (await reader.get("/sources/bbc")).words
    clock.advance(hours=1)
    desk.read(seeded.article, store.revisions.extract(seeded.new))
    assert "Going well." in (await reader.get("/sources/bbc")).text


async def test_the_source_page_names_each_article_that_fails_while_others_are_read_well(reader, desk, seeded, clock):
    clock.advance(hours=1)
    other = desk.article("http://www.bbc.co.uk/news/other-33590864")
    desk.look(other, Failed(reason="It answered with status 500."))
    clock.advance(hours=1)
    desk.read(seeded.article, desk.text("A headline", "Another text altogether."))
    page = await reader.get("/sources/bbc")
    assert "Some looks fail. It answered with status 500." in page.words
    assert f'<a href="/articles/{other}">article {other}</a>' in page.text


async def test_the_source_page_lists_its_feeds_articles_changes_and_checks(reader, store, desk, seeded, clock):
    store.articles.declare((Source(name="bbc", title="BBC News", feeds=("https://example.org/feed.xml",)),), clock())
    (feed,) = store.articles.source("bbc").feeds
    poll = Poll(at=clock(), outcome=Outcome.UNCHANGED, because=Because.CADENCE, url=feed.url, feed_id=feed.id, status=200)
    store.keep_feed(FeedDecision(feed_id=feed.id, lease=feed.lease, poll=poll, next_poll_at=clock() + timedelta(minutes=5)), clock())
    page = (await reader.get("/sources/bbc")).words
    assert "https://example.org/feed.xml read 1 March 2026, 10:37 UTC, next from 1 March 2026, 10:42 UTC" in page
    assert "changed once, last 1 March 2026, 10:37 UTC" in page
    assert "same list (feed)" in page
    assert "read for the first time" in page


async def test_articles_of_a_source_page_by_key(reader, desk, monkeypatch):
    monkeypatch.setattr(lists, "ARTICLES_A_PAGE", 2)
    ids = [desk.article(f"https://example.org/{number}") for number in range(3)]
    page = (await reader.get("/sources/bbc")).text
    assert f'href="/sources/bbc?after={ids[1]}"' in page
    rest = (await reader.get(f"/sources/bbc?after={ids[1]}")).text
    assert f'href="/articles/{ids[2]}"' in rest
    assert f'href="/articles/{ids[0]}"' not in rest


async def test_a_paused_source_says_so_and_not_that_it_goes_well(reader, store, seeded, clock):
    assert "Going well." in (await reader.get("/sources/bbc")).text
    store.articles.set_paused("bbc", True, clock())
    page = (await reader.get("/sources/bbc")).words
    assert "Paused. It is not polled until it is resumed. Last polled" in page
    assert "Going well." not in page


async def test_about_names_the_operator_and_explains_the_words(reader):
    page = (await reader.get("/about")).words
    assert "It is run by Ada" in page
    assert "ada@example.org" in page
    assert "No note found" in page
    assert "at least 5 minutes and at most 30 days; 400 days after its last change the looks end" in page
    assert "A wrong change is retracted" in page
    assert "Changes of some sources are shown here only after a while" not in page


async def test_about_names_the_sources_whose_changes_are_shown_later(reader, store, clock):
    delayed = Source(name="bbc", title="BBC News", publish_delay=timedelta(minutes=10))
    store.articles.declare((delayed, Source(name="local", title="Local")), clock())
    assert "only after a while: BBC News (10 minutes)." in (await reader.get("/about")).words


async def test_about_says_so_where_nobody_said_who_runs_it(reader_with, site):
    page = (await reader_with(site=replace(site, operator_name=None, operator_contact=None)).get("/about")).words
    assert "The operator has not said who they are." in page
    assert "Tell the operator and give the address of the page here." in page


@pytest.mark.parametrize(
    "address",
    ["/articles/999", "/articles/0", "/articles/x", f"/articles/{10**30}", "/revisions/999", "/diff/998..999", "/sources/none", "/x"],
)
async def test_an_unknown_address_is_a_page_with_a_way_on(reader, seeded, address):
    answer = await reader.get(address)
    assert answer.status == 404
    assert '<a href="/">latest changes</a>' in answer.text
    assert "Not Found" not in answer.words
