"""Pages where something was taken down: 410 and why, or a note beside the mark."""

from __future__ import annotations

import pytest

from tracker.model import Scope
from tracker.store.hiding import Wanted

REASON = "A court said so."


@pytest.fixture
def hide(store, clock):
    def take_down(article: int, *, revision: int | None = None, phrase: str | None = None) -> None:
        clock.advance(minutes=5)
        wanted = Wanted(article_id=article, revision_id=revision, phrase=phrase, reason=REASON)
        store.takedowns.hide(wanted, clock(), lambda *_: False)

    return take_down


async def test_every_page_of_a_hidden_article_is_gone_and_says_when_and_why(reader, seeded, hide):
    hide(seeded.article)
    for address in (f"/articles/{seeded.article}", f"/revisions/{seeded.old}", f"/revisions/{seeded.new}", seeded.diff):
        answer = await reader.get(address)
        assert answer.status == 410
        assert "was withdrawn here" in answer.words
        assert f"1 March 2026, 10:42 UTC: {REASON}" in answer.words
        assert "Ofsted" not in answer.text
        assert "etag" not in answer.headers
    for form in ("atom", "rss", "json"):
        assert (await reader.get(f"/articles/{seeded.article}/changes.{form}")).status == 410


async def test_a_hidden_article_is_told_of_among_the_changes_without_its_words(reader, seeded, hide):
    hide(seeded.article)
    for address in ("/", "/sources/bbc"):
        page = await reader.get(address)
        assert page.status == 200
        assert f"The article was withdrawn here. {REASON}" in page.words
        assert f"Article {seeded.article}" in page.words
        assert "Sunderland children" not in page.words
        assert "33590863" not in page.text
    feed = await reader.get("/changes.json")
    assert f"The article was withdrawn here. Withdrawn 2026-03-01 10:42:00 UTC: {REASON}" in feed.text
    assert "Sunderland children" not in feed.text


async def test_a_hidden_revision_is_gone_and_leads_on_to_the_article(reader, seeded, hide):
    hide(seeded.article, revision=seeded.old)
    for address in (f"/revisions/{seeded.old}", seeded.diff, f"/diff/{seeded.new}..{seeded.old}"):
        answer = await reader.get(address)
        assert answer.status == 410
        assert f"Version 1 of this article was withdrawn here It was withdrawn here on 1 March 2026, 10:42 UTC: {REASON}" in answer.words
        assert f'href="/articles/{seeded.article}"' in answer.text


async def test_the_pages_beside_a_hidden_revision_stay_and_do_not_lead_there(reader, seeded, hide):
    hide(seeded.article, revision=seeded.old)
    page = await reader.get(f"/articles/{seeded.article}")
    assert page.status == 200
    assert "This text was withdrawn here." in page.words
    assert seeded.diff not in page.text
    assert f'value="{seeded.old}"' not in page.text
    revision = await reader.get(f"/revisions/{seeded.new}")
    assert revision.status == 200
    assert seeded.diff not in revision.text
    home = await reader.get("/")
    assert seeded.diff not in home.text
    assert seeded.diff not in (await reader.get("/changes.atom")).text


async def test_an_article_whose_latest_text_is_hidden_says_so_and_shows_no_other(reader, seeded, hide):
    hide(seeded.article, revision=seeded.new)
    page = await reader.get(f"/articles/{seeded.article}")
    assert page.status == 200
    assert f"Its latest text was withdrawn here on 1 March 2026, 10:42 UTC: {REASON}" in page.words
    assert "The text as last read" not in page.words
    assert "Version 1 of 2:" in (await reader.get(f"/revisions/{seeded.old}")).words


async def test_where_words_were_taken_out_pages_show_a_mark_and_a_note(reader, seeded, hide):
    hide(seeded.article, phrase="Ofsted")
    for address in (f"/articles/{seeded.article}", f"/revisions/{seeded.old}", seeded.diff, f"{seeded.diff}?view=inline"):
        page = await reader.get(address)
        assert page.status == 200
        assert "[withdrawn]" in page.words
        assert f"Where it says [withdrawn], words were withdrawn here on 1 March 2026, 10:42 UTC: {REASON}" in page.words
        assert "ofsted" not in page.text.lower()


async def test_a_page_without_the_mark_carries_no_note(reader, desk, seeded, hide):
    other = desk.article("http://www.bbc.co.uk/news/uk-1")
    one = desk.read(other, desk.text("A headline", "A text of two.", "And this."))
    two = desk.read(other, desk.text("A headline", "Another text.", "And this."))
    hide(other, phrase="text of two")
    assert "Where it says" in (await reader.get(f"/revisions/{one}")).words
    assert "Where it says" not in (await reader.get(f"/revisions/{two}")).words
    assert "Where it says" not in (await reader.get(f"/articles/{seeded.article}")).words


async def test_what_was_compared_or_served_before_a_takedown_is_not_served_after_it(reader, seeded, hide):
    addresses = [seeded.diff, f"/articles/{seeded.article}", f"/articles/{seeded.article}/changes.json", "/changes.json", "/"]
    before = {address: await reader.get(address) for address in addresses}
    assert "Ofsted" in before[seeded.diff].text
    hide(seeded.article, phrase="Ofsted")
    for address in addresses:
        after = await reader.get(address, {"if-none-match": before[address].headers["etag"]})
        assert after.status == 200
        assert "ofsted" not in after.text.lower()


async def test_a_source_page_counts_and_lists_a_hidden_article_no_more(reader, seeded, hide, store):
    hide(seeded.article)
    assert store.articles.source("bbc").articles_count == 0
    assert [event.kind for event in store.revisions.events(Scope(source="bbc"))] == ["withdrawn"]
    assert f"/articles/{seeded.article}/" not in (await reader.get("/sources/bbc")).text
