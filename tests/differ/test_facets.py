"""Facets and significance, by cases as data, and what is said of notes and dates."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tracker.differ import compare, compare_revisions
from tracker.differ.facets import assessed, date_moved, noted
from tracker.model import Block, BlockKind, DateMoved, Extract, Link, Noted

FOLDER = Path(__file__).parents[1] / "cases" / "facets"
CASES = [case for path in sorted(FOLDER.glob("*.json")) for case in json.loads(path.read_text())]

LINKED = json.loads((FOLDER / "links" / "cases.json").read_text())
LINK = re.compile(r"\[([^]]+)\]\(([^)]+)\)")


def extract(*blocks, **fields):
    paragraphs = tuple(Block(kind=BlockKind.PARAGRAPH, text=text) for text in blocks)
    given = {"url": "https://a.example/1", "headline": "Mayor resigns", "extractor": "1", "language": "en", "blocks": paragraphs}
    return Extract(**given | fields)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["rule"])
def test_a_change_has_the_facets_and_the_significance_a_reader_would_give_it(case):
    diff = compare(case["old"], case["new"], language=case.get("language", "en"))
    assert (sorted(diff.facets), diff.significance) == (sorted(case["facets"]), case["significance"])
    assert diff.reason
    assert diff.summary.endswith(".")


def linked(text, *, known):
    """One block; "[words](address)" is a link."""
    links, plain, end = [], "", 0
    for match in LINK.finditer(text):
        plain += text[end : match.start()]
        url = match[2] if "://" in match[2] else f"https://{match[2]}"
        links.append(Link(start=len(plain), end=len(plain) + len(match[1]), url=url))
        plain, end = plain + match[1], match.end()
    return Block(kind=BlockKind.PARAGRAPH, text=plain + text[end:], links=tuple(links) if known else None)


@pytest.mark.parametrize("case", LINKED, ids=lambda case: case["rule"])
def test_links_of_what_stayed_are_a_facet_and_never_more_than_a_minor_change(case):
    old, new = (linked(case[side], known=side in case.get("known", ("old", "new"))) for side in ("old", "new"))
    language = case.get("language", "en")
    diff = compare_revisions(extract(blocks=(old,), language=language), extract(blocks=(new,), language=language))
    assert (sorted(diff.facets), diff.significance, diff.summary) == (case["facets"], case["significance"], case["summary"])


def test_a_link_is_compared_in_its_own_paragraph():
    texts = ("The council agreed on the [plan](a.example/1).", "It rained.", "The [plan](a.example/2) is old.")
    old = extract(blocks=tuple(linked(text, known=True) for text in texts))
    new = extract(blocks=tuple(linked(text.replace("example/2", "example/3"), known=True) for text in texts))
    assert [sorted(edit.facets) for edit in compare_revisions(old, new).edits] == [[], [], ["links"]]


def test_a_changed_headline_is_a_facet_and_a_major_change():
    diff = compare_revisions(extract("It rained."), extract("It rained.", headline="Mayor stays"))
    assert diff.facets == {"headline"}
    assert (diff.significance, diff.reason) == ("major", "the headline changed")
    assert [(field.name, field.old, field.new) for field in diff.fields] == [("headline", "Mayor resigns", "Mayor stays")]


def test_a_moved_date_alone_is_no_change_of_the_text():
    diff = compare_revisions(extract("It rained."), extract("It rained.", modified_at=datetime(2026, 1, 2, tzinfo=UTC)))
    assert (diff.significance, diff.summary) == ("none", "Only the page's dates changed.")
    assert [field.name for field in diff.fields] == ["modified_at"]


def test_an_edited_caption_is_a_facet_and_a_moved_one_is_not():
    def page(*blocks):
        return extract(blocks=tuple(Block(kind=kind, text=text) for kind, text in blocks))

    words, caption = BlockKind.PARAGRAPH, BlockKind.CAPTION
    old = page((words, "It rained. Nobody left the old town."), (caption, "Rain over the harbour on Sunday"), (words, "Rivers rose."))
    new = page((words, "It rained. Nobody left the old town."), (caption, "Rain over the harbour at dusk"), (words, "Rivers rose."))
    assert [sorted(edit.facets) for edit in compare_revisions(old, new).edits if edit.facets] == [["caption", "dates"]]
    moved = page(*[(block.kind, block.text) for block in (old.blocks[1], old.blocks[0], old.blocks[2])])
    assert "caption" not in compare_revisions(old, moved).facets


def test_facets_that_know_only_some_languages_are_not_assessed_elsewhere():
    assert "negation" in assessed("en-GB")
    assert "negation" not in assessed("fi")
    assert {"numbers", "quotes", "cosmetic", "reordering", "headline"} <= assessed(None)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (extract("It rained."), extract("It rained.", "Correction: It snowed."), Noted.YES),
        (extract("It rained."), extract("It poured."), Noted.NO),
        (extract("A.", "Correction: B."), extract("C.", "Correction: B."), Noted.UNKNOWN),
        (extract("Esik."), extract("Most esik.", language="hu"), Noted.UNKNOWN),
    ],
)
def test_a_note_is_found_only_where_the_new_text_brings_one(old, new, expected):
    assert noted(old, new) == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [(None, None, DateMoved.ABSENT), (1, 1, DateMoved.NO), (1, 2, DateMoved.YES), (None, 2, DateMoved.YES), (1, None, DateMoved.ABSENT)],
)
def test_the_publishers_own_date_moved_or_not_or_is_absent(before, after, expected):
    days = [day and datetime(2026, 1, day, tzinfo=UTC) for day in (before, after)]
    assert date_moved(extract(modified_at=days[0]), extract(modified_at=days[1])) == expected


def test_a_rewritten_sentence_of_thousands_of_words_is_judged_too():
    old, new = (" ".join(f"{letter}{n}" for n in range(5_000)) for letter in "ab")
    assert compare(old, new).significance in {"minor", "major"}
