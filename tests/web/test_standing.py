"""A text's sentences with their history, laid over its paragraphs."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tracker.differ import blame
from tracker.model import Block, BlockKind, Extract, Revision
from tracker.web.standing import headlines, standing

AT = datetime(2026, 3, 1, tzinfo=UTC)


def text(*paragraphs, headline="x"):
    blocks = tuple(Block(kind=BlockKind.PARAGRAPH, text=paragraph) for paragraph in paragraphs)
    return Extract(url="https://example.org", headline=headline, blocks=blocks, extractor="1", language="en")


def versions(count):
    return [
        Revision(id=n, seq=n, article_id=1, number=n, first_seen_at=AT, last_seen_at=AT, fingerprint=f"1-{n}", extractor="1")
        for n in range(1, count + 1)
    ]


@pytest.mark.parametrize("told", [True, False], ids=["with its history", "without, where it could not be compared"])
def test_the_text_reads_as_it_is(told):
    old, new = text("It rained. Snow fell.", "The end."), text("It rained hard.  Snow fell.", "One more", "The end.")
    blocks = standing(new, blame([old, new]) if told else (), versions(2))
    assert ["".join(one.text for one in block.passages) for block in blocks] == [block.text for block in new.blocks]


def test_a_fresh_sentence_names_its_version_and_the_wording_before():
    old, new = text("It rained. Snow fell."), text("It rained hard. Snow fell.")
    (block,) = standing(new, blame([old, new]), versions(2))
    (fresh,) = [one for one in block.passages if one.since]
    assert (fresh.text, fresh.since.number, fresh.last.number, fresh.before) == ("It rained hard.", 2, 1, "It rained.")
    assert block.fresh_count == 1


def test_sentences_that_were_one_tell_its_wording_once():
    old = text("The mayor opened the new bridge and thanked all the builders for their patience.")
    new = text("The mayor opened the new bridge. She thanked all the builders for their patience.")
    (block,) = standing(new, blame([old, new]), versions(2))
    assert block.fresh_count == 2
    assert [one.before for one in block.reworded] == [old.text]


def test_headlines_are_told_where_they_changed():
    reads = list(zip(versions(3), [text(headline=one) for one in ("A", "A", "B")], strict=True))
    assert [(one.text, one.first.number, one.last.number) for one in headlines(reads)] == [("B", 3, 3), ("A", 1, 2)]
    assert headlines(reads[:2]) == ()
