"""The diff page: any two revisions of one article."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tracker.errors import TaskCrashed, TaskTimedOut
from tracker.web import comparisons

BEFORE, AFTER = "The council pays 10 million pounds.", "The council pays 12 million pounds."


class Faulty:
    """A sandbox whose tasks all fail in one way; counts them."""

    def __init__(self, error):
        self.error = error
        self.runs_count = 0

    async def run(self, function, *args, **limits):
        self.runs_count += 1
        raise self.error


async def test_the_interval_is_the_time_between_our_two_sightings(reader, seeded):
    answer = await reader.get(seeded.diff)
    assert answer.status == 200
    assert "35 minutes later" in answer.text
    assert "changed between 10:02 and 10:37 UTC on 1 March 2026" in answer.words


async def test_a_change_lies_between_the_last_look_at_the_old_text_and_the_first_at_the_new(reader, desk, clock):
    article = desk.article()
    old = desk.read(article, desk.text("Headline", BEFORE))
    clock.advance(minutes=18)
    desk.read(article, desk.text("Headline", BEFORE))
    clock.advance(minutes=17)
    new = desk.read(article, desk.text("Headline", AFTER))
    page = (await reader.get(f"/diff/{old}..{new}")).words
    assert "35 minutes later" in page
    assert "between 10:20 and 10:37" in page


@pytest.mark.parametrize("view", ["split", "inline"])
async def test_both_views_mark_what_was_deleted_and_inserted(reader, seeded, view):
    page = (await reader.get(f"{seeded.diff}?view={view}")).text
    assert "<del" in page
    assert "<ins" in page
    assert "commissioner for children" in page


async def test_the_page_says_what_was_found_and_no_more(reader, seeded):
    page = (await reader.get(seeded.diff)).words
    assert "no note found" in page
    assert "the page gives no date of its last change" in page
    assert "Text as extracted by software" in page
    assert "silent" not in page
    assert "stealth" not in page


async def test_a_date_that_did_not_move_is_said_so(reader, desk, clock):
    article = desk.article()
    dated = desk.text("Headline", BEFORE, modified_at=clock())
    old = desk.read(article, dated)
    clock.advance(minutes=5)
    new = desk.read(article, replace(desk.text("Headline", AFTER), modified_at=dated.modified_at))
    assert "the page’s own date did not move" in (await reader.get(f"/diff/{old}..{new}")).text


async def test_the_changes_before_and_after_are_one_step_away(reader, desk, clock):
    article = desk.article()
    ids = []
    for number in range(4):
        ids.append(desk.read(article, desk.text("Headline", f"There are {number} cases.")))
        clock.advance(hours=1)
    page = (await reader.get(f"/diff/{ids[1]}..{ids[2]}")).text
    assert f'rel="prev" href="/diff/{ids[0]}..{ids[1]}"' in page
    assert f'rel="next" href="/diff/{ids[2]}..{ids[3]}"' in page
    assert f'href="/diff/{ids[0]}..{ids[3]}">First against latest' in page
    across = (await reader.get(f"/diff/{ids[0]}..{ids[3]}")).words
    assert "3 hours later" in across
    assert "changed 3 times between 10:02 and 13:02" in across


async def test_a_change_back_to_an_earlier_text_says_so(reader, desk, clock):
    article = desk.article()
    ids = []
    for text in (BEFORE, AFTER, BEFORE, BEFORE):  # seen twice, it is believed
        ids.append(desk.read(article, desk.text("Headline", text)))
        clock.advance(hours=1)
    assert "This is the text of version 1 again." in (await reader.get(f"/diff/{ids[1]}..{ids[3]}")).words
    for old, new in ((ids[0], ids[1]), (ids[3], ids[1])):
        assert "again." not in (await reader.get(f"/diff/{old}..{new}")).words


async def test_the_page_tells_each_fact_once(reader, seeded):
    page = (await reader.get(seeded.diff)).words
    _, _, below_title = page.partition("the article and all its versions")
    assert below_title.count("numbers changed") == 1
    assert "quotes 4 sentences added; 7 sentences removed" in page, "the reason adds what the summary leaves out"
    assert "quoted words changed" not in page


async def test_two_versions_in_reverse_are_shown_as_such(reader, seeded):
    page = (await reader.get(f"/diff/{seeded.new}..{seeded.old}")).words
    assert "35 minutes earlier" in page
    assert "Show it in order" in page
    assert "no note found" not in page


async def test_the_form_leads_to_the_address_of_the_pair_with_the_older_first(reader, seeded):
    for old, new in ((seeded.old, seeded.new), (seeded.new, seeded.old)):
        answer = await reader.get(f"/diff?old={old}&new={new}")
        assert (answer.status, answer.headers["location"]) == (303, seeded.diff)


@pytest.mark.parametrize(
    ("query", "status"), [("", 400), ("old=1", 400), ("old=x&new=2", 400), ("old=%C2%B2&new=1", 400), ("old=998&new=999", 404)]
)
async def test_a_form_that_names_no_two_versions_is_told_so(reader, seeded, query, status):
    assert (await reader.get(f"/diff?{query}")).status == status


async def test_a_version_against_itself_is_that_version(reader, seeded):
    answer = await reader.get(f"/diff/{seeded.old}..{seeded.old}")
    assert (answer.status, answer.headers["location"]) == (307, f"/revisions/{seeded.old}")


async def test_versions_of_different_articles_are_not_compared(reader, desk, seeded):
    other = desk.read(desk.article("https://example.org/other"), desk.text("Other", BEFORE))
    answer = await reader.get(f"/diff/{seeded.old}..{other}")
    assert answer.status == 404
    assert "different articles" in answer.text


async def test_an_unknown_view_is_refused_with_the_two_there_are(reader, seeded):
    answer = await reader.get(f"{seeded.diff}?view=three-d")
    assert answer.status == 400
    assert "view=inline" in answer.text


async def test_a_comparison_that_takes_too_long_leaves_both_texts_readable(reader_with, seeded):
    sandbox = Faulty(TaskTimedOut("compare_revisions", timedelta(seconds=10)))
    reader = reader_with(sandbox=sandbox)
    page = (await reader.get(seeded.diff)).text
    assert "took longer than 10 seconds" in page
    assert "During the inspection 21 cases" in page
    assert "a relentless focus on the protection of children" in page
    assert (await reader.get(f"{seeded.diff}?view=inline")).status == 200
    assert sandbox.runs_count == 1, "a second reader must not hold the workers again"


async def test_a_comparison_that_crashed_is_tried_again(reader_with, seeded):
    sandbox = Faulty(TaskCrashed("compare_revisions", "its worker died"))
    reader = reader_with(sandbox=sandbox)
    for _ in range(2):
        assert "The comparison failed." in (await reader.get(seeded.diff)).text
    assert sandbox.runs_count == 2


async def test_a_comparison_is_made_once_for_both_views(reader_with, sandbox, seeded):
    class Counting:
        runs_count = 0

        async def run(self, function, *args, **limits):
            Counting.runs_count += 1
            return await sandbox.run(function, *args, **limits)

    reader = reader_with(sandbox=Counting())
    await reader.get(seeded.diff)
    await reader.get(f"{seeded.diff}?view=inline")
    assert Counting.runs_count == 1


async def test_where_only_changes_are_published_unchanged_stretches_are_left_out(reader_with, site, desk, clock):
    article = desk.article()
    same = [f"Sentence {name} stays as it is." for name in ("alpha", "beta", "gamma", "delta")]
    old = desk.read(article, desk.text("Headline", *same, BEFORE))
    clock.advance(minutes=5)
    new = desk.read(article, desk.text("Headline", *same, AFTER))
    reader = reader_with(site=replace(site, publish="changes"))
    page = (await reader.get(f"/diff/{old}..{new}")).text
    assert "delta stays" in page
    assert "alpha stays" not in page
    assert "3 unchanged sentences not shown" in page
    assert "alpha stays" not in (await reader.get(f"/articles/{article}")).text
    assert "alpha stays" not in (await reader.get(f"/revisions/{old}")).text
    assert "alpha stays" in (await reader_with().get(f"/revisions/{old}")).text


async def test_comparisons_kept_are_few(reader_with, seeded, monkeypatch):
    monkeypatch.setattr(comparisons, "KEPT", 1)
    sandbox = Faulty(TaskTimedOut("compare_revisions", timedelta(seconds=10)))
    reader = reader_with(sandbox=sandbox)
    for address in (seeded.diff, f"/diff/{seeded.new}..{seeded.old}", seeded.diff):
        await reader.get(address)
    assert sandbox.runs_count == 3


async def test_the_interval_tells_both_clocks_and_the_note_in_one_sentence(reader, desk, clock):
    article = desk.article()
    old = desk.read(article, desk.text("Headline", BEFORE, modified_at=clock()))
    clock.advance(minutes=35)
    new = desk.read(article, desk.text("Headline", AFTER, modified_at=clock()))
    page = (await reader.get(f"/diff/{old}..{new}")).words
    assert (
        "changed between 10:02 and 10:37 UTC on 1 March 2026; the page’s own date moved "
        "from 1 March 2026, 10:02 UTC to 1 March 2026, 10:37 UTC; no note found."
    ) in page


async def test_the_kinds_of_the_change_stand_beside_its_weight(reader, seeded):
    page = (await reader.get(seeded.diff)).text
    for facet in ("attribution", "names", "numbers", "quotes"):
        assert f'<span class="facet">{facet}</span>' in page


@pytest.mark.parametrize(("in_body", "told"), [(False, 1), (True, 0)])
async def test_an_images_caption_is_a_field_unless_it_stands_in_the_body(reader, desk, clock, in_body, told):
    article = desk.article()
    ids = []
    for caption, text in (("The old bridge", BEFORE), ("The new bridge", AFTER)):
        body = (text, caption) if in_body else (text,)
        ids.append(desk.read(article, desk.text("Headline", *body, image_caption=caption)))
        clock.advance(minutes=5)
    page = (await reader.get("/diff/{}..{}".format(*ids))).text
    assert page.count("<dt>Image caption</dt>") == told


async def test_what_a_quotation_needs_stands_in_the_page(reader, seeded):
    page = (await reader.get(seeded.diff)).text
    assert f'data-url="http://127.0.0.1:8000{seeded.diff}"' in page
    assert 'data-title="Ofsted rates Sunderland children&#39;s services inadequate (BBC News)"' in page
    assert 'data-before="version 1, first seen 1 March 2026, 10:02 UTC"' in page
    assert 'data-after="version 2, first seen 1 March 2026, 10:37 UTC"' in page


async def test_any_two_versions_can_be_reached_where_there_are_more_than_two(reader, desk, clock):
    article = desk.article()
    ids = []
    for millions, offered in ((10, 0), (12, 0), (14, 1)):
        ids.append(desk.read(article, desk.text("Headline", BEFORE.replace("10", str(millions)))))
        clock.advance(hours=1)
        page = (await reader.get(f"/diff/{ids[0]}..{ids[-1]}")).text if len(ids) > 1 else ""
        assert page.count(f'href="/articles/{article}#versions">Any two versions') == offered


async def test_two_dates_of_the_page_within_a_minute_are_told_apart_by_the_second(reader, desk, clock):
    article, ids = desk.article(), []
    for text in (BEFORE, AFTER):
        ids.append(desk.read(article, desk.text("Headline", text, modified_at=clock())))
        clock.advance(seconds=11)
    page = (await reader.get("/diff/{}..{}".format(*ids))).words
    assert "moved from 1 March 2026, 10:02:00 UTC to 1 March 2026, 10:02:11 UTC" in page


async def test_a_text_whose_publisher_reserves_copies_shows_its_changes_only(reader, reader_with, site, desk, clock):
    article = desk.article()
    filler = [f"Sentence number {number} stands as it stood." for number in range(12)]
    old = desk.read(article, desk.text("Bridge", *filler, "It costs 5 million pounds."))
    clock.advance(hours=1)
    new = desk.read(article, replace(desk.text("Bridge", *filler, "It costs 6 million pounds."), reserved="noarchive"))
    for address in (f"/articles/{article}", f"/revisions/{new}", f"/diff/{old}..{new}"):
        answer = await reader.get(address)
        assert "Sentence number 3" not in answer.text
        whole = await reader_with(site=replace(site, reserved="full")).get(address)
        assert "Sentence number 3" in whole.text
    assert "whose publisher reserves that (noarchive)" in (await reader.get(f"/revisions/{new}")).text
    assert "It costs" in (await reader.get(f"/diff/{old}..{new}")).words
    assert "Sentence number 3" in (await reader.get(f"/revisions/{old}")).text
